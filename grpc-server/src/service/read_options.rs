//! How a file is to be read, from the request: of an import, and of the tables of a file.
//!
//! Not the reading (the crate `csv-reader`). Invariant: what contradicts itself or has no meaning is refused by its field, which
//! is that of `StartImportRequest`.

use gridloom::convert::kind_from_wire;
use gridloom::v1;
use jiff::tz::TimeZone;
use ot_engine::ColumnKind;
use values::Locale;

use crate::edge::errors::ServiceError;
use csv_reader::{CsvOptions, Notation, Repairs};
use model::AccountId;
use model::limits::Limits;
use store::Store;

/// By which the texts of an account are read.
pub(super) async fn locale_of(store: &Store, account: AccountId) -> Result<Locale, ServiceError> {
    let tag = locale_tag(store, account).await?;
    Ok(Locale::decide(None, None, tag.as_deref()))
}

/// The tag of that locale, if the account has one.
pub(super) async fn locale_tag(
    store: &Store,
    account: AccountId,
) -> Result<Option<String>, ServiceError> {
    let record = store.account(account).await?;
    Ok(record.and_then(|record| record.locale).map(|tag| tag.to_string()))
}

pub(super) fn read(
    request: &v1::StartImportRequest,
    account: Locale,
    limits: &Limits,
) -> Result<CsvOptions, ServiceError> {
    if request.header && request.no_header {
        return Err(ServiceError::malformed("header", "contradicts no_header"));
    }
    Ok(CsvOptions {
        no_header: request.no_header,
        header: request.header,
        repair: repairs(request)?,
        delimiter: delimiter(&request.delimiter)?,
        encoding: encoding(&request.encoding)?,
        notation: notation(request, account)?,
        cell_bytes: limits.cell_bytes as usize,
        columns: limits.columns as usize,
        rows: u64::from(limits.rows),
    })
}

fn repairs(request: &v1::StartImportRequest) -> Result<Repairs, ServiceError> {
    if request.repair {
        return Ok(Repairs::ALL);
    }
    let mut repairs = Repairs::NONE;
    for (i, repair) in request.repairs.iter().enumerate() {
        match v1::ImportRepair::try_from(*repair) {
            Ok(v1::ImportRepair::Unspecified) => {}
            Ok(v1::ImportRepair::FillRows) => repairs.fill_rows = true,
            Ok(v1::ImportRepair::LeaveOutNul) => repairs.leave_out_nul = true,
            Ok(v1::ImportRepair::ReplaceDamaged) => repairs.replace_damaged = true,
            Err(_) => {
                let rule = format!("must be an ImportRepair; {repair} is not one");
                return Err(ServiceError::malformed(format!("repairs[{i}]"), rule));
            }
        }
    }
    Ok(repairs)
}

fn delimiter(given: &str) -> Result<Option<u8>, ServiceError> {
    match given.as_bytes() {
        [] => Ok(None),
        [byte] if byte.is_ascii() && !matches!(byte, b'"' | b'\r' | b'\n' | 0) => Ok(Some(*byte)),
        _ => Err(ServiceError::malformed("delimiter", "must be one ASCII character, no quote")),
    }
}

fn notation(request: &v1::StartImportRequest, account: Locale) -> Result<Notation, ServiceError> {
    let v1::StartImportRequest { locale, decimal_mark, time_zone, .. } = request;
    let decimal = match &**decimal_mark {
        "" => None,
        "," => Some(','),
        "." => Some('.'),
        _ => return Err(ServiceError::malformed("decimal_mark", "must be a comma or a point")),
    };
    let rule = "must be the tag of a language whose marks are known here, such as de or en-US";
    let known = || Locale::from_tag(locale).ok_or_else(|| ServiceError::malformed("locale", rule));
    let file = if locale.is_empty() { None } else { Some(known()?) };
    if file.zip(decimal).is_some_and(|(file, mark)| file.decimal != mark) {
        return Err(ServiceError::malformed("decimal_mark", "contradicts locale"));
    }
    let rule = "must be a name of the tz database, such as Europe/Berlin";
    let zone = || TimeZone::get(time_zone).map_err(|_| ServiceError::malformed("time_zone", rule));
    let zone = if time_zone.is_empty() { None } else { Some(zone()?) };
    Ok(Notation { file, decimal, account, zone })
}

fn encoding(given: &str) -> Result<Option<&'static encoding_rs::Encoding>, ServiceError> {
    if given.is_empty() {
        return Ok(None);
    }
    let found = encoding_rs::Encoding::for_label_no_replacement(given.as_bytes());
    let rule = "must be a name of the WHATWG Encoding Standard, such as windows-1252";
    found.map(Some).ok_or_else(|| ServiceError::malformed("encoding", rule))
}

/// The kinds of the first columns, where chosen.
pub(super) fn kinds(
    request: &v1::StartImportRequest,
    most: u32,
) -> Result<Vec<Option<ColumnKind>>, ServiceError> {
    if request.kinds.len() > most as usize {
        return Err(ServiceError::malformed("kinds", format!("must be at most {most}")));
    }
    let kind = |(i, kind): (usize, &i32)| {
        let rule = match kind_from_wire(*kind) {
            Ok(Some(ColumnKind::Choice | ColumnKind::Choices)) => {
                "has options, which a file has not: import text, then choose the kind".to_owned()
            }
            Ok(kind) => return Ok(kind),
            Err(_) => format!("must be a ColumnKind; {kind} is not one"),
        };
        Err(ServiceError::malformed(format!("kinds[{i}]"), rule))
    };
    request.kinds.iter().enumerate().map(kind).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_with_options_are_refused() {
        let kinds_of = |kind: v1::ColumnKind| {
            let given = vec![v1::ColumnKind::Text.into(), kind.into()];
            let request = v1::StartImportRequest { kinds: given, ..Default::default() };
            kinds(&request, 5)
        };
        for kind in [v1::ColumnKind::Choice, v1::ColumnKind::Choices] {
            let Err(ServiceError::Malformed { field, rule }) = kinds_of(kind) else {
                panic!("{kind:?} was taken");
            };
            assert_eq!(field, "kinds[1]");
            assert!(rule.contains("has options"), "{rule}");
        }
        assert!(kinds_of(v1::ColumnKind::Link).is_ok());
    }
}
