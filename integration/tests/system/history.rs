//! The history of a sheet: its changes with author and time, its older revisions, and restores of them.
//!
//! Not pruned history: see `retention`. Invariant: each revision is compared with the view that a client had
//! then.

use client::net::{ChangesOptions, Sheet, When};
use client::{Client, Error};
use gridloom::v1::{self, ChangeOrigin};
use integration::harness::{Grid, Random, Server, opened_new, sign_up, within};
use ot_engine::{AxisDelta, CellEdit, Delta, Revision};

use crate::changes::any_change;

#[tokio::test(flavor = "multi_thread")]
async fn changes_are_listed_newest_first() {
    let server = Server::start();
    let client = sign_up(&server).await;
    let (id, sheet) = opened_new(&client, "History").await;
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

    // In pages, and with deltas.
    let deltas = ChangesOptions { include_deltas: true, ..all.clone() };
    let first = client.changes_page(&id, &deltas, 4, "").await.expect("can be listed");
    assert_eq!(revisions(&first.changes), [6, 5, 4, 3]);
    assert!(first.changes.iter().all(|change| change.delta.is_some()));
    let second = client.changes_page(&id, &deltas, 4, &first.next_page_token).await;
    let second = second.expect("can be listed");
    assert_eq!((revisions(&second.changes), second.next_page_token.as_str()), (vec![2, 1], ""));

    // The changes of one row, which has moved.
    let row = ChangesOptions { rows: Some(0..1), ..all.clone() };
    let changes = client.changes(&id, &row, 100).await.expect("can be listed");
    assert_eq!(revisions(&changes), [6, 5, 3, 1]);
    let cell = ChangesOptions { cols: Some(2..3), ..row };
    let changes = client.changes(&id, &cell, 2).await.expect("can be listed");
    assert_eq!(revisions(&changes), [6, 5]);

    let time = ChangesOptions { until_micros: changes[1].time_micros, ..all.clone() };
    assert!(!revisions(&client.changes(&id, &time, 9).await.expect("can be listed")).contains(&5));
    let no_author = ChangesOptions { author_id: id.clone(), ..all };
    assert!(client.changes(&id, &no_author, 9).await.expect("can be listed").is_empty());
    let refused = client.changes_page(&id, &no_author, 0, "1;2").await.expect_err("no token");
    assert!(refused.to_string().contains("next_page_token"), "{refused}");
    let stranger = sign_up(&server).await;
    assert!(stranger.changes(&id, &no_author, 1).await.is_err(), "another account has no access");
}

/// Changes in total, each made by the client or by an undo.
const CHANGES: usize = 120;
/// Restores in one test.
const RESTORES: usize = 30;
/// The server is restarted after so many changes.
const RESTART_AFTER: usize = 70;

#[tokio::test(flavor = "multi_thread")]
async fn every_revision_can_be_read() {
    let seed = Random::seed();
    println!("GRIDLOOM_SEED={seed}");
    let mut random = Random::from_seed(seed);
    let mut server = Server::start_with(&["--checkpoint-changes", "7"]);
    let client = sign_up(&server).await;
    let (id, sheet) = opened_new(&client, "History").await;
    let mut states = vec![Grid::seen_by(&sheet).await];
    while states.len() <= CHANGES {
        if states.len() == RESTART_AFTER {
            server = server.kill().restart();
        }
        if random.below(8) == 0 {
            // Undoes the last change, or is refused because there is none.
            let name = random.any().to_string();
            let undo = client.undo(&id, None, v1::WaitFor::Accepted, &name).await;
            let Ok(undo) = undo else { continue };
            within("the undo", sheet.wait_revision(Revision(undo.revision)))
                .await
                .expect("is open");
            within("loading", sheet.wait_synced()).await.expect("loads");
            states.push(Grid::seen_by(&sheet).await);
            continue;
        }
        // Several at once, so that they are committed together.
        let mut tickets = Vec::new();
        for _ in 0..1 + random.below(6) {
            let size = sheet.snapshot().await.expect("open").size();
            let delta = any_change(size, &mut random, states.len());
            tickets.push((sheet.apply(delta).await.expect("open"), Grid::seen_by(&sheet).await));
        }
        for (ticket, state) in tickets {
            let accepted = within("an answer", ticket.accepted()).await.expect("is accepted");
            // The client may have sent several as one: then only the last state was ever seen.
            states.truncate(accepted.revision.0 as usize);
            assert_eq!(accepted.revision.0 as usize, states.len());
            states.push(state);
        }
    }
    for (revision, state) in (0..).map(Revision).zip(&states) {
        assert_eq!(&Grid::at(&client, &id, revision).await, state, "revision {revision}");
    }
    let sql = server.sql().await;
    let noted = "select count(*), (select count(*) from changes where batch < revision - 1)
        from checkpoints";
    let noted = sql.query_one(noted, &[]).await.expect("can be read");
    let (checkpoints, batched): (i64, i64) = (noted.get(0), noted.get(1));
    assert!(checkpoints > 3 && batched > 3, "{checkpoints} checkpoints, {batched} in batches");

    let changes = client.changes(&id, &ChangesOptions::default(), 9).await.expect("are listed");
    let made = client.read_revision(&id, When::TimeMicros(changes[4].time_micros), 0..1).await;
    let made = made.expect("was made by then");
    assert_eq!(made.time_micros, changes[4].time_micros);
    let beyond = client.read_revision(&id, When::Revision(Revision(9_999)), 0..1).await;
    assert!(beyond.expect_err("not yet").to_string().contains("at most"));
    let before = client.read_revision(&id, When::TimeMicros(1), 0..1).await;
    assert!(before.expect_err("not yet").to_string().contains("before the sheet was made"));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_revision_can_be_restored_and_that_undone() {
    let seed = Random::seed();
    println!("GRIDLOOM_SEED={seed}");
    let mut random = Random::from_seed(seed);
    let mut server = Server::start_with(&["--checkpoint-changes", "9"]);
    let client = sign_up(&server).await;
    let (id, sheet) = opened_new(&client, "History").await;
    let mut states = vec![Grid::seen_by(&sheet).await];
    let mut accepted = None;
    for step in 0..RESTORES {
        if step == RESTORES / 2 {
            server = server.kill().restart();
        }
        for _ in 0..random.below(4) {
            let size = sheet.snapshot().await.expect("open").size();
            let before = states.len();
            apply(&sheet, any_change(size, &mut random, before)).await;
            states.push(Grid::seen_by(&sheet).await);
        }
        let to = random.below(u32::try_from(states.len()).expect("few"));
        let name = format!("to {step}");
        let restored = client.restore_revision(&id, Revision(to.into()), &name).await;
        let restored = match restored {
            Err(Error::Refused(refused)) => {
                // Without an effect there is no revision: the next one has its number.
                assert_eq!(refused.reason.as_deref(), Some("NOTHING_TO_RESTORE"), "{refused:?}");
                assert_eq!(states[to as usize], states[states.len() - 1]);
                continue;
            }
            restored => restored.expect("can be restored"),
        };
        accepted.get_or_insert((Revision(to.into()), name, restored));
        expect(&client, &sheet, &id, restored, &states[to as usize]).await;
        let before = states[states.len() - 1].clone();
        states.push(states[to as usize].clone());
        assert_eq!(restored.0 as usize, states.len() - 1);
        if random.below(2) == 0 {
            let (wait, name) = (v1::WaitFor::Accepted, format!("undo {step}"));
            let undone = client.undo(&id, None, wait, &name).await.expect("can be undone");
            expect(&client, &sheet, &id, Revision(undone.revision), &before).await;
            states.push(before);
        }
    }
    // A repeated request is applied once; a revision above the head is refused.
    let (to, name, restored) = accepted.expect("one has an effect");
    let again = client.restore_revision(&id, to, &name).await.expect("is answered");
    assert_eq!(again, restored);
    let elsewhere = client.at_place(client.place() ^ 1);
    let again = elsewhere.restore_revision(&id, to, &name).await.expect("is the same request");
    assert_eq!(again, restored);
    let beyond = client.restore_revision(&id, Revision(9_999), "beyond").await;
    assert!(beyond.expect_err("not yet").to_string().contains("at most"));
    let last = states.len() - 1;
    assert_eq!(Grid::in_sql(&server.sql().await, &id).await, states[last]);
    for (revision, state) in (0..).map(Revision).zip(&states) {
        assert_eq!(&Grid::at(&client, &id, revision).await, state, "revision {revision}");
    }
    let changes = client.changes(&id, &ChangesOptions::default(), 999).await.expect("are listed");
    assert!(changes.iter().any(|change| change.origin() == ChangeOrigin::Restore));
}

/// Values are set and lines deleted; a restore brings older ones back. Then all is undone, and redone.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_deleted_before_a_restore_comes_back_as_it_was() {
    let mut server = Server::start();
    let client = sign_up(&server).await;
    let (id, sheet) = opened_new(&client, "History").await;
    let mut states = vec![Grid::seen_by(&sheet).await];
    for delta in [
        cells(&[(0, 0, "old"), (0, 1, "old"), (1, 1, "stays"), (2, 2, "old")]),
        cells(&[(0, 0, "new"), (0, 1, ""), (2, 2, "new")]),
        Delta::rows(AxisDelta::delete(0, 1)),
        Delta::cols(AxisDelta::delete(2, 1)),
    ] {
        apply(&sheet, delta).await;
        states.push(Grid::seen_by(&sheet).await);
    }
    let restored =
        client.restore_revision(&id, Revision(1), "back").await.expect("can be restored");
    states.push(states[1].clone());
    expect(&client, &sheet, &id, restored, &states[1]).await;
    server = server.kill().restart();
    let accepted = v1::WaitFor::Accepted;
    for (number, before) in states.iter().rev().skip(1).enumerate() {
        let undone = client.undo(&id, None, accepted, &format!("undo {number}")).await;
        let undone = Revision(undone.expect("can be undone").revision);
        expect(&client, &sheet, &id, undone, before).await;
    }
    for (number, after) in states.iter().skip(1).enumerate() {
        let redone = client.redo(&id, accepted, &format!("redo {number}")).await;
        let redone = Revision(redone.expect("can be redone").revision);
        expect(&client, &sheet, &id, redone, after).await;
    }
    // A restore at another place, and its undo, change nothing of it.
    let other = client.at_place(client.place() ^ 1);
    client.undo(&id, None, accepted, "of the restore").await.expect("can be undone");
    other.restore_revision(&id, Revision(1), "elsewhere").await.expect("can be restored");
    other.undo(&id, None, accepted, "elsewhere undone").await.expect("can be undone");
    for (number, before) in [&states[4], &states[3], &states[2]].into_iter().enumerate() {
        if number > 0 {
            let name = format!("of a deletion {number}");
            client.undo(&id, None, accepted, &name).await.expect("can be undone");
        }
        assert_eq!(&Grid::read(&client, &id).await, before);
    }
    assert_eq!(Grid::in_sql(&server.sql().await, &id).await, states[2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restore_that_is_too_large_is_refused_with_its_size() {
    let server = Server::start_with(&["--limit-edit-cells", "3"]);
    let client = sign_up(&server).await;
    let (id, sheet) = opened_new(&client, "History").await;
    apply(&sheet, cells(&[(0, 0, "a"), (1, 0, "b")])).await;
    apply(&sheet, cells(&[(2, 0, "c"), (3, 0, "d")])).await;
    let refused = client.restore_revision(&id, Revision(0), "all").await.expect_err("too much");
    assert!(refused.to_string().contains("4 cells"), "{refused}");
    let restored = client.restore_revision(&id, Revision(1), "half").await.expect("fits");
    assert_eq!(restored, Revision(3));
}

/// Waits for a revision, then compares the open sheet and a read with the expected cells.
async fn expect(client: &Client, sheet: &Sheet, id: &str, revision: Revision, expected: &Grid) {
    within("the change", sheet.wait_revision(revision)).await.expect("is open");
    within("loading", sheet.wait_synced()).await.expect("loads");
    assert_eq!(&Grid::seen_by(sheet).await, expected, "revision {revision}");
    assert_eq!(&Grid::read(client, id).await, expected, "revision {revision}");
}

fn revisions(changes: &[v1::ChangeRecord]) -> Vec<u64> {
    changes.iter().map(|change| change.revision).collect()
}

async fn apply(sheet: &Sheet, delta: Delta) -> Revision {
    let ticket = sheet.apply(delta).await.expect("open");
    within("an answer", ticket.accepted()).await.expect("is accepted").revision
}

fn cells(values: &[(u32, u32, &str)]) -> Delta {
    let cells = values.iter().map(|(row, col, value)| CellEdit::set(*row, *col, *value));
    Delta { cells: cells.collect(), ..Delta::identity() }
}
