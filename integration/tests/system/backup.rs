//! A dump that `pg_dump` takes during edits restores to a sound database, on which a server starts.
//! `gridloom admin check` prints its findings and ends with an exit code for scripts.
//!
//! Not the findings of the check: see `admin_check`. Invariant: a sound database has no finding.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use client::net::Sheet;
use grpc_server::postgres::{EmbeddedPostgres, newest_version};
use integration::harness::{
    DEADLINE, Finished, Grid, Home, OwnPostgres, Server, binaries, embedded_config, new_sheet,
    opened, run, sign_up_with_token, within,
};
use ot_engine::codec::encode_delta;
use ot_engine::{Delta, Value};
use tokio_postgres::Config;
use tokio_postgres::config::Host;

const WRITERS: u32 = 3;
/// Edits of each before the dump begins.
const BEFORE: u32 = 20;

#[tokio::test(flavor = "multi_thread")]
async fn a_dump_taken_during_edits_is_sound() {
    let server = Server::start();
    let (client, token) = sign_up_with_token(&server).await;
    let id = new_sheet(&client, "Saved", WRITERS).await;
    let sheet = opened(&client, &id).await;
    let (stop, _) = tokio::sync::watch::channel(false);
    let (begun, mut ready) = tokio::sync::mpsc::channel(WRITERS as usize);
    let mut writers = tokio::task::JoinSet::new();
    for row in 0..WRITERS {
        writers.spawn(write(sheet.clone(), row, begun.clone(), stop.subscribe()));
    }
    for _ in 0..WRITERS {
        within("a writer", ready.recv()).await.expect("writes");
    }

    let config = embedded_config(server.home().data());
    let dump = server.home().file("gridloom.dump");
    let dumped = {
        let (config, dump) = (config.clone(), dump.clone());
        tokio::task::spawn_blocking(move || {
            let mut command = postgres_tool("pg_dump", &config);
            command.args(["--format=custom", "--dbname=gridloom", "--file"]).arg(dump);
            run(command, DEADLINE)
        })
    };
    let _ = dumped.await.expect("runs").success();
    stop.send_replace(true);
    let mut written = 0;
    while let Some(count) = writers.join_next().await {
        written += count.expect("wrote");
    }
    // The check may run beside a running server.
    let output = admin(&["check", "--data-dir", &path(server.home().data())]);
    assert!(output.stdout.contains("a server runs on the journal"), "{output:?}");
    assert!(output.success().contains("\nall sound: looked at 1 sheets"));

    let other = OwnPostgres::start().await;
    restore(other.config(), &dump);
    let url = url(other.config(), "gridloom");
    let output = admin(&["check", "--database-url", &url]).success();
    assert!(
        output.contains("no journal was looked at") && output.contains("all sound"),
        "{output}"
    );

    let restored = Server::start_with(&["--database-url", &url]);
    let client = client::Client::connect(restored.url()).await.expect("the server is there");
    let client = client.with_token(&token).expect("a token can be sent");
    let grid = Grid::read(&client, &id).await;
    for row in grid.rows.iter().take(WRITERS as usize) {
        let Value::Number(at) = row[0] else { panic!("{row:?}") };
        assert!(at >= f64::from(BEFORE - 1) && at <= f64::from(written), "{at} of {written}");
    }
    let set =
        client.open(&id).await.expect("opens").set(0, 1, "after the dump").await.expect("open");
    within("an edit", set.committed()).await.expect("is committed");
    drop(restored);
    let _ = admin(&["check", "--database-url", &url]).success();
}

/// Fills an empty database from a dump.
fn restore(config: &Config, dump: &Path) {
    let mut restore = postgres_tool("pg_restore", config);
    restore.args(["--exit-on-error", "--dbname=gridloom"]).arg(dump);
    let _ = run(restore, DEADLINE).success();
    // The restored server numbers the revisions after the dump again, so the history has a new epoch.
    let mut epoch = postgres_tool("psql", config);
    epoch.args([
        "--dbname=gridloom",
        "--command=update sheets set epoch = extract(epoch from now())::bigint",
    ]);
    let _ = run(epoch, DEADLINE).success();
}

/// Sets one cell to 0, 1, 2 and so on until `stop`. Returns the number of edits.
async fn write(
    sheet: Sheet,
    row: u32,
    begun: tokio::sync::mpsc::Sender<()>,
    stop: tokio::sync::watch::Receiver<bool>,
) -> u32 {
    let mut count = 0;
    while !*stop.borrow() {
        let set = sheet.set(row, 0, f64::from(count)).await.expect("open");
        // Waits for the commit, so that the dump holds the last edit before it.
        within("an edit", set.committed()).await.expect("is committed");
        count += 1;
        if count == BEFORE {
            begun.send(()).await.expect("the test waits");
        }
    }
    count
}

#[tokio::test(flavor = "multi_thread")]
async fn a_data_directory_is_checked_with_its_journal() {
    let server = Server::start();
    let (client, _) = sign_up_with_token(&server).await;
    let id = new_sheet(&client, "Kept", 4).await;
    let sheet = opened(&client, &id).await;
    // The lock on `changes` blocks each commit, so the journal holds the edits until the end.
    let lock = server.sql().await;
    lock.batch_execute("begin; lock table changes in share mode").await.expect("can be locked");
    for number in 0..5 {
        let set = sheet.set(number % 4, 0, f64::from(number)).await.expect("open");
        within("an edit", set.accepted()).await.expect("is accepted");
    }
    let stopped = server.kill();
    let data = stopped.home().data().to_owned();
    let output = admin(&["check", "--json", "--data-dir", &path(&data)]);
    let lines: Vec<serde_json::Value> = output
        .success()
        .lines()
        .map(|line| serde_json::from_str(line).expect("one JSON object a line"))
        .collect();
    let of_type = |name: &str| lines.iter().find(|line| line["type"] == name).expect(name);
    assert_eq!(of_type("sheet")["sheet"], id);
    assert_eq!(
        (&of_type("sheet")["journaled"], &of_type("summary")["findings"]),
        (&5.into(), &0.into())
    );

    replace_history(&data).await;
    let output = admin(&["check", "--data-dir", &path(&data)]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(
        output.stdout.contains(&format!("WRONG sheet {id} revision 2: the journal continues")),
        "{output:?}"
    );
    assert!(output.stdout.contains("[journal-joins]\n"), "{output:?}");
    let one = admin(&["check", "--sheet", &id, "--data-dir", &path(&data)]);
    assert_eq!(one.status.code(), Some(1), "{one:?}");
    let none = uuid(&id);
    let missing = admin(&["check", "--sheet", &none, "--data-dir", &path(&data)]);
    assert!(missing.stdout.contains("[sheet-exists]") && missing.status.code() == Some(1));

    flip_a_bit(&data.join("journal"));
    let output = admin(&["check", "--data-dir", &path(&data)]);
    assert!(
        output.stdout.contains("is damaged at byte")
            && output.stdout.contains("[journal-readable]")
    );
    assert_eq!(output.status.code(), Some(1), "{output:?}");
}

/// Gives the database a history that differs from the journal's.
pub(crate) async fn replace_history(data: &Path) {
    let (postgres, config) = EmbeddedPostgres::start(data).await.expect("Postgres starts");
    let (sql, connection) = config.connect(tokio_postgres::NoTls).await.expect("a session");
    tokio::spawn(connection);
    let mut nothing = Vec::new();
    encode_delta(&Delta::identity(), &mut nothing);
    let nothing: String = nothing.iter().map(|byte| format!("{byte:02x}")).collect();
    let other = format!(
        "update sheets set head = 2; insert into changes (sheet, revision, client, sequence, base,
        account, at, delta, batch) select id, number, gen_random_uuid(), 1, 0, owner, now(),
        '\\x{nothing}', number - 1 from sheets, generate_series(1, 2) as number"
    );
    sql.batch_execute(&other).await.expect("can be written");
    drop(sql);
    postgres.stop().await;
}

#[test]
fn a_check_that_can_not_read_its_data_ends_with_code_2() {
    let home = Home::new();
    let output = admin(&["check", "--data-dir", &path(home.data())]);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert!(output.stderr.contains("there is no embedded Postgres in"), "{output:?}");
    assert!(!home.data().exists(), "the check creates no directory");
    let output = admin(&["check", "--database-url", "postgres://me:secret@127.0.0.1:1/none"]);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert!(!output.stderr.contains("secret"), "{output:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_prunes_history_by_hand() {
    let server = Server::start();
    let (client, _) = sign_up_with_token(&server).await;
    let id = new_sheet(&client, "Old", 1).await;
    let sheet = client.open(&id).await.expect("opens");
    for number in 0..5 {
        let set = sheet.set(0, 0, f64::from(number)).await.expect("open");
        within("an edit", set.committed()).await.expect("is committed");
    }
    let age = "update changes set at = at - interval '100 days'";
    server.sql().await.batch_execute(age).await.expect("can be written");
    sheet.close().await;
    let (stopped, _) = server.stop();
    let data = path(stopped.home().data());
    let output = admin(&["prune", "--data-dir", &data, "--history-days", "200"]).success();
    assert!(output.contains("deleted: 0 changes"), "{output}");
    let output = admin(&["prune", "--data-dir", &data]).success();
    assert!(output.contains("deleted: 4 changes"), "{output}");
    let _ = admin(&["check", "--data-dir", &data]).success();
}

fn admin(arguments: &[&str]) -> Finished {
    let mut command = Command::new(binaries::gridloom());
    command.args(["admin", "--log", "warn"]).args(arguments);
    for name in ["GRIDLOOM_DATA_DIR", "GRIDLOOM_DATABASE_URL"] {
        command.env_remove(name);
    }
    run(command, DEADLINE)
}

/// A program of the installed Postgres, with the address of the running server in its environment.
fn postgres_tool(name: &str, config: &Config) -> Command {
    let version = newest_version().expect("Postgres is installed");
    let mut command = Command::new(format!("/usr/lib/postgresql/{version}/bin/{name}"));
    command.env("PGHOST", socket(config)).env("PGUSER", "gridloom");
    command.env("PGPASSWORD", password(config));
    command
}

fn url(config: &Config, database: &str) -> String {
    let socket = path(&socket(config)).replace('/', "%2F");
    format!("postgres://gridloom:{}@{socket}/{database}", password(config))
}

fn socket(config: &Config) -> PathBuf {
    let [Host::Unix(socket)] = config.get_hosts() else { panic!("{:?}", config.get_hosts()) };
    socket.clone()
}

fn password(config: &Config) -> String {
    let password = config.get_password().expect("it has a password");
    String::from_utf8(password.into()).expect("of plain letters")
}

/// Another sheet's id.
fn uuid(id: &str) -> String {
    let last = if id.ends_with('0') { '1' } else { '0' };
    format!("{}{last}", &id[..id.len() - 1])
}

/// Flips a bit inside the written entries, where a crash leaves no damage.
fn flip_a_bit(journal: &Path) {
    let segment =
        fs::read_dir(journal).expect("is there").map(|entry| entry.expect("is read").path());
    let segment = segment.filter(|path| path.extension().is_some_and(|end| end == "log")).min();
    let segment = segment.expect("a segment");
    let mut bytes = fs::read(&segment).expect("is read");
    bytes[40] ^= 1;
    fs::write(&segment, bytes).expect("is written");
}

fn path(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}
