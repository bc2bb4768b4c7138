//! No conversion works worse than n log n in the size of its message.
//!
//! Invariant: a public function of the conversions that is not in the table fails a test.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use ot_engine::{
    Attribute, AxisDelta, CellEdit, ColumnEdit, Conflict, Content, Delta, Edit, Limits, Reason,
    Revision, Run, Side, TextDelta, TextRun, Value,
};

use super::growth::{Row, assert_linear, work};
use super::*;
use crate::pieces::{Framing, Joiner};
use crate::v1;

/// Conversions of one number, one id or one column.
const BOUNDED: &[&str] = &[
    "within",
    "inserted",
    "kind_from_wire",
    "kind_to_wire",
    "column_from_wire",
    "column_to_wire",
    "client_id_from_wire",
    "client_id_to_wire",
    "limits_from_wire",
    "limits_to_wire",
    "range_from_wire",
    "range_to_wire",
    "window_from_wire",
    "window_to_wire",
    "value_from_wire",
    "value_to_wire",
    "check_text",
];

fn axis(n: u32) -> AxisDelta {
    let blocks = (0..n).flat_map(|slot| [Run::Lift { slot, count: 1 }, Run::Keep(1)]);
    AxisDelta::from_runs(blocks.chain((0..n).rev().map(|slot| Run::Drop { slot })))
}

/// Cells that make a block each, text edits between them, runs and columns.
fn delta(n: u32) -> Delta {
    let cell = |at: u32| match at % 2 {
        0 => CellEdit::set(at / 8, at % 8 * 2, Value::from("t")),
        _ => CellEdit::text(at / 8, at % 8 * 2, TextDelta::splice(1, 1, "a")),
    };
    let column = |col| ColumnEdit { col, width: Some(9), ..ColumnEdit::default() };
    let columns = (0..n).map(column).collect();
    Delta { rows: axis(n), cols: axis(n), cells: (0..n).map(cell).collect(), columns }
}

/// The same message, with its repeated fields in the worst order.
fn reversed(n: u32) -> v1::Delta {
    let mut delta = delta_to_wire(&delta(n));
    delta.cells.reverse();
    delta.texts.reverse();
    delta.columns.reverse();
    delta
}

fn text(n: u32) -> TextDelta {
    TextDelta::from_runs((0..n).flat_map(|_| [TextRun::Insert("a".into()), TextRun::Retain(1)]))
}

fn conflicts(n: u32) -> Vec<Conflict> {
    let conflict = |at: u32| Conflict {
        row: Some(at),
        col: 0,
        loser: Side::Later,
        lost: Content::Cell(Edit::Text(text(2))),
        kept: Some(Content::Attribute(Attribute::Width(at))),
        reason: Reason::Overwritten,
    };
    (0..n).map(conflict).collect()
}

fn head() -> ChangeHead {
    ChangeHead {
        revision: Revision(1),
        author: "a".into(),
        time_micros: 1,
        origin: v1::ChangeOrigin::Edit,
        target: Revision(0),
    }
}

const MEASURED: &[Row] = &[
    (&["delta_from_wire", "delta_within", "delta_items"], 2_000, |n| {
        let (one, two) = (reversed(n), reversed(n));
        work(move || {
            let items = delta_items(&one);
            (items, delta_from_wire(one), delta_within(two, &Limits::UNBOUNDED))
        })
    }),
    (&["delta_from_wire"], 2_000, |n| {
        // One block for all cells, where the other row has one for each.
        let values = vec![v1::Value::default(); n as usize];
        let cells = vec![v1::CellBlock { row: 0, col: 0, width: 1, values }];
        work(move || delta_from_wire(v1::Delta { cells, ..Default::default() }))
    }),
    (&["delta_to_wire"], 2_000, |n| {
        let delta = delta(n);
        work(move || delta_to_wire(&delta))
    }),
    (&["text_from_wire", "text_to_wire"], 4_000, |n| {
        let runs = text_to_wire(&text(n));
        work(move || text_to_wire(&text_from_wire(runs).expect("well formed")))
    }),
    (&["text_from_wire"], 4_000, |n| {
        let letter = v1::TextRun { run: Some(v1::text_run::Run::Insert("a".into())) };
        let runs = vec![letter; n as usize];
        work(move || text_from_wire(runs).expect("well formed"))
    }),
    (&["settings_from_wire", "settings_to_wire"], 100, |n| {
        let options = (0..n).map(|option| option.to_string()).collect();
        let settings = v1::ColumnSettings { options, ..v1::ColumnSettings::default() };
        work(move || settings_to_wire(&settings_from_wire(&settings).expect("well formed")))
    }),
    (&["of", "conflict_to_wire", "conflict_bytes_most"], 2_000, |n| {
        let conflicts = conflicts(n);
        work(move || Conflicts::of(conflicts.iter(), usize::MAX))
    }),
    (&["encode_change", "decode_change"], 1_000, |n| {
        let (delta, lost) = (delta(n), conflicts(n));
        work(move || {
            let conflicts = Conflicts::of(lost.iter(), usize::MAX);
            decode_change(encode_change(&head(), &delta, conflicts)).expect("encoded here")
        })
    }),
    (&["encode_presence", "decode_presence"], 2_000, |n| {
        let person = |n: u32| v1::Participant { session_id: n.to_string(), ..Default::default() };
        let change = v1::PresenceChange {
            present: (0..n).map(person).collect(),
            left: (0..n).map(|at| at.to_string()).collect(),
            complete: true,
        };
        work(move || {
            let decode = |part: &bytes::Bytes| decode_presence(part.clone()).expect("encoded here");
            encode_presence(change).iter().map(decode).map(|it| it.present.len()).sum::<usize>()
        })
    }),
    (&["of", "take"], 2_000, |n| {
        let change = encode_change(&head(), &delta(1), Conflicts::default());
        let changes = v1::Changes { changes: vec![change; n as usize], through: 1 };
        let frame = Some(v1::server_frame::Frame::Changes(changes));
        work(move || {
            let Framing::Pieces(pieces) = Framing::of(v1::ServerFrame { frame }, 1_024) else {
                panic!("is larger than a message");
            };
            let mut joiner = Joiner::default();
            let joined = pieces.filter_map(|piece| joiner.take(piece).expect("in order")).last();
            assert!(joined.is_some());
        })
    }),
];

#[test]
fn every_conversion_grows_no_worse_than_its_message() {
    for (names, size, work) in MEASURED {
        assert_linear(&names.join(", "), *size, work);
    }
}

#[test]
fn every_public_conversion_is_in_the_table() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("proto");
    let convert = fs::read_dir(root.join("convert")).expect("sources");
    let mut files: Vec<_> = convert.map(|entry| entry.expect("an entry").path()).collect();
    files.extend([root.join("convert.rs"), root.join("pieces.rs")]);
    let mut found = BTreeSet::new();
    for file in files {
        let text = fs::read_to_string(&file).expect("a source");
        for line in text.lines().map(str::trim_start) {
            let rest = line.strip_prefix("pub fn ").or_else(|| line.strip_prefix("pub const fn "));
            let name = rest.and_then(|rest| rest.split(['(', '<']).next());
            found.extend(name.map(str::to_owned));
        }
    }
    let measured = MEASURED.iter().flat_map(|(names, ..)| *names);
    let known: BTreeSet<String> = measured.chain(BOUNDED).map(|name| (*name).to_owned()).collect();
    assert_eq!(found, known, "the public functions, and those of the table");
}
