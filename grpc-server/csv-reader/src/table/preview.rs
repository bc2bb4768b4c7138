//! A preview: the begin of a file, read as an import reads it.
//!
//! Nothing is made. Invariant: whatever a preview shows, an import of the whole file reads the same where the rest is as the
//! begin.

use ot_engine::ColumnKind;

use super::{CsvImport, Stage, at_begin};
use crate::{CsvColumn, CsvOptions, CsvRow, ImportError, Problem, doubts};

/// Rows that a preview has at most.
const ROWS: usize = 20;

/// The begin of a file as an import reads it.
#[derive(Clone, Debug, PartialEq)]
pub struct Preview {
    /// The columns; none where not even the first line is complete.
    pub columns: Vec<CsvColumn>,
    /// The first rows.
    pub rows: Vec<CsvRow>,
    /// The character between fields.
    pub delimiter: u8,
    /// The name of the encoding.
    pub encoding: String,
    /// The decimal mark of its numbers: where a column of numbers is chosen, the one that counts there.
    pub decimal: char,
    /// Whether the first line is read as a header.
    pub has_header: bool,
    /// Whether an import needs the choice of a header.
    pub is_header_in_doubt: bool,
    /// Guesses that may be wrong.
    pub doubts: Vec<String>,
}

impl Preview {
    /// Reads the begin of a file; `is_cut`: the file has more bytes. A first line that looks like data is read as such.
    ///
    /// # Errors
    /// As those of an import that are seen in the begin.
    pub fn of(
        options: &CsvOptions,
        kinds: &[Option<ColumnKind>],
        begin: &[u8],
        is_cut: bool,
    ) -> Result<Self, ImportError> {
        match read(options.clone(), kinds, begin, is_cut) {
            Err(ImportError { problem: Problem::NoHeader { .. }, .. }) => {
                let data = CsvOptions { no_header: true, ..options.clone() };
                read(data, kinds, begin, is_cut).map(|it| Self { is_header_in_doubt: true, ..it })
            }
            read => read,
        }
    }
}

fn read(
    options: CsvOptions,
    kinds: &[Option<ColumnKind>],
    begin: &[u8],
    is_cut: bool,
) -> Result<Preview, ImportError> {
    let has_header = !options.no_header;
    let mut import = CsvImport::new(options).with_kinds(kinds.to_vec());
    let mut rows = Vec::new();
    import.push(begin, &mut rows)?;
    if is_cut {
        import.stop(&mut rows)?
    } else {
        import.finish(&mut rows)?
    }
    rows.truncate(ROWS);
    let delimiter = match &import.stage {
        Stage::Sample(records, _) | Stage::Rows { records, .. } => records.delimiter(),
        Stage::Head(_) => b',',
    };
    let is_chosen = |column: &CsvColumn| {
        column.chosen.as_ref().is_some_and(|rule| rule.kind == values::Kind::Number)
    };
    let locale = match import.columns.iter().any(is_chosen) {
        true => &import.locales.chosen,
        false => &import.locales.inferred,
    };
    Ok(Preview {
        decimal: locale.decimal,
        columns: import.columns,
        rows,
        delimiter,
        encoding: import.encoding.name(),
        has_header,
        is_header_in_doubt: false,
        doubts: import.doubts,
    })
}

impl CsvImport {
    /// Reads what is there of a file that continues: its last record may be incomplete, and is left out.
    fn stop(&mut self, out: &mut Vec<CsvRow>) -> Result<(), ImportError> {
        let guess = self.options.repair.guess_encoding;
        // An end of the decoder: half of a character at the cut belongs to the record that is left out.
        let text = self.encoding.decode(b"", true, guess).map_err(at_begin)?;
        self.text(&text, out)?;
        if let Stage::Head(head) = &mut self.stage {
            let head = std::mem::take(head);
            self.begin(&head, false, out)?;
        }
        if matches!(&self.stage, Stage::Sample(_, sample) if sample.first.is_some()) {
            self.settle(false, out)?;
        }
        let columns = self.columns.iter().enumerate();
        self.doubts.extend(columns.filter_map(|(at, column)| doubts::mixed(at, column)));
        Ok(())
    }
}
