//! The pages of files in a real browser, in both schemes and at both sizes.
//!
//! Not the calls behind them (`files`, `tables`). Invariant: no page has a serious barrier.

use super::{play, server};

const LOOKS: [[&str; 4]; 2] =
    [["--scheme", "light", "--size", "desk"], ["--scheme", "dark", "--size", "phone"]];

#[test]
fn files_are_uploaded_continued_and_downloaded() {
    let server = server();
    for look in &LOOKS {
        play(&server, "uploads", look);
    }
}

#[test]
fn a_file_is_read_and_looked_at() {
    let server = server();
    for look in &LOOKS {
        play(&server, "tables", look);
    }
}

#[test]
fn rows_become_sheets_and_files() {
    let server = server();
    for look in &LOOKS {
        play(&server, "transfers", look);
    }
}

#[test]
fn the_rows_of_a_file_are_sorted_and_filtered() {
    let server = server();
    for look in &LOOKS {
        play(&server, "tableviews", look);
    }
}
