//! The kind of a column changes, and its values become values of the kind: all of them, reported, and undone as one.
//!
//! Not what each value becomes: see the crate `values`. Invariant: no value is lost, also where others edit meanwhile.

use std::collections::BTreeSet;
use std::fs;

use client::Client;
use client::net::{ConversionOptions, new_place};
use gridloom::v1::{self, command::Command as C};
use integration::harness::{Grid, Gridctl, Random, Server, new_sheet, sign_up};
use ot_engine::Value;

const FILE: &str =
    "Code,Begun\n007,2024-05-01T00:00:00Z\n12,2024-05-02T00:00:00Z\nn/a,2024-05-02T10:30:00Z\n,\n";

#[test]
fn a_conversion_is_shown_done_and_undone() {
    let server = Server::start();
    let gridctl = Gridctl::sign_up(&server, "clerk@example.org");
    let (file, out) = (server.home().file("in.csv"), server.home().file("out.csv"));
    fs::write(&file, FILE).expect("can be written");
    let sheet = gridctl.import(&file, &[]);
    let exported = || {
        let _ = gridctl.run(&["export", &sheet, "-o", &out.to_string_lossy()]).success();
        fs::read_to_string(&out).expect("is there")
    };
    let convert = |more: &[&str]| gridctl.run(&[&["convert", &sheet], more].concat());

    let numbers = ["Code", "--kind", "number"];
    let shown = convert(&[&numbers[..], &["--dry-run"]].concat()).success();
    assert_eq!(
        shown,
        "2 converted, 0 fitting before, 1 kept as they are\n\
         1 are written in another way now:\n  row 1: \"007\" is now \"7\"\n\
         1 do not fit:\n  row 3: \"n/a\": expected a number\n"
    );
    assert_eq!(exported(), FILE);
    assert_eq!(convert(&numbers).success(), shown);
    assert!(exported().starts_with("Code,Begun\n7,"), "{}", exported());
    let again = convert(&["Code"]);
    assert!(again.stderr.contains("nothing to change"), "{}", again.stderr);
    assert!(again.success().starts_with("0 converted, 2 fitting before, 1 kept"));
    let _ = gridctl.run(&["undo", &sheet]).success();
    assert_eq!(exported(), FILE);

    // Days of an older import.
    let days = convert(&["Begun", "--kind", "date"]).success();
    assert!(days.contains("row 3: \"2024-05-02T10:30:00Z\": a time of day"), "{days}");
    assert!(exported().contains("007,2024-05-01\n12,2024-05-02\n"), "{}", exported());
    let dropped = convert(&["Begun", "--drop-times"]).success();
    assert!(dropped.contains("is now \"2024-05-02\""), "{dropped}");
    let kept = convert(&["2", "--kind", "text", "--keep-values"]);
    assert!(kept.stderr.contains("the values are as they were"), "{}", kept.stderr);
    let options = ["Code", "--kind", "choice", "--option", "007", "--option", "12"];
    let listed = convert(&options).success();
    assert!(listed.contains("row 3: \"n/a\": expected one of the column's options"), "{listed}");
    for _ in 0..4 {
        let _ = gridctl.run(&["undo", &sheet]).success();
    }
    assert_eq!(exported(), FILE);
}

const ROWS: u32 = 3_000;

fn column(at: u32) -> v1::ColumnRef {
    v1::ColumnRef { column: Some(v1::column_ref::Column::At(at)) }
}

async fn apply(client: &Client, sheet: &str, commands: Vec<C>) {
    let commands = commands.into_iter().map(|command| v1::Command { command: Some(command) });
    let wait = v1::WaitFor::Accepted;
    client.apply(sheet, commands.collect(), wait, "").await.expect("fits");
}

fn set(row: v1::row_ref::Row, col: u32, values: impl IntoIterator<Item = Value>) -> C {
    let row = Some(v1::RowRef { row: Some(row) });
    let values = values.into_iter().map(|value| gridloom::convert::value_to_wire(&value));
    C::SetCells(v1::SetCells { row, col: Some(column(col)), width: 1, values: values.collect() })
}

/// Sets cells of the column, and moves rows, until it is stopped. Returns the rows that it has set.
async fn edit(
    client: Client,
    sheet: String,
    stopped: tokio::sync::watch::Receiver<bool>,
) -> BTreeSet<u64> {
    let (mut random, mut edited) = (Random::from_seed(Random::seed()), BTreeSet::new());
    while !*stopped.borrow() {
        let id = 1 + u64::from(random.below(ROWS));
        edited.insert(id);
        let text = Value::from(&*format!("e{id}"));
        let from = 10 + random.below(ROWS - 20);
        let moved = C::MoveRows(v1::MoveLines { from, count: 10, to: 0 });
        apply(&client, &sheet, vec![set(v1::row_ref::Row::Id(id), 0, [text])]).await;
        apply(&client, &sheet, vec![moved]).await;
    }
    edited
}

#[tokio::test(flavor = "multi_thread")]
async fn others_edit_while_a_column_is_converted() {
    let server = Server::start_with(&["--limit-edit-cells", "500"]);
    let client = sign_up(&server).await;
    let sheet = new_sheet(&client, "Many", ROWS).await;
    for start in (0..ROWS).step_by(250) {
        let texts = (start + 1..=start + 250).map(|id| Value::from(&*id.to_string()));
        let keys = (start + 1..=start + 250).map(|id| Value::from(f64::from(id)));
        let row = || v1::row_ref::Row::At(start);
        apply(&client, &sheet, vec![set(row(), 0, texts), set(row(), 1, keys)]).await;
    }
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let editor = tokio::spawn(edit(client.at_place(new_place()), sheet.clone(), stopped));
    let options =
        ConversionOptions { kind: v1::ColumnKind::Number, ..ConversionOptions::default() };
    let done = client.convert_column(&sheet, column(0), &options, "once").await.expect("converts");
    stop.send(true).expect("the editor waits");
    let edited = editor.await.expect("edits");

    assert!(done.edits >= 6, "{done:?}");
    let grid = Grid::read(&client, &sheet).await;
    for row in &grid.rows {
        let (Value::Number(id), value) = (&row[1], &row[0]) else { panic!("{row:?}") };
        let own = Value::from(&*format!("e{id}"));
        let is_edited = edited.contains(&(*id as u64)) && *value == own;
        assert!(is_edited || *value == Value::Number(*id), "{row:?} {done:?}");
    }
    let counted = done.converted + done.fitting + done.kept;
    assert!(counted <= u64::from(ROWS) && done.kept <= edited.len() as u64, "{done:?}");

    // Sent again, it has nothing left to do but what the editor has left, which are no numbers.
    let again =
        client.convert_column(&sheet, column(0), &options, "once").await.expect("is answered");
    assert_eq!((again.edits, again.converted, again.stopped.as_str()), (0, 0, ""), "{again:?}");
    let undone = client.undo(&sheet, None, v1::WaitFor::Committed, "").await.expect("is undone");
    assert_eq!(undone.undo.expect("reports").edits, done.edits);
    let grid = Grid::read(&client, &sheet).await;
    for row in &grid.rows {
        let Value::Number(id) = row[1] else { panic!("{row:?}") };
        let texts = [id.to_string(), format!("e{id}")];
        assert!(texts.iter().any(|text| row[0] == Value::from(&**text)), "{row:?}");
    }
    let refused =
        client.convert_column(&sheet, column(0), &options, "once").await.expect("is answered");
    assert!(refused.stopped.contains("are others since") && refused.edits == 0, "{refused:?}");
}
