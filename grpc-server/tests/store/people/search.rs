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
const MEMBERS: i32 = 12_000;

async fn find(store: &Store, by: AccountId, begins: &str, sheet: Option<SheetId>) -> FoundPeople {
    let filter = PeopleFilter { begins, address: begins, all: false, sheet, after: None };
    store.find_people(by, filter, 100).await.expect("an answer")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_members_of_a_very_large_sheet_are_found_page_by_page() -> Outcome {
    let fixture = Fixture::new().await;
    let (store, sql) = (&fixture.store, connect(&fixture.config).await);
    let (sheet, link) = (fixture.sheet(1).await.id, Uuid::new_v4());
    // Names of this test alone.
    let name = link.simple().to_string();
    let make_link = "insert into links (id, sheet, role, guests, created_at)
        values ($1, $2, 'viewer', true, now())";
    sql.execute(make_link, &[&link, &sheet.0]).await?;
    let fill = "with members as (
            insert into accounts (id, display_name, created_at)
            select gen_random_uuid(), upper($2::text) || ' ' || lpad(n::text, 6, '0'), now()
            from generate_series(1, $3::int) n returning id)
        insert into link_members (link, account, opened_at) select $1, id, now() from members";
    sql.execute(fill, &[&link, &name, &MEMBERS]).await?;
    // Strangers among the members, by name.
    let strangers = "insert into accounts (id, display_name, created_at)
        select gen_random_uuid(), $1::text || ' 0000' || lpad(n::text, 2, '0') || ' stranger', now()
        from generate_series(1, 50) n";
    sql.execute(strangers, &[&name]).await?;
    sql.batch_execute("analyze accounts, link_members, links, sheets, shares").await?;

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
        let expected: Vec<_> =
            (1..=300).map(|number| format!("{} {number:06}", name.to_uppercase())).collect();
        assert_eq!(seen.into_iter().collect::<Vec<_>>(), expected);
        let last = find(store, fixture.owner, &format!("{name} 012000"), sheet).await;
        assert_eq!((last.people.len(), last.is_cut), (1, false), "the last one by its name");
    }
    // A person who shares nothing looks at nothing.
    let stranger = further_account(store).await;
    assert_eq!(find(store, stranger, &name, None).await, FoundPeople::default());
    Ok(())
}

#[tokio::test]
async fn a_search_that_is_cut_short_reports_it() -> Outcome {
    let fixture = Fixture::new().await;
    let (store, sql) = (&fixture.store, connect(&fixture.config).await);
    let (sheet, link) = (fixture.sheet(1).await.id, Uuid::new_v4());
    let name = link.simple().to_string();
    let make_link = "insert into links (id, sheet, role, guests, created_at)
        values ($1, $2, 'viewer', true, now())";
    sql.execute(make_link, &[&link, &sheet.0]).await?;
    // The members come after more accounts than a search looks at.
    let fill = "with members as (
            insert into accounts (id, display_name, created_at)
            select gen_random_uuid(), $2::text || ' z' || n, now() from generate_series(1, 6000) n returning id)
        insert into link_members (link, account, opened_at) select $1, id, now() from members";
    sql.execute(fill, &[&link, &name]).await?;
    let strangers = "insert into accounts (id, display_name, created_at)
        select gen_random_uuid(), $1::text || ' a' || n, now() from generate_series(1, 6000) n";
    sql.execute(strangers, &[&name]).await?;
    let cut = find(store, fixture.owner, &name, None).await;
    assert_eq!((cut.people.len(), cut.is_cut), (0, true));
    let longer = find(store, fixture.owner, &format!("{name} z"), None).await;
    assert_eq!(longer.people.len(), 100);
    Ok(())
}
