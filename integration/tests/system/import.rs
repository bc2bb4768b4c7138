//! An import of a real CSV file and its export give the same data. A malformed file is refused with its line,
//! or repaired as documented, and leaves no sheet.
//!
//! Not the memory of an import: see `million`. Invariant: a refused file leaves no sheet.

use std::fs;
use std::path::{Path, PathBuf};

use integration::harness::{Gridctl, Server, binaries::repository};

#[test]
fn real_files_are_exported_as_they_were_imported() {
    let server = Server::start();
    let gridctl = Gridctl::sign_up(&server, "importer@example.org");
    for (name, rows) in [("airports", 3376), ("birdstrikes", 10_000), ("zipcodes", 42_049)] {
        let original = data_set(&format!("{name}.csv"));
        let sheet = gridctl.import(&original, &[]);
        let exported = export(&server, &gridctl, &sheet);
        assert_eq!(records(&exported).len(), rows + 1, "{name}: rows and the header");
        same_data(&original, &exported);
        // A file that Gridloom exported comes out byte for byte.
        let again = export(&server, &gridctl, &gridctl.import(&exported, &["--name", "again"]));
        let (first, second) = (fs::read(&exported), fs::read(&again));
        assert_eq!(first.expect("is there"), second.expect("is there"), "{name}, exported twice");
    }
}

/// A file of the npm package `vega-datasets`, which `scripts/setup` fetches.
fn data_set(name: &str) -> PathBuf {
    repository().join("web-client/node_modules/vega-datasets/data").join(name)
}

fn export(server: &Server, gridctl: &Gridctl, sheet: &str) -> PathBuf {
    let file = server.home().file(&format!("{sheet}.csv"));
    let _ = gridctl.run(&["export", sheet, "-o", &file.to_string_lossy()]).success();
    file
}

fn records(file: &Path) -> Vec<csv::StringRecord> {
    let reader = csv::ReaderBuilder::new().has_headers(false).from_path(file);
    let mut reader = reader.unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    reader.records().map(|record| record.expect("well formed")).collect()
}

fn same_data(original: &Path, exported: &Path) {
    let pairs = records(original).into_iter().zip(records(exported));
    for (line, (before, after)) in (1..).zip(pairs) {
        assert_eq!(before.len(), after.len(), "{}:{line}", original.display());
        for (before, after) in before.iter().zip(&after) {
            assert_eq!(before, after, "{}:{line}", original.display());
        }
    }
}

/// Refused files: a description, the bytes, and parts of the refusal.
const REFUSED: [(&str, &[u8], &[&str]); 6] = [
    ("nothing", b"", &["empty"]),
    ("a short row", b"a,b,c\n1,2,3\n4,5\n", &["line 3", "2 fields"]),
    ("a long row", b"a,b\n1,2\n\n3,4,5\n", &["line 4", "3 fields"]),
    ("Latin-1", b"name,town\nJos\xe9,M\xe1laga\n", &["line 2", "UTF-8"]),
    ("no header", b"1,2.5,x\n3,4.5,y\n", &["line 1", "header"]),
    ("an open quote", b"a,b\n1,\"2\n3,4\n", &["line 2", "quote"]),
];

#[test]
fn a_malformed_file_is_refused_and_leaves_no_sheet() {
    let server = Server::start();
    let gridctl = Gridctl::sign_up(&server, "importer@example.org");
    for (what, bytes, named) in REFUSED {
        let file = server.home().file("input.csv");
        fs::write(&file, bytes).expect("can be written");
        let output = gridctl.run(&["import", &file.to_string_lossy()]);
        assert!(!output.status.success(), "{what} was accepted: {output:?}");
        for named in named {
            assert!(output.stderr.contains(named), "{what}: {:?} names {named:?}", output.stderr);
        }
        assert_eq!(gridctl.run(&["sheets"]).success(), "", "{what} left a sheet");
    }
}

#[test]
fn repairs_are_those_that_are_documented() {
    let server = Server::start();
    let gridctl = Gridctl::sign_up(&server, "importer@example.org");
    let repair = |bytes: &[u8], flags: &[&str]| {
        let file = server.home().file("input.csv");
        fs::write(&file, bytes).expect("can be written");
        let sheet = gridctl.import(&file, flags);
        fs::read_to_string(export(&server, &gridctl, &sheet)).expect("is there")
    };
    assert_eq!(repair(b"a,b,c\n1,2\n3,4,5,\n", &["--repair"]), "a,b,c\n1,2,\n3,4,5\n");
    let latin = b"name,town\nJos\xe9,M\xe1laga\n";
    assert_eq!(repair(latin, &["--repair"]), "name,town\nJos\u{e9},M\u{e1}laga\n");
    assert_eq!(repair(b"1;2,5\n3;4,5\n", &["--no-header", "--delimiter", ";"]).lines().count(), 3);
    // `--header` makes a first line of numbers a header.
    assert_eq!(repair(b"7,9\n1,2\n", &["--header"]), "\"7\",\"9\"\n1,2\n");
}
