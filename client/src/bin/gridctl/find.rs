//! Finds a sheet by its id or its name, and a person by its e-mail address or its name.
//!
//! It does not guess: a name that several sheets have is an error. Invariant: an error lists candidates or
//! names the command that does.

use client::Client;
use client::net::ListOptions;
use gridloom::v1;
use tonic::Code;
use uuid::Uuid;

use crate::failure::Failure;

/// Most candidates in an error.
const CANDIDATES_MAX: usize = 10;

/// The sheet with this id, or the only sheet with this name; else the only one with this name in any letter case and
/// encoding of accents.
pub(crate) async fn find(client: &Client, wanted: &str) -> Result<v1::Sheet, Failure> {
    if Uuid::try_parse(wanted).is_ok() {
        match client.sheet(wanted).await {
            Ok(sheet) => return Ok(sheet),
            // A name may look like an id.
            Err(error) if error.code() == Some(Code::NotFound) => {}
            Err(error) => return Err(error.into()),
        }
    }
    let options = ListOptions { filter: wanted.to_owned(), deleted: false };
    let like = client.sheets(&options).await?;
    let named = named(&like, wanted);
    match named[..] {
        // The list contains no columns.
        [only] => Ok(client.sheet(&only.id).await?),
        [] => Err(Failure::Message(format!(
            "no sheet is named {wanted:?}{}",
            candidates(&like, "; choose one of these:", "; `gridctl sheets` lists them all")
        ))),
        _ => {
            let named: Vec<v1::Sheet> = named.into_iter().cloned().collect();
            Err(Failure::Message(format!(
                "several sheets are named {wanted:?}{}",
                candidates(&named, "; give the id of one of them:", "")
            )))
        }
    }
}

/// The sheets with this name; where there is none, those with it in any letter case and encoding of accents.
fn named<'a>(sheets: &'a [v1::Sheet], wanted: &str) -> Vec<&'a v1::Sheet> {
    let exact: Vec<&v1::Sheet> = sheets.iter().filter(|sheet| sheet.name == wanted).collect();
    if !exact.is_empty() {
        return exact;
    }
    let wanted = values::fold(wanted);
    sheets.iter().filter(|sheet| values::fold(&sheet.name) == wanted).collect()
}

fn candidates(sheets: &[v1::Sheet], some: &str, none: &str) -> String {
    if sheets.is_empty() {
        return none.to_owned();
    }
    let lines = sheets.iter().take(CANDIDATES_MAX);
    lines.fold(some.to_owned(), |all, sheet| format!("{all}\n  {}  {}", sheet.id, sheet.name))
}

/// The person with this e-mail address, or the only one with this name.
///
/// A person may choose any name, also the address of another person: a text with `@` is compared with addresses alone.
pub(crate) async fn find_person(client: &Client, with: &str) -> Result<v1::Person, Failure> {
    let mut found = client.search_people(with, "", "").await?;
    found.people.retain(|person| is_wanted(person, with));
    match &mut found.people[..] {
        [only] => Ok(std::mem::take(only)),
        // A name that very many accounts begin with.
        [] if found.people_left_out => Err(Failure::Message(format!(
            "{with:?} was not found, but the search has not looked at everyone; give the whole e-mail address"
        ))),
        [] => Err(Failure::Message(format!(
            "no person {with:?} shares a sheet with you; share one first, and let them open it"
        ))),
        _ => Err(Failure::Message(format!(
            "several persons are named {with:?}; give the e-mail address of one of them"
        ))),
    }
}

/// Whether a person has this address, or this name in any letter case.
fn is_wanted(person: &v1::Person, with: &str) -> bool {
    if with.contains('@') {
        return person.email.eq_ignore_ascii_case(with);
    }
    values::fold(&person.display_name) == values::fold(with)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sheet_is_found_by_its_name_and_else_by_the_folded_one() {
        let sheets = ["cafe\u{301}", "Gr\u{f6}\u{df}e", "a", "A"]
            .map(|name| v1::Sheet { name: name.to_owned(), ..v1::Sheet::default() });
        let found = |wanted: &str| {
            let found = named(&sheets, wanted).into_iter();
            found.map(|sheet| sheet.name.clone()).collect::<Vec<_>>()
        };
        assert_eq!(found("caf\u{e9}"), ["cafe\u{301}"]);
        assert_eq!(found("CAF\u{c9}"), ["cafe\u{301}"]);
        assert_eq!(found("gro\u{308}\u{df}e"), ["Gr\u{f6}\u{df}e"]);
        assert_eq!(found("a"), ["a"]);
        assert!(found("b").is_empty());
    }

    #[test]
    fn a_name_is_the_same_in_any_letter_case_and_encoding() {
        let named = |name: &str| v1::Person {
            display_name: name.to_owned(),
            email: "ada@example.org".to_owned(),
            ..v1::Person::default()
        };
        for (name, with) in [("Élise", "e\u{301}LISE"), ("Strauß", "STRAUSS")] {
            assert!(is_wanted(&named(name), with), "{name} {with}");
        }
        assert!(!is_wanted(&named("Elise"), "Élise"));
        // A text with `@` is compared with addresses alone.
        assert!(!is_wanted(&named("eve@example.org"), "eve@example.org"));
        assert!(is_wanted(&named("Ada"), "Ada@example.org"));
    }
}
