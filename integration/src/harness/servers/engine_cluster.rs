//! The processes of a cluster that makes views and summaries: a scheduler and executors on this machine.
//!
//! Not the server. Invariants: each process ends with its handle; a scheduler that is started again has the address that it had.

use std::path::PathBuf;
use std::time::Duration;

use engine_link::engine_client::EngineClient;
use engine_link::{Stage, TasksRequest, Worker, WorkersRequest};
use tempfile::TempDir;
use tonic::transport::{Channel, Endpoint};

use crate::harness::programs::{Process, binaries};

/// How long a process may take to be there.
const START_DEADLINE: Duration = Duration::from_secs(90);
/// Seconds without a heartbeat after which an executor is lost.
const EXECUTOR_SECONDS: u32 = 3;

/// A scheduler, its executors, and a place of files that they and a server have.
#[derive(Debug)]
pub struct EngineCluster {
    scheduler: Process,
    executors: Vec<Executor>,
    address: String,
    root: TempDir,
}

/// An executor that runs.
#[derive(Debug)]
struct Executor {
    process: Process,
    id: String,
}

impl EngineCluster {
    /// Starts a scheduler and so many executors.
    ///
    /// # Panics
    /// When one does not start.
    #[must_use]
    pub fn start(executors: usize) -> Self {
        Self::start_with(executors, &[])
    }

    /// The same, with flags of the executors.
    ///
    /// # Panics
    /// When one does not start.
    #[must_use]
    pub fn start_with(executors: usize, flags: &[&str]) -> Self {
        let root = tempfile::Builder::new().prefix("gridloom-engine-test-").tempdir();
        let root = root.expect("can make a temporary directory");
        let (scheduler, address) = scheduler(&root, "127.0.0.1:0");
        let mut cluster = Self { scheduler, executors: Vec::new(), address, root };
        for _ in 0..executors {
            cluster.add_executor(flags);
        }
        cluster
    }

    /// Starts a further executor.
    ///
    /// # Panics
    /// When it does not start.
    pub fn add_executor(&mut self, flags: &[&str]) {
        let fixed = [
            "executor".to_owned(),
            format!("--scheduler={}", self.address),
            format!("--work-dir={}", self.root.path().join("work").display()),
            format!("--files={}", self.place().display()),
            "--cores=2".to_owned(),
            "--disk-reserve-mib=0".to_owned(),
        ];
        let flags: Vec<String> =
            fixed.into_iter().chain(flags.iter().map(|flag| (*flag).to_owned())).collect();
        let log = self.root.path().join(format!("executor-{}.log", self.executors.len()));
        let mut process = Process::start(&binaries::gridloom_engine(), &flags, &log);
        let line = process.next_line(START_DEADLINE);
        let id = line.as_deref().and_then(|line| line.split_once(' ')).map(|(_, id)| id.to_owned());
        let id = id.unwrap_or_else(|| {
            panic!(
                "the executor printed no address:\n{}",
                std::fs::read_to_string(&log).unwrap_or_default()
            )
        });
        self.executors.push(Executor { process, id });
    }

    /// The flags of a server that has this engine.
    #[must_use]
    pub fn flags(&self) -> [String; 2] {
        [
            format!("--engine=ballista://{}", self.address),
            format!("--files={}", self.place().display()),
        ]
    }

    /// The place of the files.
    #[must_use]
    pub fn place(&self) -> PathBuf {
        self.root.path().join("files")
    }

    /// Host and port of the scheduler.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The ids of the executors that were started, in their order.
    #[must_use]
    pub fn executors(&self) -> Vec<String> {
        self.executors.iter().map(|executor| executor.id.clone()).collect()
    }

    /// Kills the executor of an id, as `kill -9` does.
    ///
    /// # Panics
    /// When none has it.
    pub fn kill_executor(&mut self, id: &str) {
        let executor = self.executors.iter_mut().find(|executor| executor.id == id);
        executor.expect("an executor").process.kill();
    }

    /// Kills the scheduler.
    pub fn kill_scheduler(&mut self) {
        self.scheduler.kill();
    }

    /// Starts the scheduler again, with nothing of what it did.
    ///
    /// # Panics
    /// When it does not start.
    pub fn restart_scheduler(&mut self) {
        self.scheduler.kill();
        let address = self.address.clone();
        self.scheduler = scheduler(&self.root, &address).0;
    }

    /// The executors that the scheduler knows.
    ///
    /// # Panics
    /// When the scheduler does not answer.
    pub async fn workers(&self) -> Vec<Worker> {
        let answer = self.calls().await.workers(WorkersRequest {}).await;
        answer.expect("is listed").into_inner().workers
    }

    /// All stages that the scheduler knows.
    ///
    /// # Panics
    /// When the scheduler does not answer.
    pub async fn stages(&self) -> Vec<Stage> {
        let answer = self.calls().await.tasks(TasksRequest { plan: String::new() }).await;
        answer.expect("is listed").into_inner().stages
    }

    async fn calls(&self) -> EngineClient<Channel> {
        let endpoint = Endpoint::from_shared(format!("http://{}", self.address));
        let channel = endpoint.expect("an address").connect().await;
        EngineClient::new(channel.expect("the scheduler is there"))
    }
}

/// A scheduler, and its address.
fn scheduler(root: &TempDir, listen: &str) -> (Process, String) {
    let flags = [
        "scheduler".to_owned(),
        format!("--listen={listen}"),
        format!("--executor-seconds={EXECUTOR_SECONDS}"),
    ];
    let log = root.path().join("scheduler.log");
    let mut process = Process::start(&binaries::gridloom_engine(), &flags, &log);
    let address = process.next_line(START_DEADLINE).unwrap_or_else(|| {
        panic!(
            "the scheduler printed no address:\n{}",
            std::fs::read_to_string(&log).unwrap_or_default()
        )
    });
    (process, address)
}
