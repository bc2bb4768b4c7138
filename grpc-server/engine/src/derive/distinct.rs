//! Values as bytes that equal values share, and different values of a group, counted.
//!
//! Not an order: see the order of the engine. Equal values are those that are EQUAL in a condition, and a day is equal to its begin, so that
//! each value belongs to one group. Invariants: no such bytes are the begin of others; what is counted is in memory, within a bound.

use std::collections::HashSet;

use model::limits::derivations::DISTINCT_BYTES;
use tables::Cell;

use crate::QueryError;
use crate::order::micros;

const NUMBER: u8 = 1;
const TIME: u8 = 2;
const TEXT: u8 = 3;
const TRUTH: u8 = 4;
/// No text has it.
const END: u8 = 0;
/// What a set takes beside the bytes of a value, about.
const ENTRY_BYTES: usize = 48;

/// Appends the bytes of a value. False: there is none.
pub(super) fn write(cell: &Cell<'_>, key: &mut Vec<u8>) -> bool {
    match cell {
        Cell::Empty => return false,
        Cell::Number(number) => {
            key.push(NUMBER);
            key.extend_from_slice(&number.to_bits().to_be_bytes());
        }
        Cell::Text(text) => {
            key.push(TEXT);
            key.extend_from_slice(values::normal(text).as_bytes());
            key.push(END);
        }
        Cell::Bool(truth) => key.extend_from_slice(&[TRUTH, u8::from(*truth)]),
        Cell::Date(_) | Cell::LocalDateTime(_) | Cell::Instant(_) => {
            key.push(TIME);
            key.extend_from_slice(&micros(cell).unwrap_or_default().to_be_bytes());
        }
    }
    true
}

/// Memory that the values of all sets of a group may take.
#[derive(Debug)]
pub(super) struct Room {
    left: usize,
    most: usize,
}

impl Room {
    pub(super) fn new() -> Self {
        Self::of(DISTINCT_BYTES)
    }

    /// Room of so many bytes.
    pub(super) fn of(most: usize) -> Self {
        Self { left: most, most }
    }

    /// All of it is free again.
    pub(super) fn clear(&mut self) {
        self.left = self.most;
    }
}

/// The different values of a group.
#[derive(Debug, Default)]
pub(super) struct Distinct {
    known: HashSet<Vec<u8>>,
    key: Vec<u8>,
}

impl Distinct {
    /// Adds the value of a row. `name` is that of its column.
    pub(super) fn add(
        &mut self,
        cell: &Cell<'_>,
        room: &mut Room,
        name: &str,
    ) -> Result<(), QueryError> {
        self.key.clear();
        if !write(cell, &mut self.key) || self.known.contains(&self.key) {
            return Ok(());
        }
        let left = room.left.checked_sub(self.key.len() + ENTRY_BYTES);
        room.left = left.ok_or_else(|| {
            let (count, most) = (self.known.len() + 1, room.most);
            QueryError::Limit(format!(
                "a group has {count} or more different values of \"{name}\", which take more than the {most} bytes of memory for the \
                 different values of a group: count its values or rows, or make smaller groups"
            ))
        })?;
        self.known.insert(self.key.clone());
        Ok(())
    }

    pub(super) fn count(&self) -> usize {
        self.known.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_values_are_counted_once_and_the_room_has_a_bound() {
        let mut distinct = Distinct::default();
        let mut room = Room::of(1000);
        let cells = ["e\u{301}", "\u{e9}", "E", "1"].map(|text| Cell::Text(text.into()));
        let others = [Cell::Empty, Cell::Number(1.0), Cell::Date(1), Cell::Instant(86_400_000_000)];
        for cell in cells.iter().chain(&others) {
            distinct.add(cell, &mut room, "x").expect("room");
        }
        assert_eq!(distinct.count(), 5);
        room.clear();
        let long = Cell::Text("x".repeat(2000).into());
        let error = distinct.add(&long, &mut room, "x").expect_err("too long").to_string();
        assert!(error.contains("6 or more") && error.contains("1000 bytes"), "{error}");
    }
}
