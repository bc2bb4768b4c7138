//! Which rows of a table match.
//!
//! Not the reader of a filter, and no statistics: see `prune`. Source of the rules: `SheetService.QueryRows`. Values are compared
//! within their kind; days, times without a zone and instants are one, and a day is all of its times. Texts are compared in
//! normal form C. Invariant: a test is true or false for each cell.

mod compared;
mod numbers;
mod prune;
mod texts;
mod times;

use std::collections::HashSet;

use arrow_buffer::BooleanBuffer;
use model::{CellTest, RowFilter};
use ot_engine::Value;
use tables::{Cell, ColumnCells, Table};

use crate::QueryError;
use crate::columns::column_of;
use crate::order::micros;
use compared::holds;
use numbers::Numbers;
use texts::Texts;
use times::Times;

/// A filter whose values are ready to be compared.
#[derive(Debug)]
pub(crate) struct Filter {
    root: Node,
    /// The columns that it tests, each once.
    pub(crate) columns: Vec<usize>,
}

#[derive(Debug)]
enum Node {
    All(Vec<Node>),
    Any(Vec<Node>),
    Not(Box<Node>),
    /// A test of the column at this place among those of the filter.
    Cell(usize, Test),
}

#[derive(Debug)]
enum Test {
    Empty,
    Numbers(Numbers),
    Times(Times),
    Texts(Texts),
    /// Whether false and true pass.
    Truths([bool; 2]),
    OneOf(Box<OneOf>),
}

/// The values of a list, by their kinds.
#[derive(Debug)]
struct OneOf {
    numbers: HashSet<u64>,
    times: Times,
    texts: Texts,
    truths: [bool; 2],
}

impl Filter {
    pub(crate) fn new(table: &Table, filter: &RowFilter) -> Result<Self, QueryError> {
        let mut columns = Vec::new();
        let root = node(table, filter, &mut columns)?;
        Ok(Self { root, columns })
    }

    /// Whether it has no condition, so that each row matches.
    pub(crate) fn is_all(&self) -> bool {
        matches!(&self.root, Node::All(nodes) if nodes.is_empty())
    }

    /// Which of these rows match: `cells` has a column for each of `columns`.
    pub(crate) fn matching(&self, cells: &[ColumnCells<'_>], rows: usize) -> BooleanBuffer {
        self.root.matching(cells, &BooleanBuffer::new_set(rows))
    }
}

fn node(table: &Table, filter: &RowFilter, columns: &mut Vec<usize>) -> Result<Node, QueryError> {
    let mut list = |filters: &[RowFilter]| {
        filters.iter().map(|filter| node(table, filter, columns)).collect::<Result<Vec<_>, _>>()
    };
    Ok(match filter {
        RowFilter::All(filters) => Node::All(list(filters)?),
        RowFilter::Any(filters) => Node::Any(list(filters)?),
        RowFilter::Not(filter) => Node::Not(Box::new(node(table, filter, columns)?)),
        RowFilter::Cell { column, test, ignore_case } => {
            let column = column_of(table, *column)?;
            let place = columns.iter().position(|known| *known == column);
            let place = place.unwrap_or_else(|| {
                columns.push(column);
                columns.len() - 1
            });
            Node::Cell(place, Test::new(test, *ignore_case)?)
        }
    })
}

impl Node {
    /// Which of the wanted rows match.
    fn matching(&self, cells: &[ColumnCells<'_>], wanted: &BooleanBuffer) -> BooleanBuffer {
        match self {
            Self::All(nodes) => {
                nodes.iter().fold(wanted.clone(), |wanted, node| node.matching(cells, &wanted))
            }
            Self::Any(nodes) => {
                let none = BooleanBuffer::new_unset(wanted.len());
                nodes.iter().fold(none, |found, node| {
                    let rest = wanted & &!&found;
                    &found | &node.matching(cells, &rest)
                })
            }
            Self::Not(node) => wanted & &!&node.matching(cells, wanted),
            Self::Cell(place, test) => match cells.get(*place) {
                Some(cells) => test.matching(cells, wanted),
                None => BooleanBuffer::new_unset(wanted.len()),
            },
        }
    }
}

impl Test {
    fn new(test: &CellTest, ignore_case: bool) -> Result<Self, QueryError> {
        Ok(match test {
            CellTest::IsEmpty => Self::Empty,
            CellTest::Contains(part) => Self::Texts(Texts::containing(part, ignore_case)),
            CellTest::StartsWith(start) => Self::Texts(Texts::starting(start, ignore_case)),
            CellTest::In(values) => Self::OneOf(Box::new(OneOf::new(values, ignore_case))),
            CellTest::Compare(comparison, value) => match value {
                Value::Number(number) => Self::Numbers(Numbers::new(*comparison, *number)),
                Value::Text(text) => Self::Texts(Texts::compared(*comparison, text, ignore_case)?),
                Value::Bool(wanted) => {
                    Self::Truths([false, true].map(|truth| holds(*comparison, truth.cmp(wanted))))
                }
                Value::Date(days) => Self::Times(Times::of_day(*comparison, *days)),
                Value::Instant(micros) | Value::LocalDateTime(micros) => {
                    Self::Times(Times::compared(*comparison, *micros))
                }
                // Nothing is compared with no value.
                Value::Empty => Self::Truths([false; 2]),
            },
        })
    }

    fn matching(&self, cells: &ColumnCells<'_>, wanted: &BooleanBuffer) -> BooleanBuffer {
        BooleanBuffer::collect_bool(wanted.len(), |at| {
            wanted.value(at) && self.passes(&cells.cell(at))
        })
    }

    fn passes(&self, cell: &Cell<'_>) -> bool {
        match self {
            Self::Empty => *cell == Cell::Empty,
            Self::Numbers(numbers) => {
                matches!(cell, Cell::Number(number) if numbers.passes(*number))
            }
            Self::Times(times) => micros(cell).is_some_and(|micros| times.passes(micros)),
            Self::Texts(texts) => matches!(cell, Cell::Text(text) if texts.passes(text)),
            Self::Truths(truths) => {
                matches!(cell, Cell::Bool(truth) if truths[usize::from(*truth)])
            }
            Self::OneOf(values) => values.passes(cell),
        }
    }
}

impl OneOf {
    fn new(values: &[Value], ignore_case: bool) -> Self {
        let (mut numbers, mut texts) = (HashSet::new(), HashSet::new());
        let (mut times, mut truths) = (Times::default(), [false; 2]);
        for value in values {
            match value {
                Value::Number(number) => drop(numbers.insert(numbers::bits(*number))),
                Value::Text(text) => drop(texts.insert(texts::folded(text, ignore_case))),
                Value::Bool(truth) => truths[usize::from(*truth)] = true,
                Value::Date(days) => times.add_day(*days),
                Value::Instant(micros) | Value::LocalDateTime(micros) => times.add(*micros),
                Value::Empty => {}
            }
        }
        times.sort();
        let texts = texts.into_iter().map(std::borrow::Cow::into_owned).collect();
        Self { numbers, times, texts: Texts::one_of(texts, ignore_case), truths }
    }

    fn passes(&self, cell: &Cell<'_>) -> bool {
        match cell {
            Cell::Empty => false,
            Cell::Bool(truth) => self.truths[usize::from(*truth)],
            Cell::Number(number) => self.numbers.contains(&numbers::bits(*number)),
            Cell::Text(text) => self.texts.passes(text),
            Cell::Date(_) | Cell::LocalDateTime(_) | Cell::Instant(_) => {
                micros(cell).is_some_and(|micros| self.times.passes(micros))
            }
        }
    }
}
