//! Rows of a source at the end of a sheet: ordinary edits, one after the other.
//!
//! Not the edits themselves (`edited`). Invariant: the name of an edit follows from the job and the edit's number, and each
//! attempt has the same rows for it, so none of them is applied twice; an attempt whose names may be forgotten appends nothing.

use jobs::{Failure, Job};
use ot_engine::Revision;

use super::batches::{Batches, Row, rows_of};
use super::context::{Context, Filled};
use super::done::Done;
use super::edited::Edited;
use super::names::{Names, may_be_forgotten};
use crate::service::transfers::source::Source;
use model::{AccountId, SheetId};

/// The cells and the bytes of one edit.
type Sizes = (u32, usize);

/// Appends the rows.
pub(super) async fn fill(
    fill: &Context,
    job: &Job,
    (account, source): (AccountId, &Source),
    (sheet, sizes): (SheetId, Sizes),
    (names, done): (Names, &Done),
) -> Result<Filled, Failure> {
    if may_be_forgotten(job.id()) {
        let floor = fill.store.history_floor(sheet).await?;
        if floor.is_some_and(|floor| floor > Revision(0)) {
            let text = "the sheet may have forgotten which rows an earlier attempt has appended; begin another job";
            return Err(Failure::Final(text.to_owned()));
        }
    }
    let mut edited =
        Edited::begin(fill, job, (account, source), (sheet, None), (names, done)).await?;
    append(fill, source, sizes, &mut edited).await?;
    Ok(edited.end())
}

async fn append(
    fill: &Context,
    source: &Source,
    sizes: Sizes,
    edited: &mut Edited<'_>,
) -> Result<(), Failure> {
    let columns = source.columns.len();
    let mut batches = Batches::new(columns, sizes);
    let at_once = rows_of((columns, sizes.0));
    let mut rows = fill.rows(source, source.columns.clone(), at_once);
    let (mut number, mut edits) = (0, 0);
    while let Some(part) = rows.next().await? {
        for values in part {
            number += 1;
            if let Some(full) = batches.add(Row { number, values }) {
                edits += 1;
                edited.append(full, Some(edits)).await?;
                edited.progress(number - 1);
            }
        }
    }
    if let Some(last) = batches.take() {
        edited.append(last, Some(edits + 1)).await?;
    }
    edited.progress(number);
    Ok(())
}
