//! What a conversion is asked for, as its call keeps it while it waits for its turn.
//!
//! Not here: whether the sheet has the column. Invariant: it has a bounded number of bytes; the request that it is read from
//! may be as large as a message, and is dropped.

use std::sync::Arc;

use gridloom::v1::column_ref::Column;
use gridloom::{convert, v1};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use ot_engine::{ClientId, ColumnKind};
use values::{Locale, Zone};

use crate::edge::auth::Identity;
use crate::edge::errors::ServiceError;
use crate::service::place::edit_place;
use crate::service::sheets::cells::client;
use model::{EditGroup, SheetId};

/// More than the bytes that equal names have for each byte of one of them: the others are not in normal form C.
const BYTES_FOR_EACH: usize = 8;

/// See the [module](self).
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) column: Option<v1::ColumnRef>,
    pub(super) kind: Option<ColumnKind>,
    pub(super) settings: Option<Arc<str>>,
    /// The locale of texts where the column has none.
    pub(super) reader: Locale,
    /// The zone of times without one.
    pub(super) zone: Option<Zone>,
    pub(super) drops_times: bool,
    pub(super) dry_run: bool,
    /// The name of the first edit, and whether that may have been used before.
    pub(super) name: (ClientId, bool),
    pub(super) group: EditGroup,
}

impl Asked {
    /// Reads a request for a sheet whose columns have names of at most so many bytes.
    pub(super) fn read(
        (identity, sheet): (&Identity, SheetId),
        request: v1::ConvertColumnRequest,
        name_bytes: u32,
    ) -> Result<Self, ServiceError> {
        let v1::ConvertColumnRequest { column, locale, settings, request_id, .. } = request;
        let settings = settings.as_ref().map(convert::settings_from_wire).transpose()?;
        let place = edit_place("place", request.place)?;
        let name = client(identity, sheet, (&request_id, place))?;
        check_length(column.as_ref(), (name_bytes as usize).saturating_mul(BYTES_FOR_EACH))?;
        Ok(Self {
            column,
            kind: convert::kind_from_wire(request.kind)?,
            settings,
            reader: reader(&locale)?,
            zone: zone(&request.time_zone)?,
            drops_times: request.drop_times,
            dry_run: request.dry_run,
            name: (name, !request_id.is_empty()),
            group: group(request.group, name),
        })
    }
}

/// Refuses what is longer than any name or id of a column.
fn check_length(column: Option<&v1::ColumnRef>, most: usize) -> Result<(), ServiceError> {
    let (field, text, what) = match column.and_then(|column| column.column.as_ref()) {
        Some(Column::Name(name)) => ("column.name", name, "name"),
        Some(Column::Id(id)) => ("column.id", id, "id"),
        Some(Column::At(_)) | None => return Ok(()),
    };
    if text.len() <= most {
        return Ok(());
    }
    let rule = format!("the sheet has no column with this {what}");
    Err(ServiceError::OutOfRange { field: field.to_owned(), rule })
}

fn reader(tag: &str) -> Result<Locale, ServiceError> {
    let rule = "must be a language tag, such as de or en-US";
    match tag {
        "" => Ok(Locale::PLAIN),
        tag => Locale::from_tag(tag).ok_or_else(|| ServiceError::malformed("locale", rule)),
    }
}

fn zone(name: &str) -> Result<Option<Zone>, ServiceError> {
    if name.is_empty() {
        return Ok(None);
    }
    let rule = "must be a name of the tz database, such as Europe/Berlin";
    let zone = TimeZone::get(name).map_err(|_| ServiceError::malformed("time_zone", rule))?;
    Ok(Some(Zone::new(move |at| {
        let at = Timestamp::from_microsecond(at).unwrap_or_default();
        i64::from(zone.to_offset(at).seconds()) * 1_000_000
    })))
}

/// The gesture of a conversion: that of the request, else one that follows from its name.
fn group(asked: u64, name: ClientId) -> EditGroup {
    // The upper half of a name differs from call to call.
    EditGroup(if asked == 0 { (name.0 >> 64) as u64 | 1 } else { asked })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_is_one_of_the_tz_database() {
        assert!(matches!(zone(""), Ok(None)));
        assert!(matches!(zone("Europe/Berlin"), Ok(Some(_))));
        let Err(ServiceError::Malformed { field, .. }) = zone("Berlin time") else {
            panic!("is no zone");
        };
        assert_eq!(field, "time_zone");
    }

    #[test]
    fn a_call_that_waits_keeps_no_long_reference() {
        let of = |column| v1::ColumnRef { column: Some(column) };
        let long = "x".repeat(41);
        let refused = |column| check_length(Some(&of(column)), 40).is_err();
        assert!(refused(Column::Name(long.clone())) && refused(Column::Id(long.clone())));
        assert!(!refused(Column::Name(long[1..].to_owned())) && !refused(Column::At(u32::MAX)));
        assert!(check_length(None, 40).is_ok());
    }
}
