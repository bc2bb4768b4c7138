//! How a file is to be read.
//!
//! Not the limits: see `limits`. Invariant: [`Options::default`] reads each file as its bytes show it.

use csv_reader::{CsvOptions, Notation, Repairs};
use ot_engine::ColumnKind;

use crate::{Format, ReadError, ReadLimits};

/// How a file is to be read.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The format; `None`: found from the first bytes.
    pub format: Option<Format>,
    /// For CSV; the header for worksheets, the notation and the repairs for all formats of texts.
    pub csv: CsvChoices,
    /// The worksheet of a workbook; `None`: the first one.
    pub worksheet: Option<String>,
    /// The kinds of the first columns, where chosen.
    pub kinds: Vec<Option<ColumnKind>>,
    /// The limits.
    pub limits: ReadLimits,
}

/// How the texts of a file are to be read.
#[derive(Clone, Debug)]
pub struct CsvChoices {
    /// Whether the first row has names; `None`: as it looks.
    pub header: Option<bool>,
    /// The character between fields; `None`: found from the first lines.
    pub delimiter: Option<u8>,
    /// The encoding; `None`: found from the first bytes.
    pub encoding: Option<&'static encoding_rs::Encoding>,
    /// How numbers, days and times are written.
    pub notation: Notation,
    /// What is repaired instead of refused.
    pub repairs: Repairs,
}

impl Default for CsvChoices {
    fn default() -> Self {
        let (header, delimiter, encoding) = (None, None, None);
        Self { header, delimiter, encoding, notation: Notation::PLAIN, repairs: Repairs::NONE }
    }
}

impl Options {
    /// The same for the reader of CSV.
    pub(crate) fn of_csv(&self) -> CsvOptions {
        CsvOptions {
            no_header: self.csv.header == Some(false),
            header: self.csv.header == Some(true),
            repair: self.csv.repairs,
            encoding: self.csv.encoding,
            delimiter: self.csv.delimiter,
            notation: self.csv.notation.clone(),
            cell_bytes: self.limits.cell_bytes,
            columns: self.limits.columns,
            rows: self.limits.rows,
        }
    }

    /// Refuses what no file can fulfil.
    pub(crate) fn check(&self) -> Result<(), ReadError> {
        let has_options = |kind: &Option<ColumnKind>| {
            matches!(kind, Some(ColumnKind::Choice | ColumnKind::Choices))
        };
        if let Some(at) = self.kinds.iter().position(has_options) {
            let rule = "has options, which a file has not: read text, then choose the kind";
            return Err(ReadError::option(format!("kinds[{at}]"), rule));
        }
        if self.kinds.len() > self.limits.columns {
            let rule = format!("must be at most {}", self.limits.columns);
            return Err(ReadError::option("kinds", rule));
        }
        Ok(())
    }
}
