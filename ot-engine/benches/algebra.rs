//! Benchmarks of the engine's hot paths.
//!
//! The most important one is `submit`: an edit of one cell on a base that is 64 edits behind the head.
//!
//! Invariant: each benchmark measures one operation, without its setup.

use divan::{Bencher, black_box};
use ot_engine::codec::{decode_delta, encode_delta};
use ot_engine::{
    AxisDelta, Block, ClientId, Column, Delta, HistoryLimits, Limits, NextIds, Revision, Sequence,
    Sequencer, Size, Submission, Value, View, compose, rebase, transform,
};

fn main() {
    divan::main();
}

const SIZE: Size = Size { rows: 1_000_000, cols: 10 };

fn sequencer() -> Sequencer {
    let history = HistoryLimits { max_entries: 4096, max_work: 1_000_000, max_bytes: 64 << 20 };
    let next = NextIds { row: 1, col: 1 };
    Sequencer::new(Revision(0), SIZE, next, Limits::DEFAULT, history)
}

/// The n-th edit of 64 clients, each on a base 64 edits behind the head.
fn late_edit(n: u64) -> Submission {
    Submission {
        client: ClientId(u128::from(n % 64)),
        sequence: Sequence(n / 64 + 1),
        base: Revision(n.saturating_sub(64)),
        delta: Delta::set_cell((n * 7919 % 1_000_000) as u32, 3, 1.5).into(),
    }
}

#[divan::bench]
fn submit_late_by_64(bencher: Bencher<'_, '_>) {
    let mut sequencer = sequencer();
    let mut n = 0;
    bencher
        .with_inputs(|| {
            n += 1;
            late_edit(n - 1)
        })
        .bench_local_values(|edit| {
            let outcome = black_box(sequencer.submit(edit));
            sequencer.mark_durable(sequencer.head());
            outcome
        });
}

#[divan::bench(args = [1, 100, 10_000])]
fn rebase_cell_over_cells(bencher: Bencher<'_, '_>, cells: u32) {
    let over = Delta::set_cells((0..cells).map(|row| (row, 1, 1.0.into())));
    let mut delta = Delta::set_cell(cells / 2, 0, 2.0);
    bencher.bench_local(|| rebase(&mut delta, black_box(&over)));
}

#[divan::bench]
fn rebase_cell_over_move(bencher: Bencher<'_, '_>) {
    let over = Delta::rows(AxisDelta::move_lines(500_000, 1000, 10));
    bencher.with_inputs(|| Delta::set_cell(400_000, 0, 2.0)).bench_local_values(|mut delta| {
        rebase(&mut delta, black_box(&over));
        delta
    });
}

#[divan::bench]
fn transform_two_moves(bencher: Bencher<'_, '_>) {
    let first = Delta::rows(AxisDelta::move_lines(500_000, 1000, 10));
    let second = Delta::rows(AxisDelta::move_lines(500_500, 1000, 900_000));
    bencher.bench_local(|| transform(black_box(&first), black_box(&second)));
}

/// Sizes of deltas, in cells.
const CELLS: [u32; 3] = [1, 1_000, 100_000];

/// A delta that sets every second cell of a block of `cells` cells, from row `first` on.
fn block(cells: u32, first: u32) -> Delta {
    Delta::set_cells((0..cells).map(|n| (first + n / 5, n % 5 * 2, f64::from(n).into())))
}

/// Two overlapping pastes.
#[divan::bench(args = CELLS)]
fn transform_cells(bencher: Bencher<'_, '_>, cells: u32) {
    let (first, second) = (block(cells, 0), block(cells, cells / 10));
    bencher.bench_local(|| transform(black_box(&first), black_box(&second)));
}

/// Two overlapping pastes; the first also moves rows and the second inserts some.
#[divan::bench(args = CELLS)]
fn transform_cells_and_lines(bencher: Bencher<'_, '_>, cells: u32) {
    let (mut first, mut second) = (block(cells, 0), block(cells, cells / 10));
    first.rows = AxisDelta::move_lines(500_000, 1000, 10);
    second.rows = AxisDelta::insert(300, 20);
    bencher.bench_local(|| transform(black_box(&first), black_box(&second)));
}

#[divan::bench(args = CELLS)]
fn compose_cells(bencher: Bencher<'_, '_>, cells: u32) {
    let (first, second) = (block(cells, 0), block(cells, cells / 10));
    bencher.bench_local(|| compose(black_box(&first), black_box(&second)));
}

/// Applies a paste to a view with all its rows loaded.
#[divan::bench(args = CELLS)]
fn apply_cells(bencher: Bencher<'_, '_>, cells: u32) {
    let delta = block(cells, 0);
    let mut view = View::new(SIZE.rows, vec![Column::default(); SIZE.cols as usize]);
    let rows = cells.div_ceil(5) as usize;
    let values = vec![vec![Value::Number(1.0); SIZE.cols as usize]; rows];
    view.load(&Block { row: 0, cols: 0..SIZE.cols, rows: values, ..Block::default() });
    bencher.bench_local(|| view.apply(black_box(&delta)));
}

/// Encodes and decodes a paste.
#[divan::bench(args = CELLS)]
fn encode_and_decode_cells(bencher: Bencher<'_, '_>, cells: u32) {
    let delta = block(cells, 0);
    bencher.bench_local(|| {
        let mut bytes = Vec::new();
        encode_delta(black_box(&delta), &mut bytes);
        decode_delta(&bytes)
    });
}
