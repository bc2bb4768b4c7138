//! The engine of other processes: plans go to its scheduler, and their answers come back batch by batch.
//!
//! Not the plans (the crate `engine`), and not the scheduler (the program `gridloom-engine`). Invariants: a plan ends with its
//! query, also where the query is stopped; an answer that is not whole is an error; no other engine takes its place.

mod stages;
mod workers;

use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, Instant};

use engine::{Ask, Cluster, Plan, QueryError, Steps, ipc};
use engine_link::engine_client::EngineClient;
use engine_link::run_reply::Reply;
use engine_link::{
    Content, MESSAGE_BYTES, PIECES, REASON, Reason, RunReply, RunRequest, TasksRequest,
};
use tokio::time::timeout;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Status, Streaming};

use self::stages::Stages;
pub(crate) use self::workers::WorkerFact;
use crate::service::tables::content::source::Source;

/// How long a connection may take.
const CONNECT_WITHIN: Duration = Duration::from_secs(5);
/// A scheduler that does not answer for so long is away.
const KEEPALIVE: Duration = Duration::from_secs(10);
/// How often a query that waits looks for a stop.
const TICK: Duration = Duration::from_millis(50);
/// How often the stages of a plan are looked at.
const STAGES_EVERY: Duration = Duration::from_secs(1);
/// Characters of a reason.
const CHARACTERS: usize = 300;

/// A connection to a scheduler, which is made when it is needed. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct ClusterLink {
    address: Arc<str>,
    channel: Channel,
}

impl ClusterLink {
    /// The scheduler at a host and a port. Nothing is sent.
    pub(crate) fn new(address: &str) -> Result<Self, String> {
        let endpoint = Endpoint::from_shared(format!("http://{address}"));
        let endpoint = endpoint.map_err(|error| format!("--engine: {error}"))?;
        let channel = endpoint
            .connect_timeout(CONNECT_WITHIN)
            .http2_keep_alive_interval(KEEPALIVE)
            .keep_alive_timeout(KEEPALIVE)
            .tcp_nodelay(true)
            .connect_lazy();
        Ok(Self { address: address.into(), channel })
    }

    /// Its name for persons, as the option has it.
    pub(super) fn name(&self) -> String {
        format!("ballista://{}", self.address)
    }

    fn client(&self) -> EngineClient<Channel> {
        EngineClient::new(self.channel.clone())
            .max_decoding_message_size(MESSAGE_BYTES)
            .max_encoding_message_size(MESSAGE_BYTES)
    }

    fn away(&self, why: &str) -> QueryError {
        let why: String = why.chars().take(CHARACTERS).collect();
        QueryError::Unavailable(format!("the engine at {} is unavailable: {why}", self.address))
    }
}

/// The cluster for one table.
pub(super) struct OnTable<'a> {
    link: &'a ClusterLink,
    table: &'a Source,
    /// What its plans are for.
    name: &'static str,
    /// Where the stages of its plans are listed.
    steps: &'a Steps,
}

impl<'a> OnTable<'a> {
    pub(super) const fn new(
        link: &'a ClusterLink,
        table: &'a Source,
        (name, steps): (&'static str, &'a Steps),
    ) -> Self {
        Self { link, table, name, steps }
    }

    /// Looks at the stages of a plan, which are no part of its answer: a failure is left to the answer.
    fn see_stages(&self, plan: &str, stages: &Stages, look: impl Fn() -> Result<(), QueryError>) {
        let mut client = self.link.client();
        let request = TasksRequest { plan: plan.to_owned() };
        if let Ok(reply) = self.wait(client.tasks(request), look) {
            stages.note(&reply.into_inner().stages);
        }
    }

    fn request(&self, plan: &Plan) -> Result<RunRequest, QueryError> {
        let content = self.table.content();
        let pieces = content.pieces();
        if pieces.count() > PIECES {
            let rule = format!("the table has more than {PIECES} pieces, the most of a cluster");
            return Err(QueryError::failed(rule));
        }
        Ok(RunRequest {
            name: format!("{} of {}", self.name, content.id()),
            ask: plan.ask.to_bytes()?,
            counts: matches!(plan.ask, Ask::Count { .. }),
            schema: ipc::schema_to_bytes(&plan.schema)?,
            group_rows: plan.group_rows.clone(),
            content: Some(Content {
                id: content.id().to_string(),
                bytes: pieces.bytes,
                piece_bytes: pieces.piece_bytes,
                digests: self.table.digests()?,
            }),
        })
    }

    /// Waits for something of the scheduler, and looks for a stop meanwhile.
    fn wait<T>(
        &self,
        what: impl Future<Output = Result<T, Status>>,
        look: impl Fn() -> Result<(), QueryError>,
    ) -> Result<T, QueryError> {
        let mut what = std::pin::pin!(what);
        loop {
            look()?;
            // A look may wait itself, so it is not inside of the runtime.
            let next = async { timeout(TICK, what.as_mut()).await };
            if let Ok(answered) = self.table.runtime().block_on(next) {
                return answered.map_err(|status| self.failed(&status));
            }
        }
    }

    /// The error of a status of the scheduler.
    fn failed(&self, status: &Status) -> QueryError {
        let reason = status.metadata().get(REASON).and_then(|reason| reason.to_str().ok());
        match reason.map(Reason::of_text) {
            Some(Reason::TooLarge) => QueryError::TooLarge,
            Some(Reason::Lost) => self.lost(status.message()),
            Some(Reason::Failed) => QueryError::failed(status.message()),
            // A connection that has ended has the code UNKNOWN or INTERNAL, and a cause.
            Some(Reason::Away) => self.link.away(status.message()),
            None => match (status.code(), status.source()) {
                (Code::InvalidArgument | Code::Unimplemented | Code::OutOfRange, _) => {
                    QueryError::failed(format!(
                        "another release of the engine: {}",
                        status.message()
                    ))
                }
                (_, Some(cause)) => self.link.away(&deepest(cause)),
                (_, None) => self.link.away(status.message()),
            },
        }
    }

    /// An executor has found a piece that is not whole: this server looks for itself, and notes the damage.
    fn lost(&self, message: &str) -> QueryError {
        let number = message.split_once("piece ").and_then(|(_, rest)| rest.split(' ').next());
        let error = number.and_then(|it| it.parse().ok()).and_then(|it| self.table.error_of(it));
        match error {
            Some(error) => QueryError::Read(error),
            None => self
                .link
                .away(&format!("an executor does not find what this server does: {message}")),
        }
    }
}

impl Cluster for OnTable<'_> {
    fn run(
        &self,
        plan: &Plan,
        look: &dyn Fn(u64) -> Result<(), QueryError>,
        each: &mut dyn FnMut(&[u8]) -> Result<(), QueryError>,
    ) -> Result<(), QueryError> {
        let request = self.request(plan)?;
        let mut client = self.link.client();
        let mut replies: Streaming<RunReply> =
            self.wait(client.run(request), || look(0))?.into_inner();
        let stages = Arc::new(Stages::default());
        self.steps.add(Arc::clone(&stages) as _);
        let (mut plan, mut rows_read, mut seen) = (String::new(), 0, Instant::now());
        loop {
            let reply = self.wait(replies.message(), || look(rows_read))?;
            let is_end = matches!(&reply, Some(RunReply { reply: Some(Reply::End(_)) }));
            match reply.and_then(|reply| reply.reply) {
                Some(Reply::Plan(name)) => plan = name,
                Some(Reply::RowsRead(rows)) => rows_read = rows,
                Some(Reply::Answer(bytes)) => each(&bytes)?,
                Some(Reply::End(_)) => {}
                None => return Err(self.link.away("its answer has no end")),
            }
            if is_end || seen.elapsed() >= STAGES_EVERY {
                self.see_stages(&plan, &stages, || look(rows_read));
                seen = Instant::now();
            }
            if is_end {
                return Ok(());
            }
        }
    }
}

/// The last cause, which names what the system has refused.
fn deepest(error: &dyn Error) -> String {
    let mut last = error;
    while let Some(next) = last.source() {
        last = next;
    }
    last.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_engine_that_is_away_is_named_with_its_address() {
        let link = ClusterLink::new("127.0.0.1:1").expect("an address");
        let error = link.away("connection refused");
        assert_eq!(
            error.to_string(),
            "the engine at 127.0.0.1:1 is unavailable: connection refused"
        );
        assert!(ClusterLink::new("no address at all").is_err());
    }
}
