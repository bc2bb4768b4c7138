//! The server refuses each malformed, oversized or out-of-range edit with the name of its field, and the
//! stream continues. A server that can't start prints the reason in one sentence.
//!
//! Not hostile bytes: see `abuse`. Invariant: each refusal names its field, and no output holds a password.

use std::path::PathBuf;
use std::process::Command;

use gridloom::v1;
use gridloom::v1::client_frame::Frame as ClientFrame;
use gridloom::v1::server_frame::Frame;
use gridloom::v1::{run, value};
use integration::harness::{
    DEADLINE, Finished, Home, NativeSession, Server, binaries, new_sheet, run as run_program,
    serve_arguments, sign_up_with_token, within,
};
use tonic::Code;

/// A refused edit: its description, base revision, delta, code, and the name in the refusal.
type Case = (&'static str, u64, v1::Delta, Code, &'static str);

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_edit_is_refused_by_name_and_the_stream_continues() {
    let server = Server::start();
    let (client, token) = sign_up_with_token(&server).await;
    let sheet_id = new_sheet(&client, "Strict", 10).await;
    let hello = v1::Hello { sheet_id, ..v1::Hello::default() };
    let mut session = NativeSession::open(&server, &token, hello).await;

    let cases = cases();
    let count = cases.len() as u64;
    for (sequence, (what, base, delta, code, named)) in (1..).zip(cases) {
        session.send(edit(sequence, base, delta));
        let rejected = loop {
            match within(what, session.next()).await.expect("the stream continues") {
                Frame::Rejected(rejected) => break rejected,
                Frame::Accepted(_) => panic!("{what} was accepted"),
                _ => {}
            }
        };
        assert_eq!(rejected.sequence, sequence, "{what}");
        let status = rejected.status.expect("a refusal has a status");
        assert_eq!(Code::from_i32(status.code), code, "{what}: {}", status.message);
        assert!(status.message.contains(named), "{what}: {:?} names {named:?}", status.message);
    }
    session.send(edit(count + 1, 0, set(0, 0, text("fine"))));
    loop {
        match within("a good edit", session.next()).await.expect("the stream continues") {
            Frame::Accepted(accepted) => {
                assert_eq!((accepted.sequence, accepted.revision), (count + 1, 1));
                break;
            }
            Frame::Rejected(rejected) => panic!("{rejected:?}"),
            _ => {}
        }
    }
}

fn cases() -> Vec<Case> {
    let (bad, range) = (Code::InvalidArgument, Code::OutOfRange);
    let rows = |runs: Vec<run::Run>| v1::Delta {
        rows: runs.into_iter().map(|run| v1::Run { run: Some(run) }).collect(),
        ..v1::Delta::default()
    };
    let block = |row, col, width, count: usize| v1::CellBlock {
        row,
        col,
        width,
        values: vec![text("x"); count],
    };
    let overlapping =
        v1::Delta { cells: vec![block(0, 0, 2, 4), block(1, 1, 1, 1)], ..v1::Delta::default() };
    let ragged = v1::Delta { cells: vec![block(0, 0, 2, 3)], ..v1::Delta::default() };
    let huge = v1::Delta { cells: vec![block(0, 0, 1, 100_001)], ..v1::Delta::default() };
    let number = |number| v1::Value { kind: Some(value::Kind::Number(number)) };
    let given_id = run::Run::Insert(v1::run::Insert { count: 1, first_id: Some(7) });
    vec![
        ("a row beyond the sheet", 0, set(10, 0, text("x")), range, "delta.cells[0]"),
        ("a column beyond the sheet", 0, set(0, 5, text("x")), range, "delta.cells[0]"),
        ("not a number", 0, set(0, 0, number(f64::NAN)), bad, "delta.cells[0].values[0]"),
        ("infinity", 0, set(0, 0, number(f64::INFINITY)), bad, "delta.cells[0].values[0]"),
        ("a long text", 0, set(0, 0, text(&"x".repeat(65_537))), bad, "delta.cells[0]"),
        ("blocks that overlap", 0, overlapping, bad, "delta.cells"),
        ("a block that is no rectangle", 0, ragged, bad, "delta.cells[0]"),
        ("too many cells", 0, huge, bad, "delta.cells"),
        ("a delete beyond the sheet", 0, rows(vec![run::Run::Delete(11)]), range, "delta.rows"),
        ("a drop of nothing", 0, rows(vec![run::Run::Drop(3)]), bad, "delta.rows[0]"),
        ("a keep of nothing", 0, rows(vec![run::Run::Keep(0)]), bad, "delta.rows[0]"),
        ("an id of its own making", 0, rows(vec![given_id]), bad, "first_id"),
        (
            "a base in the future",
            99,
            set(0, 0, text("x")),
            Code::FailedPrecondition,
            "base_revision",
        ),
    ]
}

fn set(row: u32, col: u32, value: v1::Value) -> v1::Delta {
    let block = v1::CellBlock { row, col, width: 1, values: vec![value] };
    v1::Delta { cells: vec![block], ..v1::Delta::default() }
}

fn text(text: &str) -> v1::Value {
    v1::Value { kind: Some(value::Kind::Text(text.to_owned())) }
}

fn edit(sequence: u64, base_revision: u64, delta: v1::Delta) -> ClientFrame {
    let change = Some(v1::edit::Change::Delta(delta));
    ClientFrame::Edit(v1::Edit { sequence, base_revision, change, group: 0 })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_on_a_used_port_prints_the_address() {
    let server = Server::start();
    let home = Home::new();
    refuses(&serve(home.data().into(), server.authority(), &[]), server.authority());
}

#[test]
fn a_server_without_its_database_prints_no_password() {
    let home = Home::new();
    let url = "postgres://user:secret@127.0.0.1:1/grid";
    let output = serve(home.data().into(), "127.0.0.1:0", &["--database-url", url]);
    refuses(&output, "--database-url");
    assert!(!output.stderr.contains("secret"), "{}", output.stderr);
}

#[test]
fn a_server_with_an_invalid_database_url_prints_no_password() {
    let home = Home::new();
    for url in ["postgres://me:secret@host:port/grid", "mysql://me:secret@host/grid", "secret"] {
        let output = serve(home.data().into(), "127.0.0.1:0", &["--database-url", url]);
        let first = output.stderr.lines().next().unwrap_or_default();
        assert!(!output.status.success() && first.contains("--database-url"), "{output:?}");
        assert!(!output.stderr.contains("secret"), "{}", output.stderr);
    }
}

#[test]
fn a_server_on_a_used_data_directory_prints_its_path() {
    let server = Server::start();
    let data = server.home().data();
    refuses(&serve(data.into(), "127.0.0.1:0", &[]), &data.to_string_lossy());
}

fn serve(data: PathBuf, listen: &str, flags: &[&str]) -> Finished {
    let flags: Vec<String> = flags.iter().map(|flag| (*flag).to_owned()).collect();
    let mut command = Command::new(binaries::gridloom());
    command.args(serve_arguments(&data, listen, &flags));
    run_program(command, DEADLINE)
}

/// The program failed, printed no address, and its last line names the cause.
fn refuses(output: &Finished, named: &str) {
    assert!(!output.status.success(), "it started: {output:?}");
    assert_eq!(output.stdout, "", "no address");
    let last = output.stderr.trim_end().lines().last().unwrap_or_default();
    assert!(last.contains(named), "{last:?} names {named:?}; the whole log:\n{}", output.stderr);
    assert!(!output.stderr.contains("panicked"), "{}", output.stderr);
}
