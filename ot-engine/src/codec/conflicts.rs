//! The binary form of conflicts, for a journal that several servers read.
//!
//! A server that follows an entry reports the conflicts to its own sessions. The form has no version:
//! it is a part of a record that has one.
//!
//! Invariant: [`decode_conflicts`] reads back the conflicts that [`encode_conflict`] appended.

use super::decode::Input;
use super::encode;
use super::format::DecodeError;
use crate::{Attribute, ClientId, Conflict, Content, EntryConflict, Reason, Revision, Side};

/// Tags, one byte each. Never reuse a number: old journals contain them.
mod tag {
    pub(super) const NOTHING: u8 = 0;
    pub(super) const CELL: u8 = 1;
    pub(super) const NAME: u8 = 2;
    pub(super) const KIND: u8 = 3;
    pub(super) const WIDTH: u8 = 4;
    pub(super) const SETTINGS: u8 = 5;

    pub(super) const EARLIER: u8 = 0;
    pub(super) const LATER: u8 = 1;

    pub(super) const OVERWRITTEN: u8 = 0;
    pub(super) const ROW_DELETED: u8 = 1;
    pub(super) const COLUMN_DELETED: u8 = 2;
}

/// Appends the binary form of a conflict to `out`.
pub fn encode_conflict(conflict: &EntryConflict, out: &mut Vec<u8>) {
    let EntryConflict { conflict, author, revision } = conflict;
    encode::varint(conflict.row.map_or(0, |row| u64::from(row) + 1), out);
    encode::varint(u64::from(conflict.col), out);
    out.push(match conflict.loser {
        Side::Earlier => tag::EARLIER,
        Side::Later => tag::LATER,
    });
    out.push(match conflict.reason {
        Reason::Overwritten => tag::OVERWRITTEN,
        Reason::RowDeleted => tag::ROW_DELETED,
        Reason::ColumnDeleted => tag::COLUMN_DELETED,
    });
    content(Some(&conflict.lost), out);
    content(conflict.kept.as_ref(), out);
    out.extend_from_slice(&author.0.to_le_bytes());
    encode::varint(revision.0, out);
}

fn content(content: Option<&Content>, out: &mut Vec<u8>) {
    match content {
        None => out.push(tag::NOTHING),
        Some(Content::Cell(edit)) => {
            out.push(tag::CELL);
            encode::edit(edit, out);
        }
        Some(Content::Attribute(Attribute::Name(name))) => {
            out.push(tag::NAME);
            encode::text(name, out);
        }
        Some(Content::Attribute(Attribute::Kind(kind))) => {
            out.push(tag::KIND);
            encode::kind(*kind, out);
        }
        Some(Content::Attribute(Attribute::Width(width))) => {
            out.push(tag::WIDTH);
            encode::varint(u64::from(*width), out);
        }
        Some(Content::Attribute(Attribute::Settings(settings))) => {
            out.push(tag::SETTINGS);
            encode::text(settings, out);
        }
    }
}

/// Decodes all the conflicts that [`encode_conflict`] appended. It must use all the bytes.
///
/// # Errors
/// When the bytes are not the form of conflicts.
pub fn decode_conflicts(bytes: &[u8]) -> Result<Vec<EntryConflict>, DecodeError> {
    let mut input = Input::new(bytes);
    let mut conflicts = Vec::new();
    while input.end().is_err() {
        conflicts.push(input.conflict()?);
    }
    Ok(conflicts)
}

impl Input<'_> {
    fn conflict(&mut self) -> Result<EntryConflict, DecodeError> {
        let row = match self.varint()? {
            0 => None,
            row => Some(u32::try_from(row - 1).map_err(|_| DecodeError::Overflow)?),
        };
        let col = self.number()?;
        let loser = match self.byte()? {
            tag::EARLIER => Side::Earlier,
            tag::LATER => Side::Later,
            unknown => return Err(DecodeError::UnknownTag(unknown)),
        };
        let reason = match self.byte()? {
            tag::OVERWRITTEN => Reason::Overwritten,
            tag::ROW_DELETED => Reason::RowDeleted,
            tag::COLUMN_DELETED => Reason::ColumnDeleted,
            unknown => return Err(DecodeError::UnknownTag(unknown)),
        };
        let lost = self.content()?.ok_or(DecodeError::UnknownTag(tag::NOTHING))?;
        let conflict = Conflict { row, col, loser, lost, kept: self.content()?, reason };
        let author = ClientId(u128::from_le_bytes(self.array()?));
        Ok(EntryConflict { conflict, author, revision: Revision(self.varint()?) })
    }

    fn content(&mut self) -> Result<Option<Content>, DecodeError> {
        Ok(Some(match self.byte()? {
            tag::NOTHING => return Ok(None),
            tag::CELL => Content::Cell(self.edit()?),
            tag::NAME => Content::Attribute(Attribute::Name(self.text()?)),
            tag::KIND => Content::Attribute(Attribute::Kind(self.kind()?)),
            tag::WIDTH => Content::Attribute(Attribute::Width(self.number()?)),
            tag::SETTINGS => Content::Attribute(Attribute::Settings(self.text()?)),
            unknown => return Err(DecodeError::UnknownTag(unknown)),
        }))
    }
}
