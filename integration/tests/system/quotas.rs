//! An account at its quotas: what is refused, what is not, and that others are served.
//!
//! Not rates (`abuse`). Invariant: a refusal names the quota, what is used and the limit, and others never meet it.

use client::Client;
use client::net::{Error, ImportOptions, NewSheet};
use gridloom::v1::{self, command::Command as Kind};
use integration::harness::{
    Gridctl, Home, NativeSession, Server, eventually, new_wide_sheet, sign_up_with_token,
};
use ot_engine::{CellEdit, Delta, Revision, Value};
use tonic::Code;

/// The least of its own: a sheet without content is some kilobytes.
const BYTES: &str = "400000";

fn refused<T: std::fmt::Debug>(result: Result<T, Error>, quota: &str) -> String {
    match result {
        Err(Error::Refused(refusal)) => {
            assert_eq!(refusal.code, Code::ResourceExhausted, "{refusal:?}");
            assert_eq!(refusal.reason.as_deref(), Some("QUOTA_EXCEEDED"), "{refusal:?}");
            assert!(refusal.message.contains(quota), "{refusal:?}");
            refusal.message
        }
        other => panic!("not refused: {other:?}"),
    }
}

/// Sets one cell to a text that is hard to compress.
async fn fill(client: &Client, sheet: &str, turn: u32) -> Result<v1::ApplyEditsResponse, Error> {
    let mut state = turn.wrapping_add(1);
    let text: String = std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        char::from(b'a' + (state >> 24) as u8 % 26)
    })
    .take(20_000)
    .collect();
    let delta =
        Delta { cells: vec![CellEdit::set(turn % 10, 0, text.as_str())], ..Delta::identity() };
    client.apply_delta(sheet, Revision(u64::from(turn)), &delta, v1::WaitFor::Committed, "").await
}

fn import(name: &str) -> ImportOptions {
    ImportOptions { name: name.into(), ..ImportOptions::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_above_its_bytes_reads_and_deletes_and_adds_nothing() {
    let server = Server::start_with(&["--limit-account-bytes", BYTES]);
    let (client, _) = sign_up_with_token(&server).await;
    let sheet = new_wide_sheet(&client, "Full", 10, 2).await;
    let mut accepted = 0;
    let message = loop {
        match fill(&client, &sheet, accepted).await {
            Ok(_) => accepted += 1,
            full => {
                let message = refused(full, "account_bytes");
                // The count may be too high; a new sheet needs bytes that were measured.
                if client.create_sheet("Other", NewSheet::default()).await.is_err() {
                    break message;
                }
            }
        }
        assert!(accepted < 100, "never refused");
    };
    assert!(accepted >= 5, "{accepted} are accepted");
    assert!(message.contains(BYTES) && message.contains("delete"), "{message}");

    // Each way to add is refused, by its name.
    let insert = Kind::InsertRows(v1::InsertLines { at: 0, count: 1 });
    for kind in [insert] {
        let command = v1::Command { command: Some(kind) };
        let added = client.apply(&sheet, vec![command], v1::WaitFor::Accepted, "").await;
        refused(added, "account_bytes");
    }
    refused(client.create_sheet("More", NewSheet::default()).await, "account_bytes");
    refused(client.start_import(&import("More")).await.map(|_| ()), "account_bytes");

    // Reading, exporting and deleting are not.
    let page = client.read_cells(&sheet, 0..10).await.expect("is read");
    assert_eq!(page.row_count, 10);
    let mut export = client.export(&sheet).await.expect("begins");
    while export.next().await.expect("is exported").is_some() {}
    let clear = Delta { cells: vec![CellEdit::set(0, 0, Value::Empty)], ..Delta::identity() };
    let head = Revision(u64::from(accepted));
    client.apply_delta(&sheet, head, &clear, v1::WaitFor::Committed, "").await.expect("is cleared");
    let delete = Kind::DeleteRows(v1::DeleteLines { at: 0, count: 3 });
    let delete = vec![v1::Command { command: Some(delete) }];
    client.apply(&sheet, delete, v1::WaitFor::Committed, "").await.expect("are deleted");
    client.delete_sheet(&sheet).await.expect("is deleted");
    // It counts until it is purged, so it takes no more when it is restored.
    refused(client.create_sheet("More", NewSheet::default()).await, "account_bytes");
    client.undelete_sheet(&sheet).await.expect("is restored");

    let (other, _) = sign_up_with_token(&server).await;
    let sheet = new_wide_sheet(&other, "Other", 10, 2).await;
    fill(&other, &sheet, 0).await.expect("another account has its own bytes");
    assert!(server.home().log_tail().contains("refused: too many"), "{}", server.home().log_tail());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_measurement_that_hangs_holds_up_no_answer_and_no_count() {
    let server = Server::start_with(&["--limit-account-bytes", "4000000"]);
    let (client, _) = sign_up_with_token(&server).await;
    let (other, _) = sign_up_with_token(&server).await;
    let sheet = new_wide_sheet(&client, "Full", 10, 2).await;
    let of_other = new_wide_sheet(&other, "Other", 10, 2).await;
    fill(&client, &sheet, 0).await.expect("has room");
    fill(&other, &of_other, 0).await.expect("has room");
    let sql = server.sql().await;
    // A measurement reads this table, and no edit does.
    sql.batch_execute("begin; lock table parked_changes in access exclusive mode")
        .await
        .expect("locks");
    let counts = server.sql().await;
    let id = |sheet: &str| sheet.parse::<uuid::Uuid>().expect("an id");
    let full = "update sheets set written_bytes = 9000000 where id = any($1)";
    let both = vec![id(&sheet), id(&of_other)];
    counts.execute(full, &[&both]).await.expect("counted");
    let created = client.create_sheet("More", NewSheet::default());
    let created = tokio::time::timeout(std::time::Duration::from_secs(20), created).await;
    refused(created.expect("an answer while the measurement hangs"), "account_bytes");
    let turn = std::cell::Cell::new(1);
    eventually("the count of the other account is read", async || {
        let counted = fill(&other, &of_other, turn.get()).await;
        turn.set(turn.get() + u32::from(counted.is_ok()));
        counted.is_err().then_some(())
    })
    .await;
    let room = "update sheets set written_bytes = 0 where id = any($1)";
    counts.execute(room, &[&vec![id(&of_other)]]).await.expect("counted");
    eventually("it is read again", async || fill(&other, &of_other, turn.get()).await.ok()).await;
    sql.batch_execute("rollback").await.expect("unlocks");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_ends_where_the_bytes_of_its_account_end() {
    let server = Server::start_with(&["--limit-account-bytes", BYTES]);
    let (client, _) = sign_up_with_token(&server).await;
    let line = format!("{}\n", "x".repeat(99));
    let file = format!("Name\n{}", line.repeat(20_000));
    let imported = client.import_csv(file.as_bytes(), &import("Large"), |_| {}).await;
    refused(imported.map(|_| ()), "account_bytes");
    let file = format!("Name\n{}", line.repeat(100));
    let small = client.import_csv(file.as_bytes(), &import("Small"), |_| {}).await;
    small.expect("the bytes of the refused import are given back");
}

#[tokio::test(flavor = "multi_thread")]
async fn creations_at_once_stop_at_the_number_of_sheets() {
    let server = Server::start_with(&["--limit-account-sheets", "4"]);
    let (client, _) = sign_up_with_token(&server).await;
    let mut creations = tokio::task::JoinSet::new();
    for number in 0..12 {
        let client = client.clone();
        creations.spawn(async move {
            match number % 3 {
                0 => {
                    let file = "Name\nx\n".as_bytes();
                    let options = import(&number.to_string());
                    client.import_csv(file, &options, |_| {}).await.map(|it| it.sheet)
                }
                _ => client.create_sheet(&number.to_string(), NewSheet::default()).await,
            }
        });
    }
    let (mut made, mut over) = (Vec::new(), 0);
    while let Some(created) = creations.join_next().await {
        match created.expect("no panic") {
            Ok(sheet) => made.push(sheet.id),
            // More imports at once than one account may have.
            Err(Error::Refused(refusal)) if refusal.reason.as_deref() == Some("BUSY") => {}
            refusal => {
                refused(refusal, "account_sheets");
                over += 1;
            }
        }
    }
    assert!(made.len() == 4 && over > 0, "{} made, {over} refused", made.len());
    let last = made.pop().expect("is one");
    client.delete_sheet(&last).await.expect("is deleted");
    made.push(client.create_sheet("Again", NewSheet::default()).await.expect("has a place").id);
    refused(client.undelete_sheet(&last).await, "account_sheets");
    client.delete_sheet(&made[0]).await.expect("is deleted");
    client.undelete_sheet(&last).await.expect("has a place");

    let gridctl = Gridctl::sign_up(&server, "counts@example.org");
    let quota = gridctl.run(&["quota", "--json"]).success();
    let quota: serde_json::Value = serde_json::from_str(quota.trim()).expect("an object");
    assert_eq!((&quota["sheets"], &quota["sheets_limit"]), (&0.into(), &4.into()));
    assert!(gridctl.run(&["quota"]).success().contains("sheets\t0 of 4"));
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_have_a_number_a_rate_and_a_bounded_registry() {
    let flags = [
        "--limit-account-sessions=3",
        "--limit-account-sessions-burst=60",
        "--limit-account-sessions-per-second=1",
        "--limit-account-recorded-sessions=10",
    ];
    let server = Server::start_with(&flags);
    let (client, token) = sign_up_with_token(&server).await;
    let sheet_id = client.create_sheet("Live", NewSheet::default()).await.expect("is made").id;
    let hello = v1::Hello { sheet_id, ..v1::Hello::default() };
    let open = async || NativeSession::try_open(server.url(), &token, hello.clone()).await;
    let mut held = Vec::new();
    let mut opened = 0;
    let refused = loop {
        match open().await {
            Ok(session) => held.push(session),
            Err(refused) => break refused,
        }
        opened += 1;
    };
    assert_eq!((opened, refused.code()), (3, Code::ResourceExhausted), "{refused:?}");
    assert!(refused.message().contains("account_sessions"), "{refused:?}");
    // A session that ends leaves its place.
    held.clear();
    let refused = loop {
        match open().await {
            Ok(mut session) => {
                session.next().await.expect("is welcome");
                opened += 1;
            }
            // The places of the last ones are still taken.
            Err(status) if status.message().contains("account_sessions") => {}
            Err(status) => break status,
        }
        assert!(opened < 80, "never too many");
    };
    assert!(refused.message().contains("new live sessions"), "{refused:?}");
    assert_eq!(refused.code(), Code::ResourceExhausted, "{refused:?}");
    assert!(opened > 12, "{opened}");

    let sql = server.sql().await;
    let recorded = eventually("the registry is trimmed", async || {
        let count = "select count(*) from live_sessions where ended_at is not null";
        let open = "select count(*) from live_sessions where ended_at is null";
        let count: i64 = sql.query_one(count, &[]).await.expect("an answer").get(0);
        let open: i64 = sql.query_one(open, &[]).await.expect("an answer").get(0);
        (open == 0 && count <= 11).then_some(count)
    });
    assert!(recorded.await >= 10);
    // Another account opens sessions.
    let (other, token) = sign_up_with_token(&server).await;
    let sheet_id = other.create_sheet("Live", NewSheet::default()).await.expect("is made").id;
    let hello = v1::Hello { sheet_id, ..v1::Hello::default() };
    NativeSession::try_open(server.url(), &token, hello).await.expect("opens");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_low_disk_stops_the_largest_account_first() {
    let home = Home::new();
    let disk = rustix::fs::statvfs(home.file(".").parent().expect("a directory")).expect("a disk");
    let free = disk.f_bavail * disk.f_frsize;
    // A quarter of the reserve is in use: the server stops accounts above three quarters of the largest one.
    let reserve = (free / 3 * 4).to_string();
    let server = Server::start_in(home, &["--disk-reserve", &reserve]);
    let (large, _) = sign_up_with_token(&server).await;
    let (small, _) = sign_up_with_token(&server).await;
    let of_large = new_wide_sheet(&large, "Large", 10, 2).await;
    let of_small = new_wide_sheet(&small, "Small", 10, 2).await;
    let mut turn = 0;
    let refusal = loop {
        match fill(&large, &of_large, turn).await {
            Ok(_) => turn += 1,
            Err(Error::Refused(refusal)) => {
                // The count may be too high; a new sheet needs bytes that were measured.
                if large.create_sheet("Other", NewSheet::default()).await.is_err() {
                    break refusal;
                }
            }
            Err(error) => panic!("{error}"),
        }
        assert!(turn < 200, "never refused");
    };
    assert_eq!(refusal.reason.as_deref(), Some("DISK_LOW"), "{refusal:?}");
    assert!(refusal.retry_after.is_some() && refusal.message.contains("disk"), "{refusal:?}");
    for turn in 0..3 {
        fill(&small, &of_small, turn).await.expect("a small account writes");
    }
    refused_for_disk(large.create_sheet("More", NewSheet::default()).await);
    large.read_cells(&of_large, 0..10).await.expect("is read");
    let delete = Kind::DeleteRows(v1::DeleteLines { at: 0, count: 3 });
    let delete = vec![v1::Command { command: Some(delete) }];
    large.apply(&of_large, delete, v1::WaitFor::Committed, "").await.expect("rows are deleted");
    large.delete_sheet(&of_large).await.expect("is deleted");
    large.undelete_sheet(&of_large).await.expect("is restored");
    large.delete_sheet(&of_large).await.expect("is deleted");
    assert!(server.home().log_tail().contains("disk of the data directory is low"));
}

fn refused_for_disk<T: std::fmt::Debug>(result: Result<T, Error>) {
    match result {
        Err(Error::Refused(refusal)) if refusal.reason.as_deref() == Some("DISK_LOW") => {}
        other => panic!("not refused: {other:?}"),
    }
}
