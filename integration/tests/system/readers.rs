//! A thousand sessions read one sheet while others write it, with the defaults of every limit.
//!
//! Not a measurement: no time is checked. Invariant: each session receives each revision once and in order.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use integration::harness::{Home, Process, Server, binaries, run, serve_arguments};
use serde_json::Value;

/// For a busy machine; the run itself takes seconds.
const DEADLINE: Duration = Duration::from_secs(300);

/// The report of `load` on a server; the run must be sound.
fn load(url: &str, pid: u32, data: &Path, flags: &[&str]) -> Value {
    let mut command = Command::new(binaries::load());
    command.args(["--json", "--target", url, "--server-pid", &pid.to_string()]);
    command.arg("--data-dir").arg(data).args(flags);
    let report = run(command, DEADLINE).success();
    serde_json::from_str(&report).expect("one JSON object")
}

#[test]
fn a_thousand_readers_and_sixteen_writers_fit_on_a_sheet() {
    let server = Server::start();
    let report = load(
        server.url(),
        server.pid(),
        server.home().data(),
        &["--writers", "16", "--drain", "1000", "--rate", "1", "--seconds", "1.5", "--rows", "64"],
    );
    assert_eq!(report["drained"]["sessions"], 1000);
    let positive = |value: &Value| value.as_f64().is_some_and(|value| value > 0.0);
    assert!(positive(&report["drained"]["delivered_per_second"]), "{report}");
    // The embedded Postgres is a child of the server. A second with a thousand readers takes over a CPU tick.
    for program in ["server", "generator"] {
        assert!(positive(&report["cpu"][program]["us_per_edit"]), "{program}: {report}");
    }
    assert!(report["cpu"]["postgres"].is_object(), "{report}");
    assert!(positive(&report["baseline"]["fdatasync_us"]["p50"]), "{report}");
    assert!(positive(&report["baseline"]["echo_us"]["p50"]), "{report}");
}

#[test]
fn a_soft_limit_of_open_files_does_not_bound_the_connections() {
    let home = Home::new();
    let flags = serve_arguments(home.data(), "127.0.0.1:0", &[]);
    let limited = ["-c", "ulimit -Sn 128 && exec \"$0\" \"$@\""].map(str::to_owned);
    let program = binaries::gridloom().to_string_lossy().into_owned();
    let arguments = [&limited[..], &[program], &flags].concat();
    let mut server = Process::start(Path::new("sh"), &arguments, &home.log());
    let url = server.next_line(DEADLINE).unwrap_or_else(|| panic!("{}", home.log_tail()));
    let flags = ["--writers", "1", "--drain", "200", "--connections", "201", "--seconds", "0.1"];
    let report = load(&url, server.id(), home.data(), &flags);
    assert_eq!(report["drained"]["sessions"], 200);
}
