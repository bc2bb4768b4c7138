//! Reads files as tables and shows rows of tables, with the time that it takes.
//!
//! `table read FILE OUT.parquet`, `table rows OUT.parquet FROM COUNT`, `table save OUT.parquet FORMAT FILE`,
//! `table preview FILE`. Not part of the product.
#![allow(clippy::print_stdout)]

use std::error::Error;
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use tables::{
    Bytes, Done, FileBytes, Options, RowWriter, SavedFor, SavedFormat, Stop, Table, preview, read,
};

/// More than any answer of an example.
const MOST_BYTES: usize = 1 << 30;
/// Rows and bytes of a step of a pass.
const STEP: (usize, usize) = (4096, 4 << 20);

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match args[..] {
        ["read", file, out] => read_file(file, out),
        ["preview", file] => show_preview(file),
        ["rows", table, from, count] => show_rows(table, from.parse()?, count.parse()?),
        ["save", table, format, file] => save(table, format, file),
        _ => Err("table read FILE OUT.parquet | rows OUT.parquet FROM COUNT | \
                  save OUT.parquet csv|tsv|jsonl|parquet|xlsx FILE | preview FILE"
            .into()),
    }
}

fn open(path: &str) -> Result<Arc<dyn Bytes>, Box<dyn Error>> {
    Ok(Arc::new(FileBytes::open(Path::new(path))?))
}

fn read_file(file: &str, out: &str) -> Result<(), Box<dyn Error>> {
    let mut sink = BufWriter::new(File::create(out)?);
    let begin = Instant::now();
    let report = read(&open(file)?, file, &Options::default(), &mut sink, &|_: Done| false)?;
    println!("{:?} in {:?}", report.format, begin.elapsed());
    println!("{} rows, {} bytes", report.rows, report.bytes_written);
    for column in &report.columns {
        println!("  {:?} {:?} {}", column.name, column.kind, column.data);
    }
    report.doubts.iter().for_each(|doubt| println!("  {doubt}"));
    Ok(())
}

fn show_preview(file: &str) -> Result<(), Box<dyn Error>> {
    let begin = Instant::now();
    let seen = preview(&open(file)?, file, &Options::default(), &Stop::default())?;
    println!("{seen:#?} in {:?}", begin.elapsed());
    Ok(())
}

fn show_rows(table: &str, from: u64, count: u32) -> Result<(), Box<dyn Error>> {
    let begin = Instant::now();
    let table = Table::open(open(table)?)?;
    let columns: Vec<usize> = (0..table.columns().len()).collect();
    println!("{} rows, {} bytes of memory", table.rows(), table.memory_bytes());
    println!("opened in {:?}", begin.elapsed());
    let begin = Instant::now();
    let rows = table.rows_at(from, count, &columns, MOST_BYTES)?;
    println!("{} rows in {:?}", rows.len(), begin.elapsed());
    if let Some(row) = rows.first() {
        println!("first: {row:?}");
    }
    Ok(())
}

fn save(table: &str, format: &str, file: &str) -> Result<(), Box<dyn Error>> {
    let format = match format {
        "csv" => SavedFormat::Csv,
        "tsv" => SavedFormat::Tsv,
        "jsonl" => SavedFormat::JsonLines,
        "parquet" => SavedFormat::Parquet,
        "xlsx" => SavedFormat::Xlsx,
        _ => return Err("the format is none of csv, tsv, jsonl, parquet and xlsx".into()),
    };
    let begin = Instant::now();
    let table = Table::open(open(table)?)?;
    let places: Vec<usize> = (0..table.columns().len()).collect();
    let columns = table.out_columns(&places)?;
    let mut out = BufWriter::new(File::create(file)?);
    let mut writer = RowWriter::new(format, SavedFor::Programs, "Sheet", &columns, &mut out)?;
    let mut scan = table.scan(0, &places)?;
    loop {
        let rows = scan.next_rows(STEP.0, STEP.1)?;
        if rows.is_empty() {
            break;
        }
        writer.write(&rows)?;
    }
    writer.finish()?.iter().for_each(|note| println!("  {note}"));
    out.flush()?;
    println!(
        "{} rows in {:?}, {} bytes",
        table.rows(),
        begin.elapsed(),
        std::fs::metadata(file)?.len()
    );
    Ok(())
}
