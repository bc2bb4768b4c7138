//! `gridctl` with the rows of a table: conditions and orders, counted values, new files, and sheets.
//!
//! Not the protocol. Invariant: what comes back, by other programs too, has the values of the file.

use std::fs;
use std::path::Path;
use std::process::Command;

use integration::harness::{DEADLINE, Gridctl, Process, Server, binaries, eventually};
use serde_json::{Map, Value, json};

use super::hold_account;

/// Rows of the file.
const ROWS: u32 = 300;
const STATES: [&str; 3] = ["TX", "CA", "NY"];

/// A row of the file; its values are the same in each run.
struct Item {
    /// The position in the file, from 0.
    at: u32,
    name: String,
    state: &'static str,
    price: f64,
    day: String,
}

fn items() -> Vec<Item> {
    let item = |(at, state): (u32, &'static str)| Item {
        at,
        name: format!("Größe {at}"),
        state,
        price: f64::from(at * 7 % 50) + 0.25,
        day: format!("2024-01-{:02}", 1 + at % 28),
    };
    (0..ROWS).zip(STATES.into_iter().cycle()).map(item).collect()
}

/// The rows of a state, the highest price first, else as in the file.
fn dearest(state: &str) -> Vec<Item> {
    let mut items: Vec<Item> = items().into_iter().filter(|item| item.state == state).collect();
    items.sort_by(|a, b| b.price.total_cmp(&a.price));
    items
}

/// The file, uploaded and read.
fn uploaded(server: &Server, gridctl: &Gridctl) {
    let line =
        |Item { name, state, price, day, .. }: Item| format!("{name},{state},{price},{day}\n");
    let lines: String = items().into_iter().map(line).collect();
    upload(server, gridctl, "stock.csv", &format!("Item,State,Price,Day\n{lines}"));
}

fn upload(server: &Server, gridctl: &Gridctl, name: &str, content: &str) {
    let path = server.home().file(name);
    fs::write(&path, content).expect("is written");
    let _ = gridctl.run(&["files", "upload", &path.to_string_lossy(), "--read"]).success();
}

/// The lines that a command prints, each an object of JSON.
fn listed(gridctl: &Gridctl, arguments: &[&str]) -> Vec<Value> {
    let lines = gridctl.run(arguments).success();
    lines.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

/// The names of the files of the account.
fn files(gridctl: &Gridctl) -> Vec<Value> {
    let listed = listed(gridctl, &["files", "--sort", "name", "--json"]);
    listed.into_iter().map(|file| file["name"].clone()).collect()
}

/// The records of a file as another program reads them, first the names of the columns.
fn records(path: &Path) -> Vec<Vec<Value>> {
    let python = std::env::var_os("GRIDLOOM_PYTHON")
        .map_or_else(|| binaries::repository().join("target/tools/python/bin/python"), Into::into);
    let script = binaries::repository().join("integration/tests/system/tables/read.py");
    let output = Command::new(python).arg(script).arg(path).output().expect("Python runs");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "`make setup-test` installs what it needs: {errors}");
    let answers: Map<String, Value> = serde_json::from_slice(&output.stdout).expect("JSON");
    let [(_, records)] = <[_; 1]>::try_from(answers.into_iter().collect::<Vec<_>>()).expect("one");
    serde_json::from_value(records).expect("rows")
}

#[test]
fn rows_are_found_by_conditions_and_in_an_order() {
    let server = Server::start();
    let gridctl = Gridctl::sign_up(&server, "clerk@example.org");
    uploaded(&server, &gridctl);
    let question = ["files", "rows", "stock.csv", "--where", "State = TX", "--sort", "Price:desc"];
    let shown = |more: &[&str]| listed(&gridctl, &[&question[..], more, &["--json"]].concat());
    let expected = |item: &Item| {
        let (name, price) = (&item.name, item.price);
        json!({"row": item.at + 1, "values": {"Item": name, "Price": price}})
    };
    let all: Vec<Value> = dearest("TX").iter().map(expected).collect();
    let columns = ["--columns", "Price,Item"];
    assert_eq!(shown(&[&columns[..], &["--count", "500"]].concat()), all);
    let page = [&columns[..], &["--from", "41", "--count", "7"]].concat();
    assert_eq!(shown(&page), all[40..47], "a page of the same view");

    let finished = gridctl.run(&[&question[..], &["--count", "1"]].concat());
    assert!(finished.stderr.contains("100 rows match"), "{}", finished.stderr);
    let first = &dearest("TX")[0];
    let table = finished.success();
    let row = table.lines().nth(1).expect("a row below the head");
    let words: Vec<&str> = row.split_whitespace().collect();
    let number = (first.at + 1).to_string();
    assert_eq!(words[..3], [number.as_str(), "Größe", &first.at.to_string()], "{table}");

    let none = gridctl.run(&["files", "rows", "stock.csv", "--where", "State = ZZ", "--json"]);
    assert!(none.stderr.contains("0 rows match"), "{}", none.stderr);
    assert_eq!(none.success(), "");
    for (typed, named) in [("Cost > 1", "no column is named"), ("Price > soon", "numbers")] {
        let refused = gridctl.run(&["files", "rows", "stock.csv", "--where", typed]);
        assert!(!refused.status.success() && refused.stderr.contains(named), "{refused:?}");
    }
}

#[test]
fn values_of_a_column_are_counted() {
    let server = Server::start();
    let gridctl = Gridctl::sign_up(&server, "clerk@example.org");
    uploaded(&server, &gridctl);
    let of = |more: &[&str]| {
        let words = [&["files", "values", "stock.csv"][..], more, &["--json"]].concat();
        listed(&gridctl, &words).remove(0)
    };
    let states = of(&["State"]);
    let count = |state: &str, rows: u32| json!({"value": state, "rows": rows});
    let equal = ["CA", "NY", "TX"].map(|state| count(state, 100));
    assert_eq!((&states["rows"], &states["distinct"]), (&json!(ROWS), &json!(3)));
    assert_eq!(states["values"], json!(equal));
    let dear = items().into_iter().filter(|item| item.price > 40.0);
    let in_texas = dear.filter(|item| item.state == "TX").count();
    let some = of(&["State", "--where", "Price > 40", "--where", "State = TX"]);
    assert_eq!(some["values"], json!([{"value": "TX", "rows": in_texas}]));

    let prices = of(&["Price", "--top", "1"]);
    assert_eq!((&prices["least"], &prices["greatest"]), (&json!(0.25), &json!(49.25)));
    assert_eq!((&prices["empty"], &prices["distinct"]), (&json!(0), &json!(50)));
    assert_eq!(prices["sum"], json!(items().iter().map(|item| item.price).sum::<f64>()));
    let ranges = prices["ranges"].as_array().expect("ranges");
    let in_ranges: u64 = ranges.iter().filter_map(|range| range["rows"].as_u64()).sum();
    assert_eq!(in_ranges, u64::from(ROWS));
    let plain = gridctl.run(&["files", "values", "stock.csv", "Price", "--top", "1"]);
    assert!(plain.stderr.contains("49 more values"), "{}", plain.stderr);
    let plain = plain.success();
    assert!(plain.contains("different values\t50\n") && !plain.contains('█'), "{plain}");
    let unknown = gridctl.run(&["files", "values", "stock.csv", "Cost"]);
    assert!(!unknown.status.success() && unknown.stderr.contains("Item, State"), "{unknown:?}");
}

#[test]
fn a_saved_file_has_the_rows_in_each_format() {
    let server = Server::start();
    let gridctl = Gridctl::sign_up(&server, "clerk@example.org");
    uploaded(&server, &gridctl);
    let names = json!(["Item", "State", "Price", "Day"]);
    let texts = |it: &Item| json!([it.name, it.state, it.price.to_string(), it.day]);
    let values = |it: &Item| json!([it.name, it.state, it.price, it.day]);
    for format in ["csv", "tsv", "jsonl", "parquet", "xlsx"] {
        let selected = ["--where", "State = CA", "--sort", "Price:desc"];
        let save = ["files", "save", "stock.csv", "--as", format, "--json"];
        let made = listed(&gridctl, &[&save[..], &selected].concat()).remove(0);
        let id = made["id"].as_str().expect("an id");
        // The source has the other name.
        let stem = if format == "csv" { "stock (2)" } else { "stock" };
        assert_eq!(made["name"], json!(format!("{stem}.{format}")));
        let path = server.home().file(&format!("saved.{format}"));
        let _ = gridctl.run(&["files", "download", id, "-o", &path.to_string_lossy()]).success();
        let rows = dearest("CA");
        let of_row =
            |it: &Item| if matches!(format, "csv" | "tsv") { texts(it) } else { values(it) };
        let expected: Vec<Value> =
            std::iter::once(names.clone()).chain(rows.iter().map(of_row)).collect();
        let found: Vec<Value> = records(&path).into_iter().map(Value::from).collect();
        assert_eq!(found, expected, "{format}");
        let _ = gridctl.run(&["files", "remove", id, "--for-good"]).success();
    }
}

#[test]
fn a_download_in_another_format_leaves_no_file() {
    let server = Server::start();
    let gridctl = Gridctl::sign_up(&server, "clerk@example.org");
    uploaded(&server, &gridctl);
    let selected = ["--where", "Item = 'Größe 3'", "--columns", "Price,Item"];
    let download = ["files", "download", "stock.csv", "--as", "csv", "-o", "-"];
    let printed = gridctl.run(&[&download[..], &selected].concat()).success();
    assert_eq!(printed, "Price,Item\n21.25,Größe 3\n");
    let path = server.home().file("three.xlsx");
    let named = path.to_string_lossy();
    let download = ["files", "download", "stock.csv", "--as", "xlsx", "-o", &named];
    let _ = gridctl.run(&[&download[..], &selected].concat()).success();
    let expected = json!([["Price", "Item"], [21.25, "Größe 3"]]);
    assert_eq!(json!(records(&path)), expected);
    assert_eq!(files(&gridctl), [json!("stock.csv")]);
    assert!(listed(&gridctl, &["files", "--removed", "--json"]).is_empty());

    let unwritable = path.join("below-a-file");
    let named = unwritable.to_string_lossy();
    let failed = gridctl.run(&["files", "download", "stock.csv", "--as", "csv", "-o", &named]);
    assert!(!failed.status.success() && failed.stderr.contains("cannot write"), "{failed:?}");
    assert_eq!(files(&gridctl), [json!("stock.csv")], "a failed one leaves none either");
    let bare = gridctl.run(&["files", "download", "stock.csv", "--where", "Price > 1"]);
    assert!(!bare.status.success() && bare.stderr.contains("--as"), "{bare:?}");
}

/// Interrupts a program, as Ctrl-C does.
fn interrupt(program: &Process) {
    let kill = format!("kill -INT {}", program.id());
    let status = Command::new("sh").args(["-c", &kill]).status().expect("a shell");
    assert!(status.success(), "{status}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupt_cancels_what_nothing_but_the_command_needs() {
    let server = Server::start();
    let gridctl = Gridctl::sign_up(&server, "clerk@example.org");
    uploaded(&server, &gridctl);
    let listed_files = listed(&gridctl, &["files", "--json"]);
    let file = listed_files[0]["id"].as_str().expect("an id");
    let target = server.home().file("all.xlsx");
    let named = target.to_string_lossy();
    for arguments in [
        &["files", "rows", "stock.csv", "--where", "State = TX"][..],
        &["files", "download", "stock.csv", "--as", "xlsx", "-o", &named],
    ] {
        let held = hold_account(&server, file).await;
        let mut waiting = gridctl.start(arguments);
        let under_way = ["jobs", "--state", "running", "--json"];
        eventually("a job that runs", async || listed(&gridctl, &under_way).pop()).await;
        interrupt(&waiting);
        eventually("a cancellation", async || {
            let jobs = listed(&gridctl, &["jobs", "--json"]);
            (jobs[0]["cancel_asked"] == json!(true)).then_some(())
        })
        .await;
        drop(held);
        let status = waiting.wait(DEADLINE).expect("ends");
        assert!(!status.success(), "{arguments:?}");
        assert_eq!(files(&gridctl), [json!("stock.csv")]);
    }
    assert!(!target.exists(), "nothing is downloaded");
}

/// The items and the prices of a sheet, in order.
fn in_sheet(gridctl: &Gridctl, sheet: &str) -> Vec<(Value, Value)> {
    let rows = listed(gridctl, &["rows", sheet, "--count", "1000", "--json"]);
    let values = |row: &Value| (row["values"]["Item"].clone(), row["values"]["Price"].clone());
    rows.iter().map(values).collect()
}

#[test]
fn rows_of_a_file_become_a_sheet_and_go_into_it() {
    let server = Server::start();
    let gridctl = Gridctl::sign_up(&server, "clerk@example.org");
    uploaded(&server, &gridctl);
    let of_state = |state: &str| {
        let items = items().into_iter().filter(|item| item.state == state);
        items.map(|item| (json!(item.name), json!(item.price))).collect::<Vec<_>>()
    };
    let from = ["files", "sheet", "stock.csv", "--where"];
    let new = gridctl.run(&[&from[..], &["State = TX", "--name", "Stock"]].concat());
    assert!(new.stderr.contains("100 rows are written"), "{}", new.stderr);
    assert!(new.stderr.contains("`gridctl rows"), "{}", new.stderr);
    let line = new.success();
    let sheet = line.split_whitespace().next().expect("the line begins with the id");
    let mut expected = of_state("TX");
    assert_eq!(in_sheet(&gridctl, sheet), expected);

    let appended = [&from[..], &["State = CA", "--append", "Stock", "--json"]].concat();
    assert_eq!(listed(&gridctl, &appended)[0]["id"], json!(sheet));
    expected.extend(of_state("CA"));
    assert_eq!(in_sheet(&gridctl, sheet), expected);

    upload(&server, &gridctl, "prices.csv", "name,Price\nGröße 0,99.5\nGröße 900,7\n");
    let merge = ["files", "sheet", "prices.csv", "--merge", "Stock", "--key"];
    let unknown = gridctl.run(&[&merge[..], &["gtin"]].concat());
    assert!(!unknown.status.success() && unknown.stderr.contains("gtin"), "{unknown:?}");
    let _ = gridctl.run(&[&merge[..], &["name", "--sheet-key", "Item"]].concat()).success();
    expected[0].1 = json!(99.5);
    expected.push((json!("Größe 900"), json!(7.0)));
    assert_eq!(in_sheet(&gridctl, sheet), expected);
}

#[test]
fn a_sheet_is_exported_in_other_formats_and_as_it_was() {
    let server = Server::start();
    let gridctl = Gridctl::sign_up(&server, "clerk@example.org");
    let csv = "Item,Count,Day\nnails,12.5,2024-05-01\nÖl,3,2024-05-02\n";
    let source = server.home().file("small.csv");
    fs::write(&source, csv).expect("is written");
    let sheet = gridctl.import(&source, &["--header", "--name", "Small"]);
    let _ = gridctl.run(&["set", "Small", "B1", "40"]).success();
    let change = listed(&gridctl, &["history", "Small", "--json"]).remove(0);
    let before = (change["revision"].as_u64().expect("a number") - 1).to_string();

    for format in ["xlsx", "parquet", "jsonl"] {
        let path = server.home().file(&format!("small.{format}"));
        let named = path.to_string_lossy();
        let _ = gridctl.run(&["export", &sheet, "--as", format, "-o", &named]).success();
        let expected = json!([
            ["Item", "Count", "Day"],
            ["nails", 40.0, "2024-05-01"],
            ["Öl", 3.0, "2024-05-02"],
        ]);
        assert_eq!(json!(with_floats(records(&path))), expected, "{format}");
    }
    let earlier = gridctl.run(&["export", "Small", "--revision", &before]).success();
    assert_eq!(earlier, csv);
    let now = gridctl.run(&["export", "Small", "--as", "csv"]).success();
    assert_eq!(now, csv.replace("12.5", "40"));
    assert!(files(&gridctl).is_empty(), "made files are deleted");
}

/// The same records with each number as one of any: a program may have whole ones apart.
fn with_floats(records: Vec<Vec<Value>>) -> Vec<Vec<Value>> {
    let float = |value: Value| value.as_f64().map_or(value, |number| json!(number));
    records.into_iter().map(|row| row.into_iter().map(float).collect()).collect()
}
