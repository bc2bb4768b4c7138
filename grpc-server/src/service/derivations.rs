//! `gridloom.v1.DerivationService`: new files of the tables of files, by formulas, groups, joins, and the answers of remote APIs.
//! Each one is a job.
//!
//! | file | holds |
//! | --- | --- |
//! | `calls` | the calls on the wire |
//! | `begin` | a request, and its job |
//! | `checked` | the operation of a request, checked against the columns of its source |
//! | `columns` | the columns that a request names, and the names of new ones |
//! | `formulas` | formulas over the columns of a source |
//! | `operation` | an operation in the parameters of a job, and as the engine takes it |
//! | `kind` | the kind of jobs `derive-file` |
//! | `preview` | the first rows with computed columns |
//! | `enrich` | the answers of remote APIs |
//!
//! Not the queries (the crate `engine`), not the requests to other servers (the crate `outbound`), and not the file that a job
//! makes (`transfers`). Invariants: a call finds the files on which its account has a role; what is checked at the call is checked
//! again when the job runs; a source stays as it is.

mod begin;
mod calls;
mod checked;
mod columns;
mod enrich;
mod formulas;
mod kind;
mod operation;
mod preview;

use std::sync::Arc;

use outbound::Outbound;

pub(crate) use self::enrich::EnrichFile;
pub(crate) use self::kind::DeriveFile;
use crate::service::files::CheckedPlace;
use crate::service::tables::{OpenTables, Queries};
use crate::service::turns::Turns;
use jobs::Queue;
use model::limits::FileLimits;
use model::limits::outbound::{ENRICH_PREVIEWS, ENRICH_PREVIEWS_AT_ONCE};
use model::limits::tables::{PREVIEWS, PREVIEWS_AT_ONCE};
use store::Store;

/// Serves derivations.
pub(crate) struct Derivations {
    store: Store,
    place: Arc<CheckedPlace>,
    queue: Queue,
    files: FileLimits,
    open: Arc<OpenTables>,
    engine: Queries,
    /// Sends the requests of enrichments.
    outbound: Outbound,
    /// The turns to preview computed columns.
    previews: Turns,
    /// The turns to preview an enrichment.
    enrich_previews: Turns,
    /// The bytes of an answer.
    message_bytes: usize,
}

impl Derivations {
    pub(crate) fn new(
        (store, place): (Store, Arc<CheckedPlace>),
        queue: Queue,
        (engine, outbound): (Queries, Outbound),
        (files, message_bytes): (FileLimits, usize),
    ) -> Self {
        let open = Arc::new(OpenTables::new(store.clone(), Arc::clone(&place)));
        let previews = Turns::new(PREVIEWS, PREVIEWS_AT_ONCE);
        Self {
            store,
            place,
            queue,
            files,
            open,
            engine,
            outbound,
            previews,
            // An API that hangs keeps no other preview waiting.
            enrich_previews: Turns::new(ENRICH_PREVIEWS, ENRICH_PREVIEWS_AT_ONCE),
            message_bytes,
        }
    }
}
