//! Decodes the binary form.
//!
//! It checks the form, not the rules of [`validate`](crate::validate).
//!
//! Invariant: total. Any bytes decode to a delta or an error, and never panic.

use std::sync::Arc;

use super::format::{DecodeError, VERSION, tag};
use crate::{
    AxisDelta, CellEdit, ColumnEdit, ColumnKind, Delta, Edit, LineId, Run, TextDelta, TextRun,
    Value,
};

/// Decodes a delta that [`encode_delta`](super::encode_delta) wrote. It must use all the bytes.
///
/// # Errors
/// When the bytes are not the form of a delta.
pub fn decode_delta(bytes: &[u8]) -> Result<Delta, DecodeError> {
    let mut input = Input::new(bytes);
    match input.byte()? {
        VERSION => {}
        version => return Err(DecodeError::UnknownVersion(version)),
    }
    let (rows, cols) = (input.axis()?, input.axis()?);
    let mut last = (0, 0);
    let cells = input.list(|input| input.cell(&mut last))?;
    let columns = input.list(Input::column)?;
    input.end()?;
    let cells_ascend = cells.is_sorted_by(|a, b| a.key() < b.key());
    if !cells_ascend || !columns.is_sorted_by(|a, b| a.col < b.col) {
        return Err(DecodeError::OutOfOrder);
    }
    Ok(Delta { rows, cols, cells, columns })
}

/// The bytes that are not read yet. The saved forms of sessions and replicas use it too.
pub(crate) struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// Checks that no bytes are left.
    pub(crate) fn end(&self) -> Result<(), DecodeError> {
        match self.0.len() {
            0 => Ok(()),
            left => Err(DecodeError::TrailingBytes(left)),
        }
    }

    pub(crate) fn byte(&mut self) -> Result<u8, DecodeError> {
        let (first, rest) = self.0.split_first().ok_or(DecodeError::Truncated)?;
        self.0 = rest;
        Ok(*first)
    }

    fn take(&mut self, count: usize) -> Result<&'a [u8], DecodeError> {
        let (bytes, rest) = self.0.split_at_checked(count).ok_or(DecodeError::Truncated)?;
        self.0 = rest;
        Ok(bytes)
    }

    /// Reads a fixed number of bytes.
    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N], DecodeError> {
        let (bytes, rest) = self.0.split_first_chunk().ok_or(DecodeError::Truncated)?;
        self.0 = rest;
        Ok(*bytes)
    }

    /// Reads a part with a length prefix.
    pub(crate) fn bytes(&mut self) -> Result<&'a [u8], DecodeError> {
        let len = usize::try_from(self.varint()?).map_err(|_| DecodeError::Overflow)?;
        self.take(len)
    }

    pub(crate) fn varint(&mut self) -> Result<u64, DecodeError> {
        let mut number = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let part = u64::from(byte & 0x7f);
            if shift == 63 && part > 1 {
                return Err(DecodeError::Overflow);
            }
            number |= part << shift;
            if byte < 0x80 {
                return Ok(number);
            }
        }
        Err(DecodeError::Overflow)
    }

    pub(crate) fn number(&mut self) -> Result<u32, DecodeError> {
        u32::try_from(self.varint()?).map_err(|_| DecodeError::Overflow)
    }

    pub(crate) fn text(&mut self) -> Result<Arc<str>, DecodeError> {
        let text = std::str::from_utf8(self.bytes()?).map_err(|_| DecodeError::NotUtf8)?;
        Ok(text.into())
    }

    /// Reads a list with a count prefix. Each item takes at least one byte, so a count above the number
    /// of remaining bytes is an error before anything is allocated.
    pub(crate) fn list<T>(
        &mut self,
        mut item: impl FnMut(&mut Self) -> Result<T, DecodeError>,
    ) -> Result<Vec<T>, DecodeError> {
        let count = usize::try_from(self.varint()?).map_err(|_| DecodeError::Overflow)?;
        if count > self.0.len() {
            return Err(DecodeError::Truncated);
        }
        (0..count).map(|_| item(self)).collect()
    }

    fn axis(&mut self) -> Result<AxisDelta, DecodeError> {
        Ok(AxisDelta::from_runs(self.list(Self::run)?))
    }

    fn run(&mut self) -> Result<Run, DecodeError> {
        let tag = self.byte()?;
        let number = self.number()?;
        Ok(match tag {
            tag::KEEP => Run::Keep(number),
            tag::DELETE => Run::Delete(number),
            tag::LIFT => Run::Lift { count: number, slot: self.number()? },
            tag::INSERT => Run::Insert { count: number, first: None },
            tag::INSERT_NAMED => Run::Insert { count: number, first: Some(LineId(self.varint()?)) },
            tag::DROP => Run::Drop { slot: number },
            unknown => return Err(DecodeError::UnknownTag(unknown)),
        })
    }

    fn cell(&mut self, last: &mut (u32, u32)) -> Result<CellEdit, DecodeError> {
        let down = self.number()?;
        let from = if down == 0 { last.1 } else { 0 };
        *last = (last.0.wrapping_add(down), from.wrapping_add(self.number()?));
        Ok(CellEdit { row: last.0, col: last.1, edit: self.edit()? })
    }

    pub(super) fn edit(&mut self) -> Result<Edit, DecodeError> {
        if self.0.first() != Some(&tag::TEXT_EDIT) {
            return Ok(Edit::Set(self.value()?));
        }
        self.byte()?;
        Ok(Edit::Text(TextDelta::from_runs(self.list(Self::text_run)?)))
    }

    fn text_run(&mut self) -> Result<TextRun, DecodeError> {
        Ok(match self.byte()? {
            tag::RETAIN => TextRun::Retain(self.number()?),
            tag::INSERT_TEXT => TextRun::Insert(self.text()?),
            tag::DELETE_TEXT => TextRun::Delete(self.number()?),
            unknown => return Err(DecodeError::UnknownTag(unknown)),
        })
    }

    fn value(&mut self) -> Result<Value, DecodeError> {
        Ok(match self.byte()? {
            tag::EMPTY => Value::Empty,
            tag::FALSE => Value::Bool(false),
            tag::TRUE => Value::Bool(true),
            tag::NUMBER => Value::Number(f64::from_le_bytes(self.array()?)),
            tag::TEXT => Value::Text(self.text()?),
            tag::INSTANT => Value::Instant(i64::from_le_bytes(self.array()?)),
            tag::DATE => Value::Date(i32::from_le_bytes(self.array()?)),
            tag::LOCAL_DATE_TIME => Value::LocalDateTime(i64::from_le_bytes(self.array()?)),
            unknown => return Err(DecodeError::UnknownTag(unknown)),
        })
    }

    fn column(&mut self) -> Result<ColumnEdit, DecodeError> {
        let col = self.number()?;
        let flags = self.byte()?;
        if flags & !(tag::NAME | tag::KIND | tag::WIDTH | tag::SETTINGS) != 0 {
            return Err(DecodeError::UnknownTag(flags));
        }
        let mut edit = ColumnEdit { col, ..ColumnEdit::default() };
        if flags & tag::NAME != 0 {
            edit.name = Some(self.text()?);
        }
        if flags & tag::KIND != 0 {
            edit.kind = Some(self.kind()?);
        }
        if flags & tag::WIDTH != 0 {
            edit.width = Some(self.number()?);
        }
        if flags & tag::SETTINGS != 0 {
            edit.settings = Some(self.text()?);
        }
        Ok(edit)
    }

    pub(crate) fn kind(&mut self) -> Result<ColumnKind, DecodeError> {
        Ok(match self.byte()? {
            0 => ColumnKind::Any,
            1 => ColumnKind::Bool,
            2 => ColumnKind::Number,
            3 => ColumnKind::Text,
            4 => ColumnKind::Instant,
            5 => ColumnKind::Date,
            6 => ColumnKind::LocalDateTime,
            7 => ColumnKind::Choice,
            8 => ColumnKind::Choices,
            9 => ColumnKind::Link,
            10 => ColumnKind::Email,
            unknown => return Err(DecodeError::UnknownTag(unknown)),
        })
    }
}
