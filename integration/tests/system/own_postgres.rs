//! A Postgres of the operator's own, by TCP with a password or by socket, holds all data, and no output of
//! the server holds its password.
//!
//! Not a Postgres that fails: see the drills. Invariant: a refused start ends with one line.

use std::fs;
use std::process::Command;

use client::Client;
use integration::harness::{
    DEADLINE, Grid, Home, OwnPostgres, Server, binaries, new_sheet, opened, run, serve_arguments,
    sign_up_with_token, within,
};
use ot_engine::Value;

#[tokio::test(flavor = "multi_thread")]
async fn a_postgres_of_the_operator_holds_all_data() {
    let mut own = OwnPostgres::start().await;
    let url = own.tcp_url();
    let server = Server::start_with(&["--database-url", &url]);
    let (client, token) = sign_up_with_token(&server).await;
    let sheet_id = new_sheet(&client, "Mine", 20).await;
    let sheet = opened(&client, &sheet_id).await;
    for row in 0..20 {
        let ticket = sheet.set(row, 1, f64::from(row)).await.expect("open");
        within("an edit", ticket.accepted()).await.expect("is accepted");
    }
    let seen = Grid::seen_by(&sheet).await;
    assert_eq!(seen.rows[19][1], Value::Number(19.0));

    let server = server.kill().restart();
    assert_eq!(Grid::read(&client, &sheet_id).await, seen, "after a crash");
    let (stopped, status) = server.stop();
    assert!(status.success(), "{status}");
    assert!(!stopped.home().data().join("postgres").exists(), "no other Postgres was started");

    let log = fs::read_to_string(stopped.home().log()).expect("there is a log");
    assert!(!log.contains(own.password()), "the password is in the log:\n{log}");
    drop(sheet);

    let moved = Server::start_with(&["--database-url", &own.socket_url()]);
    let client = Client::connect(moved.url()).await.expect("the server is there");
    let client = client.with_token(&token).expect("is kept in Postgres, too");
    assert_eq!(Grid::read(&client, &sheet_id).await, seen, "from another data directory");
    drop(moved);
    let wrong = own.tcp_url().replace(own.password(), "another-secret");
    refuses(own.password(), &wrong, &[]);
    // A server with Redis waits for a Postgres that is away, but not after a wrong password.
    refuses(own.password(), &wrong, &["--redis-url", "redis://127.0.0.1:1"]);
    refuses(own.password(), &own.tcp_url().replace("/gridloom", "/no-such-database"), &[]);
    let (password, url) = (own.password().to_owned(), own.socket_url());
    own.stop().await;
    refuses(&password, &url, &[]);
}

/// The server does not start with this address, and prints the reason in one line without a password.
fn refuses(password: &str, url: &str, others: &[&str]) {
    let home = Home::new();
    let flags = [&["--database-url", url], others].concat();
    let flags: Vec<String> = flags.into_iter().map(str::to_owned).collect();
    let mut command = Command::new(binaries::gridloom());
    command.args(serve_arguments(home.data(), "127.0.0.1:0", &flags));
    let output = run(command, DEADLINE);
    assert!(!output.status.success() && output.stdout.is_empty(), "{output:?}");
    let last = output.stderr.lines().last().unwrap_or_default();
    assert!(last.starts_with("gridloom: can't use the Postgres of --database-url: "), "{last}");
    let leaked = output.stderr.contains(password) || output.stderr.contains("another-secret");
    assert!(!leaked, "a password is in the log: {}", output.stderr);
}
