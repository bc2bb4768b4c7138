//! A server that root starts runs as another account, with the data of a server that ran as root.
//!
//! Not the handover alone: that has tests of its own. Invariant: these tests need root, as the server's account does;
//! for another user there is nothing to leave, and each says that it is skipped.

#[path = "../../../grpc-server/tests/support/root.rs"]
mod root;

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::process::Command;

use client::Client;
use client::net::NewSheet;
use integration::harness::{DEADLINE, Home, PASSWORD, Server, binaries, email_of, run, sign_up};

use self::root::is_root;

/// An account of each Debian, without a home to pass through.
const ACCOUNT: &str = "daemon";

fn status(pid: u32, name: &str) -> String {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).expect("it runs");
    let line = status.lines().find_map(|line| line.strip_prefix(name)).expect("Linux has it");
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// All ids, of all threads, and no capability.
fn assert_left_root(pid: u32, uid: u32) {
    for thread in fs::read_dir(format!("/proc/{pid}/task")).expect("it runs").flatten() {
        let thread: u32 = thread.file_name().to_string_lossy().parse().expect("a number");
        assert_eq!(status(thread, "Uid:"), format!("{uid} {uid} {uid} {uid}"));
        for set in ["CapPrm:", "CapEff:", "CapAmb:"] {
            assert_eq!(status(thread, set).trim_start_matches('0'), "", "{set}");
        }
        assert!(!status(thread, "Groups:").split(' ').any(|group| group == "0"), "root's group");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_of_root_leaves_root_and_keeps_its_data() {
    if !is_root("a server that leaves root") {
        return;
    }
    // As an earlier release did.
    let server = Server::start_with(&["--user", "root"]);
    let log = fs::read_to_string(server.home().log()).expect("is there");
    assert!(log.contains("THIS SERVER RUNS AS ROOT"), "{log}");
    let client = sign_up(&server).await;
    let id = client.create_sheet("Kept", NewSheet::default()).await.expect("is made").id;
    let email = email_of(&client).await;
    let (stopped, _) = server.stop();

    let server = stopped.restart_with(&["--user", ACCOUNT]);
    let data = server.home().data().to_owned();
    let found = fs::metadata(&data).expect("is there");
    assert!(found.uid() > 0 && found.permissions().mode() & 0o777 == 0o700, "{found:?}");
    assert_left_root(server.pid(), found.uid());
    let config = fs::metadata(data.join("postgres/data")).expect("is there");
    assert_eq!(config.uid(), found.uid(), "Postgres runs as the same account");
    let again = Client::connect(server.url()).await.expect("the server is there");
    let (again, _) = again.sign_in(&email, PASSWORD).await.expect("the account is kept");
    assert_eq!(again.sheet(&id).await.expect("is kept").name, "Kept");
    again.create_sheet("More", NewSheet::default()).await.expect("is made");
    let (stopped, _) = server.stop();

    // Without the flag the owner of the directory is the account, for commands of an operator, too.
    let server = stopped.restart_with(&["--drain-seconds", "1"]);
    assert_left_root(server.pid(), found.uid());
    let (stopped, _) = server.stop();
    let mut check = Command::new(binaries::gridloom());
    check.args(["admin", "check", "--data-dir"]).arg(&data);
    let checked = run(check, DEADLINE).success();
    assert!(!checked.contains("WRONG"), "{checked}");
    assert_eq!(fs::metadata(data.join("postgres")).expect("is there").uid(), found.uid());
    drop(stopped.restart_with(&["--user", ACCOUNT]));
}

#[test]
fn an_account_that_can_not_be_taken_is_named() {
    if !is_root("a server that takes another account") {
        return;
    }
    let home = Home::new();
    let closed = home.file("closed");
    fs::create_dir(&closed).expect("is made");
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o700)).expect("is ours");
    let data = closed.join("data");
    for (account, words) in
        [("no-such-account", "there is no account"), (ACCOUNT, "run `chmod o+x ")]
    {
        let mut command = Command::new(binaries::gridloom());
        command
            .args(["serve", "--listen", "127.0.0.1:0", "--user", account, "--data-dir"])
            .arg(&data);
        let failed = run(command, DEADLINE);
        assert!(!failed.status.success() && failed.stderr.contains(words), "{}", failed.stderr);
        assert!(!data.exists(), "nothing was made");
    }
}

/// No list of processes shows a URL that is in a file.
#[tokio::test(flavor = "multi_thread")]
async fn a_url_is_read_from_a_file() {
    let own = integration::harness::OwnPostgres::start().await;
    let home = Home::new();
    let file = home.file("url");
    fs::write(&file, format!("{}\n", own.tcp_url())).expect("is written");
    let server = Server::start_with_own(home, &["--database-url-file", &file.to_string_lossy()]);
    let arguments = fs::read(format!("/proc/{}/cmdline", server.pid())).expect("it runs");
    assert!(!String::from_utf8_lossy(&arguments).contains(own.password()));
    let client = sign_up(&server).await;
    client.create_sheet("Here", NewSheet::default()).await.expect("is made");
    let (stopped, _) = server.stop();
    fs::write(&file, format!("mysql://a:{}@b/c", own.password())).expect("is written");
    let mut command = Command::new(binaries::gridloom());
    command.args(["serve", "--database-url-file"]).arg(&file);
    let failed = run(command, DEADLINE);
    let is_named = failed.stderr.contains("/url is not of the form");
    assert!(is_named && !failed.stderr.contains(own.password()), "{}", failed.stderr);
    drop(stopped);
}
