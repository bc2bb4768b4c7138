//! The scheduler: a process that takes plans of servers, divides them into tasks, and gives these to executors.
//!
//! Not the plans (`plan`, `run`). One port has Ballista's own calls, for executors, and those of `engine-link`, for servers.
//! Invariant: nothing is kept over a restart; what ran then has failed, and its server begins it again.

use std::io::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use ballista_core::config::TaskSchedulingPolicy;
use ballista_core::serde::BallistaLogicalExtensionCodec;
use ballista_core::serde::protobuf::scheduler_grpc_server::SchedulerGrpcServer;
use ballista_scheduler::cluster::BallistaCluster;
use ballista_scheduler::config::{SchedulerConfig, TaskDistributionPolicy};
use ballista_scheduler::scheduler_process::create_scheduler;
use engine_link::MESSAGE_BYTES;
use engine_link::engine_server::EngineServer;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;

use crate::codec::Codec;
use crate::executor::host;
use crate::options::{SchedulerOptions, check_private};
use crate::run::Scheduler;
use crate::service::EngineService;

/// How often the scheduler looks for executors that are lost.
const LOOK_SECONDS: u64 = 1;
/// Rows of an ended plan are deleted after it, if its end has not deleted them.
const ROWS_KEPT_SECONDS: u64 = 60;
/// Ended plans stay in the lists for it.
const PLANS_KEPT_SECONDS: u64 = 10 * 60;
/// A peer that does not answer for so long is gone.
const KEEPALIVE: Duration = Duration::from_secs(20);

pub(crate) async fn run(options: SchedulerOptions) -> Result<(), String> {
    check_private(options.listen.ip(), options.listen_anywhere)?;
    let listen = options.listen;
    let listener = TcpListener::bind(listen).await.map_err(|error| format!("{listen}: {error}"))?;
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    let (scheduler, jobs) =
        scheduler(&options, address).await.map_err(|error| error.to_string())?;
    let executors = SchedulerGrpcServer::new(scheduler.clone())
        .max_decoding_message_size(MESSAGE_BYTES)
        .max_encoding_message_size(MESSAGE_BYTES);
    let servers = EngineServer::new(EngineService::new(scheduler, jobs))
        .max_decoding_message_size(MESSAGE_BYTES)
        .max_encoding_message_size(MESSAGE_BYTES);
    // A reader that has left does not matter.
    let _ = std::io::stdout().write_all(format!("{address}\n").as_bytes());
    tracing::info!(%address, "the scheduler answers");
    let serving = Server::builder()
        .http2_keepalive_interval(Some(KEEPALIVE))
        .http2_keepalive_timeout(Some(KEEPALIVE))
        .add_service(executors)
        .add_service(servers)
        .serve_with_incoming(TcpIncoming::from(listener).with_nodelay(Some(true)));
    tokio::select! {
        served = serving => served.map_err(|error| error.to_string()),
        // Without a wait for plans: a server begins those again that it has lost.
        () = ended() => Ok(()),
    }
}

/// The scheduler, and its plans that have ended.
async fn scheduler(
    options: &SchedulerOptions,
    address: SocketAddr,
) -> ballista_core::error::Result<(Scheduler, BallistaCluster)> {
    let message_bytes = u32::try_from(MESSAGE_BYTES).unwrap_or(u32::MAX);
    let config = SchedulerConfig {
        external_host: options.host.clone().unwrap_or_else(|| host(address.ip())),
        bind_host: host(address.ip()),
        bind_port: address.port(),
        // A cancelled plan reaches its tasks in this mode alone.
        scheduling_policy: TaskSchedulingPolicy::PushStaged,
        // The other policy fills one executor before the next one.
        task_distribution: TaskDistributionPolicy::RoundRobin,
        finished_job_data_clean_up_interval_seconds: ROWS_KEPT_SECONDS,
        finished_job_state_clean_up_interval_seconds: PLANS_KEPT_SECONDS,
        grpc_server_max_decoding_message_size: message_bytes,
        grpc_server_max_encoding_message_size: message_bytes,
        grpc_client_max_message_size: message_bytes,
        executor_timeout_seconds: options.executor_seconds,
        expire_dead_executor_interval_seconds: LOOK_SECONDS,
        no_executors_grace_period_seconds: options.executor_seconds,
        override_logical_codec: Some(Arc::new(BallistaLogicalExtensionCodec::default())),
        override_physical_codec: Some(Arc::new(Codec::new(None))),
        ..SchedulerConfig::default()
    };
    config.validate()?;
    let cluster = BallistaCluster::new_from_config(&config).await?;
    let scheduler = create_scheduler(cluster.clone(), Arc::new(config)).await?;
    Ok((scheduler, cluster))
}

/// Ends with a signal to end.
async fn ended() {
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
    tracing::info!("the scheduler ends");
}
