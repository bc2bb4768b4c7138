//! CSV files are read as Python's csv module and DuckDB read them.
//!
//! Not the values of fields: texts alone. Invariant: each disagreement is one of [`DIFFERENCES`], and none of them is ours.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use csv_reader::{CsvImport, CsvOptions, Notation, Repairs};
use integration::harness::binaries;
use serde::Deserialize;

/// Files that are generated.
const FILES: u32 = 400;
const DELIMITERS: [(&str, char); 4] =
    [("comma", ','), ("semicolon", ';'), ("tab", '\t'), ("bar", '|')];
/// Fields as people have them.
const FIELDS: [&str; 22] = [
    "Bolt",
    "M6",
    "12",
    "2.5",
    "1,50",
    "007",
    "2024-05-01",
    "",
    "",
    "true",
    "a b",
    "Smith, Ada",
    "x;y",
    "a|b",
    "say \"hi\"",
    "two\nlines",
    " spaces ",
    "é",
    "-3",
    "1e3",
    "O'Neil",
    "50%",
];

type Records = Vec<Vec<String>>;

/// How DuckDB reads another table than the one that was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Difference {
    /// It divides the lines at another character.
    Delimiter,
    /// It has another number of lines.
    Lines,
    /// It takes quotes for content, or content for quotes.
    Quotes,
    /// It refuses the file.
    Refused,
}

/// In how many files DuckDB 1.4.1 differs. Those that it refuses have line breaks between quotes in one of the first lines,
/// beside fields with an apostrophe or with doubled quotes: it finds no dialect for them in its strict mode.
const DIFFERENCES: [(Difference, usize); 4] = [
    (Difference::Delimiter, 0),
    (Difference::Lines, 0),
    (Difference::Quotes, 0),
    (Difference::Refused, 6),
];

#[derive(Deserialize)]
struct Answer {
    python: Records,
    duckdb: serde_json::Value,
}

/// Numbers that are the same in each run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: usize) -> usize {
        // Knuth, "The Art of Computer Programming", volume 2: the multiplier of MMIX.
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("31 bits") % bound
    }
}

/// A table, and the file that a program writes of it.
fn file(number: u32) -> (String, Records, String) {
    let mut numbers = Numbers(u64::from(number) * 7_919 + 1);
    for _ in 0..8 {
        let _ = numbers.below(2);
    }
    let (name, delimiter) = DELIMITERS[numbers.below(DELIMITERS.len())];
    let (width, height) = (2 + numbers.below(4), 3 + numbers.below(12));
    let mut records: Records = (0..height)
        .map(|_| (0..width).map(|_| FIELDS[numbers.below(FIELDS.len())].to_owned()).collect())
        .collect();
    if numbers.below(3) > 0 {
        records[0] = (1..=width).map(|col| format!("Column {col}")).collect();
    }
    let style = match numbers.below(3) {
        0 => csv::QuoteStyle::Always,
        1 => csv::QuoteStyle::NonNumeric,
        _ => csv::QuoteStyle::Necessary,
    };
    let ends = [csv::Terminator::CRLF, csv::Terminator::Any(b'\n')][numbers.below(2)];
    let mut writer = csv::WriterBuilder::new();
    let byte = u8::try_from(delimiter).expect("ASCII");
    let mut writer =
        writer.delimiter(byte).quote_style(style).terminator(ends).from_writer(Vec::new());
    for record in &records {
        writer.write_record(record).expect("in memory");
    }
    let text = String::from_utf8(writer.into_inner().expect("in memory")).expect("texts");
    (format!("{number:03}-{name}-{style:?}.csv"), records, text)
}

/// The records of a file, or why it is refused.
fn ours(text: &str) -> Result<Records, String> {
    let mut import = CsvImport::new(CsvOptions {
        no_header: true,
        header: false,
        repair: Repairs::NONE,
        encoding: None,
        delimiter: None,
        notation: Notation::PLAIN,
        cell_bytes: 1_000,
        columns: 100,
        rows: 1_000,
    });
    let mut rows = Vec::new();
    import.push(text.as_bytes(), &mut rows).map_err(|error| error.to_string())?;
    import.finish(&mut rows).map_err(|error| error.to_string())?;
    let width = import.columns().len();
    let record = |row: Vec<ot_engine::Value>| {
        let mut record: Vec<String> = row.iter().map(|it| values::exact(it).into_owned()).collect();
        record.resize(width, String::new());
        record
    };
    Ok(rows.into_iter().map(record).collect())
}

/// What two other programs read.
fn theirs(directory: &Path) -> BTreeMap<String, Answer> {
    let python = std::env::var_os("GRIDLOOM_PYTHON")
        .map_or_else(|| binaries::repository().join("target/tools/python/bin/python"), Into::into);
    let script = binaries::repository().join("integration/tests/system/csv_readers/read.py");
    let output = Command::new(python).arg(script).arg(directory).output().expect("Python runs");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "`make setup-test` installs what it needs: {errors}");
    serde_json::from_slice(&output.stdout).expect("JSON")
}

fn difference(written: &Records, duckdb: Option<Records>) -> Option<Difference> {
    let Some(read) = duckdb else { return Some(Difference::Refused) };
    if read == *written {
        return None;
    }
    let widths = |records: &Records| records.first().map_or(0, Vec::len);
    Some(if widths(&read) != widths(written) {
        Difference::Delimiter
    } else if read.len() != written.len() {
        Difference::Lines
    } else {
        Difference::Quotes
    })
}

#[test]
fn files_are_read_as_other_programs_read_them() {
    let directory = tempfile::tempdir().expect("can make a temporary directory");
    let files: Vec<_> = (0..FILES).map(file).collect();
    for (name, _, text) in &files {
        fs::write(directory.path().join(name), text).expect("can be written");
    }
    let answers = theirs(directory.path());
    let (mut differences, mut wrong) = (BTreeMap::<Difference, Vec<&str>>::new(), Vec::new());
    for (name, records, text) in &files {
        let answer = &answers[name];
        assert_eq!(answer.python, *records, "{name} is written as Python reads it");
        let ours = ours(text);
        if ours.as_ref() != Ok(records) {
            wrong.push(format!("{name}: {ours:?}\n{text}"));
        }
        let duckdb = serde_json::from_value(answer.duckdb.clone()).ok();
        if let Some(difference) = difference(records, duckdb) {
            differences.entry(difference).or_default().push(name);
        }
    }
    assert!(
        wrong.is_empty(),
        "{} files are read in another way:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    for (difference, count) in DIFFERENCES {
        let found = differences.remove(&difference).unwrap_or_default();
        assert_eq!(found.len(), count, "{difference:?}: {found:?}");
    }
}
