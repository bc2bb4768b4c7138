//! How domain values cross into Postgres's types and back: numbers, times, kinds, raw `jsonb`.
//!
//! Invariant: what does not fit is an error, never a rounded or cut value.

use bytes::{BufMut, BytesMut};
use ot_engine::{ColumnKind, Revision};
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};

use super::StoreError;
use model::{EditGroup, Origin};

type Boxed = Box<dyn std::error::Error + Sync + Send>;

/// From the Unix epoch to Postgres's own, 2000-01-01.
const POSTGRES_EPOCH_MICROS: i64 = 946_684_800_000_000;
/// The form of binary `jsonb`: this byte, then JSON text.
const JSONB_VERSION: u8 = 1;

/// Converts an id, a revision or a count to `bigint`. A number above `i64::MAX` is [`StoreError::Invalid`].
pub(super) fn to_bigint(number: u64) -> Result<i64, StoreError> {
    i64::try_from(number).map_err(|_| StoreError::Invalid(format!("{number} is too large")))
}

pub(super) fn from_bigint(number: i64) -> Result<u64, StoreError> {
    u64::try_from(number).map_err(|_| StoreError::Corrupt(format!("a negative number, {number}")))
}

pub(super) fn u32_from_bigint(number: i64) -> Result<u32, StoreError> {
    u32::try_from(number).map_err(|_| StoreError::Corrupt(format!("{number} is no 32-bit count")))
}

/// The name of a kind in the tables.
pub const fn kind_to_sql(kind: ColumnKind) -> &'static str {
    match kind {
        ColumnKind::Any => "any",
        ColumnKind::Bool => "bool",
        ColumnKind::Number => "number",
        ColumnKind::Text => "text",
        ColumnKind::Instant => "datetime",
        ColumnKind::Date => "date",
        ColumnKind::LocalDateTime => "local",
        ColumnKind::Choice => "choice",
        ColumnKind::Choices => "choices",
        ColumnKind::Link => "link",
        ColumnKind::Email => "email",
    }
}

pub(super) fn kind_from_sql(kind: &str) -> Result<ColumnKind, StoreError> {
    match kind {
        "any" => Ok(ColumnKind::Any),
        "bool" => Ok(ColumnKind::Bool),
        "number" => Ok(ColumnKind::Number),
        "text" => Ok(ColumnKind::Text),
        "datetime" => Ok(ColumnKind::Instant),
        "date" => Ok(ColumnKind::Date),
        "local" => Ok(ColumnKind::LocalDateTime),
        "choice" => Ok(ColumnKind::Choice),
        "choices" => Ok(ColumnKind::Choices),
        "link" => Ok(ColumnKind::Link),
        "email" => Ok(ColumnKind::Email),
        other => Err(StoreError::Corrupt(format!("column kind {other}"))),
    }
}

/// `text` in Postgres can hold every character but one.
pub(super) fn check_text(text: &str) -> Result<(), StoreError> {
    if text.as_bytes().contains(&0) {
        return Err(StoreError::Invalid("a text holds a NUL character".into()));
    }
    Ok(())
}

/// Why a change was made, and what it takes back, as the tables name it.
pub(super) fn origin_to_sql(origin: Origin) -> Result<(&'static str, Option<i64>), StoreError> {
    Ok(match origin {
        Origin::Edit => ("edit", None),
        Origin::Undo(target) => ("undo", Some(to_bigint(target.0)?)),
        Origin::Redo(target) => ("redo", Some(to_bigint(target.0)?)),
        Origin::Restore => ("restore", None),
    })
}

/// The reverse of [`origin_to_sql`].
pub(super) fn origin_from_sql(name: &str, target: Option<i64>) -> Result<Origin, StoreError> {
    match (name, target) {
        ("edit", None) => Ok(Origin::Edit),
        ("restore", None) => Ok(Origin::Restore),
        ("undo", Some(target)) => Ok(Origin::Undo(Revision(from_bigint(target)?))),
        ("redo", Some(target)) => Ok(Origin::Redo(Revision(from_bigint(target)?))),
        _ => Err(StoreError::Corrupt(format!("a change of origin {name} and target {target:?}"))),
    }
}

/// The group of an edit, whose 64 bits are those of a `bigint`.
pub(super) fn group_to_sql(group: EditGroup) -> Option<i64> {
    (group != EditGroup::NONE).then_some(group.0.cast_signed())
}

/// The reverse of [`group_to_sql`].
pub(super) fn group_from_sql(group: Option<i64>) -> EditGroup {
    group.map_or(EditGroup::NONE, |group| EditGroup(group.cast_unsigned()))
}

/// Microseconds since the Unix epoch as `timestamptz`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Micros(pub(super) i64);

impl ToSql for Micros {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, Boxed> {
        let micros = self.0.checked_sub(POSTGRES_EPOCH_MICROS).ok_or("a time out of range")?;
        out.put_i64(micros);
        Ok(IsNull::No)
    }

    fn accepts(ty: &Type) -> bool {
        *ty == Type::TIMESTAMPTZ
    }

    to_sql_checked!();
}

impl FromSql<'_> for Micros {
    fn from_sql(_: &Type, raw: &[u8]) -> Result<Self, Boxed> {
        let micros = i64::from_be_bytes(raw.try_into()?);
        let micros = micros.checked_add(POSTGRES_EPOCH_MICROS).ok_or("a time out of range")?;
        Ok(Self(micros))
    }

    fn accepts(ty: &Type) -> bool {
        *ty == Type::TIMESTAMPTZ
    }
}

/// JSON text that goes to `jsonb` as it is: no tree of values is built on the way.
#[derive(Debug)]
pub(super) struct JsonText(pub(super) Vec<u8>);

impl ToSql for JsonText {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, Boxed> {
        out.put_u8(JSONB_VERSION);
        out.put_slice(&self.0);
        Ok(IsNull::No)
    }

    fn accepts(ty: &Type) -> bool {
        *ty == Type::JSONB
    }

    to_sql_checked!();
}

/// The JSON text of a `jsonb` value, still in the buffer of the row.
#[derive(Debug)]
pub(super) struct JsonSlice<'a>(pub(super) &'a [u8]);

impl<'a> FromSql<'a> for JsonSlice<'a> {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Boxed> {
        match raw.split_first() {
            Some((&JSONB_VERSION, text)) => Ok(Self(text)),
            _ => Err("an unknown form of jsonb".into()),
        }
    }

    fn accepts(ty: &Type) -> bool {
        *ty == Type::JSONB
    }
}
