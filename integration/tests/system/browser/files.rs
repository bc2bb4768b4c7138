//! The pages of files and of their jobs in a real browser, in both schemes and at both sizes.
//!
//! Not the calls behind them (`files`, `tables`, `operator`). Invariant: no page has a serious barrier.

use client::Client;
use integration::harness::PASSWORD;

use super::{play, server};
use crate::sign_up::admin;

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

#[test]
fn rows_become_new_files_by_keyboard() {
    let server = server();
    for look in &LOOKS {
        play(&server, "derived", look);
    }
}

#[test]
fn a_shared_file_is_seen_by_another_account_and_outlives_its_original() {
    let server = server();
    for look in &LOOKS {
        play(&server, "sharedfiles", look);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_sees_the_workers_and_the_jobs_of_all_accounts() {
    let server = server();
    let client = Client::connect(server.url()).await.expect("the server is there");
    let email = "operator@example.org";
    client.sign_up(email, PASSWORD, "Grace").await.expect("the address is new");
    tokio::task::block_in_place(|| {
        let _ = admin(&server, &["operator", email]).success();
        for look in &LOOKS {
            let account = ["--email", email, "--password", PASSWORD];
            play(&server, "operator", &[&account[..], &look[..]].concat());
        }
    });
}
