//! `gridctl files derive`, `files group` and `files join`: new files by the names of columns, and previews.
//!
//! Not the protocol. Invariant: what a command makes has the rows that were computed by hand.

use std::fs;

use integration::harness::{Gridctl, Server};
use serde_json::{Value, json};

fn upload(server: &Server, gridctl: &Gridctl, name: &str, content: &str) {
    let path = server.home().file(name);
    fs::write(&path, content).expect("is written");
    let _ = gridctl.run(&["files", "upload", &path.to_string_lossy(), "--read"]).success();
}

/// The file that a command makes, and its text.
fn made(gridctl: &Gridctl, arguments: &[&str]) -> (Value, String) {
    let line = gridctl.run(&[arguments, &["--as", "csv", "--json"]].concat()).success();
    let file: Value = serde_json::from_str(line.trim()).expect("JSON");
    let id = file["id"].as_str().expect("an id").to_owned();
    let text = gridctl.run(&["files", "download", &id, "-o", "-"]).success();
    (file, text)
}

#[test]
fn columns_groups_and_joins_are_made_by_names() {
    let server = Server::start();
    let gridctl = Gridctl::sign_up(&server, "clerk@example.org");
    upload(&server, &gridctl, "stock.csv", "item,price,amount\nBolt,1.5,4\nNut,3,2\nPin,2,5\n");
    upload(&server, &gridctl, "names.csv", "code,colour\nBolt,grey\nPin,red\n");

    let derive = ["files", "derive", "stock.csv", "--column", "total = [price] * [amount]"];
    let further =
        ["--column", "dear = [total] >= 10", "--where", "price < 3", "--sort", "item:desc"];
    let (file, text) = made(&gridctl, &[&derive[..], &further].concat());
    assert_eq!(file["name"], json!("stock (2).csv"));
    assert_eq!(text.lines().next(), Some("item,price,amount,total,dear"));
    let rows: Vec<&str> =
        text.lines().skip(1).map(|line| line.rsplit_once(',').expect("a").0).collect();
    assert_eq!(rows, ["Pin,2,5,10", "Bolt,1.5,4,6"]);

    let group = ["files", "group", "stock.csv", "--sum", "amount", "--greatest", "price"];
    let (file, text) = made(&gridctl, &[&group[..], &["--name", "sums.csv"]].concat());
    assert_eq!(
        (&file["name"], &*text),
        (&json!("sums.csv"), "sum of amount,greatest price\n11,3\n")
    );
    let (_, text) = made(&gridctl, &["files", "group", "stock.csv", "--by", "item"]);
    assert_eq!(text, "item,rows\nBolt,1\nNut,1\nPin,1\n");

    let join = ["files", "join", "stock.csv", "names.csv", "--key", "item=code"];
    let (file, text) = made(&gridctl, &[&join[..], &["--columns", "item,amount"]].concat());
    assert_eq!(text, "item,amount,colour\nBolt,4,grey\nNut,2,\nPin,5,red\n");
    assert_eq!(file["name"], json!("stock with names.csv"));
    let (_, text) = made(&gridctl, &[&join[..], &["--rows", "unmatched"]].concat());
    assert_eq!(text, "item,price,amount\nNut,3,2\n");
}

#[test]
fn a_preview_makes_no_file_and_what_is_wrong_is_named_as_it_is_typed() {
    let server = Server::start();
    let gridctl = Gridctl::sign_up(&server, "clerk@example.org");
    upload(&server, &gridctl, "stock.csv", "item,price\nBolt,1.5\nNut,3\n");
    let derive = ["files", "derive", "stock.csv", "--column"];
    let preview = [&derive[..], &["twice = [price] * 2", "--preview"]].concat();
    let shown = gridctl.run(&preview);
    assert!(shown.stderr.contains("--preview"), "{shown:?}");
    let lines: Vec<String> = shown.success().lines().map(str::to_owned).collect();
    assert!(lines[0].contains("twice") && lines[1].contains("number"), "{lines:?}");
    assert!(lines[2].contains("Bolt") && lines[2].ends_with('3'), "{lines:?}");
    let json = gridctl.run(&[&preview[..], &["--json"]].concat()).success();
    let json: Value = serde_json::from_str(json.trim()).expect("JSON");
    assert_eq!(json["first_rows"][1], json!({"item": "Nut", "price": 3.0, "twice": 6.0}));

    let wrong = gridctl.run(&[&derive[..], &["a = 1", "--column", "b = [cost]"]].concat());
    assert!(!wrong.status.success(), "{wrong:?}");
    assert!(wrong.stderr.contains("--column number 2"), "{wrong:?}");
    assert!(wrong.stderr.contains("character 1"), "{wrong:?}");
    let bare = gridctl.run(&[&derive[..], &["total"]].concat());
    assert!(!bare.status.success() && bare.stderr.contains("an equals sign"), "{bare:?}");
    let key = gridctl.run(&["files", "join", "stock.csv", "stock.csv", "--key", "item=code"]);
    assert!(!key.status.success() && key.stderr.contains("in the other file"), "{key:?}");
    let listed = gridctl.run(&["files", "--json"]).success();
    assert_eq!(listed.lines().count(), 1, "no file is made");
}
