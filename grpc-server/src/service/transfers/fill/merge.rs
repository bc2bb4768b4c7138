//! Rows of a source that are merged into a sheet by a key: a row whose key the sheet has changes the cells that differ, and
//! others are appended.
//!
//! Not the comparison of rows (`changes`). Invariants: what was changed after the request stays, at each attempt; a second attempt
//! finds what the first one has made by the keys, and makes nothing twice; rows without a key, and with one that either side has
//! more than once, change nothing and are reported. A key that another person adds to the sheet after its keys were read is not
//! seen.

use std::collections::BTreeSet;

use heavy_work::{Caller, Size, drive, run_sized};
use jobs::{Failure, Job};
use ot_engine::{ColumnId, Revision, Value};

use super::batches::{Batches, Row, rows_of};
use super::changes::{Changes, Since, Wanted};
use super::context::{Context, Filled};
use super::done::Done;
use super::edited::Edited;
use super::failures::{failure, other_release, panicked, unless_cancelled};
use super::keys::{Keys, Match};
use super::names::Names;
use super::notes::quoted;
use super::rows::Part;
use super::target::edit_cells;
use crate::service::transfers::source::Source;
use model::limits::tables::FILL_EDIT_BYTES;
use model::{AccountId, SheetId};

/// Keys that a sentence names.
const NAMED: usize = 5;
/// Keys that are read at once.
const KEYS: usize = 1_000;

/// A merge under way.
struct Merge<'a> {
    edited: Edited<'a>,
    /// The place of the key in the source.
    key: usize,
    keys: Keys,
    changes: Changes,
    batches: Batches,
    /// Rows without a key.
    without: u64,
    /// Rows whose key is there more than once, and the first of these keys.
    several: u64,
    named: BTreeSet<String>,
    /// The rows of the source so far.
    number: u64,
}

/// Merges the rows.
pub(super) async fn fill(
    fill: &Context,
    job: &Job,
    (account, source): (AccountId, &Source),
    (sheet, key, sheet_key): (SheetId, usize, u64),
    (since, names, done): (Option<u64>, Names, &Done),
) -> Result<Filled, Failure> {
    let column = ColumnId(sheet_key);
    let in_table = source.columns.get(key).copied();
    let in_table = in_table.ok_or_else(other_release)?;
    let of = (sheet, Some((key, column)));
    let edited = Edited::begin(fill, job, (account, source), of, (names, done)).await?;
    let keys = keys_of_source(fill, (job, account), source, in_table).await?;
    let since = match since {
        Some(since) => Revision(since),
        None => edited.sheet.window(0..0).await.map_err(failure)?.revision,
    };
    edited.sheet.flushed().await.map_err(failure)?;
    let since = Since::new(fill, (account, sheet), since);
    let keys = keys_of_sheet(fill, (job, account), (sheet, column), keys).await?;
    let cells = edit_cells(&fill.parts.limits);
    let mut merge = Merge {
        edited,
        key,
        keys,
        changes: Changes::new((key, column), since, cells),
        batches: Batches::new(source.columns.len(), (cells, FILL_EDIT_BYTES)),
        without: 0,
        several: 0,
        named: BTreeSet::new(),
        number: 0,
    };
    merge.all(fill, source, cells).await?;
    Ok(merge.end())
}

/// The keys of the source.
async fn keys_of_source(
    fill: &Context,
    (job, account): (&Job, AccountId),
    source: &Source,
    column: usize,
) -> Result<Keys, Failure> {
    let mut keys = Keys::default();
    let mut rows = fill.keys(source, column, KEYS);
    while let Some(part) = rows.next().await? {
        unless_cancelled(job)?;
        let size = Size::Items(part.len());
        let add = move || {
            part.iter().for_each(|row| keys.add(row.first().unwrap_or(&Value::Empty)));
            keys
        };
        keys = run_sized(Caller::Account(account), size, add).await.map_err(panicked)?;
    }
    Ok(keys)
}

/// Finds the rows of the sheet that have keys of the source, as the sheet is at one moment.
async fn keys_of_sheet(
    fill: &Context,
    (job, account): (&Job, AccountId),
    (sheet, column): (SheetId, ColumnId),
    mut keys: Keys,
) -> Result<Keys, Failure> {
    let deleted = || Failure::Final("the sheet was deleted".to_owned());
    let mut reader = fill.store.export(sheet).await?.ok_or_else(deleted)?;
    loop {
        unless_cancelled(job)?;
        let step = async move {
            let page = reader.next_page().await;
            if let Ok(Some(page)) = &page {
                page.iter().for_each(|(row, body)| keys.is_in_sheet(*row, body.get(column)));
            }
            (page.map(|page| page.is_some()), reader, keys)
        };
        let stepped = drive(Caller::Account(account), step).await;
        let (is_more, same, found) = stepped.map_err(panicked)?;
        (reader, keys) = (same, found);
        if !is_more? {
            return Ok(keys);
        }
    }
}

impl Merge<'_> {
    async fn all(
        &mut self,
        fill: &Context,
        source: &Source,
        edit_cells: u32,
    ) -> Result<(), Failure> {
        let at_once = rows_of((source.columns.len(), edit_cells));
        let mut rows = fill.rows(source, source.columns.clone(), at_once);
        while let Some(part) = rows.next().await? {
            unless_cancelled(self.edited.job)?;
            let (wanted, new) = self.sort(part);
            self.changes.find(&mut self.edited, wanted).await?;
            for row in new {
                if let Some(full) = self.batches.add(row) {
                    self.edited.append(full, None).await?;
                }
            }
            self.edited.progress(self.number);
        }
        self.changes.edit(&mut self.edited).await?;
        match self.batches.take() {
            Some(last) => self.edited.append(last, None).await,
            None => Ok(()),
        }
    }

    /// The rows whose key the sheet has, and the new ones.
    fn sort(&mut self, part: Part) -> (Wanted, Vec<Row>) {
        let (mut wanted, mut new) = (Wanted::new(), Vec::new());
        for values in part {
            self.number += 1;
            let number = self.number;
            let value = values.get(self.key).unwrap_or(&Value::Empty);
            match self.keys.find(value) {
                Match::None => self.without += 1,
                Match::Several => {
                    self.several += 1;
                    if self.named.len() < NAMED {
                        self.named.insert(quoted(&values::exact(value)));
                    }
                }
                Match::New => new.push(Row { number, values }),
                Match::Row(row) => {
                    wanted.insert(row, Row { number, values });
                }
            }
        }
        (wanted, new)
    }

    fn end(self) -> Filled {
        let Self { mut edited, changes, without, several, named, .. } = self;
        changes.note(&mut edited.notes);
        let notes = &mut edited.notes;
        notes.count(without, "row has no key and is left out", "rows have no key and are left out");
        if several > 0 {
            let named = named.into_iter().collect::<Vec<_>>().join(", ");
            notes.add(format!(
                "{several} rows are left out, since the source or the sheet has their keys more than once: {named}."
            ));
        }
        edited.end()
    }
}
