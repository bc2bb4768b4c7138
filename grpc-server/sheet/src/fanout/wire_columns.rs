//! The columns of a sheet as messages, for the sessions that join.
//!
//! Settings may be long, so they are read once, not for each session. Not the message of one column (`cells`). Invariant:
//! the owner forgets the messages when a column changes.

use gridloom::v1;

use super::cells::column_to_wire;
use model::ColumnRecord;

/// Bytes of a column's message besides its texts.
const COLUMN_BYTES: usize = 160;
/// Bytes of a message's settings for each byte of their text: an option of a few letters is a text of its own.
const BYTES_OF_SETTINGS: usize = 5;

/// Messages that are made when they are first asked for.
#[derive(Debug, Default)]
pub(crate) struct WireColumns {
    made: Option<Vec<v1::Column>>,
    bytes: usize,
}

impl WireColumns {
    /// The messages of the sheet's columns.
    pub(crate) fn of(&mut self, columns: &[ColumnRecord]) -> Vec<v1::Column> {
        let made = self.made.get_or_insert_with(|| {
            self.bytes = columns.iter().map(bytes_of).sum();
            columns.iter().map(column_to_wire).collect()
        });
        made.clone()
    }

    /// The bytes that they take, about.
    pub(crate) const fn bytes(&self) -> usize {
        self.bytes
    }

    /// Lets go of the messages.
    pub(crate) fn forget(&mut self) {
        *self = Self::default();
    }
}

fn bytes_of(column: &ColumnRecord) -> usize {
    COLUMN_BYTES + column.name.len() + BYTES_OF_SETTINGS * column.settings.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::columns;

    #[test]
    fn columns_are_read_once_until_they_are_forgotten() {
        let mut sheet = columns(2);
        sheet[1].settings = "option a".into();
        let mut wire = WireColumns::default();
        let first = wire.of(&sheet);
        assert_eq!(first, sheet.iter().map(column_to_wire).collect::<Vec<_>>());
        assert!(wire.bytes() > sheet[1].settings.len());
        // Without a call of `forget` no column is looked at again.
        assert_eq!(wire.of(&[]), first);
        wire.forget();
        assert_eq!((wire.bytes(), wire.of(&[])), (0, Vec::new()));
    }
}
