//! `validate` accepts or refuses any input.
//!
//! Invariant: no operation panics on an accepted delta.

#[path = "support/generate.rs"]
mod generate;

use ot_engine::codec::{decode_delta, encode_delta};
use ot_engine::{
    AxisDelta, CellEdit, ColumnEdit, Delta, Limits, LineId, Run, Size, Value, View, Window,
    compose, invert, restrict, transform, validate,
};
use proptest::collection::vec;
use proptest::prelude::*;

fn count() -> impl Strategy<Value = u32> {
    prop_oneof![8 => 0_u32..4, 1 => Just(u32::MAX), 1 => any::<u32>()]
}

fn run() -> impl Strategy<Value = Run> {
    let id = prop::option::weighted(0.2, any::<u64>().prop_map(LineId));
    prop_oneof![
        count().prop_map(Run::Keep),
        count().prop_map(Run::Delete),
        (0_u32..3, count()).prop_map(|(slot, count)| Run::Lift { slot, count }),
        (count(), id).prop_map(|(count, first)| Run::Insert { count, first }),
        prop_oneof![9 => 0_u32..3, 1 => any::<u32>()].prop_map(|slot| Run::Drop { slot }),
    ]
}

fn garbage() -> impl Strategy<Value = Delta> {
    let axis = || vec(run(), 0..6).prop_map(AxisDelta::from_runs);
    let cell = (count(), count(), any::<f64>())
        .prop_map(|(row, col, number)| CellEdit::set(row, col, number));
    let column = count().prop_map(|col| ColumnEdit { col, width: Some(col), ..Default::default() });
    (axis(), axis(), vec(cell, 0..4), vec(column, 0..2))
        .prop_map(|(rows, cols, cells, columns)| Delta { rows, cols, cells, columns })
}

/// Small enough for a dense sheet.
const LIMITS: Limits = Limits { max_rows: 60, max_columns: 60, ..Limits::DEFAULT };

proptest! {
    #![proptest_config(generate::config(3000))]

    #[test]
    fn accepted_deltas_are_safe(a in garbage(), b in garbage(), size in generate::size()) {
        let valid: Vec<&Delta> =
            [&a, &b].into_iter().filter(|delta| validate(delta, size, &LIMITS).is_ok()).collect();
        for delta in &valid {
            let mut sheet = generate::sheet(size);
            let inverse = invert(delta, &sheet);
            sheet.apply(delta);
            sheet.apply(&inverse.delta);
            prop_assert_eq!(sheet.size(), size);
            let mut view = View::new(size.rows, sheet.columns.clone());
            view.apply(delta);
            view.check_invariants();
            prop_assert_eq!(view.size(), size.after(delta));
            let _ = restrict(delta, &Window::NONE.map(delta));
            let mut bytes = Vec::new();
            encode_delta(delta, &mut bytes);
            prop_assert_eq!(decode_delta(&bytes), Ok((*delta).clone()));
        }
        if let [a, b] = valid[..] {
            let pair = transform(a, b);
            prop_assert_eq!(validate(&pair.second, size.after(a), &Limits::DEFAULT), Ok(()));
            prop_assert_eq!(validate(&pair.first, size.after(b), &Limits::DEFAULT), Ok(()));
        }
        if valid.len() == 2 && validate(valid[1], size.after(valid[0]), &LIMITS).is_ok() {
            let _ = compose(valid[0], valid[1]);
        }
    }
}

const SMALL: Limits = Limits {
    max_text_bytes: 3,
    max_cells: 2,
    max_columns: 3,
    max_rows: 5,
    max_runs: 3,
    max_name_bytes: 2,
    max_width_pixels: 100,
    max_settings_bytes: 3,
};

/// An example of each rule: the field and the text.
#[test]
fn each_rule_names_its_field() {
    let size = Size { rows: 4, cols: 2 };
    let rows = |runs: &[Run]| Delta::rows(AxisDelta::from_runs(runs.iter().copied()));
    let (lift, drop) = (Run::Lift { slot: 0, count: 1 }, Run::Drop { slot: 0 });
    let cells = |cells: Vec<CellEdit>| Delta { cells, ..Delta::identity() };
    let value = |value: Value| Delta::set_cell(1, 1, value);
    let column = |col, name: Option<&str>, width| {
        let name = name.map(Into::into);
        Delta::update_column(ColumnEdit { col, name, width, ..ColumnEdit::default() })
    };
    let settings = |text: &str| {
        Delta::update_column(ColumnEdit { settings: Some(text.into()), ..ColumnEdit::default() })
    };
    let named = Run::Insert { count: 1, first: Some(LineId(u64::MAX)) };
    let cases = [
        (rows(&[Run::Keep(3), Run::Delete(2)]), "rows[1].delete reaches past"),
        (rows(&[Run::Keep(u32::MAX), Run::Delete(u32::MAX)]), "rows[0].keep reaches past"),
        (
            rows(&[lift, Run::Keep(1), lift]),
            "rows[2].lift.slot names a block that is lifted from two",
        ),
        (rows(&[lift, drop, drop]), "rows[2].drop names a block that is dropped twice"),
        (rows(&[Run::Keep(1), lift]), "rows[1].lift.slot names a block that is lifted and never"),
        (rows(&[Run::Keep(1), drop]), "rows[1].drop names a block that is dropped and never"),
        (rows(&[drop, Run::Keep(1), drop, Run::Delete(1)]), "rows has more than 3 runs"),
        (Delta::rows(AxisDelta::insert(0, 2)), "rows would leave more than 5 lines"),
        (Delta::cols(AxisDelta::insert(0, 2)), "cols would leave more than 3 lines"),
        (rows(&[named]), "rows[0].insert.first_id names lines past the last id"),
        (Delta::set_cells((0..3).map(|r| (r, 0, Value::Empty))), "cells has more than 2"),
        (Delta::set_cell(4, 0, 1.0), "cells[0].row is outside"),
        (Delta::set_cell(0, 2, 1.0), "cells[0].col is outside"),
        (cells(vec![CellEdit::set(1, 0, 1.0); 2]), "cells[1] edits a position twice"),
        (value(Value::Number(f64::NAN)), "cells[0].set is not a finite number"),
        (value(Value::from("four")), "cells[0].set is longer than 3 bytes"),
        (value(Value::from("\0")), "cells[0].set contains a NUL"),
        (value(Value::Instant(i64::MAX)), "cells[0].set is outside the years"),
        (value(Value::LocalDateTime(i64::MIN)), "cells[0].set is outside the years"),
        (value(Value::Date(-719_163)), "cells[0].set is outside the years"),
        (value(Value::Date(2_932_897)), "cells[0].set is outside the years"),
        (column(2, Some("a"), None), "columns[0].col is outside"),
        (column(0, Some("abc"), None), "columns[0].name is longer than 2"),
        (column(0, None, Some(101)), "columns[0].width is wider than 100"),
        (settings("four"), "columns[0].settings is longer than 3"),
    ];
    for (delta, expected) in cases {
        let error = validate(&delta, size, &SMALL).expect_err(expected).to_string();
        assert!(error.starts_with(expected), "{error:?} for {expected:?}");
    }
}
