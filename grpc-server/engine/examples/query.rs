//! Views and summaries of tables, with the time, the processor time and the memory that they take.
//!
//! `query make OUT ROWS` writes a table to ask; `query view IN OUT [COLUMN OPERATOR VALUE]... [sort COLUMN [desc]]...` with the
//! operators `= < <= > >= has starts`; `query values IN COLUMN`. A column is its position. QUERY_MEMORY and QUERY_THREADS change
//! the limits. Not part of the product.
#![allow(clippy::print_stdout)]

use std::error::Error;
use std::fs::File;
use std::io::BufWriter;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use engine::{Engine, Progress, QueryLimits, Question};
use model::{CellTest, Comparison, RowFilter, RowOrder};
use ot_engine::{ColumnId, ColumnKind, Value};
use tables::{Bytes, FileBytes, write_table};

type Outcome = Result<(), Box<dyn Error>>;

fn main() -> Outcome {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let begin = Instant::now();
    match &args[..] {
        ["make", out, rows] => make(out, rows.parse()?)?,
        ["view", table, out, question @ ..] => view(table, out, question)?,
        ["values", table, column] => values_of(table, column.parse()?)?,
        _ => return Err("query make OUT ROWS | view IN OUT ... | values IN COLUMN".into()),
    }
    println!("{:.2} s", begin.elapsed().as_secs_f64());
    used()
}

fn engine() -> Result<Engine, Box<dyn Error>> {
    let of = |name: &str, default: usize| {
        std::env::var(name).map_or(Ok(default), |text| text.parse::<usize>())
    };
    let dir = std::env::temp_dir().join(format!("query-{}", std::process::id()));
    let (memory_bytes, threads) = (of("QUERY_MEMORY", 1 << 30)?, of("QUERY_THREADS", 2)?);
    Ok(Engine::new(QueryLimits { memory_bytes, disk_bytes: 64 << 30, dir, threads })?)
}

fn open(path: &str) -> Result<Arc<dyn Bytes>, Box<dyn Error>> {
    Ok(Arc::new(FileBytes::open(Path::new(path))?))
}

fn never(_: Progress) -> bool {
    false
}

fn make(out: &str, rows: u32) -> Outcome {
    let columns = [
        ("number", ColumnKind::Number),
        ("fraction", ColumnKind::Number),
        ("city", ColumnKind::Text),
        ("note", ColumnKind::Text),
        ("day", ColumnKind::Date),
        ("any", ColumnKind::Any),
    ];
    let cities = ["Köln", "Zürich", "Oslo", "Århus", "Paris", "Ulm", "Évry", "Bonn"];
    let row = |at: u32| {
        let mixed = at.wrapping_mul(2_654_435_761);
        let any = match mixed % 3 {
            0 => Value::from(f64::from(mixed % 1000)),
            1 => Value::from(&*format!("x{}", mixed % 1000)),
            _ => Value::Date((mixed % 9000).cast_signed()),
        };
        let city = cities.get(mixed as usize % cities.len()).copied().unwrap_or_default();
        vec![
            Value::from(f64::from(at)),
            Value::from(f64::from(mixed) / 7.0),
            Value::from(&*format!("{city} {}", mixed % 5000)),
            Value::from(&*format!("Note {mixed:08x} of the row")),
            Value::Date((mixed % 20_000).cast_signed()),
            any,
        ]
    };
    let columns = columns.map(|(name, kind)| (Arc::from(name), kind));
    let rows: Vec<Vec<Value>> = (0..rows).map(row).collect();
    write_table(&columns, &rows, 128 * 1024, &mut BufWriter::new(File::create(out)?))?;
    Ok(())
}

fn view(table: &str, out: &str, mut question: &[&str]) -> Outcome {
    let (mut filters, mut order) = (Vec::new(), Vec::new());
    loop {
        question = match question {
            [] => break,
            ["sort", column, "desc", rest @ ..] => {
                order.push(RowOrder { column: id(column)?, descending: true });
                rest
            }
            ["sort", column, rest @ ..] => {
                order.push(RowOrder { column: id(column)?, descending: false });
                rest
            }
            [column, operator, value, rest @ ..] => {
                let (column, test) = (id(column)?, test(operator, value)?);
                filters.push(RowFilter::Cell { column, test, ignore_case: false });
                rest
            }
            _ => return Err("a condition is COLUMN OPERATOR VALUE".into()),
        }
    }
    let question = Question { filter: RowFilter::All(filters), order };
    let mut sink = BufWriter::new(File::create(out)?);
    let rows = engine()?.view(open(table)?, &question, &mut sink, &never)?;
    println!("{rows} rows");
    Ok(())
}

fn id(column: &str) -> Result<ColumnId, Box<dyn Error>> {
    Ok(ColumnId(column.parse::<u64>()? + 1))
}

fn test(operator: &str, value: &str) -> Result<CellTest, Box<dyn Error>> {
    let exact = values::exactly(value).unwrap_or_else(|| Value::from(value));
    Ok(match operator {
        "=" => CellTest::In(vec![exact]),
        "<" => CellTest::Compare(Comparison::Less, exact),
        "<=" => CellTest::Compare(Comparison::LessOrEqual, exact),
        ">" => CellTest::Compare(Comparison::Greater, exact),
        ">=" => CellTest::Compare(Comparison::GreaterOrEqual, exact),
        "has" => CellTest::Contains(Arc::from(value)),
        "starts" => CellTest::StartsWith(Arc::from(value)),
        _ => return Err(format!("{operator} is no operator").into()),
    })
}

fn values_of(table: &str, column: usize) -> Outcome {
    let all = RowFilter::All(Vec::new());
    let summary = engine()?.summary(open(table)?, column, &all, 5, &never)?;
    println!("{summary:#?}");
    Ok(())
}

/// The processor time of the process, and the most memory that it had.
fn used() -> Outcome {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let fields: Vec<&str> = stat.split_whitespace().collect();
    let ticks = |at: usize| fields.get(at).and_then(|it| it.parse::<f64>().ok()).unwrap_or(0.0);
    println!("{:.2} s of the processor", (ticks(13) + ticks(14)) / 100.0);
    let status = std::fs::read_to_string("/proc/self/status")?;
    let peak = status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or_default();
    println!("{peak}");
    Ok(())
}
