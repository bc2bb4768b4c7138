//! The options that say how the tables of a file are read, and the request that they make.
//!
//! It begins no job. Invariant: without an option the request is empty, so that each such reading of a file is the same one.

use clap::Args;
use client::Client;
use client::net::ImportOptions;
use gridloom::v1;

use crate::failure::{Failure, refused_file};
use crate::parse::file_format::{Format, format_by_name};
use crate::parse::reading::ReadingArgs;

#[derive(Args, Debug, Default)]
pub(super) struct FileReadingArgs {
    /// The format of the file. The default is found from its first bytes, else from its name.
    #[arg(long)]
    format: Option<Format>,
    /// A worksheet of a workbook, by its name; give the option again for a further one. The default is all worksheets, and in
    /// a preview the first one.
    #[arg(long, value_name = "NAME")]
    worksheet: Vec<String>,
    #[command(flatten)]
    options: ReadingArgs,
}

impl FileReadingArgs {
    /// The reading, with one table for each named worksheet.
    pub(super) async fn reading(
        &self,
        client: &Client,
        name: &str,
    ) -> Result<v1::FileReading, Failure> {
        // Only lines of text have times that need a zone.
        let may_use_machine = matches!(self.format_of(name), None | Some(Format::Csv));
        let options = self.options.options(client, may_use_machine).await?;
        Ok(reading_of(self.format, &self.worksheet, &options))
    }

    /// The same for a whole file: the options hold for each worksheet of a workbook.
    pub(super) async fn whole(
        &self,
        client: &Client,
        file: &v1::File,
    ) -> Result<v1::FileReading, Failure> {
        let reading = self.reading(client, &file.name).await?;
        let may_be_workbook = matches!(self.format_of(&file.name), None | Some(Format::Xlsx));
        if !self.worksheet.is_empty() || reading.tables.is_empty() || !may_be_workbook {
            return Ok(reading);
        }
        let preview = client.preview_file(&file.id, &reading).await;
        let preview = preview.map_err(|error| refused_file(error, "no table was made"))?;
        Ok(for_each(reading, preview.worksheets))
    }

    /// The number of worksheets that are named.
    pub(super) fn worksheets(&self) -> usize {
        self.worksheet.len()
    }

    /// Whether `--repair` may help a file of this name that can't be read.
    pub(super) fn may_repair(&self, name: &str) -> bool {
        !self.options.repairs() && matches!(self.format_of(name), None | Some(Format::Csv))
    }

    /// The format as far as it is known here.
    fn format_of(&self, name: &str) -> Option<Format> {
        self.format.or_else(|| format_by_name(name))
    }
}

/// The reading of these worksheets, or of what a file has, with the same options.
fn reading_of(
    format: Option<Format>,
    worksheets: &[String],
    options: &ImportOptions,
) -> v1::FileReading {
    let options = v1::StartImportRequest::from(options);
    let chosen = (options != v1::StartImportRequest::default()).then_some(options);
    let table = |worksheet: &str| v1::TableReading {
        worksheet: worksheet.to_owned(),
        options: chosen.clone(),
    };
    let tables = match worksheets {
        [] if chosen.is_none() => Vec::new(),
        [] => vec![table("")],
        worksheets => worksheets.iter().map(|worksheet| table(worksheet)).collect(),
    };
    let format = format.map(v1::FileFormat::from).unwrap_or_default();
    v1::FileReading { format: format.into(), tables }
}

/// A reading with its only table for each of these worksheets; as it is where there are none.
fn for_each(reading: v1::FileReading, worksheets: Vec<String>) -> v1::FileReading {
    let [only] = &reading.tables[..] else { return reading };
    if worksheets.is_empty() {
        return reading;
    }
    let table = |worksheet| v1::TableReading { worksheet, ..only.clone() };
    let tables = worksheets.into_iter().map(table).collect();
    v1::FileReading { tables, ..reading }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    fn worksheets(reading: &v1::FileReading) -> Vec<&str> {
        reading.tables.iter().map(|table| &*table.worksheet).collect()
    }

    #[test]
    fn a_reading_without_options_is_empty() {
        let plain = ImportOptions::default();
        assert_eq!(reading_of(None, &[], &plain), v1::FileReading::default());
        let parquet = reading_of(Some(Format::Parquet), &[], &plain);
        assert_eq!(parquet.format(), v1::FileFormat::Parquet);
        assert!(parquet.tables.is_empty());
        let named = reading_of(None, &names(&["A"]), &plain);
        assert_eq!(named.tables[0].options, None);
    }

    #[test]
    fn options_hold_for_each_worksheet() {
        let options = ImportOptions { header: true, ..ImportOptions::default() };
        let named = reading_of(None, &names(&["A", "B"]), &options);
        assert_eq!(worksheets(&named), ["A", "B"]);
        let unnamed = reading_of(None, &[], &options);
        assert_eq!(worksheets(&unnamed), [""]);
        assert_eq!(for_each(unnamed.clone(), Vec::new()), unnamed);
        assert_eq!(for_each(unnamed, names(&["A", "B"])), named);
    }

    #[test]
    fn a_repair_is_offered_for_lines_of_text() {
        let args = FileReadingArgs::default();
        assert!(args.may_repair("a.csv") && args.may_repair("a"));
        assert!(!args.may_repair("a.parquet"));
        let format = Some(Format::Json);
        assert!(!FileReadingArgs { format, ..FileReadingArgs::default() }.may_repair("a.csv"));
    }
}
