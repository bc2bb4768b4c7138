//! What a record means: an accepted entry, or a mark that says how far a sheet is committed.
//!
//! ```text
//! version (u8)  kind (u8)  sheet (16 bytes)  revision (u64)
//!   entry: client (u128)  sequence (u64)  base (u64)  account (16 bytes)  at (i64)  delta
//!   entry of an undo or the like: origin (u8)  its revision (u64)  then as an entry
//!   entry with text edits: origin (u8, 0 for none)  its revision (u64)
//!     number of texts (u32)  for each: bytes (u32)  UTF-8;  then as an entry
//!   mark:  nothing more
//! ```
//!
//! Numbers are little-endian and of fixed width: the delta, in the engine's compact form, is what
//! varies. A mark only saves work after a restart; nothing depends on its being there.

use std::sync::Arc;

use ot_engine::codec::{self, decode_delta, encode_delta};
use ot_engine::{ClientId, Revision, Sequence};
use uuid::Uuid;

use crate::model::{AccountId, Entry, Origin, SheetId, Texts};

const VERSION: u8 = 1;
const ENTRY: u8 = 1;
const MARK: u8 = 2;
const ENTRY_WITH_ORIGIN: u8 = 3;
const ENTRY_WITH_TEXTS: u8 = 4;

const EDIT: u8 = 0;
const UNDO: u8 = 1;
const REDO: u8 = 2;
const RESTORE: u8 = 3;

/// One decoded record.
#[derive(Debug, PartialEq)]
pub(super) enum Record {
    /// An accepted change.
    Entry(Arc<Entry>),
    /// The sheet is committed up to this revision.
    Mark(SheetId, Revision),
}

/// Why a payload with a right checksum is not a record.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum RecordError {
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
    #[error("a record's delta does not decode: {0}")]
    Delta(#[from] codec::DecodeError),
}

/// The payload for an entry.
pub(super) fn encode_entry(entry: &Entry, out: &mut Vec<u8>) {
    let kind = match entry.origin {
        _ if !entry.texts.is_empty() => ENTRY_WITH_TEXTS,
        Origin::Edit => ENTRY,
        _ => ENTRY_WITH_ORIGIN,
    };
    begin(kind, entry.sheet, entry.revision, out);
    if kind != ENTRY {
        let (origin, target) = origin_code(entry.origin);
        out.push(origin);
        out.extend_from_slice(&target.0.to_le_bytes());
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
        let len = u32::from_le_bytes(take(rest)?) as usize;
        let (text, tail) = rest.split_at_checked(len).ok_or(RecordError::Truncated)?;
        *rest = tail;
        Ok(Arc::from(std::str::from_utf8(text).map_err(|_| RecordError::NotUtf8)?))
    });
    texts.collect()
}

/// The payload for a mark.
pub(super) fn encode_mark(sheet: SheetId, revision: Revision, out: &mut Vec<u8>) {
    begin(MARK, sheet, revision, out);
}

/// Reads a payload.
pub(super) fn decode(mut payload: &[u8]) -> Result<Record, RecordError> {
    let [version, kind] = take(&mut payload)?;
    if version != VERSION {
        return Err(RecordError::UnknownVersion(version));
    }
    let sheet = SheetId(Uuid::from_bytes(take(&mut payload)?));
    let revision = Revision(u64::from_le_bytes(take(&mut payload)?));
    match kind {
        ENTRY => {
            let entry = decode_entry(sheet, revision, Origin::Edit, Texts::default(), payload)?;
            Ok(Record::Entry(Arc::new(entry)))
        }
        ENTRY_WITH_ORIGIN | ENTRY_WITH_TEXTS => {
            let [code] = take(&mut payload)?;
            let target = Revision(u64::from_le_bytes(take(&mut payload)?));
            let origin = origin(code, target).ok_or(RecordError::UnknownOrigin(code))?;
            let texts = match kind {
                ENTRY_WITH_TEXTS => decode_texts(&mut payload)?,
                _ => Texts::default(),
            };
            let entry = decode_entry(sheet, revision, origin, texts, payload)?;
            Ok(Record::Entry(Arc::new(entry)))
        }
        MARK => Ok(Record::Mark(sheet, revision)),
        other => Err(RecordError::UnknownKind(other)),
    }
}

/// How an origin is written; most entries need none.
const fn origin_code(origin: Origin) -> (u8, Revision) {
    match origin {
        Origin::Edit => (EDIT, Revision(0)),
        Origin::Undo(target) => (UNDO, target),
        Origin::Redo(target) => (REDO, target),
        Origin::Restore => (RESTORE, Revision(0)),
    }
}

const fn origin(code: u8, target: Revision) -> Option<Origin> {
    match code {
        EDIT => Some(Origin::Edit),
        UNDO => Some(Origin::Undo(target)),
        REDO => Some(Origin::Redo(target)),
        RESTORE => Some(Origin::Restore),
        _ => None,
    }
}

fn decode_entry(
    sheet: SheetId,
    revision: Revision,
    origin: Origin,
    texts: Texts,
    mut rest: &[u8],
) -> Result<Entry, RecordError> {
    Ok(Entry {
        sheet,
        revision,
        client: ClientId(u128::from_le_bytes(take(&mut rest)?)),
        sequence: Sequence(u64::from_le_bytes(take(&mut rest)?)),
        base: Revision(u64::from_le_bytes(take(&mut rest)?)),
        account: AccountId(Uuid::from_bytes(take(&mut rest)?)),
        at_micros: i64::from_le_bytes(take(&mut rest)?),
        origin,
        delta: Arc::new(decode_delta(rest)?),
        texts,
    })
}

fn begin(kind: u8, sheet: SheetId, revision: Revision, out: &mut Vec<u8>) {
    out.extend_from_slice(&[VERSION, kind]);
    out.extend_from_slice(sheet.0.as_bytes());
    out.extend_from_slice(&revision.0.to_le_bytes());
}

/// The next `N` bytes.
fn take<const N: usize>(rest: &mut &[u8]) -> Result<[u8; N], RecordError> {
    let (head, tail) = rest.split_first_chunk().ok_or(RecordError::Truncated)?;
    *rest = tail;
    Ok(*head)
}
