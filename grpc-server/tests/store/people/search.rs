//! The search for people on a sheet with more members than a search looks at.
//!
//! Not the rates. Invariant: a search that is cut short reports it, and a longer text finds the people that it left out.

use std::collections::BTreeSet;

use model::{AccountId, SheetId};
use store::{FoundPeople, PeopleFilter, Store};
use uuid::Uuid;

use super::further_account;
use crate::support::{Fixture, Outcome, connect};

/// More than a search looks at.
const MEMBERS: u32 = 12_000;

async fn find(store: &Store, by: AccountId, begins: &str, sheet: Option<SheetId>) -> FoundPeople {
    let filter = PeopleFilter { begins, address: begins, all: false, sheet, after: None };
    store.find_people(by, filter, 100).await.expect("an answer")
}

/// A sheet whose link many accounts have opened, beside accounts that have not.
struct Crowd {
    fixture: Fixture,
    sheet: SheetId,
    /// All names begin with it: those of this test alone.
    name: String,
}

impl Crowd {
    /// Accounts with such names behind the common one.
    async fn new(
        members: impl Iterator<Item = String>,
        strangers: impl Iterator<Item = String>,
    ) -> Self {
        let fixture = Fixture::new().await;
        let sql = connect(&fixture.config).await;
        let (sheet, link) = (fixture.sheet(1).await.id, Uuid::new_v4());
        let name = link.simple().to_string();
        let make_link = "insert into links (id, sheet, role, guests, created_at)
            values ($1, $2, 'viewer', true, now())";
        sql.execute(make_link, &[&link, &sheet.0]).await.expect("a link");
        let full = |rest: String| format!("{name} {rest}");
        let make_members = "with members as (
                insert into accounts (id, display_name, created_at)
                select gen_random_uuid(), name, now() from unnest($2::text[]) as name returning id)
            insert into link_members (link, account, opened_at) select $1, id, now() from members";
        let members: Vec<String> = members.map(full).collect();
        sql.execute(make_members, &[&link, &members]).await.expect("members");
        let make_strangers = "insert into accounts (id, display_name, created_at)
            select gen_random_uuid(), name, now() from unnest($1::text[]) as name";
        let strangers: Vec<String> = strangers.map(full).collect();
        sql.execute(make_strangers, &[&strangers]).await.expect("strangers");
        let tables = "accounts, link_members, links, sheets, shares";
        sql.batch_execute(&format!("analyze {tables}")).await.expect("statistics");
        Self { fixture, sheet, name }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_members_of_a_very_large_sheet_are_found_page_by_page() -> Outcome {
    // Strangers among the members, by name.
    let members = (1..=MEMBERS).map(|number| format!("M{number:06}"));
    let strangers = (1..=50).map(|number| format!("m0000{number:02} stranger"));
    let Crowd { fixture, sheet, name } = Crowd::new(members, strangers).await;
    let store = &fixture.store;
    for sheet in [None, Some(sheet)] {
        let (mut seen, mut after) = (BTreeSet::new(), None);
        for _ in 0..3 {
            let filter = PeopleFilter {
                begins: &name,
                address: &name,
                all: false,
                sheet,
                after: after.as_ref(),
            };
            let found = store.find_people(fixture.owner, filter, 100).await?;
            assert_eq!(found.people.len(), 100);
            assert!(found.people.iter().all(|(it, _)| !it.person.name.contains("stranger")));
            let order: Vec<_> = found.people.iter().map(|(_, place)| &place.name).collect();
            assert!(order.is_sorted());
            seen.extend(found.people.iter().map(|(it, _)| it.person.name.to_string()));
            after = found.people.last().map(|(_, place)| place.clone());
        }
        let expected: Vec<_> = (1..=300).map(|number| format!("{name} M{number:06}")).collect();
        assert_eq!(seen.into_iter().collect::<Vec<_>>(), expected);
        let last = find(store, fixture.owner, &format!("{name} m012000"), sheet).await;
        assert_eq!((last.people.len(), last.is_cut), (1, false), "the last one by its name");
    }
    // A person who shares nothing looks at nothing.
    let stranger = further_account(store).await;
    assert_eq!(find(store, stranger, &name, None).await, FoundPeople::default());
    Ok(())
}

#[tokio::test]
async fn letters_with_accents_are_found_in_any_letter_case() -> Outcome {
    let members = ["Élise", "E\u{301}mile"].map(str::to_owned).into_iter();
    let Crowd { fixture, name, .. } = Crowd::new(members, std::iter::empty()).await;
    for (begins, count) in [("él", 1), ("ÉLISE", 1), ("é", 2), ("É", 2), ("e", 0)] {
        let begins = format!("{name} {begins}");
        let found = find(&fixture.store, fixture.owner, &begins, None).await;
        assert_eq!(found.people.len(), count, "{begins}");
    }
    Ok(())
}

/// Where all may find all, the walk by the index finds them, in a database of any locale.
#[tokio::test]
async fn of_all_accounts_those_in_any_letter_case_and_encoding_are_found() -> Outcome {
    let fixture = Fixture::new().await;
    let sql = connect(&fixture.config).await;
    let name = Uuid::new_v4().simple().to_string();
    let make = "insert into accounts (id, display_name, email, created_at)
        values (gen_random_uuid(), $1, $2, now())";
    for (at, letters) in ["Ängström", "Straße", "ışık"].into_iter().enumerate() {
        let (full, email) = (format!("{name} {letters}"), format!("{name}{at}@example.org"));
        sql.execute(make, &[&full, &email]).await?;
    }
    for (letters, count) in [
        ("ä", 1),
        ("A\u{308}NG", 1),
        ("ÄNGSTRÖM", 1),
        ("strasse", 1),
        ("STRAẞE", 1),
        ("ı", 1),
        ("i", 0),
        ("a", 0),
    ] {
        let begins = format!("{name} {letters}");
        let filter =
            PeopleFilter { begins: &begins, address: &begins, all: true, sheet: None, after: None };
        let found = fixture.store.find_people(fixture.owner, filter, 100).await?;
        assert_eq!(found.people.len(), count, "{begins}");
    }
    Ok(())
}

#[tokio::test]
async fn a_search_that_is_cut_short_reports_it() -> Outcome {
    // The members come after more accounts than a search looks at.
    let strangers = (1..=6_000).map(|number| format!("a{number}"));
    let members = (1..=6_000).map(|number| format!("z{number}"));
    let Crowd { fixture, name, .. } = Crowd::new(members, strangers).await;
    let store = &fixture.store;
    let cut = find(store, fixture.owner, &name, None).await;
    assert_eq!((cut.people.len(), cut.is_cut), (0, true));
    let longer = find(store, fixture.owner, &format!("{name} z"), None).await;
    assert_eq!(longer.people.len(), 100);
    Ok(())
}
