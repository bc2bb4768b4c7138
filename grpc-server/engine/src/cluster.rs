//! Queries whose sorting or counting happens in other processes, which read the table themselves.
//!
//! Not how they are reached: the server has a client for them. Invariants: the rows of a cluster come in the order of their
//! keys, as those of `sorted` do, and their form is checked; nothing of a cluster is linked here.

mod ask;
pub mod ipc;

use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use tables::Table;

pub use self::ask::Ask;
use crate::error::caught;
use crate::{Progress, QueryError, Watch};

/// A part of a query, as other processes run it.
#[derive(Clone, Debug)]
pub struct Plan {
    /// What is asked of the table.
    pub ask: Ask,
    /// The form of the rows that are read: the columns that were picked, and the keys as the last one.
    pub schema: SchemaRef,
    /// The rows of each group of the table.
    pub group_rows: Vec<u64>,
}

/// Other processes that run plans over one table.
pub trait Cluster: Sync {
    /// Visits the bytes of the answer, a stream of Arrow IPC: rows in ascending order of their keys, or each key once with the
    /// number of its rows. `look` receives the rows that are read so far, several times in a second. It blocks.
    ///
    /// # Errors
    /// What `look` or `each` returns, [`QueryError::Unavailable`], or why the plan has failed.
    fn run(
        &self,
        plan: &Plan,
        look: &dyn Fn(u64) -> Result<(), QueryError>,
        each: &mut dyn FnMut(&[u8]) -> Result<(), QueryError>,
    ) -> Result<(), QueryError>;
}

/// Visits the batches of a plan of a cluster.
pub(crate) fn run_on(
    cluster: &dyn Cluster,
    table: &Table,
    (ask, schema): (Ask, &SchemaRef),
    watch: Watch<'_>,
    each: &mut dyn FnMut(RecordBatch) -> Result<(), QueryError>,
) -> Result<(), QueryError> {
    let answers = answers(&ask, schema);
    let groups = (0..table.groups()).map(|group| table.group_rows(group));
    let group_rows = groups.map(|rows| rows.end - rows.start).collect();
    let plan = Plan { ask, schema: Arc::clone(schema), group_rows };
    let of = table.rows();
    let look = |rows: u64| match watch(Progress { rows: rows.min(of), of }) {
        true => Err(QueryError::Stopped),
        false => Ok(()),
    };
    look(0)?;
    let mut reader = ipc::Reader::new();
    cluster.run(&plan, &look, &mut |bytes| {
        reader.read(bytes, &mut |batch| {
            let batch = RecordBatch::try_new(Arc::clone(&answers), batch.columns().to_vec());
            caught(|| each(batch.map_err(QueryError::failed)?))
        })
    })?;
    reader.finish()
}

/// The form of the answer.
fn answers(ask: &Ask, schema: &SchemaRef) -> SchemaRef {
    match ask {
        Ask::Sort(_) => Arc::clone(schema),
        Ask::Count { .. } => {
            let mut fields: Vec<_> = schema.fields().iter().map(Arc::clone).collect();
            fields.push(Arc::new(Field::new(COUNT, DataType::Int64, false)));
            Arc::new(Schema::new(fields))
        }
    }
}

/// The name of the column of counts.
const COUNT: &str = "count";
