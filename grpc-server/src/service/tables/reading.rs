//! How a file is to be read: from the request, and from the parameters of a job.
//!
//! Not the choices of one table, whose rules are those of imports (`service::read_options`). Invariant: two requests that mean the same have
//! one text, by which a job is found again; a text is read as the request was.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gridloom::v1;
use prost::Message as _;
use values::Locale;

use crate::edge::errors::ServiceError;
use crate::service::read_options;
use csv_reader::CsvOptions;
use model::limits::Limits;
use model::limits::tables::{READING_BYTES, TABLES_OF_FILE, WORKSHEET_CHARACTERS};
use tables::{CsvChoices, Format, Options, ReadLimits};

/// Between a reading and the tag of a locale; no reading has this character.
const TAG: char = '.';

/// How a file is read.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Reading {
    /// `None`: as its bytes show it.
    pub(super) format: Option<Format>,
    /// The tables; none: the one of the file, or all worksheets.
    pub(super) tables: Vec<v1::TableReading>,
}

impl Reading {
    /// Checks a request. `locale` is that of the account.
    pub(super) fn of(
        given: Option<v1::FileReading>,
        limits: &Limits,
    ) -> Result<Self, ServiceError> {
        let v1::FileReading { format, mut tables } = given.unwrap_or_default();
        let format = format_of(format)?;
        let most = if matches!(format, None | Some(Format::Xlsx)) { TABLES_OF_FILE } else { 1 };
        if tables.len() > most {
            let rule = format!("must be at most {most}: a file of this format has so many tables");
            return Err(ServiceError::malformed("reading.tables", rule));
        }
        for table in &mut tables {
            let options = table.options.get_or_insert_default();
            options.name.clear();
        }
        let reading = Self { format, tables };
        for at in 0..reading.tables.len() {
            check(&reading, at)?;
            reading.options(at, Locale::PLAIN, limits)?;
        }
        if reading.message().encoded_len() > READING_BYTES {
            let rule = format!("must take at most {READING_BYTES} bytes: choose fewer kinds");
            return Err(ServiceError::malformed("reading", rule));
        }
        Ok(reading)
    }

    /// The text of the parameters of a job: the reading, and the tag of the account's locale, by which the same request reads
    /// another table.
    pub(super) fn of_account(&self, tag: Option<&str>) -> String {
        let text = self.to_text();
        match tag {
            Some(tag) => format!("{text}{TAG}{tag}"),
            None => text,
        }
    }

    /// The reading of such a text, and the locale. `None`: it is none of this release.
    pub(super) fn with_locale(text: &str, limits: &Limits) -> Option<(Self, Locale)> {
        let (reading, tag) =
            text.split_once(TAG).map_or((text, None), |(reading, tag)| (reading, Some(tag)));
        Some((Self::of_text(reading, limits)?, Locale::decide(None, None, tag)))
    }

    /// The text without a locale.
    fn to_text(&self) -> String {
        STANDARD.encode(self.message().encode_to_vec())
    }

    /// The reading of such a text. `None`: it is none of this release.
    fn of_text(text: &str, limits: &Limits) -> Option<Self> {
        let message = v1::FileReading::decode(&*STANDARD.decode(text).ok()?).ok()?;
        Self::of(Some(message), limits).ok()
    }

    /// How the table at a place is read; the first one of a reading that names none is read as it looks.
    pub(super) fn options(
        &self,
        at: usize,
        locale: Locale,
        limits: &Limits,
    ) -> Result<Options, ServiceError> {
        let table = self.tables.get(at).cloned().unwrap_or_default();
        let request = table.options.unwrap_or_default();
        let read_limits = ReadLimits::DEFAULT;
        let most = u32::try_from(read_limits.columns).unwrap_or(u32::MAX);
        let read = read_options::read(&request, locale, limits)
            .and_then(|csv| Ok((csv, read_options::kinds(&request, most)?)));
        let (csv, kinds) = read.map_err(|error| within(error, at))?;
        let worksheet = Some(table.worksheet).filter(|name| !name.is_empty());
        Ok(Options {
            format: self.format,
            csv: choices(csv),
            worksheet,
            kinds,
            limits: read_limits,
        })
    }

    fn message(&self) -> v1::FileReading {
        let format = self.format.map_or(v1::FileFormat::Unspecified, format_to_wire);
        v1::FileReading { format: format.into(), tables: self.tables.clone() }
    }
}

/// Refuses choices that the format has not.
fn check(reading: &Reading, at: usize) -> Result<(), ServiceError> {
    let table = &reading.tables[at];
    let field = |name: &str| format!("reading.tables[{at}].{name}");
    let worksheet = &*table.worksheet;
    if !worksheet.is_empty() && !matches!(reading.format, None | Some(Format::Xlsx)) {
        return Err(ServiceError::malformed(field("worksheet"), "is for XLSX alone"));
    }
    if worksheet.chars().count() > WORKSHEET_CHARACTERS || worksheet.contains('\0') {
        let rule = format!("must have at most {WORKSHEET_CHARACTERS} characters, none of them NUL");
        return Err(ServiceError::malformed(field("worksheet"), rule));
    }
    let names = |other: &v1::TableReading| other.worksheet == table.worksheet;
    if reading.tables[..at].iter().any(names) {
        return Err(ServiceError::malformed(field("worksheet"), "is named by another table"));
    }
    let given = table.options.clone().unwrap_or_default();
    let of_kinds = v1::StartImportRequest { kinds: given.kinds.clone(), ..Default::default() };
    let (header, no_header) = (given.header, given.no_header);
    let allowed = match reading.format {
        None | Some(Format::Csv) => given.clone(),
        Some(Format::Xlsx) => v1::StartImportRequest { header, no_header, ..of_kinds },
        Some(Format::JsonLines | Format::Parquet) => of_kinds,
    };
    if allowed != given {
        let rule = "has a choice that is for CSV alone: JSON lines and Parquet have `kinds`, XLSX has `kinds`, `header` and \
                    `no_header`";
        return Err(ServiceError::malformed(field("options"), rule));
    }
    Ok(())
}

/// The same error with the path of the field in the request.
fn within(error: ServiceError, at: usize) -> ServiceError {
    match error {
        ServiceError::Malformed { field, rule } => {
            ServiceError::malformed(format!("reading.tables[{at}].options.{field}"), rule)
        }
        error => error,
    }
}

fn choices(csv: CsvOptions) -> CsvChoices {
    let CsvOptions { no_header, header, repair, encoding, delimiter, notation, .. } = csv;
    let header = match (header, no_header) {
        (true, _) => Some(true),
        (false, true) => Some(false),
        (false, false) => None,
    };
    CsvChoices { header, delimiter, encoding, notation, repairs: repair }
}

fn format_of(given: i32) -> Result<Option<Format>, ServiceError> {
    match v1::FileFormat::try_from(given) {
        Ok(v1::FileFormat::Unspecified) => Ok(None),
        Ok(v1::FileFormat::Csv) => Ok(Some(Format::Csv)),
        Ok(v1::FileFormat::JsonLines) => Ok(Some(Format::JsonLines)),
        Ok(v1::FileFormat::Parquet) => Ok(Some(Format::Parquet)),
        Ok(v1::FileFormat::Xlsx) => Ok(Some(Format::Xlsx)),
        Err(_) => {
            let rule = format!("must be a FileFormat; {given} is not one");
            Err(ServiceError::malformed("reading.format", rule))
        }
    }
}

pub(super) const fn format_to_wire(format: Format) -> v1::FileFormat {
    match format {
        Format::Csv => v1::FileFormat::Csv,
        Format::JsonLines => v1::FileFormat::JsonLines,
        Format::Parquet => v1::FileFormat::Parquet,
        Format::Xlsx => v1::FileFormat::Xlsx,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(worksheet: &str, options: v1::StartImportRequest) -> v1::TableReading {
        v1::TableReading { worksheet: worksheet.to_owned(), options: Some(options) }
    }

    fn reading(
        format: v1::FileFormat,
        tables: Vec<v1::TableReading>,
    ) -> Result<Reading, ServiceError> {
        Reading::of(Some(v1::FileReading { format: format.into(), tables }), &Limits::DEFAULT)
    }

    #[test]
    fn requests_that_mean_the_same_have_one_text_which_is_read_back() {
        let named = v1::StartImportRequest { name: "Stock".to_owned(), ..Default::default() };
        let first = reading(v1::FileFormat::Csv, vec![table("", named)]).expect("is read");
        let bare = v1::TableReading::default();
        let second = reading(v1::FileFormat::Csv, vec![bare]).expect("is read");
        assert_eq!(first.to_text(), second.to_text());
        let none = Reading::of(None, &Limits::DEFAULT).expect("is read");
        assert_eq!(none, reading(v1::FileFormat::Unspecified, vec![]).expect("is read"));
        assert_ne!(none.to_text(), first.to_text());
        for reading in [first, none] {
            let read = Reading::of_text(&reading.to_text(), &Limits::DEFAULT);
            assert_eq!(read, Some(reading));
        }
        assert_eq!(Reading::of_text("no base64!", &Limits::DEFAULT), None);
    }

    #[test]
    fn a_request_of_an_account_with_another_locale_is_another_reading() {
        let reading = Reading::of(None, &Limits::DEFAULT).expect("is read");
        let texts = [None, Some("de"), Some("en-US")].map(|tag| (tag, reading.of_account(tag)));
        for (tag, text) in &texts {
            let read = Reading::with_locale(text, &Limits::DEFAULT).expect("is read");
            assert_eq!(read, (reading.clone(), Locale::decide(None, None, *tag)));
            assert_eq!(texts.iter().filter(|(_, other)| other == text).count(), 1);
        }
        assert_eq!(Reading::with_locale("no base64!.de", &Limits::DEFAULT), None);
    }

    #[test]
    fn choices_that_a_format_has_not_are_refused_by_their_field() {
        let delimiter = v1::StartImportRequest { delimiter: ";".into(), ..Default::default() };
        let header = v1::StartImportRequest { header: true, ..Default::default() };
        let kinds = vec![v1::ColumnKind::Choice.into()];
        let kinds = v1::StartImportRequest { kinds, ..Default::default() };
        let plain = v1::StartImportRequest::default();
        let cases = [
            (v1::FileFormat::Parquet, table("", delimiter.clone()), "reading.tables[0].options"),
            (v1::FileFormat::JsonLines, table("", header.clone()), "reading.tables[0].options"),
            (v1::FileFormat::Xlsx, table("", delimiter.clone()), "reading.tables[0].options"),
            (v1::FileFormat::Csv, table("A", plain.clone()), "reading.tables[0].worksheet"),
            (v1::FileFormat::Csv, table("", kinds), "reading.tables[0].options.kinds[0]"),
        ];
        for (format, table, expected) in cases {
            match reading(format, vec![table]) {
                Err(ServiceError::Malformed { field, .. }) => assert_eq!(field, expected),
                other => panic!("{expected}: {other:?}"),
            }
        }
        let twice = vec![table("A", plain.clone()), table("A", plain.clone())];
        assert!(reading(v1::FileFormat::Xlsx, twice).is_err());
        let two = vec![table("A", header), table("B", plain)];
        assert!(reading(v1::FileFormat::Xlsx, two.clone()).is_ok());
        assert!(reading(v1::FileFormat::Csv, two).is_err());
        assert!(reading(v1::FileFormat::Csv, vec![table("", delimiter)]).is_ok());
    }
}
