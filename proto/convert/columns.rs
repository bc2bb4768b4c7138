//! Converts columns and their kinds.
//!
//! It assigns no ids. Invariant: a column survives the wire unchanged.

use ot_engine::{Column, ColumnId, ColumnKind};

use super::ConvertError;
use super::settings::{known_settings, settings_to_wire};
use crate::v1;

/// A kind from the wire; `None` when it is not set. The error names the field `kind`.
///
/// # Errors
/// A number without a kind.
pub fn kind_from_wire(kind: i32) -> Result<Option<ColumnKind>, ConvertError> {
    match v1::ColumnKind::try_from(kind) {
        Ok(v1::ColumnKind::Unspecified) => Ok(None),
        Ok(v1::ColumnKind::Any) => Ok(Some(ColumnKind::Any)),
        Ok(v1::ColumnKind::Bool) => Ok(Some(ColumnKind::Bool)),
        Ok(v1::ColumnKind::Number) => Ok(Some(ColumnKind::Number)),
        Ok(v1::ColumnKind::Text) => Ok(Some(ColumnKind::Text)),
        Ok(v1::ColumnKind::Datetime) => Ok(Some(ColumnKind::Instant)),
        Ok(v1::ColumnKind::Date) => Ok(Some(ColumnKind::Date)),
        Ok(v1::ColumnKind::LocalDatetime) => Ok(Some(ColumnKind::LocalDateTime)),
        Ok(v1::ColumnKind::Choice) => Ok(Some(ColumnKind::Choice)),
        Ok(v1::ColumnKind::Choices) => Ok(Some(ColumnKind::Choices)),
        Ok(v1::ColumnKind::Link) => Ok(Some(ColumnKind::Link)),
        Ok(v1::ColumnKind::Email) => Ok(Some(ColumnKind::Email)),
        Err(_) => {
            Err(ConvertError::new("kind", format!("must be a ColumnKind; {kind} is not one")))
        }
    }
}

/// A kind from a server. A later server may send one that this release does not know: a column of any kind.
#[must_use]
pub(super) fn known_kind(kind: i32) -> i32 {
    match v1::ColumnKind::try_from(kind) {
        Ok(_) => kind,
        Err(_) => v1::ColumnKind::Any.into(),
    }
}

/// A kind for the wire.
#[must_use]
pub const fn kind_to_wire(kind: ColumnKind) -> v1::ColumnKind {
    match kind {
        ColumnKind::Any => v1::ColumnKind::Any,
        ColumnKind::Bool => v1::ColumnKind::Bool,
        ColumnKind::Number => v1::ColumnKind::Number,
        ColumnKind::Text => v1::ColumnKind::Text,
        ColumnKind::Instant => v1::ColumnKind::Datetime,
        ColumnKind::Date => v1::ColumnKind::Date,
        ColumnKind::LocalDateTime => v1::ColumnKind::LocalDatetime,
        ColumnKind::Choice => v1::ColumnKind::Choice,
        ColumnKind::Choices => v1::ColumnKind::Choices,
        ColumnKind::Link => v1::ColumnKind::Link,
        ColumnKind::Email => v1::ColumnKind::Email,
    }
}

/// A column from a server. It has no id before the server assigns one; a kind that this release does not know is any
/// kind, and settings that it does not know are passed over. The error's path is relative to the column.
///
/// # Errors
/// An id that is not decimal digits.
pub fn column_from_wire(column: v1::Column) -> Result<Column, ConvertError> {
    let id = match column.id.as_str() {
        "" => None,
        digits => Some(ColumnId(
            digits.parse().map_err(|_| ConvertError::new("id", "must be decimal digits"))?,
        )),
    };
    Ok(Column {
        id,
        name: column.name.into(),
        kind: kind_from_wire(known_kind(column.kind))?.unwrap_or_default(),
        width: (column.width != 0).then_some(column.width),
        settings: column.settings.as_ref().map(known_settings).unwrap_or_default(),
    })
}

/// A column for the wire.
#[must_use]
pub fn column_to_wire(column: &Column) -> v1::Column {
    v1::Column {
        id: column.id.map(|id| id.to_string()).unwrap_or_default(),
        name: column.name.as_ref().to_owned(),
        kind: kind_to_wire(column.kind).into(),
        width: column.width.unwrap_or_default(),
        settings: settings_to_wire(&column.settings),
    }
}
