//! `gridloom.v1.TransferService`: saves tables and sheets as new files, and fills sheets from tables. Each transfer is a job.
//!
//! | file | holds |
//! | --- | --- |
//! | `calls` | the calls on the wire |
//! | `source` | the rows of a request: a table or a view of it, with columns, checked at the call and found again in the job |
//! | `saved` | what a file is saved as: its format and its name |
//! | `enqueue` | the begin of each job that makes a file |
//! | `begin` | the jobs that save, enqueued |
//! | `make` | the file that a job makes |
//! | `save` | the kind of jobs that save |
//! | `write` | a file that is written, piece by piece |
//! | `table_rows`, `sheet_rows` | the rows that are saved |
//! | `notes` | sentences of a job, within their limits |
//! | `fill` | sheets that are filled |
//! | `parts` | what fills a sheet besides the source |
//!
//! The jobs of `derivations` make files by the same parts. Not the formats (the crate `tables`). Invariants: a call finds the files
//! on which its account has a role, and the sheets that it may read; what is checked at the call is checked again when the job
//! runs.

mod begin;
mod calls;
pub(in crate::service) mod enqueue;
mod fill;
pub(in crate::service) mod make;
mod notes;
mod parts;
mod save;
pub(in crate::service) mod saved;
mod sheet_rows;
pub(in crate::service) mod source;
mod table_rows;
pub(in crate::service) mod write;

use std::sync::Arc;

pub(crate) use self::fill::FillSheet;
pub(crate) use self::make::SaveParts;
pub(crate) use self::parts::FillParts;
pub(crate) use self::save::SaveFile;
use crate::edge::rights::access::Access;
use crate::service::files::CheckedPlace;
use jobs::Queue;
use model::limits::FileLimits;
use sheet::Registry;
use store::Store;

/// Serves transfers.
pub(crate) struct Transfers {
    store: Store,
    place: Arc<CheckedPlace>,
    queue: Queue,
    access: Access,
    /// The open sheets: a job reads what Postgres has, so a call waits for the edits before it.
    registry: Registry,
    files: FileLimits,
    fill: FillParts,
}

impl Transfers {
    pub(crate) fn new(
        (store, place): (Store, Arc<CheckedPlace>),
        queue: Queue,
        (access, registry): (Access, Registry),
        files: FileLimits,
        fill: FillParts,
    ) -> Self {
        Self { store, place, queue, access, registry, files, fill }
    }
}
