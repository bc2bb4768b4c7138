//! A thousand sessions read one sheet while others write it, with the defaults of every limit.
//!
//! Not a measurement: no time is looked at. Invariant: each session gets each revision once and in order.

use std::process::Command;
use std::time::Duration;

use integration::harness::{Server, binaries, run};
use serde_json::Value;

/// For a busy machine; the run itself takes seconds.
const DEADLINE: Duration = Duration::from_secs(300);

/// The report of `load` on this server; the run must be sound.
fn load(server: &Server, flags: &[&str]) -> Value {
    let mut command = Command::new(binaries::load());
    command.args(["--json", "--target", server.url(), "--server-pid", &server.pid().to_string()]);
    command.arg("--data-dir").arg(server.home().data()).args(flags);
    let report = run(command, DEADLINE).success();
    serde_json::from_str(&report).expect("one JSON object")
}

#[test]
fn a_thousand_readers_and_sixteen_writers_fit_on_a_sheet() {
    let server = Server::start();
    let report = load(
        &server,
        &["--writers", "16", "--drain", "1000", "--rate", "1", "--seconds", "1.5", "--rows", "64"],
    );
    assert_eq!(report["drained"]["sessions"], 1000);
    let positive = |value: &Value| value.as_f64().is_some_and(|value| value > 0.0);
    assert!(positive(&report["drained"]["delivered_per_second"]), "{report}");
    // The embedded Postgres is found below the server; a second of a thousand readers costs a tick.
    for program in ["server", "generator"] {
        assert!(positive(&report["cpu"][program]["us_per_edit"]), "{program}: {report}");
    }
    assert!(report["cpu"]["postgres"].is_object(), "{report}");
    assert!(positive(&report["baseline"]["fdatasync_us"]["p50"]), "{report}");
    assert!(positive(&report["baseline"]["echo_us"]["p50"]), "{report}");
}
