//! The formats of files that are made, and whom such a file is for.
//!
//! Not the formats that are read: see `file_format`. Invariant: each format of the protocol has one name.

use clap::ValueEnum;
use gridloom::v1;

/// A format, by its name on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SavedFormat {
    /// Lines of fields with commas between them.
    Csv,
    /// Lines of fields with tabs between them.
    Tsv,
    /// A JSON object in each line.
    #[value(aliases = ["json", "ndjson"])]
    Jsonl,
    /// Apache Parquet.
    Parquet,
    /// A workbook of a spreadsheet.
    Xlsx,
}

impl SavedFormat {
    /// Whether a file of this format is text, which a terminal can show.
    pub(crate) const fn is_text(self) -> bool {
        matches!(self, Self::Csv | Self::Tsv | Self::Jsonl)
    }
}

impl From<SavedFormat> for v1::SavedFormat {
    fn from(format: SavedFormat) -> Self {
        match format {
            SavedFormat::Csv => Self::Csv,
            SavedFormat::Tsv => Self::Tsv,
            SavedFormat::Jsonl => Self::JsonLines,
            SavedFormat::Parquet => Self::Parquet,
            SavedFormat::Xlsx => Self::Xlsx,
        }
    }
}

/// The reader of a file of fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FieldReader {
    Programs,
    Spreadsheets,
}

impl From<FieldReader> for v1::ExportForm {
    fn from(reader: FieldReader) -> Self {
        match reader {
            FieldReader::Programs => Self::Programs,
            FieldReader::Spreadsheets => Self::Spreadsheets,
        }
    }
}

/// What a file is saved as; without a name the server makes one.
pub(crate) fn saved_form(
    format: SavedFormat,
    reader: FieldReader,
    name: Option<&str>,
) -> v1::SavedForm {
    v1::SavedForm {
        format: v1::SavedFormat::from(format).into(),
        form: v1::ExportForm::from(reader).into(),
        name: name.unwrap_or_default().to_owned(),
        is_for_download: false,
    }
}

/// The same for a file that the command downloads and then deletes at the server.
pub(crate) fn for_download(format: SavedFormat, reader: FieldReader) -> v1::SavedForm {
    v1::SavedForm { is_for_download: true, ..saved_form(format, reader, None) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_format_of_the_protocol_has_one_name() {
        let formats = SavedFormat::value_variants();
        let on_wire: Vec<i32> =
            formats.iter().map(|format| v1::SavedFormat::from(*format).into()).collect();
        assert_eq!(on_wire, [1, 2, 3, 4, 5]);
        assert!(v1::SavedFormat::try_from(6).is_err());
        let texts = formats.iter().filter(|format| format.is_text());
        assert_eq!(texts.count(), 3);
    }

    #[test]
    fn a_form_without_a_name_leaves_it_to_the_server() {
        let saved = saved_form(SavedFormat::Xlsx, FieldReader::Programs, None);
        assert_eq!((saved.format(), &*saved.name), (v1::SavedFormat::Xlsx, ""));
        let named = saved_form(SavedFormat::Csv, FieldReader::Spreadsheets, Some("a"));
        assert_eq!((named.form(), &*named.name), (v1::ExportForm::Spreadsheets, "a"));
    }
}
