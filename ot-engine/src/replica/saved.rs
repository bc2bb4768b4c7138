//! Saves a replica as bytes and restores it: the session, the size and columns, and the window.
//!
//! It saves no values: changes by other clients would make them stale, and the client loads them again.
//! A restore rebuilds `view` from the pending edits. Its lines are there immediately. A set value shows on
//! rows that the edits insert, and on other rows after they are loaded.
//!
//! Invariant: a replica restored from any bytes passes `check_invariants`.

use std::borrow::Cow;
use std::ops::Range;

use super::Replica;
use crate::codec::{self, DecodeError, Input};
use crate::session::read_version;
use crate::{ClientSession, Column, ColumnId, Limits, RestoreError, Size, View, Window};

/// The version of the form that [`Replica::save`] writes.
const VERSION: u8 = 1;

/// The optional parts of a saved column, one bit each.
const ID: u8 = 1;
const WIDTH: u8 = 2;
const SETTINGS: u8 = 4;

impl Replica {
    /// The replica as bytes, for [`Replica::restore`]. Cost: the columns and the pending edits.
    #[must_use]
    pub fn save(&self) -> Vec<u8> {
        let mut out = vec![VERSION];
        codec::bytes(&self.session_to_save().save(), &mut out);
        codec::varint(u64::from(self.confirmed.size().rows), &mut out);
        codec::varint(self.confirmed.columns().len() as u64, &mut out);
        for column in self.confirmed.columns() {
            write_column(column, &mut out);
        }
        for edge in [&self.window.rows, &self.window.cols].map(|part| [part.start, part.end]) {
            edge.iter().for_each(|edge| codec::varint(u64::from(*edge), &mut out));
        }
        out
    }

    /// The session with values in place of the buffer's text edits, because their texts are not saved.
    fn session_to_save(&self) -> Cow<'_, ClientSession> {
        if !self.session.buffers_text() {
            return Cow::Borrowed(&self.session);
        }
        let mut session = self.session.clone();
        let unloaded = View::new(self.confirmed.size().rows, self.confirmed.columns().to_vec());
        session.set_unloaded_texts(self.confirmed.clone(), unloaded);
        Cow::Owned(session)
    }

    /// Restores the replica that [`Replica::save`] wrote, with no row loaded. It continues at its revision:
    /// it receives later changes, and [`Replica::resume`] returns the submissions to send again.
    ///
    /// # Errors
    /// When the bytes are not the saved form, or their parts contradict each other.
    pub fn restore(bytes: &[u8], limits: Limits) -> Result<Self, RestoreError> {
        let mut input = Input::new(bytes);
        read_version(&mut input, VERSION)?;
        let session = input.bytes()?;
        let rows = input.number()?;
        let columns = input.list(read_column)?;
        let window = Window { rows: read_range(&mut input)?, cols: read_range(&mut input)? };
        input.end()?;
        if window.rows.start > window.rows.end || window.cols.start > window.cols.end {
            return Err(RestoreError::Contradiction("the window ends before it begins"));
        }
        // The list has at most one column for each byte.
        let size = Size { rows, cols: columns.len() as u32 };
        let session = ClientSession::restore(session, size, &limits)?;
        let confirmed = View::new(rows, columns);
        let view = confirmed.clone();
        let mut replica = Self { session, limits, confirmed, view, window };
        replica.rebuild();
        Ok(replica)
    }
}

fn write_column(column: &Column, out: &mut Vec<u8>) {
    let flag = |bit, present: bool| if present { bit } else { 0 };
    let has_settings = !column.settings.is_empty();
    out.push(
        flag(ID, column.id.is_some())
            | flag(WIDTH, column.width.is_some())
            | flag(SETTINGS, has_settings),
    );
    if let Some(id) = column.id {
        codec::varint(id.0, out);
    }
    codec::text(&column.name, out);
    codec::kind(column.kind, out);
    if let Some(width) = column.width {
        codec::varint(u64::from(width), out);
    }
    if has_settings {
        codec::text(&column.settings, out);
    }
}

fn read_column(input: &mut Input<'_>) -> Result<Column, DecodeError> {
    let flags = input.byte()?;
    if flags & !(ID | WIDTH | SETTINGS) != 0 {
        return Err(DecodeError::UnknownTag(flags));
    }
    let id = (flags & ID != 0).then(|| input.varint().map(ColumnId)).transpose()?;
    let (name, kind) = (input.text()?, input.kind()?);
    let width = (flags & WIDTH != 0).then(|| input.number()).transpose()?;
    let settings = (flags & SETTINGS != 0).then(|| input.text()).transpose()?.unwrap_or_default();
    Ok(Column { id, name, kind, width, settings })
}

fn read_range(input: &mut Input<'_>) -> Result<Range<u32>, DecodeError> {
    Ok(input.number()?..input.number()?)
}
