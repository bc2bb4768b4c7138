//! Several clients type into one cell: each typed character is in the final text, also after a restart.
//! A set value overrides concurrent text edits, and their authors receive the conflicts.
//!
//! Not the rules of merging: the engine tests those. Invariant: each mark is in the text once.

use client::Client;
use client::net::Sheet;
use gridloom::convert::text_to_wire;
use gridloom::v1;
use integration::harness::{Grid, Random, Server, new_sheet, sign_up, within};
use ot_engine::{Delta, Revision, TextDelta, TextRun, Value};

const WRITERS: u32 = 4;
const EDITS_OF_EACH: u32 = 60;

#[tokio::test(flavor = "multi_thread")]
async fn each_typed_mark_is_in_the_final_text() {
    let seed = Random::seed();
    println!("GRIDLOOM_SEED={seed}");
    let mut server = Server::start();
    let client = sign_up(&server).await;
    let sheet_id = new_sheet(&client, "Texts", 3).await;
    let mut writers = Vec::new();
    for number in 0..WRITERS {
        let sheet = open(&client, &sheet_id).await;
        let random = Random::from_seed(seed + u64::from(number));
        writers.push(tokio::spawn(write(sheet, number, random)));
    }
    let mut last = Revision(0);
    for writer in writers {
        last = last.max(within("typing", writer).await.expect("no client failed"));
    }
    let text = text_at(&client, &sheet_id, 0).await;
    for number in 0..WRITERS {
        for edit in 0..EDITS_OF_EACH {
            let typed = format!("<{number}.{edit}>");
            assert_eq!(text.matches(&typed).count(), 1, "{typed} in {text}");
        }
    }
    // The journal and the database lead to the same text.
    server = server.kill().restart();
    assert_eq!(text_at(&client, &sheet_id, 0).await, text);
    let sheet = open(&client, &sheet_id).await;
    within("the commit", sheet.wait_committed(last)).await.expect("commits");
    assert_eq!(Grid::in_sql(&server.sql().await, &sheet_id).await.rows[0][0], text.as_str().into());
}

/// Inserts marks at random places between other marks.
async fn write(sheet: Sheet, number: u32, mut random: Random) -> Revision {
    let mut last = Revision(0);
    for edit in 0..EDITS_OF_EACH {
        let place = random.below(1_000);
        let typed = format!("<{number}.{edit}>");
        let ticket = sheet.edit(move |live| {
            let text = live.view().and_then(|view| view.get(0, 0)).map_or("", Value::as_text);
            // Marks end with a bracket: no mark is torn.
            let mut gaps: Vec<u32> = vec![0];
            gaps.extend((1..).zip(text.chars()).filter(|(_, c)| *c == '>').map(|(at, _)| at));
            let at = gaps[place as usize % gaps.len()];
            live.edit_text(0, 0, TextDelta::splice(at, 0, &typed))
        });
        let ticket = ticket.await.expect("open");
        let accepted = within("an answer", ticket.accepted()).await.expect("is accepted");
        assert!(accepted.conflicts.is_empty(), "nothing is lost: {accepted:?}");
        last = accepted.revision;
    }
    last
}

#[tokio::test(flavor = "multi_thread")]
async fn letters_are_typed_without_waiting_for_answers() {
    let server = Server::start();
    let client = sign_up(&server).await;
    let sheet_id = new_sheet(&client, "Texts", 3).await;
    let sheet = open(&client, &sheet_id).await;
    let mut tickets = Vec::new();
    for (at, letter) in (0..).zip("a sentence, typed letter by letter".chars()) {
        let edit = TextDelta::splice(at, 0, &letter.to_string());
        tickets.push(sheet.edit(move |live| live.edit_text(0, 1, edit)).await.expect("open"));
    }
    for ticket in tickets {
        within("an answer", ticket.accepted()).await.expect("is accepted");
    }
    assert_eq!(text_at(&client, &sheet_id, 1).await, "a sentence, typed letter by letter");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_set_value_overrides_a_concurrent_edit_of_the_text() {
    let server = Server::start();
    let client = sign_up(&server).await;
    let sheet_id = new_sheet(&client, "Texts", 3).await;
    let (one, other) = (open(&client, &sheet_id).await, open(&client, &sheet_id).await);
    let set = one.set(0, 0, "a text").await.expect("open");
    let first = within("an answer", set.accepted()).await.expect("is accepted").revision;
    within("the text", other.wait_revision(first)).await.expect("open");

    // Both on the same revision: the server orders edits as it receives them.
    let set = one.set(0, 0, Value::Number(7.0)).await.expect("open");
    within("an answer", set.accepted()).await.expect("is accepted");
    let base = first.0;
    let edit = Delta {
        cells: vec![ot_engine::CellEdit::text(0, 0, TextDelta::splice(6, 0, "!"))],
        ..Delta::identity()
    };
    let answer =
        client.apply_delta(&sheet_id, Revision(base), &edit, v1::WaitFor::Committed, "late").await;
    let answer = answer.expect("is accepted, and changes nothing");
    let [lost] = &answer.conflicts[..] else { panic!("{answer:?}") };
    assert_eq!(lost.lost_text, text_to_wire(&TextDelta::splice(6, 0, "!")));
    assert_eq!(Grid::read(&client, &sheet_id).await.rows[0][0], Value::Number(7.0));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_undo_removes_only_the_characters_of_its_author() {
    let server = Server::start();
    let ada = sign_up(&server).await;
    let sheet_id = new_sheet(&ada, "Texts", 3).await;
    let sheet = open(&ada, &sheet_id).await;
    let mut revisions = Vec::new();
    for (at, text) in [(0, "one"), (3, " two"), (7, " three")] {
        let edit = TextDelta::splice(at, 0, text);
        let ticket = sheet.edit(move |live| live.edit_text(0, 0, edit)).await.expect("open");
        let accepted = within("an answer", ticket.accepted()).await.expect("is accepted");
        revisions.push(accepted.revision.0);
    }
    // Undoes the middle edit by its revision; the later one stays.
    undo(&ada, &sheet_id, Some(revisions[1])).await.expect("can be undone");
    assert_eq!(text_at(&ada, &sheet_id, 0).await, "one three");
    ada.redo(&sheet_id, v1::WaitFor::Committed, "again").await.expect("can be redone");
    assert_eq!(text_at(&ada, &sheet_id, 0).await, "one two three");
    for _ in 0..3 {
        undo(&ada, &sheet_id, None).await.expect("can be undone");
    }
    assert_eq!(Grid::read(&ada, &sheet_id).await.rows[0][0], Value::Empty);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_edit_that_does_not_fit_is_refused() {
    let server = Server::start();
    let client = sign_up(&server).await;
    let sheet_id = new_sheet(&client, "Texts", 3).await;
    let command = |runs: &[TextRun]| {
        let runs = text_to_wire(&TextDelta::from_runs(runs.iter().cloned()));
        let row = Some(v1::RowRef { row: Some(v1::row_ref::Row::At(0)) });
        let edit = v1::EditText { row, col: None, runs };
        vec![v1::Command { command: Some(v1::command::Command::EditText(edit)) }]
    };
    let wait = v1::WaitFor::Committed;
    let hello = command(&[TextRun::Insert("hello".into())]);
    client.apply(&sheet_id, hello, wait, "fits").await.expect("fits");
    let beyond = command(&[TextRun::Retain(5), TextRun::Delete(1)]);
    let error = client.apply(&sheet_id, beyond, wait, "beyond").await.expect_err("is too far");
    assert!(error.to_string().contains("which has 5 characters"), "{error}");
    assert!(error.to_string().contains("commands[0].edit_text.runs"), "{error}");
    let long = command(&[TextRun::Insert("x".repeat(65_534).into())]);
    let error = client.apply(&sheet_id, long, wait, "long").await.expect_err("is too long");
    assert!(error.to_string().contains("longer than 65536 bytes"), "{error}");
    // The refused edits changed nothing, and the server accepts the next one.
    let more = command(&[TextRun::Retain(5), TextRun::Insert("!".into())]);
    client.apply(&sheet_id, more, wait, "more").await.expect("fits");
    assert_eq!(text_at(&client, &sheet_id, 0).await, "hello!");
}

async fn open(client: &Client, sheet_id: &str) -> Sheet {
    let sheet = client.open(sheet_id).await.expect("opens");
    within("loading", sheet.wait_synced()).await.expect("loads");
    sheet
}

/// The text in a cell of the first row.
async fn text_at(client: &Client, sheet_id: &str, col: usize) -> String {
    Grid::read(client, sheet_id).await.rows[0][col].as_text().to_owned()
}

async fn undo(client: &Client, id: &str, which: Option<u64>) -> Result<(), client::Error> {
    let name = Random::seed().to_string();
    client.undo(id, which.map(Revision), v1::WaitFor::Committed, &name).await.map(drop)
}
