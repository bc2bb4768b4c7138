//! The options that say how a file is read: those of an import, and of the tables of a file.
//!
//! Not the reading: the server does that. Invariant: without an option the server decides.

use clap::Args;
use client::Client;
use client::net::ImportOptions;

use super::kind::{Kind, kind_in_file};
use super::reader::ReaderArgs;
use super::{decimal_mark, delimiter};
use crate::failure::Failure;
use crate::output::say;

#[derive(Args, Debug, Default)]
pub(crate) struct ReadingArgs {
    /// The file has no header line; the columns get the names A, B, C, ...
    #[arg(long)]
    no_header: bool,
    /// The first line is a header, even if it looks like data.
    #[arg(long, conflicts_with = "no_header")]
    header: bool,
    /// Repair the file instead of refusing it: fill short rows, drop surplus empty fields, read bytes that
    /// are not UTF-8 as Windows-1252, leave NUL characters out, and read UTF-16 without a byte order mark.
    #[arg(long)]
    repair: bool,
    /// The character between fields, or the word `tab`. The default is detected from the first lines.
    #[arg(long, value_parser = delimiter)]
    delimiter: Option<char>,
    /// The encoding of the file, such as windows-1252, utf-16le or shift_jis. The default is UTF-16 where the file begins
    /// with a byte order mark, else UTF-8.
    #[arg(long)]
    encoding: Option<String>,
    /// The kinds of the columns, in order, with commas between them; `auto`, and each further column: as the file shows. A
    /// column of a kind that is chosen here takes more forms of a value, such as 007 as a number.
    #[arg(long, value_delimiter = ',', value_parser = kind_in_file())]
    kinds: Vec<Kind>,
    /// The decimal mark of the file's numbers, a comma or a point. The default is that of --locale, else it is detected.
    #[arg(long, value_parser = decimal_mark)]
    decimal_mark: Option<char>,
    #[command(flatten)]
    reader: ReaderArgs,
}

impl ReadingArgs {
    /// Whether the file is repaired.
    pub(crate) fn repairs(&self) -> bool {
        self.repair
    }

    /// The options for the server, without a name. Where a column of instants is chosen and no zone, that of this machine
    /// counts if `may_use_machine`.
    pub(crate) async fn options(
        &self,
        client: &Client,
        may_use_machine: bool,
    ) -> Result<ImportOptions, Failure> {
        Ok(ImportOptions {
            name: String::new(),
            no_header: self.no_header,
            header: self.header,
            repair: self.repair,
            delimiter: self.delimiter,
            encoding: self.encoding.clone(),
            kinds: self.kinds.iter().map(|kind| (*kind).into()).collect(),
            locale: self.reader.locale().unwrap_or_default().to_owned(),
            decimal_mark: self.decimal_mark,
            time_zone: self.time_zone(client, may_use_machine).await?,
        })
    }

    /// The zone of times without one: the given one, else that of this machine where a column of instants is chosen.
    async fn time_zone(&self, client: &Client, may_use_machine: bool) -> Result<String, Failure> {
        let has_instants = self.kinds.iter().any(|kind| matches!(kind, Kind::Instant));
        let is_needed = has_instants && may_use_machine;
        let is_given = self.reader.zone_name(false).is_some();
        if is_needed && !is_given && !client.limits().await?.import_notation {
            say("the server is of an earlier release, which reads times without a zone in UTC");
            return Ok(String::new());
        }
        Ok(self.reader.zone_name(is_needed).unwrap_or_default())
    }
}
