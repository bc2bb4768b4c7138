//! The program `gridloom-engine`: queries over tables of files on several machines, by Ballista. The only crate that links
//! Ballista; the server speaks to its scheduler in the protocol of the crate `engine-link`.
//!
//! | file | holds |
//! | --- | --- |
//! | `options` | the command line |
//! | `scheduler` | the process that divides plans into tasks |
//! | `service` | what the scheduler answers to a server |
//! | `run` | one plan of a server: its tasks, its answer, its end |
//! | `failure` | why a plan has failed |
//! | `lists` | executors, stages and tasks |
//! | `plan` | the plans: a sort, and a count of equal keys |
//! | `table_scan` | the rows of a table as a part of such a plan |
//! | `codec` | that part as bytes |
//! | `content` | the bytes of a table, from the place of the files |
//! | `executor` | the process that runs tasks |
//! | `work_dir` | the folder of an executor |
//!
//! Not here: the rows themselves (the crate `engine`). Invariants: nothing is authenticated, so no process listens beyond
//! private addresses unasked; the answer of a plan is that of the engine in the server.

mod codec;
mod content;
mod executor;
mod failure;
mod lists;
mod options;
mod plan;
mod run;
mod scheduler;
mod service;
mod table_scan;
mod work_dir;

use std::io::{IsTerminal as _, Write as _};
use std::process::ExitCode;

use clap::Parser as _;
use tokio::runtime::Builder;
use tracing_subscriber::EnvFilter;

use options::{Cli, Command};

/// What is logged without a setting: Ballista names each task at `info`.
const LOG: &str =
    "info,ballista_core=warn,ballista_scheduler=warn,ballista_executor=warn,datafusion=warn";

fn main() -> ExitCode {
    let Cli { command, log } = Cli::parse();
    let filter = EnvFilter::try_new(log.as_deref().unwrap_or(LOG));
    let ended = filter.map_err(|error| error.to_string()).and_then(|filter| {
        let is_terminal = std::io::stderr().is_terminal();
        let log = tracing_subscriber::fmt().with_env_filter(filter).with_ansi(is_terminal);
        log.with_writer(std::io::stderr).init();
        let runtime = Builder::new_multi_thread().enable_all().build();
        let runtime = runtime.map_err(|error| error.to_string())?;
        runtime.block_on(async {
            match command {
                Command::Scheduler(options) => scheduler::run(options).await,
                Command::Executor(options) => executor::run(*options).await,
            }
        })
    });
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // There is no other place to report a failure of this write.
            let _ = writeln!(std::io::stderr(), "gridloom-engine: {error}");
            ExitCode::FAILURE
        }
    }
}
