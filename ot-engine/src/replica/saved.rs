//! A replica as bytes: the session, the shape of the sheet, and the window.
//!
//! Values are not saved: what others do meanwhile would make them stale, and they are loaded again.
//! The person's view is not saved either, since it is the server's with the pending edits applied,
//! and is made so again: its lines are there at once, and what the pending edits set shows on rows
//! that they inserted, and on others as soon as those are loaded.
//!
//! Invariant: whatever the bytes are, a replica that was restored passes `check_invariants`.

use std::borrow::Cow;
use std::ops::Range;

use super::Replica;
use crate::codec::{self, DecodeError, Input};
use crate::session::read_version;
use crate::{ClientSession, Column, ColumnId, Limits, RestoreError, Size, View, Window};

/// The version of the form that [`Replica::save`] writes.
const VERSION: u8 = 1;

/// Which of a column's optional parts are there, one bit each.
const ID: u8 = 1;
const WIDTH: u8 = 2;

impl Replica {
    /// What is needed to go on later, for [`Replica::restore`]. Cost: the columns and the pending
    /// edits.
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

    /// The session, where text edits that still wait are the values that they lead to: the texts that
    /// they were made on are not saved.
    fn session_to_save(&self) -> Cow<'_, ClientSession> {
        if !self.session.buffers_text() {
            return Cow::Borrowed(&self.session);
        }
        let mut session = self.session.clone();
        let unloaded = View::new(self.confirmed.size().rows, self.confirmed.columns().to_vec());
        session.set_forgotten_texts(self.confirmed.clone(), unloaded);
        Cow::Owned(session)
    }

    /// The replica that [`Replica::save`] wrote, with nothing loaded. It goes on from there: it
    /// hears what came after its revision, and sends again what [`Replica::resume`] says.
    ///
    /// # Errors
    /// When the bytes are not such a form, or describe what can't be.
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
        // No more of them than bytes.
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
    out.push(flag(ID, column.id.is_some()) | flag(WIDTH, column.width.is_some()));
    if let Some(id) = column.id {
        codec::varint(id.0, out);
    }
    codec::text(&column.name, out);
    codec::kind(column.kind, out);
    if let Some(width) = column.width {
        codec::varint(u64::from(width), out);
    }
}

fn read_column(input: &mut Input<'_>) -> Result<Column, DecodeError> {
    let flags = input.byte()?;
    if flags & !(ID | WIDTH) != 0 {
        return Err(DecodeError::UnknownTag(flags));
    }
    let id = (flags & ID != 0).then(|| input.varint().map(ColumnId)).transpose()?;
    let (name, kind) = (input.text()?, input.kind()?);
    let width = (flags & WIDTH != 0).then(|| input.number()).transpose()?;
    Ok(Column { id, name, kind, width })
}

fn read_range(input: &mut Input<'_>) -> Result<Range<u32>, DecodeError> {
    Ok(input.number()?..input.number()?)
}
