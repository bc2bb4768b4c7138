//! The begin of a worksheet: the bytes of its archive, of which the rest of the worksheet is left out.
//!
//! The reader of workbooks and the look before it unpack the same packed bytes. So a preview of a large worksheet costs no more
//! than its begin. Not the parts of the archive: see `parts`. Invariant: where a cut is, no byte of the range behind it is passed on, and to reach for one is noted.

use std::cell::Cell;
use std::io::{self, Read, Seek, SeekFrom};
use std::rc::Rc;

use crate::source::Cursor;

/// What is left out of an archive; all its cursors share it.
#[derive(Debug, Default)]
pub(super) struct Cut {
    /// Where the bytes begin that are left out, and where they end.
    closed: Cell<Option<(u64, u64)>>,
    /// Whether a cursor has come to them.
    is_met: Cell<bool>,
}

impl Cut {
    /// Leaves out what a part has behind its first `kept` packed bytes; nothing where none are given.
    pub(super) fn keep(&self, kept: Option<u64>, begin: u64, packed: u64) {
        let closed = kept.filter(|kept| *kept < packed);
        let closed = closed.map(|kept| (begin.saturating_add(kept), begin.saturating_add(packed)));
        self.closed.set(closed);
        self.is_met.set(false);
    }

    /// Whether a cursor has come to bytes that are left out, since this was asked last.
    pub(super) fn take_met(&self) -> bool {
        self.is_met.replace(false)
    }

    pub(super) fn is_met(&self) -> bool {
        self.is_met.get()
    }

    /// How many bytes may be read from a place on.
    fn room(&self, at: u64) -> usize {
        let Some((begin, _)) = self.closed.get().filter(|(_, end)| at < *end) else {
            return usize::MAX;
        };
        if at >= begin {
            self.is_met.set(true);
        }
        usize::try_from(begin.saturating_sub(at)).unwrap_or(usize::MAX)
    }
}

/// Reads an archive up to the cut, where it ends for its reader.
pub(super) struct CutCursor<'a> {
    cursor: Cursor<'a>,
    cut: Rc<Cut>,
}

impl<'a> CutCursor<'a> {
    pub(super) fn new(cursor: Cursor<'a>, cut: Rc<Cut>) -> Self {
        Self { cursor, cut }
    }
}

impl Read for CutCursor<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let at = self.cursor.stream_position()?;
        let most = self.cut.room(at).min(buffer.len());
        match buffer.get_mut(..most) {
            Some(buffer) if most > 0 => self.cursor.read(buffer),
            _ => Ok(0),
        }
    }
}

impl Seek for CutCursor<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.cursor.seek(to)
    }
}
