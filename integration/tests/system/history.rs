//! The history of a sheet: what was changed, by whom and when, and what it looked like.

use client::Client;
use client::net::{ChangesOptions, NewSheet, Sheet};
use gridloom::v1::{self, ChangeOrigin};
use integration::harness::{Server, sign_up, within};
use ot_engine::{AxisDelta, CellEdit, Delta, Revision};

#[tokio::test(flavor = "multi_thread")]
async fn changes_are_listed_newest_first() {
    let server = Server::start();
    let client = sign_up(&server).await;
    let (id, sheet) = open(&client).await;
    apply(&sheet, cells(&[(4, 0, "followed")])).await;
    apply(&sheet, cells(&[(1, 0, "other"), (1, 1, "row")])).await;
    apply(&sheet, Delta::rows(AxisDelta::move_lines(4, 1, 0))).await;
    apply(&sheet, Delta::rows(AxisDelta::delete(2, 1))).await;
    apply(&sheet, cells(&[(0, 2, "followed")])).await;
    client.undo(&id, None, v1::WaitFor::Accepted, "undo").await.expect("can be undone");

    let all = ChangesOptions::default();
    let changes = client.changes(&id, &all, 100).await.expect("can be listed");
    assert_eq!(revisions(&changes), [6, 5, 4, 3, 2, 1]);
    assert_eq!((changes[0].origin(), changes[0].target_revision), (ChangeOrigin::Undo, 5));
    assert_eq!((changes[2].rows_deleted, changes[3].rows_moved, changes[4].cells_set), (1, 1, 2));
    assert!(changes.iter().all(|change| change.author_name.starts_with("person")));
    assert!(changes.iter().all(|change| change.delta.is_none()));
    assert!(changes.is_sorted_by(|a, b| a.time_micros >= b.time_micros));

    // In pages, and with what each of them does.
    let deltas = ChangesOptions { include_deltas: true, ..all.clone() };
    let first = client.changes_page(&id, &deltas, 4, "").await.expect("can be listed");
    assert_eq!(revisions(&first.changes), [6, 5, 4, 3]);
    assert!(first.changes.iter().all(|change| change.delta.is_some()));
    let second = client.changes_page(&id, &deltas, 4, &first.next_page_token).await;
    let second = second.expect("can be listed");
    assert_eq!((revisions(&second.changes), second.next_page_token.as_str()), (vec![2, 1], ""));

    // Those of a row, wherever it stood.
    let row = ChangesOptions { rows: Some(0..1), ..all.clone() };
    let changes = client.changes(&id, &row, 100).await.expect("can be listed");
    assert_eq!(revisions(&changes), [6, 5, 3, 1]);
    let cell = ChangesOptions { cols: Some(2..3), ..row };
    let changes = client.changes(&id, &cell, 2).await.expect("can be listed");
    assert_eq!(revisions(&changes), [6, 5]);

    let time = ChangesOptions { until_micros: changes[1].time_micros, ..all.clone() };
    assert!(!revisions(&client.changes(&id, &time, 9).await.expect("can be listed")).contains(&5));
    let nobody = ChangesOptions { author_id: id.clone(), ..all };
    assert!(client.changes(&id, &nobody, 9).await.expect("can be listed").is_empty());
    let refused = client.changes_page(&id, &nobody, 0, "1;2").await.expect_err("no token");
    assert!(refused.to_string().contains("next_page_token"), "{refused}");
    let stranger = sign_up(&server).await;
    assert!(stranger.changes(&id, &nobody, 1).await.is_err(), "not theirs to know");
}

fn revisions(changes: &[v1::ChangeRecord]) -> Vec<u64> {
    changes.iter().map(|change| change.revision).collect()
}

async fn open(client: &Client) -> (String, Sheet) {
    let new = NewSheet { rows: Some(6), ..NewSheet::default() };
    let sheet_id = client.create_sheet("History", new).await.expect("can be made").id;
    let sheet = client.open(&sheet_id).await.expect("opens");
    within("loading", sheet.wait_synced()).await.expect("loads");
    (sheet_id, sheet)
}

async fn apply(sheet: &Sheet, delta: Delta) -> Revision {
    let ticket = sheet.apply(delta).await.expect("open");
    within("an answer", ticket.accepted()).await.expect("is accepted").revision
}

fn cells(values: &[(u32, u32, &str)]) -> Delta {
    let cells = values.iter().map(|(row, col, value)| CellEdit::set(*row, *col, *value));
    Delta { cells: cells.collect(), ..Delta::identity() }
}
