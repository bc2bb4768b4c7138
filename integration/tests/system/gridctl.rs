//! The command-line client, end to end: sign up, make, set, look, follow, export, sign out.
//!
//! Not the protocol. Invariant: each command is a process of its own.

use std::fs;

use integration::harness::{DEADLINE, Gridctl, Server};
use serde_json::{Value, json};

#[test]
fn a_day_at_the_command_line() {
    let server = Server::start();
    let gridctl = Gridctl::sign_up(&server, "clerk@example.org");
    assert!(gridctl.run(&["whoami"]).success().contains("clerk@example.org"));

    let made = gridctl.run(&["create", "Stock", "--column", "Item", "--column", "Count"]);
    let made = made.success();
    let id = made.split_whitespace().next().expect("the line begins with the id");

    let mut tail = gridctl.start(&["tail", "Stock", "--json"]);
    set_until_seen(&gridctl, &mut tail);
    let _ = gridctl.run(&["set", "Stock", "B2", "12.5"]).success();
    let seen = next_change(&mut tail);
    assert!(seen.to_string().contains("12.5"), "{seen}");

    let rows = gridctl.run(&["rows", id, "--from", "2", "--count", "1", "--json"]).success();
    let row: Value = serde_json::from_str(rows.trim()).expect("one row of JSON");
    assert_eq!(row["values"], json!({"Item": "nails", "Count": 12.5}));
    let table = gridctl.run(&["rows", "Stock", "--count", "3"]).success();
    assert!(table.lines().nth(2).is_some_and(|row| row.contains("nails")), "{table}");

    let changes = gridctl.run(&["history", "Stock", "--row", "2", "--json"]).success();
    let last: Value = changes
        .lines()
        .next()
        .and_then(|line| serde_json::from_str(line).ok())
        .expect("a line of JSON for each change");
    assert_eq!((&last["cells"], &last["name"]), (&json!(1), &json!("clerk")));
    let before = (last["revision"].as_u64().expect("a number") - 1).to_string();
    let rows = ["rows", "Stock", "--at", &before, "--from", "2", "--count", "1", "--json"];
    let row: Value = serde_json::from_str(gridctl.run(&rows).success().trim()).expect("a row");
    assert_eq!(row["values"], json!({"Item": "nails"}));

    let _ = gridctl.run(&["restore", "Stock", &before]).success();
    let row = gridctl.run(&["rows", id, "--from", "2", "--count", "1", "--json"]).success();
    assert!(!row.contains("12.5"), "{row}");
    let _ = gridctl.run(&["undo", "Stock"]).success();

    let file = server.home().file("stock.csv");
    let _ = gridctl.run(&["export", "Stock", "-o", &file.to_string_lossy()]).success();
    let exported = fs::read_to_string(&file).expect("the file is there");
    assert!(exported.starts_with("Item,Count\n"), "{exported:?}");
    assert_eq!(exported.lines().nth(2), Some("nails,12.5"));

    let sheets = gridctl.run(&["sheets", "--json"]).success();
    let sheet: Value = serde_json::from_str(sheets.trim()).expect("one sheet");
    assert_eq!((&sheet["id"], &sheet["rows"]), (&json!(id), &json!(100)));

    let _ = gridctl.run(&["sign-out"]).success();
    refused(&gridctl, &["sheets"], "sign");
    let _ = gridctl.run(&["sign-in", "clerk@example.org"]).success();
    assert!(gridctl.run(&["sheets"]).success().contains("Stock"));
}

/// `gridctl tail` prints only changes after its start: sets a cell until it prints one.
fn set_until_seen(gridctl: &Gridctl, tail: &mut integration::harness::Process) {
    let deadline = std::time::Instant::now() + DEADLINE;
    let look = std::time::Duration::from_millis(200);
    while std::time::Instant::now() < deadline {
        let _ = gridctl.run(&["set", "Stock", "2:Item", "nails"]).success();
        if let Some(line) = tail.next_line(look) {
            assert!(line.contains("nails"), "{line}");
            return;
        }
    }
    panic!("no change was seen");
}

fn next_change(tail: &mut integration::harness::Process) -> Value {
    // Repeated edits of the first cell may come before.
    loop {
        let line = tail.next_line(DEADLINE).expect("the change is seen");
        if !line.contains("nails") {
            return serde_json::from_str(&line).expect("JSON");
        }
    }
}

#[test]
fn commands_of_a_person_share_a_place_and_a_named_one_is_apart() {
    let server = Server::start();
    let gridctl = Gridctl::sign_up(&server, "clerk@example.org");
    let _ = gridctl.run(&["create", "Stock"]).success();
    let cells = || {
        let rows = gridctl.run(&["rows", "Stock", "--count", "2", "--json"]).success();
        let row = |line: &str| -> Value { serde_json::from_str(line).expect("JSON") };
        rows.lines().map(|line| row(line)["values"]["A"].clone()).collect::<Vec<_>>()
    };
    let _ = gridctl.run(&["set", "Stock", "A1", "person"]).success();
    let _ = gridctl.run(&["--place", "nightly", "set", "Stock", "A2", "script"]).success();
    let _ = gridctl.run(&["undo", "Stock"]).success();
    assert_eq!(cells(), [Value::Null, json!("script")]);
    refused(&gridctl, &["undo", "Stock"], "nothing of yours to undo");
    let _ = gridctl.run(&["undo", "Stock", "--place", "nightly"]).success();
    assert_eq!(cells(), [Value::Null, Value::Null]);
    let _ = gridctl.run(&["sign-out"]).success();
    let _ = gridctl.run(&["sign-in", "clerk@example.org"]).success();
    let _ = gridctl.run(&["redo", "Stock"]).success();
    assert_eq!(cells(), [json!("person"), Value::Null]);
}

#[test]
fn mistakes_end_with_an_explanation() {
    let server = Server::start();
    let stranger = Gridctl::at(&server);
    refused(&stranger, &["sheets"], "sign");
    let gridctl = Gridctl::sign_up(&server, "clerk@example.org");
    refused(&gridctl, &["sign-up", "clerk@example.org"], "sign in instead");
    refused(&gridctl, &["rows", "Nothing"], "Nothing");
    refused(&gridctl, &["import", "there-is-no-such-file.csv"], "there-is-no-such-file.csv");
    let _ = gridctl.run(&["create", "Small", "--rows", "2"]).success();
    refused(&gridctl, &["set", "Small", "A9", "x"], "row");
    refused(&gridctl, &["set", "Small", "Z1", "x"], "up to E");
    refused(&gridctl, &["undo", "Small", "--revision", "0"], "--revision");
    refused(&gridctl, &["rows", "Small", "--where", "A = ''"], "A is empty");
    for asks in [&["--where", "Cost > 1"][..], &["--sort", "Cost:desc"]] {
        let rows = [&["rows", "Small"], asks].concat();
        refused(&gridctl, &rows, "no column is named \"Cost\"; choose one of: ");
    }
    let _ = gridctl.run(&["rows", "SMALL"]).success();
}

/// The command fails, and its error text contains `named`.
fn refused(gridctl: &Gridctl, arguments: &[&str], named: &str) {
    let output = gridctl.run(arguments);
    assert!(!output.status.success(), "{arguments:?} worked: {output:?}");
    assert!(output.stderr.contains(named), "{arguments:?}: {:?} names {named:?}", output.stderr);
    assert!(!output.stderr.contains("panicked"), "{}", output.stderr);
}
