//! Executors, and the stages and tasks of plans, for the dashboard of an operator.
//!
//! Invariant: only what is known is listed; times are those of the scheduler.

use std::time::{SystemTime, UNIX_EPOCH};

use ballista_core::JobId;
use ballista_core::serde::protobuf::executor_metric::Metric;
use ballista_core::serde::protobuf::{job_status, task_status};
use ballista_scheduler::cluster::BallistaCluster;
use ballista_scheduler::state::execution_graph::ExecutionGraphBox;
use ballista_scheduler::state::execution_stage::{ExecutionStage, TaskInfo};
use engine_link::{Stage, Task, Worker};

use crate::run::Scheduler;

/// Plans in one list.
const PLANS: usize = 100;

/// All executors.
pub(crate) async fn workers(scheduler: &Scheduler) -> Vec<Worker> {
    let executors = scheduler.state.executor_manager.get_executors_state().await;
    let executors = executors.unwrap_or_default().into_iter();
    let mut workers: Vec<_> = executors
        .map(|(executor, heartbeat, metrics)| Worker {
            address: format!("{}:{}", executor.host, executor.port),
            cores: executor.specification.vcores,
            memory_bytes: metrics
                .iter()
                .find_map(|metric| match metric.metric {
                    Some(Metric::ProcPhysicalMemory(bytes)) => Some(bytes),
                    _ => None,
                })
                .unwrap_or(0),
            last_heartbeat: heartbeat.map_or(0, |since| since.as_secs()),
            id: executor.id,
        })
        .collect();
    workers.sort_by(|one, other| one.id.cmp(&other.id));
    workers
}

/// The stages of a plan; without a name, of all.
pub(crate) async fn stages(
    scheduler: &Scheduler,
    cluster: &BallistaCluster,
    plan: &str,
) -> Vec<Stage> {
    let is_wanted = |job: &JobId| plan.is_empty() || job.as_str() == plan;
    let mut stages = Vec::new();
    let running = scheduler.state.task_manager.get_running_job_cache();
    for (_, job) in running.iter().filter(|(job, _)| is_wanted(job)) {
        stages.extend(of_graph(&*job.execution_graph.read().await));
    }
    let jobs = cluster.job_state();
    let ended = jobs.get_all_jobs().await.unwrap_or_default();
    let mut ended: Vec<_> =
        ended.into_iter().filter(|job| is_wanted(job) && !running.contains_key(job)).collect();
    // The names of plans grow with time.
    ended.sort_by(|one, other| other.as_str().cmp(one.as_str()));
    for job in ended.into_iter().take(PLANS) {
        if let Ok(Some(graph)) = jobs.get_execution_graph(&job).await {
            stages.extend(of_graph(&graph));
        }
    }
    stages.sort_by(|one, other| (&other.plan, one.id).cmp(&(&one.plan, other.id)));
    stages
}

fn of_graph(graph: &ExecutionGraphBox) -> Vec<Stage> {
    let is_over = matches!(graph.status().status, Some(job_status::Status::Failed(_)));
    let stage = |(id, stage): (&usize, &ExecutionStage)| {
        let state = match stage {
            // Its plan is cancelled, or has failed.
            ExecutionStage::UnResolved(_) | ExecutionStage::Resolved(_) if is_over => "failed",
            ExecutionStage::UnResolved(_) | ExecutionStage::Resolved(_) => "waiting",
            ExecutionStage::Running(_) => "running",
            ExecutionStage::Successful(_) => "done",
            ExecutionStage::Failed(_) => "failed",
        };
        Stage {
            plan: graph.job_id().to_string(),
            name: graph.job_name().to_owned(),
            id: u32::try_from(*id).unwrap_or(u32::MAX),
            state: state.to_owned(),
            tasks: stage.task_infos().unwrap_or_default().iter().map(task).collect(),
        }
    };
    graph.stages().iter().map(stage).collect()
}

fn task(info: &TaskInfo) -> Task {
    let (worker, state, rows) = match &info.task_status {
        task_status::Status::Running(task) => (task.executor_id.as_str(), "running", 0),
        // Ballista does not keep where it was.
        task_status::Status::Failed(_) => ("", "failed", 0),
        task_status::Status::Successful(task) => {
            let rows = task.partitions.iter().map(|part| part.num_rows).sum();
            (task.executor_id.as_str(), "done", rows)
        }
    };
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis());
    let end = if info.end_exec_time > 0 { info.end_exec_time } else { now };
    let begin = if info.start_exec_time > 0 { info.start_exec_time } else { info.scheduled_time };
    Task {
        id: u32::try_from(info.task_id).unwrap_or(u32::MAX),
        worker: worker.to_owned(),
        state: state.to_owned(),
        rows,
        millis: u64::try_from(end.saturating_sub(begin)).unwrap_or(0),
    }
}
