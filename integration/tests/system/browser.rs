//! A real browser: scenarios of `integration/browser`, played against a real server.

use std::process::Command;
use std::time::Duration;

use client::Client;
use client::net::NewSheet;
use integration::harness::binaries::repository;
use integration::harness::{Grid, PASSWORD, Server, eventually, opened, run, within};
use ot_engine::{AxisDelta, Delta, Value};
use serde_json::Value as Json;

/// How long one scenario may take; a browser starts slowly on a busy machine.
const SCENARIO_DEADLINE: Duration = Duration::from_secs(150);
/// Rows that the program beside the browser adds and takes away again, far below the screen.
const PROGRAM_EDITS: u32 = 200;

fn play(server: &Server, scenario: &str, options: &[&str]) -> Json {
    let mut command = Command::new("node");
    command.arg(repository().join("integration/browser/run.mjs")).arg(scenario);
    command.arg(server.url()).args(options);
    let told = run(command, SCENARIO_DEADLINE).success();
    serde_json::from_str(told.trim()).expect("a scenario tells one line of JSON")
}

fn server() -> Server {
    let web = repository().join("web-client/dist");
    assert!(web.join("index.html").exists(), "the browser application is not built: make web");
    Server::start_with(&["--web-dir", &web.to_string_lossy()])
}

#[test]
fn what_is_typed_is_there_after_a_reload() {
    play(&server(), "persists", &[]);
}

#[test]
fn two_windows_see_each_other_and_end_the_same() {
    play(&server(), "together", &[]);
}

#[test]
fn edits_without_a_network_arrive_when_it_is_back() {
    play(&server(), "offline", &[]);
}

#[test]
fn changes_are_taken_back_and_losses_are_told() {
    play(&server(), "undo", &[]);
}

#[test]
fn edits_that_are_not_saved_outlive_their_page() {
    play(&server(), "reload", &[]);
}

#[test]
fn two_people_type_into_one_cell() {
    play(&server(), "texts", &[]);
}

#[test]
fn no_key_is_lost_however_fast_keys_come() {
    play(&server(), "scanner", &[]);
}

#[test]
fn cells_are_typed_into_as_in_any_other_sheet() {
    play(&server(), "entry", &[]);
}

#[test]
fn the_keyboard_is_always_on_the_sheet() {
    play(&server(), "keyboard", &[]);
}

#[test]
fn nothing_is_written_where_a_row_or_column_was_deleted() {
    play(&server(), "deleted", &[]);
}

#[test]
fn drags_fills_and_offers_follow_their_rows() {
    play(&server(), "places", &[]);
}

#[test]
fn an_input_method_begins_on_a_selected_cell() {
    play(&server(), "composing", &[]);
}

#[test]
fn cells_are_copied_cut_and_pasted_as_they_are() {
    play(&server(), "clipboard", &[]);
}

#[test]
fn one_gesture_is_one_edit_and_one_undo() {
    play(&server(), "gestures", &[]);
}

#[test]
fn an_older_version_is_looked_at_and_brought_back() {
    play(&server(), "history", &[]);
}

#[test]
fn a_part_that_fails_leaves_the_rest_and_can_be_loaded_again() {
    let server = server();
    play(&server, "parts", &["--pid", &server.pid().to_string()]);
}

#[test]
fn a_sheet_that_is_closed_says_why_and_loses_nothing() {
    play(&server(), "closed", &[]);
}

#[test]
fn a_token_that_ends_leads_to_signing_in_over_the_page() {
    play(&server(), "expired", &[]);
}

#[test]
fn any_number_of_tabs_saves() {
    play(&server(), "tabs", &[]);
}

#[test]
fn a_page_on_plain_http_keeps_its_edits() {
    play(&server(), "insecure", &[]);
}

#[test]
fn the_import_dialog_asks_and_explains() {
    play(&server(), "files", &[]);
}

#[test]
fn a_file_becomes_a_sheet() {
    let file = repository().join("web-client/node_modules/vega-datasets/data/airports.csv");
    play(&server(), "imports", &["--file", &file.to_string_lossy(), "--rows", "3376"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_and_a_program_edit_one_sheet_and_sql_reads_the_same() {
    let server = server();
    let client = Client::connect(server.url()).await.expect("the server is there");
    let email = "beside@example.org";
    let (client, _) = client.sign_up(email, PASSWORD, "").await.expect("the address is new");
    let sheet = client.create_sheet("Shared", NewSheet::default()).await.expect("can be made");
    let live = opened(&client, &sheet.id).await;

    let options = ["--email", email, "--password", PASSWORD, "--sheet", &sheet.id];
    let told = tokio::task::block_in_place(|| {
        std::thread::scope(|scope| {
            let browser = scope.spawn(|| play(&server, "beside", &options));
            let program = tokio::runtime::Handle::current().block_on(program(&live));
            program.expect("the live sheet goes on");
            browser.join().expect("the scenario does not fail")
        })
    });
    within("the last answer", live.wait_synced()).await.expect("goes on");

    let sql = server.sql().await;
    let seen = Grid::seen_by(&live).await;
    eventually("the commit", async || (Grid::in_sql(&sql, &sheet.id).await == seen).then_some(()))
        .await;
    let corner: Vec<Vec<String>> =
        seen.rows[..8].iter().map(|row| row[..3].iter().map(shown).collect()).collect();
    assert_eq!(told["corner"], serde_json::json!(corner), "the browser and the program");
}

/// Edits the second column and moves lines, all the while that the person types.
async fn program(live: &client::net::Sheet) -> Result<(), client::net::Error> {
    for number in 0..PROGRAM_EDITS {
        let at = 40 + number % 20;
        let edit = match number % 3 {
            0 => Delta::set_cell(number % 30, 1, f64::from(number)),
            1 => Delta::rows(AxisDelta::insert(at, 1)),
            _ => Delta::rows(AxisDelta::delete(at, 1)),
        };
        live.edit(move |sheet| sheet.edit(edit)).await?.accepted().await?;
    }
    // The person types eight rows and inserts one among them.
    let last = Value::Text("typed 7".into());
    eventually("the person's edits", async || {
        let seen = live.snapshot().await.ok()?;
        (seen.get(8, 0) == Some(&last)).then_some(())
    })
    .await;
    let done = Value::Text("the programs are done".into());
    live.edit(move |sheet| sheet.edit(Delta::set_cell(0, 2, done))).await?.accepted().await?;
    within("the answer", live.wait_synced()).await?;
    Ok(())
}

/// A value as the grid shows it.
fn shown(value: &Value) -> String {
    match value {
        Value::Empty => String::new(),
        Value::Number(number) => number.to_string(),
        Value::Text(text) => text.to_string(),
        other => panic!("nobody wrote {other:?}"),
    }
}
