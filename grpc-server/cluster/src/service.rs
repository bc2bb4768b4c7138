//! What the scheduler answers to a server.
//!
//! Not the plans: see `run`. Invariants: a plan ends with the stream of its answer; no message is larger than
//! `engine_link::MESSAGE_BYTES`.

use std::pin::Pin;

use ballista_scheduler::cluster::BallistaCluster;
use engine_link::engine_server::Engine;
use engine_link::{RunReply, RunRequest, TasksReply, TasksRequest, WorkersReply, WorkersRequest};
use futures_util::Stream;
use tasks::Tasks;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status};

use crate::lists;
use crate::run::{Run, Scheduler};

/// Messages that wait for a slow server.
const WAITING: usize = 4;

pub(crate) struct EngineService {
    scheduler: Scheduler,
    cluster: BallistaCluster,
    /// A task for each plan.
    tasks: Tasks,
}

impl EngineService {
    pub(crate) fn new(scheduler: Scheduler, cluster: BallistaCluster) -> Self {
        Self { scheduler, cluster, tasks: Tasks::new() }
    }
}

#[tonic::async_trait]
impl Engine for EngineService {
    type RunStream = Pin<Box<dyn Stream<Item = Result<RunReply, Status>> + Send>>;

    async fn run(&self, request: Request<RunRequest>) -> Result<Response<Self::RunStream>, Status> {
        let (sender, replies) = mpsc::channel(WAITING);
        let run = Run::begin(self.scheduler.clone(), request.into_inner()).await?;
        self.tasks.spawn(async move {
            // The plan ends here where the server has left: what it sends next is an error, and so is its wait.
            let ended = tokio::select! {
                ended = run.answer(&sender) => ended,
                () = sender.closed() => Ok(()),
            };
            run.end().await;
            if let Err(status) = ended {
                let _ = sender.send(Err(status)).await;
            }
        });
        Ok(Response::new(Box::pin(ReceiverStream::new(replies))))
    }

    async fn workers(&self, _: Request<WorkersRequest>) -> Result<Response<WorkersReply>, Status> {
        let workers = lists::workers(&self.scheduler).await;
        Ok(Response::new(WorkersReply { workers }))
    }

    async fn tasks(&self, request: Request<TasksRequest>) -> Result<Response<TasksReply>, Status> {
        let plan = request.into_inner().plan;
        let stages = lists::stages(&self.scheduler, &self.cluster, &plan).await;
        Ok(Response::new(TasksReply { stages }))
    }
}
