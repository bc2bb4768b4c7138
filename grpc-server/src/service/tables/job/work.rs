//! What a job does on its thread: reads the tables of a file one after the other, and writes each as Parquet.
//!
//! Not their formats (the crate `tables`), and not the commit. Blocking. Invariants: memory is that of one row group, one piece
//! that is written and the pieces of the source; what the tables of a file say of themselves fits one answer.

use std::sync::Arc;

use engine::{Handed, Meter};
use jobs::Failure;
use ot_engine::ColumnKind;
use tokio::sync::watch;
use values::Locale;

use crate::service::tables::failure::{failed, unread};
use crate::service::tables::reading::Reading;
use crate::service::tables::wire::column_of;
use crate::service::tables::writer::Drafts;
use model::TableFacts;
use model::limits::Limits;
use model::limits::tables::{TABLE_FACTS_BYTES, TABLES_OF_FILE, WORKSHEET_CHARACTERS};
use store::NewTable;
use tables::{Bytes, Done, Format, Options, Preview, ReadError, Report, TableColumn};

/// One reading of a file.
pub(super) struct Work {
    pub(super) bytes: Arc<dyn Bytes>,
    /// The name of the file.
    pub(super) name: String,
    pub(super) reading: Reading,
    /// That of the account.
    pub(super) locale: Locale,
    pub(super) limits: Limits,
    pub(super) drafts: Drafts,
    /// The bytes that are read, and those of all.
    pub(super) progress: watch::Sender<(u64, u64)>,
}

impl Work {
    /// Reads all tables.
    pub(super) fn run(self) -> Result<Vec<NewTable>, Failure> {
        let wanted = self.wanted()?;
        let (count, mut facts_bytes) = (wanted.len() as u64, 0_usize);
        let mut tables = Vec::with_capacity(wanted.len());
        let meters = [Meter::new("read", 1), Meter::new("write", 1)];
        meters.iter().for_each(|meter| self.drafts.steps.begin(meter));
        for (at, options) in (0..count).zip(wanted) {
            let table = self.table(&options, (at, count), &meters)?;
            facts_bytes = facts_bytes.saturating_add(table.facts.bytes() + table.name.len());
            if facts_bytes > TABLE_FACTS_BYTES {
                let text = format!(
                    "the names of the columns of all tables take more than {TABLE_FACTS_BYTES} bytes, the most that they \
                     may: read fewer worksheets, or shorten them"
                );
                return Err(Failure::Final(text));
            }
            tables.push(table);
        }
        meters.iter().for_each(|meter| meter.task_ends());
        Ok(tables)
    }

    /// How each table is read: those of the request, else all worksheets or the one table of the file.
    fn wanted(&self) -> Result<Vec<Options>, Failure> {
        let options = |at| self.reading.options(at, self.locale, &self.limits).map_err(failed);
        if !self.reading.tables.is_empty() {
            return (0..self.reading.tables.len()).map(options).collect();
        }
        let first = options(0)?;
        let format = first.format.map_or_else(|| tables::format_of(&*self.bytes, &self.name), Ok);
        if format.map_err(file_failed)? != Format::Xlsx {
            return Ok(vec![first]);
        }
        let stop = |_: Done| self.drafts.stop.is_cancelled();
        let worksheets = tables::worksheets(&self.bytes, &first, &stop).map_err(file_failed)?;
        if worksheets.len() > TABLES_OF_FILE {
            let text = format!(
                "the workbook has {} worksheets, and {TABLES_OF_FILE} are read at most: choose some",
                worksheets.len()
            );
            return Err(Failure::Final(text));
        }
        let one = |name| Options { worksheet: Some(name), ..first.clone() };
        Ok(worksheets.into_iter().map(one).collect())
    }

    /// Reads one of so many tables.
    fn table(
        &self,
        options: &Options,
        (at, count): (u64, u64),
        [from, to]: &[Arc<Meter>; 2],
    ) -> Result<NewTable, Failure> {
        let mut writer = self.drafts.begin()?;
        let (stop, progress) = (&self.drafts.stop, &self.progress);
        let report = |done: Done| {
            // Each table reads the file from its begin.
            let before = done.of.saturating_mul(at);
            progress.send_replace((before + done.bytes, done.of.saturating_mul(count)));
            from.bytes_are(before + done.bytes);
            stop.is_cancelled()
        };
        let mut out = Handed::new(&mut writer, from, to);
        let read = tables::read(&self.bytes, &self.name, options, &mut out, &report);
        drop(out);
        let report = match read {
            Ok(report) => report,
            Err(error) => return Err(writer.failure().unwrap_or_else(|| file_failed(error))),
        };
        from.bytes_are(self.bytes.len().saturating_mul(at + 1));
        [from, to].into_iter().for_each(|meter| meter.add_rows(report.rows));
        let facts = self.facts(options, &report)?;
        let content = writer.finish()?;
        let name = options.worksheet.as_ref().unwrap_or(&self.name);
        // A damaged workbook may have any name.
        let name = name.chars().take(WORKSHEET_CHARACTERS).collect();
        Ok(NewTable { content, name, rows: report.rows, facts })
    }

    fn facts(&self, options: &Options, report: &Report) -> Result<TableFacts, Failure> {
        let format = report.format;
        // A text shows both at its begin, and the reading has decided by it, too.
        let (delimiter, encoding) = match format {
            Format::Csv => {
                let Preview { delimiter, encoding, .. } = self.preview(options)?;
                (delimiter, encoding)
            }
            Format::JsonLines | Format::Parquet | Format::Xlsx => (None, None),
        };
        let columns = report.columns.iter().zip(&report.misfits);
        Ok(TableFacts {
            columns: columns.map(|(column, misfits)| column_of(column, format, *misfits)).collect(),
            doubts: report.doubts.iter().cloned().chain(misfits(options, report)).collect(),
            repaired_rows: report.repaired_rows,
            delimiter: delimiter.map(|it| char::from(it).to_string()).unwrap_or_default(),
            encoding: encoding.unwrap_or_default(),
        })
    }

    fn preview(&self, options: &Options) -> Result<Preview, Failure> {
        let stop = |_: Done| self.drafts.stop.is_cancelled();
        tables::preview(&self.bytes, &self.name, options, &stop).map_err(file_failed)
    }
}

/// Columns that a sentence about values names.
const NAMED: usize = 20;
/// Characters of the name of a column in such a sentence.
const NAME: usize = 200;

/// Sentences about the values that do not fit a kind that was guessed; those of a chosen one are in the report.
fn misfits(options: &Options, report: &Report) -> Vec<String> {
    let is_guess = |at: usize| options.kinds.get(at).copied().flatten().is_none();
    let columns = report.columns.iter().zip(&report.misfits).enumerate();
    let mut found = columns.filter(|(at, (column, misfits))| {
        **misfits > 0 && column.kind != ColumnKind::Any && is_guess(*at)
    });
    let sentence = |(at, (column, misfits)): (usize, (&TableColumn, &u64))| {
        let name: String = match column.name.is_empty() {
            true => csv_reader::letters(at),
            false => column.name.chars().take(NAME).collect(),
        };
        match misfits {
            1 => format!("1 value of {name:?} does not fit its kind and stays text"),
            count => format!("{count} values of {name:?} do not fit its kind and stay text"),
        }
    };
    let mut sentences: Vec<String> = found.by_ref().take(NAMED).map(sentence).collect();
    match found.count() {
        0 => {}
        1 => sentences.push("1 more column has values that do not fit its kind".to_owned()),
        more => {
            sentences.push(format!("{more} more columns have values that do not fit their kinds"))
        }
    }
    sentences
}

/// A file that is not read, or whose reading was stopped.
fn file_failed(error: ReadError) -> Failure {
    match error {
        // By the cancellation, or by the end of the attempt.
        ReadError::Stopped => Failure::Later("stopped".to_owned()),
        error => failed(unread(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(count: usize) -> Report {
        let column = |at: usize| TableColumn {
            name: format!("n{at}").into(),
            kind: if at == 1 { ColumnKind::Any } else { ColumnKind::Number },
            data: "Float64".to_owned(),
            has_texts: true,
            is_whole: false,
        };
        Report {
            format: Format::Csv,
            columns: (0..count).map(column).collect(),
            misfits: (1..).take(count).collect(),
            rows: 100,
            doubts: Vec::new(),
            repaired_rows: 0,
            bytes_written: 0,
        }
    }

    #[test]
    fn values_that_do_not_fit_a_guessed_kind_are_in_doubt() {
        let kinds = vec![None, None, None, Some(ColumnKind::Number)];
        let options = Options { kinds, ..Options::default() };
        let sentences = [
            "1 value of \"n0\" does not fit its kind and stays text",
            "3 values of \"n2\" do not fit its kind and stay text",
        ];
        assert_eq!(misfits(&options, &report(4)), sentences);
        let many = misfits(&Options::default(), &report(30));
        assert_eq!(many.len(), NAMED + 1);
        assert_eq!(many[NAMED], "9 more columns have values that do not fit their kinds");
    }
}
