//! The same grid work done by Gridloom's engine and by three CRDT libraries, in one run.
//!
//! A writer and a reader hold the same grid. Each operation is made at the writer, encoded, decoded and applied
//! at the reader, and the time covers all of that. Then two writers edit while disconnected, and synchronize.
//! Every scenario ends with a check that both sides hold the same cells. Seeds are fixed, so that all libraries
//! do the same work. Edits of texts are measured beside a library of operational transformation.

mod crdts;
mod gridloom;
mod text;

use std::time::Instant;

/// Rows and columns of the grid.
const ROWS: u32 = 1_000;
const COLS: u32 = 10;
/// Operations of one scenario.
const OPERATIONS: u32 = 2_000;
/// Operations of each writer while disconnected.
const APART: u32 = 500;

/// Runs of each scenario; the fastest counts.
const RUNS: u32 = 5;

/// A grid at a writer and at a reader.
trait Pair {
    /// Its name in the table.
    const NAME: &'static str;
    /// A full grid at both.
    fn new(rows: u32, cols: u32) -> Self;
    /// Sets a cell, and applies that at the reader.
    fn set(&mut self, row: u32, col: u32, value: f64);
    /// Inserts a row, and applies that at the reader.
    fn insert_row(&mut self, at: u32);
    /// Moves a row, and applies that at the reader; false for a library without moves.
    fn move_row(&mut self, from: u32, to: u32) -> bool;
    /// Both edit while disconnected, then exchange their edits.
    fn apart(&mut self, here: &[Edit], there: &[Edit]);
    /// The cells at the writer and at the reader.
    fn cells(&self) -> [Vec<Vec<f64>>; 2];
}

/// One edit of a disconnected writer.
#[derive(Clone, Copy)]
enum Edit {
    Set(u32, u32, f64),
    Insert(u32),
}

/// A random number generator with the same numbers on every machine (xorshift64*).
struct Random(u64);

impl Random {
    fn below(&mut self, end: u32) -> u32 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        ((self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 32) % u64::from(end)) as u32
    }
}

fn main() {
    println!("microseconds for each operation; a grid of {ROWS} x {COLS}");
    println!("| library | set a cell | insert a row | move a row | two apart, then together |");
    println!("| --- | --- | --- | --- | --- |");
    measure::<gridloom::Gridloom>();
    measure::<crdts::Yrs>();
    measure::<crdts::Loro>();
    measure::<crdts::Automerge>();
    text::measure();
}

fn measure<P: Pair>() {
    let figures = [set::<P>, insert::<P>, moves::<P>, apart::<P>].map(fastest);
    let figures = figures.map(|it| it.map_or("-".to_owned(), |micros| format!("{micros:.1}")));
    println!("| {} | {} |", P::NAME, figures.join(" | "));
}

/// The least of several runs: a disturbance only makes a run slower.
fn fastest(run: impl Fn() -> Option<f64>) -> Option<f64> {
    (0..RUNS).filter_map(|_| run()).min_by(f64::total_cmp)
}

fn per_operation(begun: Instant, operations: u32) -> Option<f64> {
    Some(begun.elapsed().as_secs_f64() * 1e6 / f64::from(operations))
}

fn check<P: Pair>(pair: &P) {
    let [writer, reader] = pair.cells();
    assert!(writer == reader, "{}: writer and reader differ", P::NAME);
}

fn set<P: Pair>() -> Option<f64> {
    let (mut pair, mut random) = (P::new(ROWS, COLS), Random(1));
    let begun = Instant::now();
    for number in 0..OPERATIONS {
        pair.set(random.below(ROWS), random.below(COLS), f64::from(number));
    }
    let time = per_operation(begun, OPERATIONS);
    check(&pair);
    time
}

fn insert<P: Pair>() -> Option<f64> {
    let (mut pair, mut random) = (P::new(ROWS, COLS), Random(2));
    let begun = Instant::now();
    for number in 0..OPERATIONS {
        pair.insert_row(random.below(ROWS + number));
    }
    let time = per_operation(begun, OPERATIONS);
    check(&pair);
    time
}

fn moves<P: Pair>() -> Option<f64> {
    let (mut pair, mut random) = (P::new(ROWS, COLS), Random(3));
    let begun = Instant::now();
    for _ in 0..OPERATIONS {
        if !pair.move_row(random.below(ROWS), random.below(ROWS)) {
            return None;
        }
    }
    let time = per_operation(begun, OPERATIONS);
    check(&pair);
    time
}

fn apart<P: Pair>() -> Option<f64> {
    let (mut pair, mut random) = (P::new(ROWS, COLS), Random(4));
    let mut edits = || -> Vec<Edit> {
        (0..APART)
            .map(|number| match random.below(10) {
                0 => Edit::Insert(random.below(ROWS)),
                _ => Edit::Set(random.below(ROWS), random.below(COLS), f64::from(number)),
            })
            .collect()
    };
    let (here, there) = (edits(), edits());
    let begun = Instant::now();
    pair.apart(&here, &there);
    let time = per_operation(begun, 2 * APART);
    check(&pair);
    time
}
