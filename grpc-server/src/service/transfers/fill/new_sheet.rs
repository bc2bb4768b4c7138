//! A new sheet of the rows of a source: one transaction, as an import is.
//!
//! Not an import of a file in pieces (`service::sheets`). Invariants: the sheet has the id of the job, so an attempt finds what
//! an earlier one has made; an attempt that ends before leaves nothing.

use std::sync::Arc;

use heavy_work::{Caller, drive};
use jobs::{Failure, Job};
use store::{ImportWriter, NewImport, Store, StoreError};

use super::batches::rows_of;
use super::columns::{self, SourceColumn};
use super::context::{Context, Filled};
use super::failures::{failure, other_release, panicked, unless_cancelled};
use super::notes::Notes;
use super::rows::Part;
use super::rules::{Refused, Rules};
use super::target::edit_cells;
use crate::edge::errors::ServiceError;
use crate::service::files::file_of_job;
use crate::service::transfers::source::Source;
use model::storage::ImportedBytes;
use model::{AccountId, Role, SheetId};

/// What another attempt has made.
pub(super) async fn made(store: &Store, job: &Job) -> Result<Option<Filled>, Failure> {
    let sheet = SheetId(job.id().0);
    let found = store.sheet_summary(sheet).await?;
    Ok(found.map(|found| {
        let mut notes = Notes::default();
        notes.add("Another attempt has made the sheet; its notes are lost.");
        Filled { sheet, rows: u64::from(found.row_count), notes }
    }))
}

/// Makes the sheet, unless another attempt does so meanwhile.
pub(super) async fn fill(
    fill: &Context,
    job: &Job,
    source: (AccountId, &Source),
    name: &str,
) -> Result<Filled, Failure> {
    match make(fill, job, source, name).await {
        Ok(filled) => Ok(filled),
        // Postgres refuses rows that a sheet with this id has already.
        Err(why) => made(&fill.store, job).await.ok().flatten().ok_or(why),
    }
}

async fn make(
    fill: &Context,
    job: &Job,
    (account, source): (AccountId, &Source),
    name: &str,
) -> Result<Filled, Failure> {
    let columns = columns::of_source(source);
    let total = source.rows();
    let stored = fill.parts.quotas.check_stored(account).await.map_err(failure)?;
    let import = NewImport { id: SheetId(job.id().0), owner: account, name: name.into() };
    let limits = fill.parts.registry.shared().edit_limits;
    let mut writing = Writing {
        writer: fill.store.import(import).await?,
        imported: ImportedBytes::new(stored),
        rules: Rules::open(limits, columns.len()),
        refused: Refused::default(),
        row_bytes: fill.parts.limits.row_bytes as usize,
    };
    let at_once = rows_of((columns.len(), edit_cells(&fill.parts.limits)));
    let mut rows = fill.rows(source, source.columns.clone(), at_once);
    let step = fill.write_later();
    while let Some(part) = rows.next().await? {
        unless_cancelled(job)?;
        let write = Arc::clone(step.begun()).polls(async move {
            let written = writing.write(part).await;
            (writing, written)
        });
        let (back, written) = drive(Caller::Account(account), write).await.map_err(panicked)?;
        writing = back;
        written?;
        step.begun().rows_are(u64::from(writing.writer.rows()));
        job.progress(u64::from(writing.writer.rows()), Some(total));
    }
    unless_cancelled(job)?;
    // The role on the file may have ended since the last look.
    file_of_job(&fill.store, account, source.file.id, Role::Viewer).await?;
    let write = Arc::clone(step.begun());
    let filled = Arc::clone(&write).polls(writing.finish(fill, job, &columns)).await;
    write.task_ends();
    filled
}

/// A sheet that is written.
struct Writing {
    writer: ImportWriter,
    imported: ImportedBytes,
    rules: Rules,
    refused: Refused,
    /// The most bytes of a row.
    row_bytes: usize,
}

impl Writing {
    async fn write(&mut self, part: Part) -> Result<(), Failure> {
        for values in part {
            let number = u64::from(self.writer.rows()) + 1;
            let values: Vec<_> = (0..)
                .zip(values)
                .map(|(at, value)| self.rules.take((number, at), value, &mut self.refused))
                .map(Option::unwrap_or_default)
                .collect();
            let bytes: usize = values.iter().map(model::stored_bytes).sum();
            if bytes > self.row_bytes {
                let most = self.row_bytes;
                return Err(Failure::Final(format!(
                    "row {number} would hold {bytes} bytes; one row may hold {most} (row_bytes); choose fewer columns"
                )));
            }
            self.writer.write_row(&values).await?;
        }
        let room = self.imported.set(self.writer.bytes());
        room.map_err(|exceeded| failure(ServiceError::Stored(exceeded)))
    }

    /// Makes the sheet, where the account has a place for it.
    async fn finish(
        self,
        fill: &Context,
        job: &Job,
        columns: &[SourceColumn],
    ) -> Result<Filled, Failure> {
        let Self { writer, imported, refused, .. } = self;
        let owner = job.account().ok_or_else(other_release)?;
        let _place = fill.parts.quotas.new_sheet(owner).await.map_err(failure)?;
        let rows = u64::from(writer.rows());
        let made = writer.finish(columns.iter().map(SourceColumn::made).collect()).await;
        match made {
            // Another attempt may have made it at the same time.
            Ok(_) | Err(StoreError::AlreadyExists(_)) => {}
            Err(error) => return Err(error.into()),
        }
        drop(imported);
        let mut notes = Notes::default();
        refused.note(columns, &mut notes);
        Ok(Filled { sheet: SheetId(job.id().0), rows, notes })
    }
}
