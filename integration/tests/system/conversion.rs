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
         1 is written in another way now:\n  row 1: \"007\" is now \"7\"\n\
         1 does not fit:\n  row 3: \"n/a\": expected a number, written like 1234.5\n"
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

/// Whether a row, which counts from 1, has no value at first.
const fn is_blank(id: u64) -> bool {
    id.is_multiple_of(10)
}

/// Sets cells of the column, and moves rows, until it is stopped; a cell without a value gets "7". Returns the rows that
/// it has set.
async fn edit(
    client: Client,
    sheet: String,
    stopped: tokio::sync::watch::Receiver<bool>,
) -> BTreeSet<u64> {
    let (mut random, mut edited) = (Random::from_seed(Random::seed()), BTreeSet::new());
    while !*stopped.borrow() {
        let id = 1 + u64::from(random.below(ROWS));
        if !edited.insert(id) && is_blank(id) {
            continue;
        }
        let text = Value::from(&*if is_blank(id) { "7".to_owned() } else { format!("e{id}") });
        let from = 10 + random.below(ROWS - 20);
        let moved = C::MoveRows(v1::MoveLines { from, count: 10, to: 0 });
        apply(&client, &sheet, vec![set(v1::row_ref::Row::Id(id), 0, [text])]).await;
        apply(&client, &sheet, vec![moved]).await;
    }
    edited
}

/// Each value is a number now, or what the editor has set since. Returns the number of rows whose value was seen, and of those
/// that got theirs afterwards.
fn check_converted(grid: &Grid, edited: &BTreeSet<u64>) -> (u64, u64) {
    let (mut counted, mut late) = (0, 0);
    for row in &grid.rows {
        let (Value::Number(id), value) = (&row[1], &row[0]) else { panic!("{row:?}") };
        let is_edited = edited.contains(&(*id as u64));
        if is_blank(*id as u64) {
            let (is_seven, is_late) = (*value == 7.0.into(), *value == "7".into());
            let is_value = is_seven || is_late;
            assert!(if is_edited { is_value } else { value.is_empty() }, "{row:?}");
            (counted, late) = (counted + u64::from(is_seven), late + u64::from(is_late));
        } else {
            let own = Value::from(&*format!("e{id}"));
            assert!((is_edited && *value == own) || *value == Value::Number(*id), "{row:?}");
            counted += 1;
        }
    }
    (counted, late)
}

/// Each value is the one that was there first, or one of the editor.
fn check_undone(grid: &Grid) {
    for row in &grid.rows {
        let Value::Number(id) = row[1] else { panic!("{row:?}") };
        let own = [id.to_string(), format!("e{id}")];
        let texts = if is_blank(id as u64) { ["7".to_owned(), String::new()] } else { own };
        let text = if row[0].is_empty() { "" } else { row[0].as_text() };
        assert!(texts.iter().any(|it| it == text), "{row:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn others_edit_while_a_column_is_converted() {
    let server = Server::start_with(&["--limit-edit-cells", "500"]);
    let client = sign_up(&server).await;
    let sheet = new_sheet(&client, "Many", ROWS).await;
    for start in (0..ROWS).step_by(250) {
        let text = |id: u32| if is_blank(id.into()) { String::new() } else { id.to_string() };
        let texts = (start + 1..=start + 250).map(|id| Value::from(&*text(id)));
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
    let (counted, late) = check_converted(&grid, &edited);
    assert_eq!(done.stopped, "", "{done:?}");
    // Those that came after the last look at their row are not counted.
    assert_eq!(done.converted + done.fitting + done.kept, counted, "{done:?}");
    assert!(done.kept <= edited.len() as u64, "{done:?}");

    // Sent again, it has nothing left to do but what the editor has left since.
    let again =
        client.convert_column(&sheet, column(0), &options, "once").await.expect("is answered");
    assert_eq!((again.converted, again.stopped.as_str()), (late, ""), "{again:?}");
    assert_eq!(again.edits > 0, late > 0, "{again:?}");
    let undone = client.undo(&sheet, None, v1::WaitFor::Committed, "").await.expect("is undone");
    assert_eq!(undone.undo.expect("reports").edits, done.edits + again.edits);
    check_undone(&Grid::read(&client, &sheet).await);
    let refused =
        client.convert_column(&sheet, column(0), &options, "once").await.expect("is answered");
    assert!(refused.stopped.contains("are others since") && refused.edits == 0, "{refused:?}");
}
