//! The list of changes with its filters and pages, and older revisions.
//!
//! Holds nothing of a sheet: a page's token contains where the next one begins. Invariant: a call receives a
//! bounded number of changes from the store, which looks through a bounded number of revisions, and the next page
//! continues from there.

mod revision;
mod token;

use gridloom::{convert, v1};
use ot_engine::{AxisDelta, Delta, Revision, Run};
use prost::Message;

pub(super) use self::revision::{get, read_on};
use self::token::Place;
use crate::edge::errors::ServiceError;
use crate::edge::pages::Paged;
use model::gesture::group_of_call;
use model::{EditGroup, Entry, Origin, SheetId};
use sheet::fanout::published::origin_to_wire;
use sheet::time_travel::lines::Lines;
use store::{ChangeFilter, Listed, Store};

const PAGE: u32 = 50;
const PAGE_MOST: u32 = 500;
/// Changes that one call looks at; with a filter, few of them may fit.
const SCANNED_CHANGES: usize = 10_000;
/// Parts of the log that one call looks through, of `SCANNED_REVISIONS` each.
const SCANNED_PARTS: usize = 4;
/// Changes fetched in one query while searching for those that fit a filter.
const FETCHED_CHANGES: u32 = 500;
/// The bytes that a message takes inside another one, besides its content.
const FIELD_BYTES: usize = 16;
/// The bytes of the answer besides its changes: the longest token, and some.
const ANSWER_BYTES: usize = 8192;
/// The last microsecond of the year 9999; no change is later.
const TIME_MOST_MICROS: i64 = 253_402_300_799_999_999;

/// A page of the changes of a sheet whose newest revision is `head`.
pub(super) async fn list(
    store: &Store,
    sheet: SheetId,
    head: Revision,
    request: v1::ListChangesRequest,
    message_bytes: u32,
) -> Result<v1::ListChangesResponse, ServiceError> {
    let asked: Option<Place> = request.place()?;
    let epoch = epoch(store, sheet).await?;
    if asked.as_ref().is_some_and(|place| place.epoch != epoch) {
        return Err(ServiceError::PageOfAnotherHistory);
    }
    let place = asked.unwrap_or_else(|| Place {
        epoch,
        revision: head,
        rows: lines(request.rows),
        cols: lines(request.cols),
    });
    let filter = filter(&request, &place)?;
    let room = match request.page_size {
        0 => PAGE,
        size => size.min(PAGE_MOST),
    };
    let mut page = Page {
        changes: Vec::new(),
        bytes: (message_bytes as usize).saturating_sub(ANSWER_BYTES),
        room: room as usize,
        deltas: request.include_deltas,
        place,
    };
    let floor = store.history_floor(sheet).await?.ok_or(ServiceError::NotFound("sheet"))?;
    page.fill(store, sheet, &filter, floor).await?;
    let next = (!page.place.is_end()).then(|| request.next_page_token(&page.place));
    let next_page_token = next.unwrap_or_default();
    let oldest_revision = floor.0;
    Ok(v1::ListChangesResponse { changes: page.changes, next_page_token, oldest_revision })
}

/// The epoch of a sheet's history: the revision of a page token is another one in another history.
async fn epoch(store: &Store, sheet: SheetId) -> Result<u64, ServiceError> {
    let stamps = store.stamps(&[sheet]).await?;
    let (_, stamp) = stamps.first().ok_or(ServiceError::NotFound("sheet"))?;
    Ok(stamp.epoch)
}

fn filter(request: &v1::ListChangesRequest, place: &Place) -> Result<ChangeFilter, ServiceError> {
    let time = |field: &str, micros: i64| match micros {
        0 => Ok(None),
        1.. => Ok(Some(micros.min(TIME_MOST_MICROS))),
        _ => Err(ServiceError::malformed(field, "must not be before 1970")),
    };
    let account = match request.author_id.as_str() {
        "" => None,
        id => {
            let rule = "must be an account's id";
            Some(id.parse().map_err(|_| ServiceError::malformed("author_id", rule))?)
        }
    };
    Ok(ChangeFilter {
        account,
        from_micros: time("from_micros", request.from_micros)?,
        until_micros: time("until_micros", request.until_micros)?,
        and_of_lines: place.rows.is_some() || place.cols.is_some(),
    })
}

fn lines(range: Option<v1::Range>) -> Option<Lines> {
    let range = range?;
    Some(Lines::new(std::iter::once(range.start..range.start.saturating_add(range.count))))
}

/// A page that is being filled.
struct Page {
    changes: Vec<v1::ChangeRecord>,
    /// The bytes that are left of a message.
    bytes: usize,
    room: usize,
    deltas: bool,
    place: Place,
}

impl Page {
    /// Reads until the page is full, the history ends at its `floor`, or a bound of one call is reached.
    async fn fill(
        &mut self,
        store: &Store,
        sheet: SheetId,
        filter: &ChangeFilter,
        floor: Revision,
    ) -> Result<(), ServiceError> {
        // Without lines to follow, every change that is read fits.
        let all_fit = !filter.and_of_lines;
        let (mut scanned, mut parts) = (0, 0);
        while scanned < SCANNED_CHANGES && parts < SCANNED_PARTS && !self.place.is_end() {
            let limit = if all_fit { self.room as u32 } else { FETCHED_CHANGES };
            let read = store.changes_back(sheet, self.place.revision, filter, limit).await?;
            scanned += read.changes.len();
            parts += 1;
            for listed in &read.changes {
                if !self.take(listed) {
                    return Ok(());
                }
            }
            // Older changes are gone.
            self.place.revision = if read.rest >= floor { read.rest } else { Revision(0) };
        }
        Ok(())
    }

    /// Adds the next older change; false when it belongs to the next page.
    fn take(&mut self, listed: &Listed) -> bool {
        let delta = &listed.entry.delta;
        if listed.fits && self.place.is_touched_by(delta) {
            if self.room == 0 {
                return false;
            }
            let record = self.record(listed);
            let bytes = record.encoded_len() + FIELD_BYTES;
            if bytes > self.bytes && !self.changes.is_empty() {
                return false;
            }
            self.bytes = self.bytes.saturating_sub(bytes);
            self.room -= 1;
            self.changes.push(record);
        }
        self.place.go_before(listed.entry.revision, delta);
        // A full page ends here, so that the token does not depend on what comes next.
        self.room > 0
    }

    fn record(&self, listed: &Listed) -> v1::ChangeRecord {
        let mut record = record_to_wire(&listed.entry, listed.author.clone());
        if self.deltas {
            let delta = convert::delta_to_wire(&listed.entry.delta);
            let first = self.changes.is_empty();
            let fits = record.encoded_len() + delta.encoded_len() + FIELD_BYTES <= self.bytes;
            record.delta = (fits || !first).then_some(delta);
        }
        record
    }
}

fn record_to_wire(entry: &Entry, author_name: String) -> v1::ChangeRecord {
    let Delta { rows, cols, cells, columns } = &*entry.delta;
    let (rows, cols) = (Counts::of(rows), Counts::of(cols));
    let (origin, target) = origin_to_wire(entry.origin);
    let count = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
    v1::ChangeRecord {
        revision: entry.revision.0,
        author_id: entry.account.to_string(),
        author_name,
        time_micros: entry.at_micros,
        origin: origin.into(),
        target_revision: target.0,
        cells_set: count(cells.len()),
        rows_inserted: rows.inserted,
        rows_deleted: rows.deleted,
        rows_moved: rows.moved,
        cols_inserted: cols.inserted,
        cols_deleted: cols.deleted,
        cols_moved: cols.moved,
        columns_altered: count(columns.len()),
        delta: None,
        group: group(entry).0,
    }
}

/// The gesture of a change; that of an undo or a redo is its call.
fn group(entry: &Entry) -> EditGroup {
    match entry.origin {
        Origin::Undo(_) | Origin::Redo(_) => group_of_call(entry.client),
        Origin::Edit | Origin::Restore => entry.group,
    }
}

/// The changes of the lines of an axis.
#[derive(Default)]
struct Counts {
    inserted: u32,
    deleted: u32,
    moved: u32,
}

impl Counts {
    fn of(axis: &AxisDelta) -> Self {
        let mut counts = Self::default();
        for run in axis.runs() {
            let (total, count) = match *run {
                Run::Insert { count, .. } => (&mut counts.inserted, count),
                Run::Delete(count) => (&mut counts.deleted, count),
                Run::Lift { count, .. } => (&mut counts.moved, count),
                Run::Keep(_) | Run::Drop { .. } => continue,
            };
            *total = total.saturating_add(count);
        }
        counts
    }
}
