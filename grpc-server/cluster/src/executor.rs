//! The executor: a process that runs tasks, and keeps their rows until another task or the scheduler has read them.
//!
//! Not the tasks (`table_scan`, and the plans of DataFusion). Invariants: all tasks together have the memory and the disk of the
//! flags; the executor of a scheduler that is gone for long ends, so that what supervises it starts it again.

use std::io::Write as _;
use std::net::{IpAddr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use ballista_core::config::TaskSchedulingPolicy;
use ballista_core::serde::BallistaLogicalExtensionCodec;
use ballista_core::utils::GrpcServerConfig;
use ballista_executor::executor_process::{ExecutorProcessConfig, start_executor_process};
use ballista_executor::health::ExecutorHealth;
use datafusion::execution::disk_manager::{DiskManagerBuilder, DiskManagerMode};
use datafusion::execution::runtime_env::{RuntimeEnv, RuntimeEnvBuilder};
use tokio::task::JoinSet;

use crate::codec::Codec;
use crate::content::Tables;
use crate::options::{ExecutorOptions, check_private};
use crate::work_dir::{self, WorkDir};

/// The scheduler takes an executor for lost after some missing ones.
pub(crate) const HEARTBEAT_SECONDS: u64 = 1;
/// How long a call may take until its answer begins.
const CALL_SECONDS: u64 = 60;
/// How long the scheduler may take to come up.
const CONNECT_SECONDS: u16 = 60;
/// Rows of plans whose end the executor has not learned are deleted after it.
const ROWS_KEPT_SECONDS: u64 = 6 * 60 * 60;
/// Between two looks whether the scheduler has answered.
const ANNOUNCE_EVERY: Duration = Duration::from_millis(50);
/// Files that one task merges at once.
const MERGED_FILES: usize = 16;

pub(crate) async fn run(options: ExecutorOptions) -> Result<(), String> {
    check_private(options.listen, options.listen_anywhere)?;
    let dir = options.work_dir.display().to_string();
    let work_dir = work_dir::take(&options.work_dir).map_err(|error| format!("{dir}: {error}"))?;
    let config = config(&options, &work_dir)?;
    let (scheduler, cores) = (&options.scheduler, config.vcores);
    let (rows_port, tasks_port) = (config.port, config.grpc_port);
    tracing::info!(%scheduler, cores, rows_port, tasks_port, "the executor starts");
    let mut announced = JoinSet::new();
    let address = SocketAddr::new(options.listen, rows_port);
    announced.spawn(announce(config.health.clone(), format!("{address} {}\n", config.executor_id)));
    start_executor_process(Arc::new(config)).await.map_err(|error| error.to_string())
}

/// Prints the line once the scheduler has answered.
async fn announce(health: ExecutorHealth, line: String) {
    let mut looks = tokio::time::interval(ANNOUNCE_EVERY);
    while !health.is_ready() {
        looks.tick().await;
    }
    // A reader that has left does not matter.
    let _ = std::io::stdout().write_all(line.as_bytes());
}

fn config(options: &ExecutorOptions, work_dir: &WorkDir) -> Result<ExecutorProcessConfig, String> {
    let environment = environment(options, work_dir).map_err(|error| error.to_string())?;
    let tables = Tables::new(options.place.vault()?, &work_dir.rows, options.disk_reserve());
    let port = |port: u16| if port == 0 { free_port(options.listen) } else { Ok(port) };
    let message_bytes = u32::try_from(engine_link::MESSAGE_BYTES).unwrap_or(u32::MAX);
    Ok(ExecutorProcessConfig {
        bind_host: host(options.listen),
        external_host: Some(host(options.listen)),
        port: port(options.rows_port)?,
        grpc_port: port(options.tasks_port)?,
        scheduler_host: options.scheduler.host.clone(),
        scheduler_port: options.scheduler.port,
        scheduler_connect_timeout_seconds: CONNECT_SECONDS,
        vcores: options.cores.map_or_else(cores, |cores| cores as usize),
        // A cancelled plan reaches its tasks in this mode alone.
        task_scheduling_policy: TaskSchedulingPolicy::PushStaged,
        work_dir: work_dir.rows.to_str().map(str::to_owned),
        job_data_ttl_seconds: ROWS_KEPT_SECONDS,
        job_data_clean_up_interval_seconds: ROWS_KEPT_SECONDS / 4,
        grpc_max_decoding_message_size: message_bytes,
        grpc_max_encoding_message_size: message_bytes,
        grpc_server_config: GrpcServerConfig {
            timeout_seconds: CALL_SECONDS,
            ..GrpcServerConfig::default()
        },
        executor_heartbeat_interval_seconds: HEARTBEAT_SECONDS,
        memory_pool_size: Some(options.memory_bytes()),
        override_runtime_producer: Some(Arc::new(move |_| Ok(Arc::clone(&environment)))),
        override_logical_codec: Some(Arc::new(BallistaLogicalExtensionCodec::default())),
        override_physical_codec: Some(Arc::new(Codec::new(Some(tables)))),
        ..ExecutorProcessConfig::default()
    })
}

/// What all tasks share: the disk. Ballista gives each a part of the memory.
fn environment(
    options: &ExecutorOptions,
    work_dir: &WorkDir,
) -> datafusion::common::Result<Arc<RuntimeEnv>> {
    let dirs = vec![work_dir.spilled.clone()];
    let disk = DiskManagerBuilder::default()
        .with_mode(DiskManagerMode::Directories(dirs))
        .with_max_temp_directory_size(options.disk_bytes())
        .with_max_spill_merge_fan_in(MERGED_FILES);
    RuntimeEnvBuilder::new().with_disk_manager_builder(disk).build_arc()
}

/// A port that is free now.
fn free_port(address: IpAddr) -> Result<u16, String> {
    let port = TcpListener::bind((address, 0)).and_then(|listener| listener.local_addr());
    port.map(|address| address.port()).map_err(|error| format!("no free port: {error}"))
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

/// An address as a part of another one.
pub(crate) fn host(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => format!("[{address}]"),
    }
}
