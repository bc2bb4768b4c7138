//! The table of the public functions that need no state machine, and of those whose work is bounded.
//!
//! Invariant: a function is listed as `file name`, the file below `src` and without its ending.

use std::hint::black_box;

use ot_engine::{
    AxisDelta, AxisMap, Bias, CellEdit, ColumnEdit, Delta, Edit, Limits, Presence, SharedDelta,
    TextDelta, TextRun, Value, Window, cells_inside, codec, compose, invert, rebase, restrict,
    transform, validate, validate_column, validate_text, validate_text_edit, validate_value,
};

use crate::growth::{Row, work};
use crate::inputs::{axis, cells, delta, long, named, named_axis, runs, sheet, size, text};

/// Functions whose work does not grow with any argument: fields, one comparison, one element, a lookup in an
/// index.
pub(crate) const BOUNDED: &[&str] = &[
    "axis/map map_boundary",
    "axis/map map_line",
    "axis/map map_position",
    "axis/map nearest",
    "axis/run consumes",
    "axis/delta delete",
    "axis/delta identity",
    "axis/delta insert",
    "axis/delta is_identity",
    "axis/delta move_lines",
    "axis/delta runs",
    "delta/cell as_set",
    "delta/cell key",
    "delta/cell set",
    "delta/cell text",
    "delta/column apply",
    "delta/column is_empty",
    "delta/column merge",
    "delta/origins of",
    "delta cell",
    "delta cols",
    "delta identity",
    "delta is_cells_only",
    "delta is_identity",
    "delta keeps_axes",
    "delta rows",
    "delta set_cell",
    "delta update_column",
    "id next",
    "position/window contains",
    "position/window is_empty",
    "position/window rows",
    "delta/shared weight",
    "delta/weight work",
    "algebra/conflict bytes",
    "replica begin_apart",
    "replica confirmed",
    "replica pending",
    "replica revision",
    "replica session",
    "replica skip_to",
    "replica view",
    "replica window",
    "sequencer/carry at",
    "sequencer/carry conflicts",
    "sequencer client_count",
    "sequencer durable",
    "sequencer forget_refused",
    "sequencer head",
    "sequencer history_bytes",
    "sequencer is_next",
    "sequencer keep_after",
    "sequencer new",
    "sequencer next_ids",
    "sequencer oldest",
    "sequencer refuse",
    "sequencer since",
    "sequencer size",
    "sequencer/recovery forget_client",
    "sequencer/recovery rejoined",
    "sequencer/recovery restore_client",
    "session begin_apart",
    "session buffered",
    "session client",
    "session in_flight",
    "session new",
    "session pending",
    "session revision",
    "session skip_to",
    "session with_max_in_flight",
    "state/dense get",
    "state/dense size",
    "state/view columns",
    "state/view get",
    "state/view get_before",
    "state/view row_id",
    "state/view size",
    "text/delta is_identity",
    "text/delta runs",
    "validate/rule within",
    "value as_text",
    "value is_empty",
    "value new",
    "value normalized",
];

/// Functions of deltas, axes, texts and values.
pub(crate) const MEASURED: &[Row] = &[
    (&["axis/delta from_runs"], 2_000, |n| {
        let runs = named_axis(n).runs().to_vec();
        work(move || AxisDelta::from_runs(runs))
    }),
    (&["axis/delta inverse"], 2_000, |n| {
        let axis = axis(n);
        work(move || axis.inverse())
    }),
    (
        &[
            "axis/delta len_after",
            "axis/delta consumed",
            "axis/delta has_deletes",
            "axis/delta has_inserts",
            "axis/delta first_id",
            "axis/map new",
            "axis/map map_range_back",
            "axis/walk map_lines",
            "axis/positions map_boundary",
            "axis/positions map_position",
            "axis/positions map_range",
            "axis/positions map_back",
        ],
        2_000,
        |n| {
            let axis = axis(n);
            work(move || {
                let map = AxisMap::new(&axis);
                let last = n * 4 - 1;
                black_box((map.map_range_back(&(1..last)), map.map_lines(&(1..last))));
                black_box((axis.map_position(last, Bias::Left), axis.map_range(1..last)));
                black_box(axis.map_boundary(last, Bias::Left));
                black_box((axis.map_back(last), axis.len_after(last), axis.consumed()));
                (axis.has_deletes(), axis.has_inserts(), axis.first_id())
            })
        },
    ),
    (&["axis/between between"], 2_000, |n| {
        let old: Vec<_> = (0..u64::from(n)).map(|at| at * 3..at * 3 + 2).collect();
        let new: Vec<_> = old.iter().rev().map(|ids| ids.start + 1..ids.end + 1).collect();
        work(move || AxisDelta::between(&old, &new))
    }),
    (&["axis/apply apply_to_vec"], 2_000, |n| {
        let (axis, lines) = (axis(n), vec![0_u8; n as usize * 4]);
        work(move || axis.apply_to_vec(lines, |_| 1))
    }),
    (&["algebra/transform transform"], 1_000, |n| {
        let (one, two) = (delta(n), delta(n));
        work(move || transform(&one, &two))
    }),
    (&["algebra/transform rebase"], 1_000, |n| {
        let (mut one, over) = (delta(n), named(n));
        work(move || rebase(&mut one, &over))
    }),
    (&["algebra/transform rebase"], 1_000, |n| {
        let (mut one, over) = (cells(n), cells(n * 2));
        work(move || rebase(&mut one, &over))
    }),
    (&["algebra/compose compose"], 1_000, |n| {
        let (one, two) = (delta(n), delta(n));
        work(move || compose(&one, &two))
    }),
    (&["algebra/compose append_cells"], 1_000, |n| {
        let second = Delta { columns: Vec::new(), ..cells(n) };
        let mut first = second.clone();
        work(move || first.append_cells(second))
    }),
    (&["algebra/invert invert", "state/dense new", "state/dense apply"], 500, |n| {
        let change =
            Delta { rows: axis(n), cells: vec![CellEdit::set(0, 0, 1.0)], ..Delta::identity() };
        work(move || {
            let mut sheet = sheet(n);
            let inverse = invert(&change, &sheet);
            sheet.apply(&change);
            inverse
        })
    }),
    (&["algebra/restrict restrict", "algebra/restrict cells_inside"], 1_000, |n| {
        let delta = delta(n);
        work(move || {
            let window = Window::rows(1..n);
            (restrict(&delta, &window), cells_inside(&delta.cells, &window).count())
        })
    }),
    (
        &[
            "delta from_parts",
            "delta set_cells",
            "delta edits_text",
            "delta check_invariants",
            "delta/shared new",
            "delta/shared change",
            "delta/weight weight",
            "delta/weight bytes",
        ],
        2_000,
        |n| {
            let Delta { rows, cols, mut cells, mut columns } = delta(n);
            cells.reverse();
            columns.reverse();
            work(move || {
                let delta = Delta::from_parts(rows, cols, cells, columns);
                delta.check_invariants();
                let set = Delta::set_cells((0..n).rev().map(|at| (at, 0, Value::Number(1.0))));
                black_box((delta.edits_text(), set));
                let mut shared = SharedDelta::new(delta);
                let other = shared.clone();
                shared.change(|delta| delta.cells.truncate(1));
                (shared.weight(), other.weight())
            })
        },
    ),
    (&["delta cell_origins", "delta map_cell_back", "delta after"], 1_000, |n| {
        let delta = delta(n);
        work(move || {
            let origins = delta.cell_origins();
            let all = delta.cells.iter().filter_map(|cell| origins.of(cell.row, cell.col)).count();
            (all, delta.map_cell_back(1, 1), size(n).after(&delta))
        })
    }),
    (&["delta/cell apply", "delta/cell compose", "delta/cell inverse"], 2_000, |n| {
        let (one, two, held) = (Edit::Text(text(n)), Edit::Text(text(n)), long(n));
        work(move || (one.apply(&held), one.compose(&two), one.inverse(&held)))
    }),
    (
        &[
            "codec/encode encode_delta",
            "codec/length encoded_len",
            "codec/decode decode_delta",
            "codec/conflicts encode_conflict",
            "codec/conflicts decode_conflicts",
            "sequencer/entry bytes",
        ],
        1_000,
        |n| {
            let (delta, conflicts) = (named(n), crate::machines::conflicts(n));
            work(move || {
                let mut bytes = Vec::new();
                codec::encode_delta(&delta, &mut bytes);
                assert_eq!(bytes.len(), codec::encoded_len(&delta));
                black_box(codec::decode_delta(&bytes).expect("encoded here"));
                bytes.clear();
                black_box(conflicts.iter().map(ot_engine::EntryConflict::bytes).sum::<usize>());
                conflicts.iter().for_each(|it| codec::encode_conflict(it, &mut bytes));
                codec::decode_conflicts(&bytes).expect("encoded here")
            })
        },
    ),
    (
        &[
            "validate validate",
            "validate/columns validate_column",
            "validate/value validate_value",
            "validate/text validate_text_edit",
            "validate/text validate_text",
        ],
        1_000,
        |n| {
            let (delta, edit, held) = (delta(n), text(n), long(n));
            work(move || {
                let limits = Limits::UNBOUNDED;
                validate(&delta, size(n), &limits).expect("fits");
                let held = Some(&held);
                validate_text(&delta.cells, |_| held, &limits).expect("fits");
                let column = ColumnEdit { name: Some("n".into()), ..ColumnEdit::default() };
                (
                    validate_column(&column, &limits),
                    validate_value(&long(n), &limits),
                    validate_text_edit(&edit, &limits),
                )
            })
        },
    ),
    (&["position/presence follow", "position/window map"], 1_000, |n| {
        let delta = delta(n);
        let selections = (0..n).map(|at| Window::rows(at..at + 2)).collect();
        let mut presence =
            Presence { selections, cursor: Some((1, 1)), editing: Some((1, 1)), away: false };
        work(move || {
            presence.follow(&delta);
            Window::rows(1..n).map(&delta)
        })
    }),
    (
        &[
            "text/delta from_runs",
            "text/delta splice",
            "text/delta reach",
            "text/delta inserted_bytes",
        ],
        4_000,
        |n| {
            let runs: Vec<TextRun> = runs(n).collect();
            work(move || {
                let edit = TextDelta::from_runs(runs);
                let new = "n".repeat(n as usize);
                (edit.reach(), edit.inserted_bytes(), TextDelta::splice(1, 1, &new))
            })
        },
    ),
    (
        &["text/delta apply", "text/delta inverse", "text/merge transform", "text/merge compose"],
        4_000,
        |n| {
            let (one, two, old) = (text(n), TextDelta::from_runs(runs(n).skip(1)), long(n));
            work(move || {
                black_box((one.apply(old.as_text()), one.inverse(old.as_text())));
                (one.transform(&two), one.compose(&two))
            })
        },
    ),
    // Parts up to 4,096 characters are compared character by character, longer ones are replaced.
    (&["text/diff between"], 5_000, |n| {
        let (old, new) = ("ab".repeat(n as usize), "ba".repeat(n as usize));
        work(move || TextDelta::between(&old, &format!("x{new}x")))
    }),
];
