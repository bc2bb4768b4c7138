//! One plan of a server: it is checked, given to the executors, looked at until it is done, and its answer is sent.
//!
//! Not the plan itself (`plan`). Invariants: the answer is sent once it is whole, so an executor that is lost before costs time
//! alone; what a plan has left at executors is deleted at its end.

use std::sync::Arc;
use std::time::Duration;

use ballista_core::JobId;
use ballista_core::client::BallistaClient;
use ballista_core::serde::protobuf::task_status;
use ballista_core::serde::protobuf::{PartitionLocation, job_status};
use ballista_scheduler::scheduler_server::SchedulerServer;
use ballista_scheduler::state::execution_stage::ExecutionStage;
use datafusion::execution::SendableRecordBatchStream;
use datafusion::prelude::SessionContext;
use datafusion_proto::protobuf::{LogicalPlanNode, PhysicalPlanNode};
use engine::{Ask, QueryError, ipc};
use engine_link::run_reply::Reply;
use engine_link::{
    DIGEST_BYTES, End, MESSAGE_BYTES, PART_BYTES, PIECES, Reason, RunReply, RunRequest, TableScan,
};
use futures_util::TryStreamExt as _;
use tokio::sync::mpsc::Sender;
use tonic::Status;

use crate::failure::{failed, lost, odd, refused};
use crate::plan;

/// Between two looks at a plan.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// Times that rows of an executor are asked for, and what is between two.
const FETCHES: u8 = 3;
const FETCH_AGAIN_MILLIS: u64 = 200;

/// The scheduler of Ballista.
pub(crate) type Scheduler = SchedulerServer<LogicalPlanNode, PhysicalPlanNode>;

/// Where the server has left: nothing receives the rest.
struct Left;

type Replies = Sender<Result<RunReply, Status>>;

/// A plan that runs.
pub(crate) struct Run {
    scheduler: Scheduler,
    job: JobId,
    /// The rows of each partition of the first stage.
    rows: Vec<u64>,
}

impl Run {
    /// Gives a plan to the executors.
    pub(crate) async fn begin(scheduler: Scheduler, request: RunRequest) -> Result<Self, Status> {
        let RunRequest { name, ask, counts, schema, group_rows, content } = request;
        let malformed = |error: QueryError| Status::invalid_argument(error.to_string());
        Ask::from_bytes(&ask).map_err(malformed)?;
        let form = ipc::schema_of_bytes(&schema).map_err(malformed)?;
        let is_table = content.as_ref().is_some_and(|content| {
            content.digests.len() <= PIECES as usize * DIGEST_BYTES && content.piece_bytes > 0
        });
        if !is_table {
            let rule = format!("content has the digests of at most {PIECES} pieces");
            return Err(Status::invalid_argument(rule));
        }
        let cores = cores(&scheduler).await;
        if cores == 0 {
            return Err(refused(Reason::Away, "the scheduler has no executor"));
        }
        let groups = plan::partitions(&group_rows, cores);
        let rows = groups.iter().map(|(first, end)| rows_of(&group_rows, *first, *end)).collect();
        let scan = TableScan { ask, schema, content };
        let planned = match counts {
            true => plan::counted(scan, &form, &groups),
            false => plan::sorted(scan, &form, &groups),
        };
        let planned = planned.map_err(|error| failed(&error.to_string()))?;
        let config = plan::settings(&name, groups.len());
        let context = Arc::new(SessionContext::new_with_config(config));
        let job = scheduler.submit_physical_plan(&name, context, planned, None).await;
        let job = job.map_err(|error| failed(&error.to_string()))?;
        tracing::info!(plan = %job, name, partitions = groups.len(), "a plan begins");
        Ok(Self { scheduler, job, rows })
    }

    /// Sends how far the plan is, and then its answer.
    pub(crate) async fn answer(&self, replies: &Replies) -> Result<(), Status> {
        match self.try_answer(replies).await {
            Ok(Ok(rows)) => {
                tracing::info!(plan = %self.job, rows, "a plan is done");
                Ok(())
            }
            Ok(Err(Left)) => Ok(()),
            Err(status) => {
                tracing::warn!(plan = %self.job, reason = status.message(), "a plan has failed");
                Err(status)
            }
        }
    }

    async fn try_answer(&self, replies: &Replies) -> Result<Result<u64, Left>, Status> {
        if send(replies, Reply::Plan(self.job.to_string())).await.is_err() {
            return Ok(Err(Left));
        }
        let mut parts = match self.done(replies).await? {
            Ok(parts) => parts,
            Err(left) => return Ok(Err(left)),
        };
        // Of a sort there is one; the keys of a count come in any order.
        parts.sort_by_key(|part| part.partition_id.as_ref().map(|id| id.partition_id));
        let (mut writer, mut rows) = (None, 0_u64);
        for part in parts {
            let mut stream = fetch(part).await?;
            while let Some(batch) =
                stream.try_next().await.map_err(|error| lost(&error.to_string()))?
            {
                let writer = match &mut writer {
                    Some(writer) => writer,
                    none => none.insert(ipc::Writer::new(&stream.schema()).map_err(odd)?),
                };
                writer.write(&batch).map_err(odd)?;
                rows = rows.saturating_add(batch.num_rows() as u64);
                if send_all(replies, writer.take()).await.is_err() {
                    return Ok(Err(Left));
                }
            }
        }
        if let Some(mut writer) = writer {
            writer.finish().map_err(odd)?;
            if send_all(replies, writer.take()).await.is_err() {
                return Ok(Err(Left));
            }
        }
        Ok(send(replies, Reply::End(End { rows })).await.map(|()| rows))
    }

    /// Waits until the plan is done; where its answer lies.
    async fn done(
        &self,
        replies: &Replies,
    ) -> Result<Result<Vec<PartitionLocation>, Left>, Status> {
        let mut looks = tokio::time::interval(LOOK_EVERY);
        let mut seen = None;
        loop {
            looks.tick().await;
            let status = self.scheduler.state.task_manager.get_job_status(&self.job).await;
            let status = status.map_err(|error| failed(&error.to_string()))?;
            match status.and_then(|status| status.status) {
                Some(job_status::Status::Successful(done)) => {
                    return Ok(Ok(done.partition_location));
                }
                Some(job_status::Status::Failed(why)) => return Err(failed(&why.error)),
                Some(job_status::Status::Queued(_) | job_status::Status::Running(_)) | None => {}
            }
            let read = self.rows_read().await;
            if seen != Some(read) {
                seen = Some(read);
                if send(replies, Reply::RowsRead(read)).await.is_err() {
                    return Ok(Err(Left));
                }
            }
        }
    }

    /// The rows that ended tasks of the first stage have read.
    async fn rows_read(&self) -> u64 {
        let running = self.scheduler.state.task_manager.get_running_job_cache();
        let Some(job) = running.get(&self.job) else { return 0 };
        let graph = job.execution_graph.read().await;
        let all = || self.rows.iter().copied().fold(0, u64::saturating_add);
        // Stages are counted from the leaves on.
        match graph.stages().get(&1) {
            Some(ExecutionStage::Successful(_)) => all(),
            Some(ExecutionStage::Running(stage)) => {
                let done = stage
                    .task_infos
                    .iter()
                    .filter(|task| matches!(task.task_status, task_status::Status::Successful(_)));
                let parts = done.flat_map(|task| &task.global_input_partition_ids);
                parts
                    .filter_map(|part| self.rows.get(*part))
                    .copied()
                    .fold(0, u64::saturating_add)
                    .min(all())
            }
            _ => 0,
        }
    }

    /// Cancels what still runs, and deletes what executors have kept.
    pub(crate) async fn end(&self) {
        let status = self.scheduler.state.task_manager.get_job_status(&self.job).await;
        let ended = status.ok().flatten().and_then(|status| status.status);
        let is_over = matches!(
            ended,
            Some(job_status::Status::Successful(_) | job_status::Status::Failed(_))
        );
        if !is_over && let Err(error) = self.scheduler.cancel_job(self.job.clone()).await {
            tracing::warn!(plan = %self.job, %error, "a plan is not cancelled");
        }
        self.scheduler.state.executor_manager.clean_up_job_data(self.job.clone());
    }
}

/// The cores of all executors.
async fn cores(scheduler: &Scheduler) -> usize {
    let executors = scheduler.state.executor_manager.get_executors_state().await;
    let executors = executors.unwrap_or_default();
    executors.iter().map(|(executor, ..)| executor.specification.vcores as usize).sum()
}

fn rows_of(group_rows: &[u64], first: u64, end: u64) -> u64 {
    let at = |at: u64| usize::try_from(at).unwrap_or(usize::MAX).min(group_rows.len());
    group_rows
        .get(at(first)..at(end))
        .unwrap_or_default()
        .iter()
        .copied()
        .fold(0, u64::saturating_add)
}

async fn send(replies: &Replies, reply: Reply) -> Result<(), Left> {
    replies.send(Ok(RunReply { reply: Some(reply) })).await.map_err(|_| Left)
}

async fn send_all(replies: &Replies, bytes: Vec<u8>) -> Result<(), Left> {
    for part in bytes.chunks(PART_BYTES) {
        send(replies, Reply::Answer(part.to_vec())).await?;
    }
    Ok(())
}

/// Begins to read a part of the answer at its executor.
async fn fetch(part: PartitionLocation) -> Result<SendableRecordBatchStream, Status> {
    let layout = part.layout();
    let (Some(executor), Some(id)) = (part.executor_meta, part.partition_id) else {
        return Err(failed("a part of the answer lies nowhere"));
    };
    let port = u16::try_from(executor.port).map_err(|_| failed("an executor without a port"))?;
    let client = BallistaClient::try_new(
        &executor.host,
        port,
        MESSAGE_BYTES,
        false,
        None,
        FETCHES,
        FETCH_AGAIN_MILLIS,
        0,
        0,
    );
    let mut client = client.await.map_err(|error| lost(&error.to_string()))?;
    let stream = client.fetch_partition(&executor.id, &id.into(), part.file_id, layout, true).await;
    stream.map_err(|error| lost(&error.to_string()))
}
