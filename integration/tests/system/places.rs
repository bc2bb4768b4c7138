//! Undo belongs to the place that made a change, takes a group of edits back at once, and is barred by no change that can't
//! be undone.
//!
//! Not how one change is taken back: see `undo`. Invariant: each case compares with a sheet on which the same was done
//! otherwise, or with an earlier state.

use client::Client;
use client::net::{ChangesOptions, Error, Sheet, new_group};
use gridloom::v1;
use integration::harness::{
    Grid, Random, Server, new_sheet, opened, opened_new, sign_up_with_token, within,
};
use ot_engine::{AxisDelta, ColumnEdit, Delta, Revision, Value};

use crate::changes::any_change;
use crate::two_servers::Two;

const ACCEPTED: v1::WaitFor = v1::WaitFor::Accepted;
const COMMITTED: v1::WaitFor = v1::WaitFor::Committed;

/// A client of the same account at a place of its own.
async fn another(server: &Server, token: &str) -> Client {
    let client = Client::connect(server.url()).await.expect("connects");
    client.with_token(token).expect("a token")
}

/// Edits a sheet at the place of a client, and waits until the edit is accepted.
async fn edit(sheet: &Sheet, group: u64, delta: Delta) -> Revision {
    let ticket = sheet.apply_in(group, delta).await.expect("is open");
    within("an answer", ticket.accepted()).await.expect("is accepted").revision
}

async fn set(sheet: &Sheet, row: u32, text: &str) -> Revision {
    edit(sheet, 0, Delta::set_cell(row, 0, text)).await
}

/// One undo; its report, and the revision of its last edit.
async fn undo(client: &Client, id: &str) -> Result<(v1::UndoReport, Revision), String> {
    let name = Random::seed().to_string();
    report(client.undo(id, None, ACCEPTED, &name).await)
}

async fn redo(client: &Client, id: &str) -> Result<(v1::UndoReport, Revision), String> {
    report(client.redo(id, ACCEPTED, &Random::seed().to_string()).await)
}

fn report(
    answer: Result<v1::ApplyEditsResponse, Error>,
) -> Result<(v1::UndoReport, Revision), String> {
    let answer = answer.map_err(|error| error.to_string())?;
    Ok((answer.undo.expect("an undo has a report"), Revision(answer.revision)))
}

/// The first column.
async fn column(client: &Client, id: &str) -> Vec<String> {
    let grid = Grid::read(client, id).await;
    let text = |value: &Value| value.as_text().to_owned();
    grid.rows.iter().map(|row| row.first().map_or_else(String::new, text)).collect()
}

/// The name of the first column.
async fn first_name(client: &Client, id: &str) -> String {
    client.read_cells(id, 0..1).await.expect("can be read").columns[0].name.clone()
}

async fn head(client: &Client, id: &str) -> u64 {
    client.read_cells(id, 0..1).await.expect("can be read").revision
}

#[tokio::test(flavor = "multi_thread")]
async fn undo_takes_back_what_was_done_at_the_same_place() {
    let server = Server::start();
    let (tab, token) = sign_up_with_token(&server).await;
    let place = tab.place();
    let script = another(&server, &token).await;
    assert_ne!(place, script.place());
    let id = new_sheet(&tab, "Places", 3).await;
    let (at_tab, at_script) = (opened(&tab, &id).await, opened(&script, &id).await);
    set(&at_tab, 0, "tab").await;
    set(&at_script, 1, "script").await;
    // A single call at the place of the tab.
    let set_third = Delta::set_cell(2, 0, "tab, too");
    let head = Revision(head(&tab, &id).await);
    tab.apply_delta(&id, head, &set_third, COMMITTED, "third").await.expect("is accepted");
    set(&at_script, 1, "script again").await;

    // The same request from a later run, which is at another place.
    let again = another(&server, &token).await;
    again.apply_delta(&id, head, &set_third, COMMITTED, "third").await.expect("is known");
    let later = Delta::set_cell(2, 0, "later");
    let same = again.apply_delta(&id, head, &later, COMMITTED, "third").await.expect("is known");
    assert_eq!(column(&tab, &id).await, ["tab", "script again", "tab, too"], "{same:?}");

    undo(&tab, &id).await.expect("the third cell");
    assert_eq!(column(&tab, &id).await, ["tab", "script again", ""]);
    let new_tab = another(&server, &token).await;
    let nothing = undo(&new_tab, &id).await.expect_err("a new tab starts with none");
    assert!(nothing.contains("nothing of yours to undo"), "{nothing}");
    let nothing = redo(&new_tab, &id).await.expect_err("a new tab starts with none");
    assert!(nothing.contains("nothing of yours to redo"), "{nothing}");

    // The place is kept over a restart of the server, and by another connection that names it.
    drop((at_tab, at_script));
    let server = server.kill().restart();
    let reloaded = another(&server, &token).await.at_place(place);
    undo(&reloaded, &id).await.expect("the first cell");
    assert_eq!(column(&reloaded, &id).await, ["", "script again", ""]);
    redo(&reloaded, &id).await.expect("the first cell");
    redo(&reloaded, &id).await.expect("the third cell");
    assert_eq!(column(&reloaded, &id).await, ["tab", "script again", "tab, too"]);
    undo(&script, &id).await.expect("of the script");
    assert_eq!(column(&reloaded, &id).await, ["tab", "script", "tab, too"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_is_one_undo_and_one_redo() {
    let server = Server::start();
    let (client, token) = sign_up_with_token(&server).await;
    let other = another(&server, &token).await;
    let id = new_sheet(&client, "Groups", 2).await;
    let (sheet, theirs) = (opened(&client, &id).await, opened(&other, &id).await);
    set(&sheet, 0, "before").await;
    let before = column(&client, &id).await;
    // A paste that adds rows, in three edits; another place edits between them.
    let group = new_group();
    edit(&sheet, group, Delta::rows(AxisDelta::insert(2, 2))).await;
    edit(&sheet, group, Delta::set_cells([(1, 0, "one".into()), (2, 0, "two".into())])).await;
    set(&theirs, 0, "theirs").await;
    edit(&sheet, group, Delta::set_cell(3, 0, "three")).await;
    let pasted = column(&client, &id).await;
    assert_eq!(pasted, ["theirs", "one", "two", "three"]);

    let (report, _) = undo(&client, &id).await.expect("the group");
    assert_eq!((report.edits, report.more), (3, false));
    assert_eq!(column(&client, &id).await, ["theirs", ""]);
    let server = server.kill().restart();
    let (report, _) = redo(&client, &id).await.expect("the group");
    assert_eq!(report.edits, 3);
    assert_eq!(column(&client, &id).await, pasted);

    // A call that is sent again has one effect, also after a restart and where it began a group.
    let name = "one undo";
    let first = client.undo(&id, None, ACCEPTED, name).await.expect("the group");
    let again = client.undo(&id, None, ACCEPTED, name).await.expect("is answered again");
    let _server = server.kill().restart();
    let third = client.undo(&id, None, ACCEPTED, name).await.expect("is answered again");
    assert_eq!(head(&client, &id).await, first.revision);
    assert!(again.revision <= first.revision && third.revision <= first.revision);
    undo(&client, &id).await.expect("the first edit");
    assert_eq!(column(&client, &id).await, before.iter().map(|_| "").collect::<Vec<_>>());
}

/// The same edits, as a group and one by one, while another place edits.
#[tokio::test(flavor = "multi_thread")]
async fn the_undo_of_a_group_is_the_undo_of_its_edits_in_reverse() {
    let seed = Random::seed();
    println!("GRIDLOOM_SEED={seed}");
    let mut random = Random::from_seed(seed);
    let server = Server::start();
    let (client, token) = sign_up_with_token(&server).await;
    let other = another(&server, &token).await;
    for _ in 0..6 {
        let (one_id, one) = opened_new(&client, "One by one").await;
        let (group_id, grouped) = opened_new(&client, "Grouped").await;
        let theirs = [opened(&other, &one_id).await, opened(&other, &group_id).await];
        let (group, count) = (new_group(), 2 + random.below(8) as usize);
        for number in 0..count {
            let size = one.snapshot().await.expect("open").size();
            let change = any_change(size, &mut random, number);
            let at = edit(&one, 0, change.clone()).await;
            edit(&grouped, group, change).await;
            if random.below(3) == 0 {
                for sheet in &theirs {
                    within("the change", sheet.wait_revision(at)).await.expect("is open");
                    let size = sheet.snapshot().await.expect("open").size();
                    if size.rows > 0 && size.cols > 0 {
                        set(sheet, 0, &format!("theirs {number}")).await;
                    }
                }
            }
        }
        let mut undone = 0;
        // Changes without effect are passed over in both.
        while let Ok((report, _)) = undo(&client, &one_id).await {
            undone += report.edits;
        }
        let (report, _) = undo(&client, &group_id).await.expect("the group");
        assert_eq!(report.edits, undone, "{report:?}");
        let states = [Grid::read(&client, &one_id).await, Grid::read(&client, &group_id).await];
        assert_eq!(states[0], states[1]);
        while redo(&client, &one_id).await.is_ok() {}
        redo(&client, &group_id).await.expect("the group");
        let states = [Grid::read(&client, &one_id).await, Grid::read(&client, &group_id).await];
        assert_eq!(states[0], states[1]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cant_be_undone_bars_nothing() {
    let server = Server::start();
    let (client, token) = sign_up_with_token(&server).await;
    let other = another(&server, &token).await;
    let id = new_sheet(&client, "Passed over", 3).await;
    let (sheet, theirs) = (opened(&client, &id).await, opened(&other, &id).await);
    set(&sheet, 0, "first").await;
    let second = set(&sheet, 1, "second").await;
    let third = set(&sheet, 2, "third").await;
    // The row of the second is deleted, and the third cell is as before.
    set(&theirs, 2, "").await;
    edit(&theirs, 0, Delta::set_cell(2, 0, Value::Empty)).await;
    edit(&theirs, 0, Delta::rows(AxisDelta::delete(1, 1))).await;
    let before = head(&client, &id).await;
    let (report, revision) = undo(&client, &id).await.expect("the first can be undone");
    assert_eq!((revision.0, report.edits), (before + 1, 1));
    let passed: Vec<u64> = report.passed_over.iter().map(|passed| passed.revision).collect();
    assert_eq!(passed, [third.0, second.0], "{report:?}");
    assert!(report.passed_over[0].why.contains("values of before"), "{report:?}");
    assert!(report.passed_over[1].why.contains("deleted"), "{report:?}");
    assert_eq!(column(&client, &id).await, ["", ""]);

    // Nothing is left to undo: it says why, and makes no revision.
    for _ in 0..2 {
        let nothing = undo(&client, &id).await.expect_err("nothing");
        assert!(nothing.contains("nothing of yours to undo"), "{nothing}");
        assert!(nothing.contains(&format!("revision {second}")), "{nothing}");
    }
    assert_eq!(head(&client, &id).await, before + 1);

    // What was passed over for its row stays: with the row, it can be undone.
    undo(&other, &id).await.expect("the row is back");
    assert_eq!(column(&client, &id).await, ["", "second", ""]);
    let (report, _) = undo(&client, &id).await.expect("the second can be undone now");
    assert_eq!(report.passed_over, [], "{report:?}");
    assert_eq!(column(&client, &id).await, ["", "", ""]);
    redo(&client, &id).await.expect("the second");
    redo(&client, &id).await.expect("the first");
    assert_eq!(column(&client, &id).await, ["first", "second", ""]);
}

/// Also of another place.
#[tokio::test(flavor = "multi_thread")]
async fn a_value_that_is_undone_does_not_come_back() {
    let server = Server::start();
    let (client, token) = sign_up_with_token(&server).await;
    let other = another(&server, &token).await;
    let id = new_sheet(&client, "Repeated", 1).await;
    let (sheet, theirs) = (opened(&client, &id).await, opened(&other, &id).await);
    for value in ["x", "y", "y"] {
        set(&sheet, 0, value).await;
    }
    let last = set(&theirs, 0, "y").await;
    let nothing = undo(&other, &id).await.expect_err("it changed nothing");
    assert!(nothing.contains("values of before"), "{nothing}");
    for value in ["x", ""] {
        undo(&client, &id).await.expect("can be undone");
        assert_eq!(column(&client, &id).await, [value]);
    }
    undo(&client, &id).await.expect_err("nothing is left");
    undo(&other, &id).await.expect_err("nothing is left");
    let unknown = client.undo(&id, Some(Revision(last.0 + 99)), ACCEPTED, "unknown").await;
    let unknown = unknown.expect_err("is no revision").to_string();
    assert!(unknown.contains("there is no such change"), "{unknown}");

    // Nor does the name of a column.
    let before = first_name(&client, &id).await;
    for _ in 0..2 {
        let name = ColumnEdit { name: Some("Twice".into()), ..ColumnEdit::default() };
        edit(&sheet, 0, Delta { columns: vec![name], ..Delta::identity() }).await;
    }
    undo(&client, &id).await.expect("the first one changed it");
    assert_eq!(first_name(&client, &id).await, before);
    undo(&client, &id).await.expect_err("nothing is left");
    assert_eq!(first_name(&client, &id).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_is_undone_as_far_as_it_can_be() {
    let server = Server::start();
    let (client, token) = sign_up_with_token(&server).await;
    let other = another(&server, &token).await;
    let id = new_sheet(&client, "Parts", 4).await;
    let (sheet, theirs) = (opened(&client, &id).await, opened(&other, &id).await);
    let group = new_group();
    for row in 0..4 {
        edit(&sheet, group, Delta::set_cell(row, 0, "mine")).await;
    }
    let both =
        edit(&sheet, group, Delta::set_cells([(0, 1, "x".into()), (2, 1, "y".into())])).await;
    within("the change", theirs.wait_revision(both)).await.expect("is open");
    edit(&theirs, 0, Delta::rows(AxisDelta::delete(2, 1))).await;
    let (report, _) = undo(&client, &id).await.expect("most of it");
    let done = (report.edits, report.cells_left_out, report.passed_over.len());
    assert_eq!(done, (4, 1, 1), "{report:?}");
    assert_eq!(column(&client, &id).await, ["", "", ""]);
    // The history has one gesture for it.
    let undone = client.changes(&id, &ChangesOptions::default(), 5).await.expect("are listed");
    let groups: Vec<u64> = undone.iter().map(|change| change.group).collect();
    assert!(groups[0] != 0 && groups[..4].iter().all(|it| *it == groups[0]), "{groups:?}");
    assert_ne!(groups[4], groups[0]);
    let (report, _) = redo(&client, &id).await.expect("the same part");
    assert_eq!(report.edits, 4);
    assert_eq!(column(&client, &id).await, ["mine", "mine", "mine"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_group_says_that_there_is_more() {
    let server = Server::start();
    let (client, _) = sign_up_with_token(&server).await;
    let (id, sheet) = opened_new(&client, "Large").await;
    let group = new_group();
    for number in 0..130 {
        edit(&sheet, group, Delta::set_cell(0, 0, format!("{number}").as_str())).await;
    }
    let (report, _) = undo(&client, &id).await.expect("a part");
    assert_eq!((report.edits, report.more), (128, true));
    let (report, _) = undo(&client, &id).await.expect("the rest");
    assert_eq!((report.edits, report.more), (2, false));
    assert_eq!(column(&client, &id).await[0], "");
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_without_a_place_and_those_that_are_named_can_be_undone() {
    let server = Server::start();
    let (client, token) = sign_up_with_token(&server).await;
    let id = new_sheet(&client, "Named", 3).await;
    let sheet = opened(&client, &id).await;
    let nameless = client.at_place(0);
    let without = opened(&nameless, &id).await;
    let first = set(&sheet, 0, "first").await;
    set(&sheet, 1, "second").await;
    set(&without, 2, "without").await;
    undo(&nameless, &id).await.expect("what has no place");
    assert_eq!(column(&client, &id).await, ["first", "second", ""]);
    undo(&nameless, &id).await.expect_err("it has no more");
    redo(&nameless, &id).await.expect("what has no place");

    // By its revision, a change of any place can be undone; its own place can redo it.
    let elsewhere = another(&server, &token).await;
    let name = "first of the tab";
    let undone = elsewhere.undo(&id, Some(first), ACCEPTED, name).await.expect("is mine");
    let again = elsewhere.undo(&id, Some(first), ACCEPTED, name).await.expect("is answered again");
    assert_eq!(undone.revision, again.revision);
    assert_eq!(column(&client, &id).await, ["", "second", "without"]);
    redo(&elsewhere, &id).await.expect_err("it was made elsewhere");
    redo(&client, &id).await.expect("of its place");
    assert_eq!(column(&client, &id).await, ["first", "second", "without"]);

    let beyond = client.at_place(1 << 48).undo(&id, None, ACCEPTED, "").await;
    let refused = beyond.expect_err("is no place").to_string();
    assert!(refused.contains("place") && refused.contains("at most"), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_place_is_the_same_at_all_servers() {
    let two = Two::start().await;
    let (here, token) = sign_up_with_token(&two.here).await;
    let there = another(&two.there, &token).await;
    let same = there.at_place(here.place());
    let id = new_sheet(&here, "Both", 2).await;
    let (at_here, at_there) = (opened(&here, &id).await, opened(&there, &id).await);
    let group = new_group();
    edit(&at_here, group, Delta::set_cell(0, 0, "one")).await;
    let at = edit(&at_here, group, Delta::rows(AxisDelta::insert(2, 1))).await;
    within("the change", at_there.wait_revision(at)).await.expect("is open");
    set(&at_there, 1, "theirs").await;
    let (report, _) = undo(&same, &id).await.expect("the group");
    assert_eq!(report.edits, 2);
    assert_eq!(column(&here, &id).await, ["", "theirs"]);
    let (report, _) = redo(&here, &id).await.expect("the group");
    assert_eq!(report.edits, 2);
    assert_eq!(column(&there, &id).await, ["one", "theirs", ""]);
}
