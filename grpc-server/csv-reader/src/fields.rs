//! The fields of a record as texts and values, with the repairs that the caller wants.
//!
//! Not the kind of a field: see `infer`. Invariant: what is not repaired is refused, with its line and column.

use std::borrow::Cow;

use super::infer::{self, Field, Guess};
use super::joints;
use super::notation::{Locales, Notation};
use super::records::Records;
use super::{CsvColumn, CsvOptions, CsvRow, ImportError, Noted, Problem};
use ot_engine::{ColumnKind, Value};
use values::{Kind, Locale, Misfit, Rule};

/// How fields become texts.
pub(super) struct Rules<'a> {
    pub(super) options: &'a CsvOptions,
    /// Whether the file has another encoding than UTF-8.
    pub(super) is_wide: bool,
    /// By which its values are read.
    pub(super) locales: Locales,
}

/// The record's fields as values of these columns, and whether it was repaired.
pub(super) fn values(
    records: &Records,
    rules: &Rules<'_>,
    columns: &mut [CsvColumn],
    quotes_say_text: bool,
) -> Result<(CsvRow, bool), ImportError> {
    let mut repaired = check_width(records, rules.options, columns.len())?;
    // A record that is filled has far fewer fields than a wide table has columns.
    let mut row = CsvRow::with_capacity(records.fields().len().min(columns.len()));
    for ((at, field), column) in records.fields().enumerate().zip(columns) {
        let (field, is_cut) = unjoined(field, at, records, rules.options);
        let (text, mended) = text(field, at, rules).map_err(|problem| records.error(problem))?;
        repaired |= mended || is_cut;
        let is_text = quotes_say_text && records.is_quoted(at);
        row.push(value(&text, is_text, column, rules));
    }
    Ok((row, repaired))
}

/// The value of a field of a column; one that does not fit its kind stays text, and is counted.
pub(super) fn value(
    field: &str,
    is_text: bool,
    column: &mut CsvColumn,
    rules: &Rules<'_>,
) -> Value {
    let locales = &rules.locales;
    match &column.chosen {
        Some(rule) if rule.kind != Kind::Any => {
            chosen_value(field, (rule, locales), &rules.options.notation, &mut column.noted)
        }
        _ => {
            let value = infer::value(field, is_text, column.kind, &locales.inferred);
            let is_kind_shown = !matches!(column.kind, ColumnKind::Any | ColumnKind::Text);
            // Quotes of an own export say that the text is meant.
            let is_unlike = is_kind_shown && !is_text && matches!(value, Value::Text(_));
            column.noted.unlike += u64::from(is_unlike && Guess::counts(field));
            if column.chosen.is_none() && column.kind == ColumnKind::Any && !is_text {
                column.noted.mix.see(&value);
            }
            value
        }
    }
}

/// The value of a field in a column of a chosen kind.
fn chosen_value(
    field: &str,
    (rule, locales): (&Rule, &Locales),
    notation: &Notation,
    noted: &mut Noted,
) -> Value {
    let read = values::read(field, rule, &locales.chosen);
    let has_no_zone = matches!(read.misfit, Some(Misfit::NoZone(_)));
    let read = notation.zoned(read);
    let fits = read.misfit.is_none();
    noted.misfits += u64::from(!fits);
    noted.zoned += u64::from(fits && has_no_zone);
    noted.zeros += u64::from(values::loses_zeros(field, &read.value));
    let is_by_account = notation.file.is_none() && notation.account != Locale::PLAIN && fits;
    if is_by_account {
        let without = notation.zoned(values::read(field, rule, &locales.without_account()));
        noted.by_account += u64::from(without.value != read.value);
    }
    read.value
}

/// The record's fields as text, exactly `width` of them, and whether it was repaired.
pub(super) fn texts(
    records: &Records,
    rules: &Rules<'_>,
    width: usize,
) -> Result<(Vec<Field>, bool), ImportError> {
    let mut repaired = check_width(records, rules.options, width)?;
    let mut fields = Vec::with_capacity(width);
    for (at, field) in records.fields().enumerate().take(width) {
        let (field, is_cut) = unjoined(field, at, records, rules.options);
        let (text, mended) = text(field, at, rules).map_err(|problem| records.error(problem))?;
        repaired |= mended || is_cut;
        fields.push(Field { text: text.into_owned(), is_text: records.is_quoted(at) });
    }
    fields.resize(width, Field::default());
    Ok((fields, repaired))
}

/// Refuses a record of another width; true when it may be repaired.
fn check_width(records: &Records, options: &CsvOptions, width: usize) -> Result<bool, ImportError> {
    let fields = records.fields().len();
    let repairable = records.fields().skip(width).all(<[u8]>::is_empty);
    match fields == width {
        true => Ok(false),
        false if options.repair.fill_rows && repairable => Ok(true),
        false if joints::is_end_mark(records) => {
            Err(records.error(Problem::EndMark { expected: width }))
        }
        false => {
            let ragged = Problem::Ragged { fields, expected: width, other: records.other() };
            let number = if width == 1 { number_with_comma(records) } else { None };
            Err(records.error(number.map_or(ragged, |number| Problem::DecimalComma { number })))
        }
    }
}

/// The number of a record that a comma divides into two fields, where it is a decimal comma.
fn number_with_comma(records: &Records) -> Option<String> {
    let mut fields = records.fields();
    let (whole, decimals) = (fields.next()?, fields.next()?);
    if records.delimiter() != b',' || fields.len() > 0 || !decimals.first()?.is_ascii_digit() {
        return None;
    }
    let number = [whole, decimals].join(&b',');
    let number = std::str::from_utf8(&number).ok()?;
    let by_comma = Locale::PLAIN.with_decimal(',');
    let is_number = values::read(number, &Kind::Number.into(), &by_comma).misfit.is_none();
    is_number.then(|| number.to_owned())
}

/// A field without the marks of joined files, if they are left out, and whether it has had any.
fn unjoined<'a>(
    field: &'a [u8],
    at: usize,
    records: &Records,
    options: &CsvOptions,
) -> (&'a [u8], bool) {
    if !options.repair.leave_out_marks {
        return (field, false);
    }
    let begin = if at == 0 { joints::marks(records) } else { 0 };
    let is_last = at + 1 == records.fields().len();
    let end = field.len() - if is_last { joints::end_marks(records) } else { 0 };
    (field.get(begin..end).unwrap_or_default(), begin > 0 || end < field.len())
}

/// One field as text, and whether bytes of it were repaired.
fn text<'a>(
    field: &'a [u8],
    at: usize,
    rules: &Rules<'_>,
) -> Result<(Cow<'a, str>, bool), Problem> {
    let (column, options) = (at + 1, rules.options);
    let (mut text, mut mended) = match std::str::from_utf8(field) {
        Ok(text) => (Cow::Borrowed(text), false),
        Err(_) if options.repair.guess_encoding && !rules.is_wide && options.encoding.is_none() => {
            (Cow::Owned(mend(field)), true)
        }
        Err(_) if options.repair.replace_damaged => {
            (Cow::Owned(String::from_utf8_lossy(field).into_owned()), true)
        }
        Err(_) if rules.is_wide => return Err(Problem::DamagedWide { column }),
        Err(_) if field.contains(&0) => return Err(Problem::Nul { column }),
        Err(_) => return Err(Problem::NotUtf8 { column }),
    };
    if text.contains('\0') {
        if !options.repair.leave_out_nul {
            return Err(Problem::Nul { column });
        }
        (text, mended) = (Cow::Owned(text.replace('\0', "")), true);
    }
    // After the repair: a byte of Windows-1252 may become three of UTF-8.
    if text.len() > options.cell_bytes {
        return Err(Problem::CellTooLarge { column, limit: options.cell_bytes });
    }
    Ok((text, mended))
}

/// Reads valid UTF-8 as such and everything else as Windows-1252: files that were put together
/// from several sources hold both.
fn mend(field: &[u8]) -> String {
    let mut text = String::with_capacity(field.len() + 16);
    for chunk in field.utf8_chunks() {
        text.push_str(chunk.valid());
        text.push_str(&encoding_rs::WINDOWS_1252.decode_without_bom_handling(chunk.invalid()).0);
    }
    text
}
