//! A record: an accepted entry, or a mark with the revision up to which a sheet is committed.
//!
//! ```text
//! version (u8)  kind (u8)  sheet (16 bytes)  revision (u64)
//!   entry: client (u128)  sequence (u64)  base (u64)  account (16 bytes)  at (i64)  delta
//!   entry of an undo or the like: origin (u8)  its revision, or the group of an edit (u64)  then as an entry
//!   entry with text edits: origin (u8, 0 for none)  its revision, or the group of an edit (u64)
//!     number of texts (u32)  for each: bytes (u32)  UTF-8;  then as an entry
//!   entry with conflicts: bytes (u32)  conflicts;  then as an entry with text edits
//!   mark:  nothing more
//! ```
//!
//! Numbers are little-endian and of fixed width; the delta and the conflicts have the engine's compact form. Not how
//! records are framed: see `frame`.
//!
//! Invariant: a mark only saves work after a restart; nothing depends on its presence.

use std::sync::Arc;

use ot_engine::codec::{self, decode_conflicts, decode_delta, encode_conflict, encode_delta};
use ot_engine::{ClientId, EntryConflict, Revision, Sequence};
use uuid::Uuid;

use model::sizes::JOURNALED_CONFLICTS_BYTES;
use model::{AccountId, EditGroup, Entry, Origin, SheetId, Texts};

const VERSION: u8 = 1;
const ENTRY: u8 = 1;
const MARK: u8 = 2;
const ENTRY_WITH_ORIGIN: u8 = 3;
const ENTRY_WITH_TEXTS: u8 = 4;
const ENTRY_WITH_CONFLICTS: u8 = 5;

/// More than the parts of an entry that have a fixed size, with the length in front of it.
const HEAD_BYTES: usize = 128;

const EDIT: u8 = 0;
const UNDO: u8 = 1;
const REDO: u8 = 2;
const RESTORE: u8 = 3;

/// One decoded record.
#[derive(Debug, PartialEq)]
pub(crate) enum Record {
    /// An accepted change.
    Entry(Arc<Entry>),
    /// The sheet is committed up to this revision.
    Mark(SheetId, Revision),
}

/// Why a payload with a right checksum is not a record.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum RecordError {
    #[error("a record is cut short")]
    Truncated,
    #[error("a record has version {0}, which this release does not know")]
    UnknownVersion(u8),
    #[error("a record has kind {0}, which this release does not know")]
    UnknownKind(u8),
    #[error("a record has origin {0}, which this release does not know")]
    UnknownOrigin(u8),
    #[error("a record's text is not UTF-8")]
    NotUtf8,
    #[error("a record's delta, or what was lost to it, does not decode: {0}")]
    Delta(#[from] codec::DecodeError),
}

/// The payload for an entry, without its conflicts: the journal of one server is read after a restart,
/// when no session waits for them.
pub fn encode_entry(entry: &Entry, out: &mut Vec<u8>) {
    let kind = match entry.origin {
        _ if !entry.texts.is_empty() => ENTRY_WITH_TEXTS,
        Origin::Edit if entry.group == EditGroup::NONE => ENTRY,
        _ => ENTRY_WITH_ORIGIN,
    };
    begin(kind, entry.sheet, entry.revision, out);
    encode_rest(kind, entry, out);
}

/// Bytes that an entry takes in the journal, without its conflicts: never less than what is written,
/// and at most 128 bytes more.
#[must_use]
pub fn entry_bytes(entry: &Entry) -> usize {
    let texts = entry.texts.iter().map(|text| size_of::<u32>() + text.len()).sum::<usize>();
    HEAD_BYTES + texts + codec::encoded_len(&entry.delta)
}

/// The payload for an entry, with its conflicts as far as there is room.
pub(crate) fn encode_entry_with_conflicts(entry: &Entry, out: &mut Vec<u8>) {
    if entry.conflicts.is_empty() {
        return encode_entry(entry, out);
    }
    let mut conflicts = Vec::new();
    for conflict in entry.conflicts.iter() {
        let whole = conflicts.len();
        encode_conflict(conflict, &mut conflicts);
        if conflicts.len() > JOURNALED_CONFLICTS_BYTES {
            conflicts.truncate(whole);
            break;
        }
    }
    begin(ENTRY_WITH_CONFLICTS, entry.sheet, entry.revision, out);
    out.extend_from_slice(&(conflicts.len() as u32).to_le_bytes());
    out.append(&mut conflicts);
    encode_rest(ENTRY_WITH_TEXTS, entry, out);
}

fn encode_rest(kind: u8, entry: &Entry, out: &mut Vec<u8>) {
    if kind != ENTRY {
        let (origin, number) = origin_code(entry.origin, entry.group);
        out.push(origin);
        out.extend_from_slice(&number.to_le_bytes());
    }
    if kind == ENTRY_WITH_TEXTS {
        encode_texts(&entry.texts, out);
    }
    out.extend_from_slice(&entry.client.0.to_le_bytes());
    out.extend_from_slice(&entry.sequence.0.to_le_bytes());
    out.extend_from_slice(&entry.base.0.to_le_bytes());
    out.extend_from_slice(entry.account.0.as_bytes());
    out.extend_from_slice(&entry.at_micros.to_le_bytes());
    encode_delta(&entry.delta, out);
}

/// Counts and lengths are far below 4 GiB: an edit has 100,000 cells at most, a text 64 KiB.
fn encode_texts(texts: &[Arc<str>], out: &mut Vec<u8>) {
    out.extend_from_slice(&(texts.len() as u32).to_le_bytes());
    for text in texts {
        out.extend_from_slice(&(text.len() as u32).to_le_bytes());
        out.extend_from_slice(text.as_bytes());
    }
}

fn decode_texts(rest: &mut &[u8]) -> Result<Texts, RecordError> {
    let count = u32::from_le_bytes(take(rest)?) as usize;
    // Each takes four bytes at least: a count beyond that is refused before it is allocated for.
    if count > rest.len() / 4 {
        return Err(RecordError::Truncated);
    }
    let texts = (0..count).map(|_| {
        let text = take_counted(rest)?;
        Ok(Arc::from(std::str::from_utf8(text).map_err(|_| RecordError::NotUtf8)?))
    });
    texts.collect()
}

/// The payload for a mark.
pub(crate) fn encode_mark(sheet: SheetId, revision: Revision, out: &mut Vec<u8>) {
    begin(MARK, sheet, revision, out);
}

/// Reads a payload.
pub(crate) fn decode(mut payload: &[u8]) -> Result<Record, RecordError> {
    let [version, kind] = take(&mut payload)?;
    if version != VERSION {
        return Err(RecordError::UnknownVersion(version));
    }
    let sheet = SheetId(Uuid::from_bytes(take(&mut payload)?));
    let revision = Revision(u64::from_le_bytes(take(&mut payload)?));
    match kind {
        ENTRY | ENTRY_WITH_ORIGIN | ENTRY_WITH_TEXTS | ENTRY_WITH_CONFLICTS => {
            let entry = decode_entry(kind, sheet, revision, payload)?;
            Ok(Record::Entry(Arc::new(entry)))
        }
        MARK => Ok(Record::Mark(sheet, revision)),
        other => Err(RecordError::UnknownKind(other)),
    }
}

/// How an origin is written; most entries need none. An edit has its group where others have a revision: servers of an
/// earlier release skip it.
const fn origin_code(origin: Origin, group: EditGroup) -> (u8, u64) {
    match origin {
        Origin::Edit => (EDIT, group.0),
        Origin::Undo(target) => (UNDO, target.0),
        Origin::Redo(target) => (REDO, target.0),
        Origin::Restore => (RESTORE, 0),
    }
}

fn decode_origin(rest: &mut &[u8]) -> Result<(Origin, EditGroup), RecordError> {
    let [code] = take(rest)?;
    let number = u64::from_le_bytes(take(rest)?);
    let origin = match code {
        EDIT => return Ok((Origin::Edit, EditGroup(number))),
        UNDO => Origin::Undo(Revision(number)),
        REDO => Origin::Redo(Revision(number)),
        RESTORE => Origin::Restore,
        _ => return Err(RecordError::UnknownOrigin(code)),
    };
    Ok((origin, EditGroup::NONE))
}

/// Each kind of entry has all that the ones before it have, but that an entry may have no origin.
fn decode_entry(
    kind: u8,
    sheet: SheetId,
    revision: Revision,
    mut rest: &[u8],
) -> Result<Entry, RecordError> {
    let conflicts: Arc<[EntryConflict]> = match kind {
        ENTRY_WITH_CONFLICTS => decode_conflicts(take_counted(&mut rest)?)?.into(),
        _ => Arc::default(),
    };
    let (origin, group) = match kind {
        ENTRY => (Origin::Edit, EditGroup::NONE),
        _ => decode_origin(&mut rest)?,
    };
    let texts = match kind {
        ENTRY_WITH_TEXTS | ENTRY_WITH_CONFLICTS => decode_texts(&mut rest)?,
        _ => Texts::default(),
    };
    Ok(Entry {
        sheet,
        revision,
        client: ClientId(u128::from_le_bytes(take(&mut rest)?)),
        sequence: Sequence(u64::from_le_bytes(take(&mut rest)?)),
        base: Revision(u64::from_le_bytes(take(&mut rest)?)),
        account: AccountId(Uuid::from_bytes(take(&mut rest)?)),
        at_micros: i64::from_le_bytes(take(&mut rest)?),
        origin,
        group,
        delta: decode_delta(rest)?.into(),
        texts,
        conflicts,
    })
}

fn begin(kind: u8, sheet: SheetId, revision: Revision, out: &mut Vec<u8>) {
    out.extend_from_slice(&[VERSION, kind]);
    out.extend_from_slice(sheet.0.as_bytes());
    out.extend_from_slice(&revision.0.to_le_bytes());
}

/// The next part, after its length.
fn take_counted<'a>(rest: &mut &'a [u8]) -> Result<&'a [u8], RecordError> {
    let len = u32::from_le_bytes(take(rest)?) as usize;
    let (part, tail) = rest.split_at_checked(len).ok_or(RecordError::Truncated)?;
    *rest = tail;
    Ok(part)
}

/// The next `N` bytes.
fn take<const N: usize>(rest: &mut &[u8]) -> Result<[u8; N], RecordError> {
    let (head, tail) = rest.split_first_chunk().ok_or(RecordError::Truncated)?;
    *rest = tail;
    Ok(*head)
}
