//! A real browser: the scenarios of `integration/browser`, run against a real server.
//!
//! Not the scenarios: they are scripts. Invariant: each scenario fails on an error of the page.

use std::process::Command;
use std::time::Duration;

use client::Client;
use client::net::NewSheet;
use gridloom::v1::Role;
use integration::harness::binaries::repository;
use integration::harness::{Grid, OidcProvider, PASSWORD, Server, eventually, opened, run, within};
use ot_engine::{AxisDelta, Delta, Value};
use serde_json::{Value as Json, json};

use crate::sign_up::admin;
#[path = "browser/files.rs"]
mod files;

/// How long one scenario may take; a browser starts slowly on a busy machine.
const SCENARIO_DEADLINE: Duration = Duration::from_secs(150);
/// Edits of the program beside the browser; its inserts and deletes are far below the screen.
const PROGRAM_EDITS: u32 = 200;

fn play(server: &Server, scenario: &str, options: &[&str]) -> Json {
    play_at(server.url(), scenario, options)
}

fn play_at(url: &str, scenario: &str, options: &[&str]) -> Json {
    let mut command = Command::new("node");
    command.arg(repository().join("integration/browser/run.mjs")).arg(scenario);
    command.arg(url).args(options);
    let printed = run(command, SCENARIO_DEADLINE).success();
    serde_json::from_str(printed.trim()).expect("a scenario prints one line of JSON")
}

fn server() -> Server {
    server_with(&[])
}

fn server_with(flags: &[&str]) -> Server {
    let web = repository().join("web-client/dist");
    assert!(web.join("index.html").exists(), "the browser application is not built: make web");
    Server::start_with(&[&["--web-dir", &*web.to_string_lossy()], flags].concat())
}

#[test]
fn edits_are_there_after_a_reload() {
    play(&server(), "persists", &[]);
}

#[test]
fn two_windows_show_each_others_edits_and_converge() {
    play(&server(), "together", &[]);
}

#[test]
fn offline_edits_are_sent_when_the_network_is_back() {
    play(&server(), "offline", &[]);
}

#[test]
fn undo_reverts_changes_and_conflicts_cause_a_notice() {
    drop(["undo", "undos"].map(|it| play(&server_with(&["--limit-edit-cells", "1000"]), it, &[])));
}

#[test]
fn unsaved_edits_outlive_their_page() {
    play(&server(), "reload", &[]);
}

#[test]
fn two_texts_typed_into_one_cell_are_merged() {
    play(&server(), "texts", &[]);
}

#[test]
fn no_key_is_lost_at_any_speed() {
    play(&server(), "scanner", &[]);
}

#[test]
fn typing_works_as_in_other_spreadsheets() {
    play(&server(), "entry", &[]);
}

#[test]
fn the_sheet_has_the_focus_after_every_action() {
    play(&server(), "keyboard", &[]);
}

#[test]
fn dialogs_and_menus_take_the_focus_and_return_it() {
    // A page of its own, which asks no server.
    play_at("http://gallery.example", "controls", &[]);
}

#[test]
fn the_grid_has_the_focus_after_each_menu_and_dialog() {
    play(&server(), "menus", &[]);
}

#[test]
fn no_page_has_a_serious_barrier() {
    let server = server();
    for scheme in ["light", "dark"] {
        for size in ["desk", "phone"] {
            play(&server, "looks", &["--scheme", scheme, "--size", size]);
        }
    }
}

#[test]
fn what_persons_share_has_no_serious_barrier() {
    let server = server();
    for (scheme, size) in [("light", "desk"), ("dark", "phone")] {
        play(&server, "company", &["--scheme", scheme, "--size", size]);
    }
}

#[test]
fn no_text_is_written_in_place_of_a_deleted_row_or_column() {
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
fn copy_cut_and_paste_keep_the_values() {
    play(&server(), "clipboard", &[]);
}

#[test]
fn one_gesture_is_one_edit_and_one_undo() {
    play(&server(), "gestures", &[]);
}

#[test]
fn an_older_version_is_viewed_and_restored() {
    play(&server(), "history", &[]);
}

#[test]
fn a_part_that_fails_does_not_affect_the_rest_and_can_be_loaded_again() {
    let server = server();
    play(&server, "parts", &["--pid", &server.pid().to_string()]);
}

#[test]
fn a_closed_sheet_shows_the_reason_and_keeps_unsaved_edits() {
    play(&server(), "closed", &[]);
}

#[test]
fn an_invalid_token_opens_a_dialog_to_sign_in_again() {
    play(&server(), "expired", &[]);
}

#[test]
fn a_forgotten_password_is_replaced_by_a_link() {
    let server = server_with(&["--operator-contact", "the desk at 42"]);
    play(&server, "forgotten", &["--log", &server.home().log().to_string_lossy()]);
}

#[test]
fn an_address_is_confirmed_and_an_invitation_makes_an_account() {
    let server = server_with(&["--confirm-email"]);
    let invitation = admin(&server, &["invite", "grace@example.org"]).success();
    let log = server.home().log().to_string_lossy().into_owned();
    let invited = ["--invitation", invitation.trim(), "--invited", "grace@example.org"];
    play(&server, "admitted", &[&["--log", &log][..], &invited].concat());
}

#[test]
fn a_person_signs_in_with_a_provider_and_returns_to_the_same_page() {
    let provider = OidcProvider::start();
    for (subject, email) in [("ada", "ada@example.org"), ("early", "early@example.org")] {
        provider.person(subject, &json!({"email": email, "email_verified": true}));
    }
    let flags = provider.flags();
    let server = server_with(&flags.iter().map(String::as_str).collect::<Vec<_>>());
    play(&server, "provider", &["--email", "early@example.org"]);
}

#[test]
fn a_person_changes_the_own_account_and_ends_its_sessions() {
    play(&server(), "account", &[]);
}

#[test]
fn a_token_is_renewed_while_its_page_is_open() {
    play(&server_with(&["--token-seconds", "20"]), "renewed", &[]);
}

#[test]
fn an_account_is_deleted_with_its_sheets_or_gives_them_away() {
    play(&server(), "deletion", &[]);
}

#[test]
fn the_rule_for_new_accounts_is_shown_before_a_form() {
    for rule in ["open", "invited", "closed"] {
        let server = server_with(&["--sign-up", rule, "--operator-contact", "the desk at 42"]);
        let invitation = admin(&server, &["invite", "grace@example.org"]).success();
        let invited = ["--invitation", invitation.trim(), "--invited", "grace@example.org"];
        play(&server, "rules", &[&["--rule", rule][..], &invited].concat());
    }
}

#[test]
fn a_chosen_color_is_shown_to_all() {
    play(&server(), "colors", &[]);
}

#[test]
fn refusals_of_names_and_shares_are_at_their_fields() {
    play(&server(), "refusals", &[]);
}

#[test]
fn signing_out_asks_what_becomes_of_unsent_edits() {
    play(&server(), "signout", &[]);
}

#[test]
fn the_people_on_a_sheet_are_named_and_followed() {
    play(&server(), "people", &[]);
}

#[test]
fn comments_follow_their_cells() {
    play(&server(), "comments", &[]);
}

#[test]
fn a_sheet_is_shared_between_browsers() {
    play(&server(), "shared", &[]);
}

#[test]
fn names_and_roles_that_others_change_are_shown_without_a_reload() {
    play(&server(), "renames", &[]);
}

#[test]
fn several_sheets_stand_side_by_side() {
    let server = server();
    drop(["light", "dark"].map(|scheme| play(&server, "panes", &["--scheme", scheme])));
}

#[test]
fn two_persons_write_to_each_other() {
    play(&server(), "messages", &[]);
}

#[test]
fn what_is_typed_for_others_stays_when_its_field_goes() {
    play(&server(), "typed", &[]);
}

#[test]
fn a_person_is_mentioned_and_notices_it() {
    play(&server(), "mentions", &[]);
}

#[test]
fn links_and_notices_lead_to_the_pane_of_their_sheet() {
    play(&server(), "leads", &[]);
}

#[test]
fn a_link_in_a_message_leads_to_its_cell() {
    play(&server(), "links", &[]);
}

#[test]
fn twelve_tabs_share_one_stream_on_plain_http() {
    // The name under which the scenario opens the page.
    play(&server_with(&["--host", "grid.example"]), "tabs", &[]);
}

#[test]
fn any_number_of_tabs_saves_its_edits_without_a_shared_worker() {
    play(&server(), "crowded", &[]);
}

#[test]
fn a_page_on_plain_http_keeps_its_edits() {
    // The name under which the scenario opens the page.
    play(&server_with(&["--host", "grid.example"]), "insecure", &[]);
}

#[test]
fn the_import_dialog_and_the_kinds_of_columns_explain_problems() {
    drop(["files", "kinds", "columns"].map(|scenario| play(&server(), scenario, &[])));
}

#[test]
fn a_csv_file_is_imported_as_a_sheet() {
    let file = repository().join("web-client/node_modules/vega-datasets/data/airports.csv");
    play(&server(), "imports", &["--file", &file.to_string_lossy(), "--rows", "3376"]);
}

/// Sheets of whose roles a person has notices before the browser opens, as many as are kept of each: more notices than a
/// page of their list has.
const NOTED_SHEETS: usize = 17;
const KEPT_OF_SHEET: usize = 4;

#[tokio::test(flavor = "multi_thread")]
async fn notices_are_in_every_tab_and_read_in_one_is_read_in_all() {
    let server = server();
    let client = Client::connect(server.url()).await.expect("the server is there");
    let [email, other] = ["ada@example.org", "ben@example.org"];
    client.sign_up(other, PASSWORD, "Ben").await.expect("the address is new");
    let (ada, _) = client.sign_up(email, PASSWORD, "Ada").await.expect("the address is new");
    for _ in 0..NOTED_SHEETS {
        let sheet = ada.create_sheet("Plan", NewSheet::default()).await.expect("can be made");
        for number in 0..KEPT_OF_SHEET {
            let role = if number % 2 == 0 { Role::Viewer } else { Role::Editor };
            ada.share(&sheet.id, other, role).await.expect("is shared");
        }
    }
    let sheet = ada.create_sheet("Plan", NewSheet::default()).await.expect("can be made");
    ada.share(&sheet.id, other, Role::Editor).await.expect("is shared");
    let count = (NOTED_SHEETS * KEPT_OF_SHEET + 1).to_string();
    let options = ["--email", email, "--other", other, "--sheet", &sheet.id, "--count", &count];
    let options = [&options[..], &["--password", PASSWORD]].concat();
    tokio::task::block_in_place(|| play(&server, "notices", &options));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_and_a_program_edit_one_sheet_and_sql_has_the_same_cells() {
    let server = server();
    let client = Client::connect(server.url()).await.expect("the server is there");
    let email = "beside@example.org";
    let (client, _) = client.sign_up(email, PASSWORD, "").await.expect("the address is new");
    let sheet = client.create_sheet("Shared", NewSheet::default()).await.expect("can be made");
    let live = opened(&client, &sheet.id).await;

    let options = ["--email", email, "--password", PASSWORD, "--sheet", &sheet.id];
    let printed = tokio::task::block_in_place(|| {
        std::thread::scope(|scope| {
            let browser = scope.spawn(|| play(&server, "beside", &options));
            let program = tokio::runtime::Handle::current().block_on(program(&live));
            program.expect("the live sheet stays open");
            browser.join().expect("the scenario does not fail")
        })
    });
    within("the last answer", live.wait_synced()).await.expect("stays open");

    let sql = server.sql().await;
    let seen = Grid::seen_by(&live).await;
    eventually("the commit", async || (Grid::in_sql(&sql, &sheet.id).await == seen).then_some(()))
        .await;
    let corner: Vec<Vec<String>> =
        seen.rows[..8].iter().map(|row| row[..3].iter().map(shown).collect()).collect();
    assert_eq!(printed["corner"], serde_json::json!(corner), "the browser and the program");
}

/// Edits the second column, and inserts and deletes rows, while the browser scenario types.
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
    // The browser scenario types eight rows and inserts one among them.
    let last = Value::Text("typed 7".into());
    eventually("the browser's edits", async || {
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
        other => panic!("no client wrote {other:?}"),
    }
}
