//! Counts the formulas of a worksheet for which the workbook has no value: a program has written them and calculated nothing.
//!
//! Not the look through the worksheet, which passes its elements (see `scan`). Invariant: a cell that states a type has a value,
//! which may be the empty text.

/// The formulas so far, and what the open cell has.
#[derive(Debug, Default)]
pub(super) struct Formulas {
    has_type: bool,
    has_formula: bool,
    has_value: bool,
    without_value: u64,
}

impl Formulas {
    /// An element begins; `has_type`: it states a type.
    pub(super) fn begin(&mut self, name: &[u8], has_type: bool) {
        match name {
            b"c" => {
                (self.has_type, self.has_formula, self.has_value) = (has_type, false, false);
            }
            b"f" => self.has_formula = true,
            _ => {}
        }
    }

    /// An element has text.
    pub(super) fn text(&mut self, name: &[u8]) {
        self.has_value |= name == b"v";
    }

    /// An element ends.
    pub(super) fn end(&mut self, name: &[u8]) {
        let is_empty = name == b"c" && self.has_formula && !self.has_value && !self.has_type;
        self.without_value += u64::from(is_empty);
    }

    pub(super) fn without_value(&self) -> u64 {
        self.without_value
    }
}
