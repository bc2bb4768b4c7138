//! `admin check` has no finding in a database that only the server has written to, and names each damage by
//! the rule that it breaks.

use client::Client;
use client::net::{ImportOptions, NewSheet, Sheet};
use gridloom::v1;
use grpc_server::admin::check::{self, Summary};
use grpc_server::admin::{Event, Finding, Rule};
use grpc_server::postgres::EmbeddedPostgres;
use integration::harness::{LocalServer, Random, opened, opened_new, within};
use ot_engine::{CellEdit, ColumnEdit, Delta, Revision, Value};
use store::Store;
use tokio_postgres::Config;

use crate::changes::any_change;

#[path = "admin_check/damages.rs"]
mod damages;

use damages::{DAMAGES, Database};

/// Columns whose names together are larger than a page of the check.
const LONG_COLUMNS: u32 = 5_000;
const NAME_BYTES: usize = 1_000;
/// Changes of one sheet.
const CHANGES: usize = 80;
/// Kept changes, and the seconds after which the others may be deleted.
const KEPT: u32 = 50;
const LATER: i64 = 10 * 60;

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_only_the_server_wrote_to_is_sound() {
    let seed = Random::seed();
    println!("GRIDLOOM_SEED={seed}");
    let mut random = Random::from_seed(seed);
    let server = server().await;
    let (client, _) = server.sign_up().await;
    let (first, second) =
        (opened_new(&client, "Checked").await, opened_new(&client, "Checked").await);
    import(&client).await;
    let deleted = opened_new(&client, "Checked").await;
    client.delete_sheet(&deleted.0).await.expect("is theirs");
    for round in 1..=3 {
        for (id, sheet) in [&first, &second] {
            history(&client, id, sheet, &mut random).await;
        }
        // During commits.
        sound(&server.database()).await;
        client.restore_revision(&first.0, Revision(40 * round), "back").await.expect("is kept");
        flush(&client, &first.0).await;
        server.prune_after(LATER * i64::try_from(round).expect("small")).await;
        let summary = sound(&server.database()).await;
        assert_eq!((summary.sheets, summary.findings), (4, 0));
        assert!(summary.changes >= u64::from(KEPT) * 2, "{summary:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_whose_inverse_is_larger_than_a_page_is_read_like_any_other() {
    let server = server().await;
    let (client, _) = server.sign_up().await;
    let name = |number: u32| format!("{number:0>NAME_BYTES$}");
    let half: Vec<u32> = (0..LONG_COLUMNS / 2).collect();
    let named = |number: &u32| v1::Column { name: name(*number), ..v1::Column::default() };
    let new = NewSheet { columns: half.iter().map(named).collect(), rows: Some(1) };
    let id = client.create_sheet("Wide", new).await.expect("can be made").id;
    let sheet = opened(&client, &id).await;
    let count = u32::try_from(half.len()).expect("few");
    let edit = |col: &u32| ColumnEdit {
        col: *col,
        name: Some(name(*col).into()),
        kind: None,
        width: None,
        settings: None,
    };
    let insert = Delta {
        columns: half.iter().map(edit).collect(),
        ..Delta::cols(ot_engine::AxisDelta::insert(0, count))
    };
    for delta in [
        insert,
        Delta::cols(ot_engine::AxisDelta::delete(0, 2 * count)),
        Delta::rows(ot_engine::AxisDelta::insert(0, 1)),
    ] {
        let ticket = sheet.apply(delta).await.expect("open");
        within("an answer", ticket.committed()).await.expect("is committed");
    }
    assert_eq!(sound(&server.database()).await.changes, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_kind_of_damage_is_found_and_named() {
    let server = server().await;
    let (client, _) = server.sign_up().await;
    let (id, sheet) = opened_new(&client, "Checked").await;
    let mut random = Random::from_seed(7);
    history(&client, &id, &sheet, &mut random).await;
    flush(&client, &id).await;
    server.prune_after(0).await;
    let again = format!("{id}-last");
    let deltas = [
        Delta::rows(ot_engine::AxisDelta::insert(0, 3)),
        Delta::rows(ot_engine::AxisDelta::move_lines(0, 1, 3)),
        Delta { cells: vec![CellEdit::set(1, 0, 4.5)], ..Delta::identity() },
        Delta { cells: vec![CellEdit::set(1, 0, "last")], ..Delta::identity() },
    ];
    for delta in deltas {
        let ticket = sheet.apply(delta).await.expect("open");
        within("an answer", ticket.committed()).await.expect("is committed");
    }
    client.undo(&id, None, v1::WaitFor::Committed, &again).await.expect("can be undone");
    sheet.close().await;
    let home = server.stop().await;
    let started = EmbeddedPostgres::start(home.data()).await;
    let (postgres, whole) = started.expect("Postgres starts");
    let whole = Database::save(whole).await;
    sound(&whole.config).await;
    for (damage, rule) in DAMAGES {
        let found = found_after(&whole, damage).await;
        let named = found.iter().any(|finding| finding.rule == rule);
        assert!(named, "{damage}\nshould break {rule}; found {found:#?}");
        for finding in &found {
            assert!(!finding.what.is_empty() && finding.what.len() < 600, "{finding:?}");
        }
    }
    // A finding also names the revision.
    let found =
        found_after(&whole, "delete from changes where revision = (select head - 2 from sheets)");
    let found = found.await;
    assert_eq!(found[0].rule, Rule::LogHasNoGaps, "{found:?}");
    let head: i64 = whole.head().await;
    assert_eq!((found[0].revision, found[0].sheet.is_some()), (Some(head - 2), true));
    postgres.stop().await;
}

/// A cell that differs from the log's last write is found by comparing both.
#[tokio::test(flavor = "multi_thread")]
async fn cells_that_differ_from_the_log_are_found() {
    let server = server().await;
    let (client, _) = server.sign_up().await;
    let (id, sheet) = opened_new(&client, "Checked").await;
    for (row, text) in [(0, "a"), (1, "b"), (0, "c")] {
        let set = sheet.set(row, 0, text).await.expect("open");
        within("an answer", set.committed()).await.expect("is committed");
    }
    sound(&server.database()).await;
    for (damage, revision) in [
        ("update rows set cells = '{\"1\": \"a\"}' where cells ->> '1' = 'c'", 3),
        (
            "update rows set cells = '{\"1\": \"c\"}' where cells ->> '1' = 'a';
            delete from rows where cells ->> '1' = 'b'",
            2,
        ),
    ] {
        server.sql().await.batch_execute(damage).await.expect("can be done");
        let (found, _) = look(&server.database()).await;
        let found: Vec<_> = found.iter().map(|it| (it.rule, it.revision)).collect();
        assert!(found.contains(&(Rule::CellsAreThoseOfTheLog, Some(revision))), "{found:?}");
    }
    let seen = client.sheet(&id).await.expect("is there");
    assert_eq!(seen.revision, 3, "the check changes nothing");
}

/// The findings after a damage, which is undone again.
async fn found_after(whole: &Database, damage: &str) -> Vec<Finding> {
    whole.damage(damage).await;
    let (found, _) = look(&whole.config).await;
    whole.restore().await;
    found
}

/// Checks a database.
async fn look(config: &Config) -> (Vec<Finding>, Summary) {
    let store = Store::connect(config.clone(), 2).await.expect("Postgres is there");
    let mut found = Vec::new();
    let mut report = |event| {
        if let Event::Finding(finding) = event {
            found.push(finding);
        }
    };
    let summary = check::run(&store, None, None, &mut report).await.expect("can be read");
    assert_eq!(summary.findings == 0, found.is_empty(), "{summary:?} {found:?}");
    (found, summary)
}

async fn sound(config: &Config) -> Summary {
    let (found, summary) = look(config).await;
    assert!(found.is_empty(), "{found:#?}");
    summary
}

async fn server() -> LocalServer {
    LocalServer::start(|options| {
        options.history_changes = KEPT;
        options.checkpoint_changes = 7;
    })
    .await
}

/// Random changes, some of them undone.
async fn history(client: &Client, id: &str, sheet: &Sheet, random: &mut Random) {
    for number in 0..CHANGES {
        if random.below(5) == 0 {
            let name = random.any().to_string();
            // There may be nothing left to undo.
            if let Ok(undone) = client.undo(id, None, v1::WaitFor::Accepted, &name).await {
                let undone = Revision(undone.revision);
                within("the change", sheet.wait_revision(undone)).await.expect("is open");
                within("loading", sheet.wait_synced()).await.expect("loads");
            }
            continue;
        }
        let size = sheet.snapshot().await.expect("open").size();
        let ticket = sheet.apply(any_change(size, random, number)).await.expect("open");
        let accepted = within("an answer", ticket.accepted()).await.expect("is accepted");
        // Texts can be edited once they are there.
        within("the change", sheet.wait_revision(accepted.revision)).await.expect("is open");
        within("loading", sheet.wait_synced()).await.expect("loads");
    }
}

async fn flush(client: &Client, id: &str) {
    let all = v1::QueryRowsRequest { sheet_id: id.to_owned(), ..Default::default() };
    // The query waits for the commit.
    client.query_rows(all).await.expect("can be read");
}

async fn import(client: &Client) {
    let file = b"name,when,amount\nnut,2024-05-01T12:00:00Z,1.5\nbolt,,-2e-7\n".as_slice();
    let options = ImportOptions { name: "Imported".into(), ..ImportOptions::default() };
    let imported = client.import_csv(file, &options, |_| {}).await.expect("is a table");
    let sheet = opened(client, &imported.sheet.id).await;
    let set = sheet.set(1, 2, Value::Empty).await.expect("open");
    within("an answer", set.committed()).await.expect("is committed");
}
