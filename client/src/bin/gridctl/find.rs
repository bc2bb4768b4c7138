//! Finds a sheet, a file or an upload by its id or its name, another item by its name, and a person by its e-mail address or
//! its name.
//!
//! It does not guess: a name that several of them have is an error. Invariant: an error lists candidates or
//! names the command that does.

use client::Client;
use client::net::{FileOptions, ListOptions};
use gridloom::v1;
use tonic::Code;
use uuid::Uuid;

use crate::failure::Failure;
use crate::output::files::file_line;

/// Most candidates in an error.
const CANDIDATES_MAX: usize = 10;
/// Most bytes of the filter of a list.
const FILTER_BYTES_MAX: usize = 200;
/// Before candidates of the same name.
const ONE_OF: &str = "; give the id of one of them:";

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
    let options = ListOptions { filter: filter(wanted).to_owned(), deleted: false };
    let like = client.sheets(&options).await?;
    let line = |sheet: &v1::Sheet| format!("{}  {}", sheet.id, sheet.name);
    let named = named(&like, sheet_name, wanted);
    match named[..] {
        // The list contains no columns.
        [only] => Ok(client.sheet(&only.id).await?),
        [] => Err(Failure::Message(format!(
            "no sheet is named {wanted:?}{}",
            candidates(
                like.iter().map(line),
                "; choose one of these:",
                "; `gridctl sheets` lists them all"
            )
        ))),
        _ => Err(Failure::Message(format!(
            "several sheets are named {wanted:?}{}",
            candidates(named.into_iter().map(line), ONE_OF, "")
        ))),
    }
}

/// A filter that finds a name: names that contain it contain its beginning, too.
fn filter(wanted: &str) -> &str {
    &wanted[..wanted.floor_char_boundary(FILTER_BYTES_MAX)]
}

fn sheet_name(sheet: &v1::Sheet) -> &str {
    &sheet.name
}

/// The files among which a name is searched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Among {
    /// Those that are not removed.
    Kept,
    /// The removed ones.
    Removed,
    /// All.
    Both,
}

/// The file with this id, or the only one with this name; else the only one with this name in any letter case and encoding
/// of accents.
pub(crate) async fn find_file(
    client: &Client,
    wanted: &str,
    among: Among,
) -> Result<v1::File, Failure> {
    if Uuid::try_parse(wanted).is_ok() {
        match client.file(wanted).await {
            Ok(file) => return Ok(file),
            // A name may look like an id.
            Err(error) if error.code() == Some(Code::NotFound) => {}
            Err(error) => return Err(error.into()),
        }
    }
    let mut like = Vec::new();
    let kept = FileOptions { filter: filter(wanted).to_owned(), ..FileOptions::default() };
    if among != Among::Removed {
        like.extend(client.files(&kept).await?);
    }
    if among != Among::Kept {
        like.extend(client.files(&FileOptions { removed: true, ..kept }).await?);
    }
    let named = named(&like, file_name, wanted);
    match named[..] {
        [only] => Ok(only.clone()),
        [] => {
            let (what, all) = match among {
                Among::Kept => ("file", "; `gridctl files` lists them all"),
                Among::Removed => ("removed file", "; `gridctl files --removed` lists them all"),
                Among::Both => {
                    ("file", "; `gridctl files` lists them, and with --removed the removed ones")
                }
            };
            let lines = like.iter().map(file_line);
            let like = candidates(lines, "; choose one of these:", all);
            Err(Failure::Message(format!("no {what} is named {wanted:?}{like}")))
        }
        _ => Err(Failure::Message(format!(
            "several files are named {wanted:?}{}",
            candidates(named.into_iter().map(file_line), ONE_OF, "")
        ))),
    }
}

/// The same among those that are not removed; a removed one that is named by its id is an error.
pub(crate) async fn find_kept_file(client: &Client, wanted: &str) -> Result<v1::File, Failure> {
    let file = find_file(client, wanted, Among::Kept).await?;
    if file.removed_at_micros != 0 {
        return Err(Failure::Message(format!(
            "{:?} is removed; restore it first, with `gridctl files restore {}`",
            file.name, file.id
        )));
    }
    Ok(file)
}

fn file_name(file: &v1::File) -> &str {
    &file.name
}

/// The upload under way with this id, or the only one with this name.
pub(crate) async fn find_upload(client: &Client, wanted: &str) -> Result<v1::Upload, Failure> {
    let uploads = client.uploads().await?;
    if let Some(upload) = uploads.iter().find(|upload| upload.id == wanted) {
        return Ok(upload.clone());
    }
    let line = |upload: &v1::Upload| format!("{}  {}", upload.id, upload.name);
    let named = named(&uploads, upload_name, wanted);
    match named[..] {
        [only] => Ok(only.clone()),
        [] => Err(Failure::Message(format!(
            "no upload {wanted:?} is under way; `gridctl files uploads` lists them"
        ))),
        _ => Err(Failure::Message(format!(
            "several uploads are named {wanted:?}{}",
            candidates(named.into_iter().map(line), ONE_OF, "")
        ))),
    }
}

fn upload_name(upload: &v1::Upload) -> &str {
    &upload.name
}

/// The items with this name; where there is none, those with it in any letter case and encoding of accents.
pub(crate) fn named<'a, T>(items: &'a [T], name: fn(&T) -> &str, wanted: &str) -> Vec<&'a T> {
    let exact = values::named(wanted, items.iter().map(name));
    if !exact.is_empty() {
        return exact.into_iter().filter_map(|at| items.get(at)).collect();
    }
    let wanted = values::fold(wanted);
    items.iter().filter(|item| values::fold(name(item)) == wanted).collect()
}

fn candidates(lines: impl Iterator<Item = String>, some: &str, none: &str) -> String {
    let lines: Vec<String> = lines.take(CANDIDATES_MAX).collect();
    if lines.is_empty() {
        return none.to_owned();
    }
    lines.iter().fold(some.to_owned(), |all, line| format!("{all}\n  {line}"))
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
            let found = named(&sheets, sheet_name, wanted).into_iter();
            found.map(|sheet| sheet.name.clone()).collect::<Vec<_>>()
        };
        assert_eq!(found("caf\u{e9}"), ["cafe\u{301}"]);
        assert_eq!(found("CAF\u{c9}"), ["cafe\u{301}"]);
        assert_eq!(found("gro\u{308}\u{df}e"), ["Gr\u{f6}\u{df}e"]);
        assert_eq!(found("a"), ["a"]);
        assert!(found("b").is_empty());
    }

    #[test]
    fn a_long_name_is_searched_by_its_beginning() {
        assert_eq!(filter("a.bin"), "a.bin");
        let long = format!("a{}", "\u{e9}".repeat(FILTER_BYTES_MAX));
        assert_eq!(filter(&long).len(), FILTER_BYTES_MAX - 1);
        assert!(long.starts_with(filter(&long)));
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
