//! The formats of files that become tables, by their names and by the endings of names of files.
//!
//! Not by the bytes of a file: the server looks at those. Invariant: each format of the protocol has one name.

use clap::ValueEnum;
use gridloom::v1;

/// A format, by its name on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Lines of fields with a delimiter, which may be a tab.
    Csv,
    /// JSON: an object in each line, or one array of objects.
    #[value(aliases = ["jsonl", "ndjson"])]
    Json,
    /// Apache Parquet.
    Parquet,
    /// A workbook of a spreadsheet.
    Xlsx,
}

impl From<Format> for v1::FileFormat {
    fn from(format: Format) -> Self {
        match format {
            Format::Csv => Self::Csv,
            Format::Json => Self::JsonLines,
            Format::Parquet => Self::Parquet,
            Format::Xlsx => Self::Xlsx,
        }
    }
}

/// The format that the ending of a file's name shows.
pub(crate) fn format_by_name(name: &str) -> Option<Format> {
    let (_, ending) = name.rsplit_once('.')?;
    match ending.to_ascii_lowercase().as_str() {
        "csv" | "tsv" => Some(Format::Csv),
        "json" | "jsonl" | "ndjson" => Some(Format::Json),
        "parquet" => Some(Format::Parquet),
        "xlsx" => Some(Format::Xlsx),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::tables::format_name;

    #[test]
    fn the_ending_of_a_name_shows_a_format() {
        for (name, format) in [
            ("a.csv", Some(Format::Csv)),
            ("a.b.TSV", Some(Format::Csv)),
            (".json", Some(Format::Json)),
            ("a.jsonl", Some(Format::Json)),
            ("a.ndjson", Some(Format::Json)),
            ("a.Parquet", Some(Format::Parquet)),
            ("a.xlsx", Some(Format::Xlsx)),
            ("a.csv.gz", None),
            ("a.xls", None),
            ("csv", None),
            ("", None),
        ] {
            assert_eq!(format_by_name(name), format, "{name}");
        }
    }

    #[test]
    fn output_names_the_formats_as_the_option_does() {
        for format in Format::value_variants() {
            let value = format.to_possible_value().expect("no format is hidden");
            assert_eq!(format_name((*format).into()), value.get_name());
        }
    }
}
