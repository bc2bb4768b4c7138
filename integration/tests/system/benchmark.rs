//! `bench` measures a server and prints a row with every figure, its baseline included.
//!
//! Not a measurement: no figure is compared with another. Invariant: each column has a figure or a reason.

use std::process::Command;
use std::time::Duration;

use integration::harness::{Server, binaries, run};
use serde_json::Value;

/// For a busy machine; the run itself takes seconds.
const DEADLINE: Duration = Duration::from_secs(300);

#[test]
fn a_row_has_medians_of_the_load_the_baseline_and_the_cpu() {
    let server = Server::start();
    let mut command = Command::new(binaries::bench());
    command.args(["--json", "--runs", "1", "--seconds", "0.5", "--only", "1 writer"]);
    command.args(["--target", server.url(), "--server-pid", &server.pid().to_string()]);
    command.arg("--data-dir").arg(server.home().data());
    let rows = run(command, DEADLINE).success();
    let row: Value = serde_json::from_str(&rows).expect("one row, one JSON object");
    assert_eq!((&row["name"], &row["runs"]), (&"1 writer".into(), &1.into()));
    for figure in ["edits_per_second", "accepted_p50_us", "echo_p50_us", "fdatasync_p50_us"] {
        assert!(row[figure]["median"].as_f64().is_some_and(|us| us > 0.0), "{figure}: {row}");
    }
    for figure in ["edits_to_echo", "accepted_to_bare", "server_us_per_edit"] {
        assert!(row[figure]["median"].is_f64(), "{figure}: {row}");
    }
}
