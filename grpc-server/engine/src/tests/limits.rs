//! What a query takes has a bound, and it ends where it is stopped.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use model::{RowFilter, RowOrder};
use ot_engine::{ColumnKind, Value};
use tables::Bytes;

use super::tables_of::bytes_of;
use super::{MIB, engine, engine_of, id, never, oracle, positions_of, view_of};
use crate::{Engine, QueryError, Question};

pub(super) fn rows_of_texts(count: usize) -> Vec<Vec<Value>> {
    let text =
        |at: usize| format!("{:x}-{}", at.wrapping_mul(0x9e37_79b9_7f4a_7c15), "x".repeat(200));
    (0..count).map(|at| vec![Value::from(&*text(at))]).collect()
}

pub(super) fn by_first() -> Question {
    let order = vec![RowOrder { column: id(0), descending: false }];
    Question { filter: RowFilter::All(Vec::new()), order }
}

#[test]
fn a_sort_that_does_not_fit_the_memory_takes_disk_and_gives_it_back() {
    let (engine, dir) = engine_of(24 * MIB, 1 << 30);
    let rows = rows_of_texts(30_000);
    let table = bytes_of(&[ColumnKind::Text], &rows, 5000);
    let view = view_of(&engine, &table, &by_first()).expect("a view");
    let mut expected: Vec<usize> = (0..rows.len()).collect();
    // Letters and digits alone: their order is that of their bytes.
    expected.sort_by_key(|at| rows[*at][0].as_text().to_owned());
    assert_eq!(positions_of(&view), expected);
    assert_eq!(engine.disk_in_use(), 0);
    let files = files_in(dir.path());
    assert!(files.is_empty(), "{files:?}");
}

fn files_in(dir: &std::path::Path) -> Vec<std::path::PathBuf> {
    let entries =
        std::fs::read_dir(dir).expect("a folder").map(|entry| entry.expect("an entry").path());
    let (folders, mut files): (Vec<_>, Vec<_>) = entries.partition(|path| path.is_dir());
    files.extend(folders.iter().flat_map(|folder| files_in(folder)));
    files
}

#[test]
fn a_sort_that_does_not_fit_the_disk_is_too_large_and_the_next_query_has_an_answer() {
    let (engine, _dir) = engine_of(24 * MIB, 100_000);
    let table = bytes_of(&[ColumnKind::Text], &rows_of_texts(30_000), 5000);
    let error = view_of(&engine, &table, &by_first());
    assert!(matches!(error, Err(QueryError::TooLarge)), "{error:?}");
    let filter = RowFilter::All(Vec::new());
    let error = engine.summary(Arc::clone(&table), 0, &filter, 10, &never);
    assert!(matches!(error, Err(QueryError::TooLarge)), "{error:?}");
    let small = bytes_of(&[ColumnKind::Text], &rows_of_texts(100), 50);
    assert_eq!(view_of(&engine, &small, &by_first()).expect("a view").rows(), 100);
}

#[test]
fn values_that_do_not_fit_the_memory_are_counted_with_disk() {
    let (engine, _dir) = engine_of(24 * MIB, 1 << 30);
    let table = bytes_of(&[ColumnKind::Text], &rows_of_texts(30_000), 5000);
    let filter = RowFilter::All(Vec::new());
    let summary = engine.summary(table, 0, &filter, 3, &never).expect("a summary");
    assert_eq!((summary.rows, summary.distinct, summary.values.len()), (30_000, 30_000, 3));
    assert!(summary.values.is_sorted_by(|one, other| oracle::by_value(&one.0, &other.0).is_lt()));
    assert_eq!(summary.values.first().map(|(value, _)| value), summary.least.as_ref());
}

fn stopped_after(engine: &Engine, table: &Arc<dyn Bytes>, question: &Question, most: usize) {
    let calls = AtomicUsize::new(0);
    let watch = |_| calls.fetch_add(1, Ordering::Relaxed) >= most;
    let result = engine.view(Arc::clone(table), question, &mut Vec::new(), &watch);
    assert!(matches!(result, Err(QueryError::Stopped)), "{result:?}");
    assert_eq!(calls.load(Ordering::Relaxed), most + 1);
    assert_eq!(engine.disk_in_use(), 0);
}

#[test]
fn a_query_that_is_stopped_ends_with_all_that_it_has_begun() {
    let (engine, dir) = engine_of(24 * MIB, 1 << 30);
    let table = bytes_of(&[ColumnKind::Text], &rows_of_texts(30_000), 1000);
    for most in [0, 1, 3] {
        stopped_after(&engine, &table, &by_first(), most);
        stopped_after(&engine, &table, &Question { order: Vec::new(), ..by_first() }, most);
    }
    let calls = AtomicUsize::new(0);
    let watch = |_| calls.fetch_add(1, Ordering::Relaxed) >= 2;
    let filter = RowFilter::All(Vec::new());
    let result = engine.summary(table, 0, &filter, 3, &watch);
    assert!(matches!(result, Err(QueryError::Stopped)), "{result:?}");
    assert!(files_in(dir.path()).is_empty());
}

#[test]
fn damaged_bytes_are_an_error_of_the_table() {
    let (engine, _dir) = engine();
    let table = bytes_of(&[ColumnKind::Text], &rows_of_texts(1000), 100);
    let mut bytes = vec![0; usize::try_from(table.len()).expect("small")];
    assert_eq!(table.read_at(0, &mut bytes).expect("bytes"), bytes.len());
    for at in (10..bytes.len() / 2).step_by(997) {
        let mut damaged = bytes.clone();
        damaged[at..at + 8].fill(0xff);
        let damaged: Arc<dyn Bytes> = Arc::new(damaged);
        for question in [by_first(), Question { order: Vec::new(), ..by_first() }] {
            match engine.view(Arc::clone(&damaged), &question, &mut Vec::new(), &never) {
                Ok(1000) | Err(QueryError::Read(_)) => {}
                other => panic!("{other:?} at {at}"),
            }
        }
    }
    let result = engine.view(Arc::new(vec![1, 2, 3]), &by_first(), &mut Vec::new(), &never);
    assert!(matches!(result, Err(QueryError::Read(_))));
}

/// Bytes that can't be read behind their end.
struct Broken(Arc<dyn Bytes>, u64);

impl Bytes for Broken {
    fn len(&self) -> u64 {
        self.0.len()
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> std::io::Result<usize> {
        match offset < self.1 {
            true => Err(std::io::Error::other("the disk is away")),
            false => self.0.read_at(offset, buffer),
        }
    }
}

#[test]
fn an_error_of_the_bytes_is_passed_on_and_so_is_that_of_the_writer() {
    let (engine, _dir) = engine();
    let table = bytes_of(&[ColumnKind::Text], &rows_of_texts(1000), 100);
    for question in [by_first(), Question { order: Vec::new(), ..by_first() }] {
        let broken = Arc::new(Broken(Arc::clone(&table), table.len() / 4));
        let result = engine.view(broken, &question, &mut Vec::new(), &never);
        let Err(QueryError::Read(error)) = result else { panic!("{result:?}") };
        assert_eq!(error.reason(), "TABLE_SOURCE");
        let mut full: &mut [u8] = &mut [0; 100];
        let result = engine.view(Arc::clone(&table), &question, &mut full, &never);
        let Err(QueryError::Read(error)) = result else { panic!("{result:?}") };
        assert_eq!(error.reason(), "TABLE_SINK");
    }
}

#[test]
fn queries_at_once_take_turns_and_none_takes_the_memory_of_another() {
    let (engine, _dir) = engine_of(24 * MIB, 1 << 30);
    let table = bytes_of(&[ColumnKind::Text], &rows_of_texts(8_000), 1000);
    let filter = RowFilter::All(Vec::new());
    std::thread::scope(|scope| {
        for number in 0..6 {
            let (engine, table, filter) = (&engine, Arc::clone(&table), &filter);
            scope.spawn(move || match number % 3 {
                0 => {
                    let summary = engine.summary(table, 0, filter, 3, &never).expect("a summary");
                    assert_eq!(summary.distinct, 8_000);
                }
                _ => {
                    let view = view_of(engine, &table, &by_first()).expect("a view");
                    assert_eq!(view.rows(), 8_000);
                }
            });
        }
    });
}
