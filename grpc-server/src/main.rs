//! The `gridloom` program: reads the command line, starts the server, waits for a signal.
//!
//! Not the server: the library starts and stops it. Invariant: a failure ends the program with one sentence on stderr.

use std::io::Write as _;
use std::net::TcpListener;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use grpc_server::admin::{AdminCommand, Outcome};
use grpc_server::config::Options;
use grpc_server::serve::account::{self, Left};
use grpc_server::serve::{Server, StartError, descriptors};
use grpc_server::telemetry::{self, LogOptions};
use tokio::task::JoinSet;

/// It gives memory back after a burst.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// The first port that any account may open.
const FIRST_FREE_PORT: u16 = 1_024;

/// Data grids that many people and programs edit at the same time.
#[derive(Parser)]
#[command(name = "gridloom", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Runs the server; prints its address on stdout once it answers
    Serve {
        #[command(flatten)]
        options: Options,
        #[command(flatten)]
        log: LogOptions,
    },
    /// Brings the database to this release's form, and ends
    Migrate {
        #[command(flatten)]
        options: Options,
        #[command(flatten)]
        log: LogOptions,
    },
    /// The commands of an operator
    Admin {
        #[command(subcommand)]
        command: AdminCommand,
        #[command(flatten)]
        log: LogOptions,
    },
}

fn main() -> ExitCode {
    tls::install_provider();
    let command = Cli::parse().command;
    // The exit code 1 of a check means that it was done and has findings.
    let failure = if matches!(command, Command::Admin { .. }) { 2 } else { 1 };
    match run(command) {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::Unsound) => ExitCode::FAILURE,
        Err(error) => {
            // There is no other place to report a failure of this write.
            let _ = writeln!(std::io::stderr(), "gridloom: {error}");
            ExitCode::from(failure)
        }
    }
}

/// Root is left before the runtime starts: threads keep the account that starts them.
fn run(command: Command) -> Result<Outcome, String> {
    match command {
        Command::Serve { mut options, log } => {
            telemetry::start(&log)?;
            let opened = become_account(&mut options)?;
            block_on(serve(options, opened)).map(|()| Outcome::Done)
        }
        Command::Migrate { mut options, log } => {
            telemetry::start(&log)?;
            let _ = become_account(&mut options)?;
            let migrated = block_on(async move {
                Server::migrate(&options).await.map_err(|error: StartError| error.to_string())
            });
            migrated.map(|()| Outcome::Done)
        }
        Command::Admin { mut command, log } => {
            telemetry::start(&log)?;
            command.read_files()?;
            if let Some(dir) = command.data_dir() {
                account::become_owner(&dir)?;
            }
            block_on(command.run())
        }
    }
}

fn block_on<T>(work: impl Future<Output = Result<T, String>>) -> Result<T, String> {
    let runtime = tokio::runtime::Runtime::new().map_err(|error| error.to_string())?;
    runtime.block_on(work)
}

/// Reads and opens what only root may, and then leaves root. Gives the port, when only root may open it.
fn become_account(options: &mut Options) -> Result<Option<TcpListener>, String> {
    options.read_files()?;
    warn_of_visible_passwords();
    // Raised while this process may still raise the hard limit's share.
    descriptors::raise_to_what_serving_needs();
    account::read_web_files(options.web_dir.as_deref());
    let is_roots = (1..FIRST_FREE_PORT).contains(&options.listen.port());
    let opened = is_roots.then(|| TcpListener::bind(options.listen)).transpose();
    let opened = opened.map_err(|error| format!("can't listen on {}: {error}", options.listen))?;
    match account::leave_root(options.user.as_deref(), &options.data_dir)? {
        Left::WasNotRoot => {}
        Left::For(account) => tracing::info!(account, "left root"),
        Left::Stays(why) => tracing::warn!("THIS SERVER RUNS AS ROOT: {why}"),
    }
    Ok(opened)
}

/// The arguments of a process are visible to every user of the machine.
fn warn_of_visible_passwords() {
    let key = "--files-secret-access-key";
    let is_key =
        |it: &str| it.strip_prefix(key).is_some_and(|it| it.is_empty() || it.starts_with('='));
    if std::env::args().any(|it| is_key(&it)) {
        tracing::warn!(
            "the key in {key} is visible in the list of processes; use GRIDLOOM_FILES_SECRET_ACCESS_KEY or \
             --files-secret-access-key-file"
        );
    }
    let flags = ["--database-url", "--redis-url", "--smtp-url"];
    for argument in std::env::args().filter(|it| it.contains("://") && it.contains('@')) {
        let flag = flags.into_iter().find(|flag| argument.starts_with(&format!("{flag}=")));
        let flag = flag.unwrap_or("a URL");
        let has_password = argument.split_once("://").is_some_and(|(_, rest)| {
            rest.split_once('@').is_some_and(|(user, _)| user.contains(':'))
        });
        if has_password {
            tracing::warn!(
                "the password in {flag} is visible in the list of processes; use GRIDLOOM_DATABASE_URL, \
                 GRIDLOOM_REDIS_URL and GRIDLOOM_SMTP_URL, or --database-url-file, --redis-url-file and \
                 --smtp-url-file"
            );
        }
    }
}

async fn serve(options: Options, opened: Option<TcpListener>) -> Result<(), String> {
    // Before the start, so that a signal during a long recovery is not lost.
    let (_watching, signal) = signal()?;
    let server = match opened {
        Some(listener) => {
            let ready = listener.set_nonblocking(true);
            let listener = ready.and_then(|()| tokio::net::TcpListener::from_std(listener));
            let listener = listener.map_err(|error| error.to_string())?;
            Server::start_on(listener, options).await
        }
        None => Server::start(options).await,
    };
    let server = server.map_err(|error| error.to_string())?;
    writeln!(std::io::stdout(), "{}", server.url()).map_err(|error| error.to_string())?;
    server.run_until(signal).await;
    Ok(())
}

/// Resolves at the first Ctrl-C or SIGTERM. A second one ends the process at once: the journal
/// holds what was accepted, and the embedded Postgres goes down with its parent.
fn signal() -> Result<(JoinSet<()>, impl Future<Output = ()>), String> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt()).map_err(|error| error.to_string())?;
    let mut terminate = signal(SignalKind::terminate()).map_err(|error| error.to_string())?;
    let (first, asked) = tokio::sync::oneshot::channel();
    let mut watching = JoinSet::new();
    watching.spawn(async move {
        let mut first = Some(first);
        loop {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
            match first.take() {
                Some(first) => drop(first.send(())),
                None => std::process::exit(130),
            }
        }
    });
    Ok((watching, async move { drop(asked.await) }))
}
