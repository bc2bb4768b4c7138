//! Values come back as they were written: files, what is typed, conditions.
//!
//! Not each form of a value: see the crate `values`. Invariant: each command is a process of its own.

use std::fs;

use integration::harness::{Gridctl, Server};

/// Files as people have them. Each of them is exported as it was imported.
const FILES: [&str; 9] = [
    "Part,Shelf\n12E3,a\n1E5,b\n7e10,c\n",
    "Account,Balance\na,12345678901234.5678\nb,0.12345678901234567890\nc,100.00\n",
    "Id,Name\n844197938335842304,a\n9007199254740993,b\n42,c\n",
    "Phone,Post code\n+4930123456,01067\n+4989123456,80331\n",
    "What,When\nnaive date,2024-05-01\nnaive time,2024-05-01 09:00\nleap second,2016-12-31T23:59:60Z\n",
    "Event,Day\nepoch,1970-01-01\nfounding,0000-01-01\nlaunch,2024-05-01\n",
    "Name,Since\nAda,2024-05-01T09:00:00+02:00\nnever set,0001-01-01T00:00:00+01:00\n",
    "Task,Due,Begun\nplan,2024-04-30,2024-04-30 09:00:00\nship,2024-05-02,2024-05-01 23:59:59.5\n",
    "Flag,Mark\ntrue,TRUE\nfalse,False\n",
];

fn exported(server: &Server, gridctl: &Gridctl, sheet: &str, more: &[&str]) -> String {
    let file = server.home().file("out.csv").to_string_lossy().into_owned();
    let _ = gridctl.run(&[&["export", sheet, "-o", &file], more].concat()).success();
    fs::read_to_string(&file).expect("the file is there")
}

fn imported(server: &Server, gridctl: &Gridctl, text: &str) -> String {
    let file = server.home().file("in.csv");
    fs::write(&file, text).expect("can be written");
    gridctl.import(&file, &[])
}

/// The values of the first column of the rows that are found.
fn found(gridctl: &Gridctl, sheet: &str, more: &[&str]) -> Vec<String> {
    let rows = gridctl.run(&[&["rows", sheet, "--json"], more].concat()).success();
    let row = |line: &str| {
        let row: serde_json::Value = serde_json::from_str(line).expect("a row of JSON");
        row["values"]["Task"].as_str().unwrap_or_default().to_owned()
    };
    rows.lines().map(row).collect()
}

#[test]
fn values_of_files_come_back_as_they_were_written() {
    let server = Server::start();
    let gridctl = Gridctl::sign_up(&server, "clerk@example.org");
    for file in FILES {
        let sheet = imported(&server, &gridctl, file);
        assert_eq!(exported(&server, &gridctl, &sheet, &[]), file);
        let again = imported(&server, &gridctl, file);
        assert_eq!(exported(&server, &gridctl, &again, &["--for", "programs"]), file);
    }
    let formulas = imported(&server, &gridctl, "Note,Sum\n=1+2,-5\n@SUM(1),7\n");
    let defused = exported(&server, &gridctl, &formulas, &["--for", "spreadsheets"]);
    assert_eq!(defused, "\u{feff}Note,Sum\n'=1+2,-5\n'@SUM(1),7\n");
}

#[test]
fn what_is_typed_is_led_by_the_column() {
    let server = Server::start();
    let gridctl = Gridctl::sign_up(&server, "clerk@example.org");
    let file = "Task,Due,Begun\nplan,2024-04-30,2024-04-30T09:00:00Z\n\
        build,2024-05-01,2024-05-01T00:00:00Z\nship,2024-05-02,2024-05-01T23:59:59Z\n";
    let sheet = imported(&server, &gridctl, file);
    let due = |condition: &str| found(&gridctl, &sheet, &["--where", condition]);
    assert_eq!(due("Due = 2024-05-01"), ["build"]);
    assert_eq!(due("Due > 2024-05-01"), ["ship"]);
    assert_eq!(due("Begun = 2024-05-01"), ["build", "ship"]);
    assert_eq!(due("Begun < 2024-05-01T12:00:00+02:00"), ["plan", "build"]);
    let soon = gridctl.run(&["rows", &sheet, "--where", "Due = soon"]);
    assert!(soon.stderr.contains("write a date like 2024-05-01"), "{}", soon.stderr);

    let set = |cell: &str, value: &str| gridctl.run(&["set", &sheet, cell, value]);
    let _ = set("B1", "2024-05-01").success();
    assert_eq!(due("Due = 2024-05-01"), ["plan", "build"]);
    let kept = set("B2", "next week");
    assert!(kept.stderr.contains("keeps it as text"), "{}", kept.stderr);
    let _ = set("A3", "844197938335842304").success();
    assert_eq!(
        found(&gridctl, &sheet, &["--sort", "Due"]),
        ["plan", "844197938335842304", "build"]
    );
}

/// The first zip codes of a file look like numbers.
#[test]
fn codes_behind_numbers_are_named_by_the_import_and_in_conditions() {
    let server = Server::start();
    let gridctl = Gridctl::sign_up(&server, "clerk@example.org");
    let numbers: String = (0..1_000).map(|at| format!("t{at},9{at:04}\n")).collect();
    let file = server.home().file("zips.csv");
    fs::write(&file, format!("Task,Zip\n{numbers}late,01234\n")).expect("can be written");
    let imported = gridctl.run(&["import", &file.to_string_lossy(), "--name", "zips"]);
    let doubt = "1 value of \"Zip\" stays text, unlike those of the first rows";
    assert!(imported.stderr.contains(doubt), "{}", imported.stderr);
    let number = gridctl.run(&["rows", "zips", "--where", "Zip = 01234"]);
    let note = "\"01234\" is the number 1234 in the column \"Zip\"";
    assert!(number.stderr.contains(note), "{}", number.stderr);
    assert_eq!(found(&gridctl, "zips", &["--where", "Zip = \"01234\""]), ["late"]);
    let german = "Task,Size\n1.10.123,1\n10.12.14.123,2\n1.234.567,3\n";
    fs::write(&file, german).expect("can be written");
    let kinds = ["--name", "sizes", "--locale", "de", "--kinds", "number,number"];
    let path = file.to_string_lossy();
    let _ = gridctl.run(&[&["import", &*path], &kinds[..]].concat()).success();
    let read = exported(&server, &gridctl, "sizes", &[]);
    assert_eq!(read, "Task,Size\n1.10.123,1\n10.12.14.123,2\n1234567,3\n");
}

#[test]
fn an_export_keeps_links_and_modes() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let server = Server::start();
    let gridctl = Gridctl::sign_up(&server, "clerk@example.org");
    let sheet = imported(&server, &gridctl, "a\n1\n");
    let [file, link] = ["file.csv", "link.csv"].map(|name| server.home().file(name));
    fs::write(&file, "").expect("can be written");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).expect("can be set");
    symlink(&file, &link).expect("a link");
    let _ = gridctl.run(&["export", &sheet, "-o", &link.to_string_lossy()]).success();
    assert!(fs::symlink_metadata(&link).expect("is there").is_symlink());
    assert_eq!(fs::metadata(&file).expect("is there").permissions().mode() & 0o777, 0o640);
    assert_eq!(fs::read_to_string(&file).expect("is there"), "a\n1\n");
    assert_eq!(gridctl.run(&["export", &sheet, "-o", "-"]).success(), "a\n1\n");
}

/// The shell's file may have other contents, before and after.
#[test]
fn an_export_to_an_open_file_continues_it() {
    let server = Server::start();
    let gridctl = Gridctl::sign_up(&server, "clerk@example.org");
    let sheet = imported(&server, &gridctl, "a\n1\n");
    let file = server.home().file("all.txt");
    let path = file.to_string_lossy();
    for name in ["/dev/stdout", "/proc/self/fd/1", "/dev/fd/1"] {
        let export = format!("\"$GRIDCTL\" export {sheet} -o {name}");
        let _ = gridctl.shell(&format!("(echo head; {export}; echo tail) > '{path}'")).success();
        assert_eq!(fs::read_to_string(&file).expect("is there"), "head\na\n1\ntail\n", "{name}");
    }
    let script = format!("\"$GRIDCTL\" export {sheet} -o /dev/fd/3 3>> '{path}'");
    let _ = gridctl.shell(&script).success();
    assert_eq!(fs::read_to_string(&file).expect("is there"), "head\na\n1\ntail\na\n1\n");
}
