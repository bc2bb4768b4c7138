//! Edits for servers of earlier releases.
//!
//! Such a server reads a value of a kind that it does not know as an empty one, and refuses or passes over what it does not
//! know of a column. Invariant: a value that it does not know is kept as text, in the form that a later release reads as
//! the same value.

use gridloom::v1;
use ot_engine::{ColumnKind, Delta, Edit, Value};

/// What a server knows of the values and the columns of this release.
#[derive(Clone, Copy, Debug)]
pub(in crate::core) struct Known {
    calendar: bool,
    settings: bool,
}

impl Known {
    /// What the server says of itself.
    pub(in crate::core) const fn of(limits: &v1::Limits) -> Self {
        Self { calendar: limits.calendar_values, settings: limits.column_settings }
    }

    /// Whether it knows all.
    pub(in crate::core) const fn all(self) -> bool {
        self.calendar && self.settings
    }

    /// Whether it knows what the delta makes of columns.
    pub(in crate::core) fn columns_of(self, delta: &Delta) -> bool {
        delta.columns.iter().all(|column| {
            column.kind.is_none_or(|kind| self.kind(kind))
                && (self.settings || column.settings.is_none())
        })
    }

    /// Reduces the delta to what the server knows: its days and times become texts, its columns keep their kinds and
    /// settings.
    pub(in crate::core) fn reduce(self, delta: &mut Delta) {
        if self.all() {
            return;
        }
        for cell in &mut delta.cells {
            if let Edit::Set(value @ (Value::Date(_) | Value::LocalDateTime(_))) = &mut cell.edit
                && !self.calendar
            {
                let text = Value::from(&*values::exact(value));
                *value = text;
            }
        }
        for column in &mut delta.columns {
            column.kind = column.kind.filter(|kind| self.kind(*kind));
            column.settings = column.settings.take().filter(|_| self.settings);
        }
    }

    const fn kind(self, kind: ColumnKind) -> bool {
        match kind {
            ColumnKind::Date | ColumnKind::LocalDateTime => self.calendar,
            ColumnKind::Choice | ColumnKind::Choices | ColumnKind::Link | ColumnKind::Email => {
                self.settings
            }
            ColumnKind::Any
            | ColumnKind::Bool
            | ColumnKind::Number
            | ColumnKind::Text
            | ColumnKind::Instant => true,
        }
    }
}
