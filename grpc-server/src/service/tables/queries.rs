//! The engine of queries, whose files leave the reserve of their disk to the journal and Postgres.
//!
//! Not the bound in bytes of those files, which the engine has. Invariant: while queries have files on a disk with less than
//! its reserve, each query ends at its next look.

mod cluster;

use std::fs::{self, DirEntry};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use engine::{Derived, Engine, Formula, Operation, Progress, QueryError, Question, Steps, Summary};
use ot_engine::Value;
use tables::{Bytes, OutColumn};

use self::cluster::OnTable;
pub(crate) use self::cluster::{ClusterLink, WorkerFact};
use super::content::source::Source;
use crate::edge::quotas;
use crate::machine;
use model::RowFilter;

/// Receives how far a query is. True: the query is to stop.
type Watch<'a> = &'a (dyn Fn(Progress) -> bool + Sync);

/// Takes rows of a result, in parts of bounded cells and bytes.
type Each<'a> = dyn FnMut(Vec<Vec<Value>>) -> Result<(), QueryError> + 'a;

/// Answers queries over tables. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Queries {
    engine: Engine,
    /// Sorts and counts in place of this process.
    cluster: Option<ClusterLink>,
    /// Has the files of queries alone.
    dir: Arc<Path>,
    /// The free bytes that its disk keeps; `None`: as many as for sheets.
    reserve: Option<u64>,
}

impl Queries {
    /// Those of an engine whose files lie in a folder.
    pub(crate) fn new(engine: Engine, dir: PathBuf, reserve: Option<u64>) -> Self {
        Self { engine, cluster: None, dir: dir.into(), reserve }
    }

    /// The same, with a cluster that sorts and counts.
    pub(crate) fn with_cluster(self, cluster: Option<ClusterLink>) -> Self {
        Self { cluster, ..self }
    }

    /// The same engine, whose queries report their steps here.
    pub(in crate::service) fn with_steps(&self, steps: &Steps) -> Self {
        Self { engine: self.engine.with_steps(steps), ..self.clone() }
    }

    /// The name of the engine: `embedded`, or the address of a distributed one.
    pub(in crate::service) fn name(&self) -> String {
        match &self.cluster {
            Some(link) => link.name(),
            None => "embedded".to_owned(),
        }
    }

    /// The scheduler and the executors of a distributed engine, the scheduler first; none of the embedded one, which the servers
    /// themselves are.
    pub(in crate::service) async fn workers(&self) -> Vec<WorkerFact> {
        match &self.cluster {
            Some(link) => link.workers().await,
            None => Vec::new(),
        }
    }

    /// The threads and the memory in bytes that this server has for queries.
    pub(crate) fn room(&self) -> (usize, usize) {
        (self.engine.threads(), self.engine.memory_bytes())
    }

    /// As [`Engine::view`].
    pub(super) fn view(
        &self,
        table: Arc<Source>,
        question: &Question,
        out: &mut (dyn Write + Send),
        watch: Watch<'_>,
    ) -> Result<u64, QueryError> {
        self.within_reserve(watch, |watch| match &self.cluster {
            Some(link) => {
                let cluster = OnTable::new(link, &table, ("view", self.engine.steps()));
                self.engine.view_on(&cluster, table.clone(), question, out, watch)
            }
            None => self.engine.view(table, question, out, watch),
        })
    }

    /// As [`Engine::summary`].
    pub(super) fn summary(
        &self,
        table: Arc<Source>,
        column: usize,
        filter: &RowFilter,
        values: usize,
        watch: Watch<'_>,
    ) -> Result<Summary, QueryError> {
        self.within_reserve(watch, |watch| match &self.cluster {
            Some(link) => {
                let cluster = OnTable::new(link, &table, ("summary", self.engine.steps()));
                let asked = (filter, values);
                self.engine.summary_on(&cluster, table.clone(), column, asked, watch)
            }
            None => self.engine.summary(table, column, filter, values, watch),
        })
    }

    /// As [`Engine::derived_columns`].
    pub(in crate::service) fn derived_columns(
        &self,
        table: &Arc<dyn Bytes>,
        columns: &[usize],
        operation: &Operation,
    ) -> Result<Vec<OutColumn>, QueryError> {
        self.engine.derived_columns(table, columns, operation)
    }

    /// As [`Engine::derive`].
    pub(in crate::service) fn derive(
        &self,
        table: Arc<dyn Bytes>,
        columns: &[usize],
        operation: &Operation,
        each: &mut Each<'_>,
        watch: Watch<'_>,
    ) -> Result<Derived, QueryError> {
        self.within_reserve(watch, |watch| {
            self.engine.derive(table, columns, operation, each, watch)
        })
    }

    /// As [`Engine::preview`].
    pub(in crate::service) fn preview(
        &self,
        table: Arc<dyn Bytes>,
        columns: &[usize],
        add: &[(Arc<str>, Formula)],
        rows: usize,
        is_over: &dyn Fn() -> bool,
    ) -> Result<(Vec<Vec<Value>>, Vec<String>), QueryError> {
        self.engine.preview(table, columns, add, rows, is_over)
    }

    /// Runs a query that is also stopped where queries have taken the disk down to its reserve.
    fn within_reserve<T>(
        &self,
        watch: Watch<'_>,
        query: impl FnOnce(Watch<'_>) -> Result<T, QueryError>,
    ) -> Result<T, QueryError> {
        let is_full = AtomicBool::new(false);
        let looks = |progress: Progress| {
            let is_over = watch(progress);
            if !is_over && self.has_filled_disk() {
                is_full.store(true, Ordering::Relaxed);
            }
            is_over || is_full.load(Ordering::Relaxed)
        };
        match query(&looks) {
            Err(QueryError::Stopped) if is_full.load(Ordering::Relaxed) => {
                Err(QueryError::TooLarge)
            }
            answered => answered,
        }
    }

    fn has_filled_disk(&self) -> bool {
        let is_low = machine::disk_bytes(&self.dir)
            .is_some_and(|(free, total)| free < quotas::disk_reserve(self.reserve, total));
        is_low && has_files(&self.dir)
    }
}

/// Whether a folder, or a folder in it, has a file.
fn has_files(dir: &Path) -> bool {
    entries(dir).any(|entry| entry.path().is_file() || entries(&entry.path()).next().is_some())
}

/// What a folder has; nothing where that can't be read.
fn entries(dir: &Path) -> impl Iterator<Item = DirEntry> + use<> {
    fs::read_dir(dir).into_iter().flatten().flatten()
}

#[cfg(test)]
mod tests {
    use engine::QueryLimits;

    use super::*;

    fn ask(queries: &Queries, is_over: bool) -> Result<(), QueryError> {
        queries.within_reserve(&|_: Progress| is_over, |watch| match watch(Progress::default()) {
            true => Err(QueryError::Stopped),
            false => Ok(()),
        })
    }

    #[test]
    fn a_query_ends_where_files_of_queries_take_the_reserve() {
        let folder = tempfile::tempdir().expect("a folder");
        let dir = folder.path().join("0");
        let (memory_bytes, disk_bytes) = (64 << 20, 1 << 20);
        let limits = QueryLimits { memory_bytes, disk_bytes, dir: dir.clone(), threads: 1 };
        let engine = Engine::new(limits).expect("an engine");
        let low = Queries::new(engine.clone(), dir.clone(), Some(u64::MAX));
        let roomy = Queries::new(engine, dir.clone(), Some(0));
        assert!(ask(&low, false).is_ok(), "a query in memory takes no disk");
        let sorted = dir.join("sorted");
        fs::create_dir(&sorted).expect("is made");
        fs::write(sorted.join("rows"), b"rows").expect("is written");
        assert!(matches!(ask(&low, false), Err(QueryError::TooLarge)));
        assert!(matches!(ask(&low, true), Err(QueryError::Stopped)), "its caller has left");
        assert!(ask(&roomy, false).is_ok());
    }
}
