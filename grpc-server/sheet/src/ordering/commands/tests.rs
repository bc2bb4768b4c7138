//! Commands become the delta that a person would expect, or an error that names the field.

use gridloom::v1::{self, Command, column_ref, command::Command as C, row_ref, value};
use ot_engine::{ColumnKind, Sheet, Size};
use proptest::strategy::Strategy as _;

use super::*;

mod work;

fn columns(names: &[&str]) -> Vec<ColumnRecord> {
    (1..)
        .zip(names)
        .map(|(id, name)| ColumnRecord {
            id: ColumnId(id),
            name: Arc::from(*name),
            kind: ColumnKind::Any,
            width: None,
            settings: "".into(),
        })
        .collect()
}

/// Compiles on a sheet of three rows with the ids 10, 11, 12 and columns A, B, B.
fn compile(commands: Vec<C>) -> Result<Delta, Refusal> {
    let columns = columns(&["A", "B", "B"]);
    let head = Head {
        rows: 3,
        columns: &columns,
        position_of: &|row| u32::try_from(row.0).ok()?.checked_sub(10).filter(|at| *at < 3),
        limits: &Limits::DEFAULT,
    };
    let commands = commands.into_iter().map(|command| Command { command: Some(command) }).collect();
    to_delta(&v1::CommandList { commands }, &head)
}

fn number(number: f64) -> v1::Value {
    v1::Value { kind: Some(value::Kind::Number(number)) }
}

fn set(row: row_ref::Row, col: column_ref::Column, values: Vec<v1::Value>) -> C {
    C::SetCells(v1::SetCells {
        row: Some(v1::RowRef { row: Some(row) }),
        col: Some(v1::ColumnRef { column: Some(col) }),
        width: 0,
        values,
    })
}

fn field(refused: Result<Delta, Refusal>) -> String {
    match refused.expect_err("it is malformed") {
        Refusal::Malformed { field, .. } | Refusal::OutOfRange { field, .. } => field,
        other => panic!("unexpected refusal {other}"),
    }
}

#[test]
fn each_command_stands_on_the_result_of_those_before_it() {
    let delta = compile(vec![
        C::InsertRows(v1::InsertLines { at: 0, count: 2 }),
        set(row_ref::Row::Id(11), column_ref::Column::Name("A".into()), vec![number(1.0)]),
        C::MoveRows(v1::MoveLines { from: 3, count: 1, to: 0 }),
        set(row_ref::Row::At(4), column_ref::Column::Id("2".into()), vec![number(2.0)]),
    ])
    .expect("well formed");
    let mut sheet = Sheet::new(Size { rows: 3, cols: 3 });
    sheet.apply(&delta);
    // Row 11 stood at 1, was pushed to 3 by the insert, then moved to the top.
    assert_eq!(sheet.get(0, 0), Some(&Value::Number(1.0)));
    assert_eq!(sheet.get(4, 1), Some(&Value::Number(2.0)));
}

#[test]
fn a_new_column_can_be_named_in_the_same_list() {
    let delta = compile(vec![
        C::InsertColumns(v1::InsertLines { at: 1, count: 1 }),
        C::UpdateColumn(v1::UpdateColumn {
            column: Some(v1::ColumnRef { column: Some(column_ref::Column::At(1)) }),
            name: Some("New".into()),
            ..Default::default()
        }),
        set(row_ref::Row::At(0), column_ref::Column::Name("New".into()), vec![number(7.0)]),
    ])
    .expect("well formed");
    assert_eq!(delta.cells[0].key(), (0, 1));
    assert_eq!(delta.columns[0].name.as_deref(), Some("New"));
}

#[test]
fn a_rectangle_is_written_row_by_row() {
    let values = (0..4).map(|n| number(f64::from(n))).collect();
    let set = v1::SetCells { width: 2, values, ..Default::default() };
    let delta = compile(vec![C::SetCells(set)]).expect("well formed");
    let keys: Vec<_> = delta.cells.iter().map(CellEdit::key).collect();
    assert_eq!(keys, [(0, 0), (0, 1), (1, 0), (1, 1)]);
}

#[test]
fn what_the_sheet_does_not_have_is_refused_by_name() {
    let at = |row| {
        compile(vec![set(row_ref::Row::At(row), column_ref::Column::At(0), vec![number(1.0)])])
    };
    assert!(at(2).is_ok());
    assert_eq!(field(at(3)), "commands[0].set_cells.row");
    let unknown = set(row_ref::Row::Id(99), column_ref::Column::At(0), vec![number(1.0)]);
    assert_eq!(field(compile(vec![unknown])), "commands[0].set_cells.row.id");
    let twice = set(row_ref::Row::At(0), column_ref::Column::Name("B".into()), vec![number(1.0)]);
    assert_eq!(field(compile(vec![twice])), "commands[0].set_cells.col.name");
    let inside = C::MoveRows(v1::MoveLines { from: 0, count: 3, to: 1 });
    assert_eq!(field(compile(vec![inside])), "commands[0].move_rows.to");
    let column = |at| Some(v1::ColumnRef { column: Some(column_ref::Column::At(at)) });
    let update = |at| {
        compile(vec![C::UpdateColumn(v1::UpdateColumn {
            column: column(at),
            ..Default::default()
        })])
    };
    assert!(update(2).is_ok());
    assert_eq!(field(update(3)), "commands[0].update_column.column");
    let beyond = C::DeleteColumns(v1::DeleteLines { at: 2, count: 2 });
    assert_eq!(field(compile(vec![beyond])), "commands[0].delete_columns.at");
    assert_eq!(field(compile(Vec::new())), "commands");
}

#[test]
fn what_a_command_holds_is_refused_in_the_commands_own_names() {
    use v1::text_run::Run;
    let update = |update| field(compile(vec![C::UpdateColumn(update)]));
    let long = v1::UpdateColumn { name: Some("n".repeat(1025)), ..Default::default() };
    assert_eq!(update(long), "commands[0].update_column.name");
    let wide = v1::UpdateColumn { width: Some(4097), ..Default::default() };
    assert_eq!(update(wide), "commands[0].update_column.width");
    let text = v1::Value { kind: Some(value::Kind::Text("\0".into())) };
    let nul = set(row_ref::Row::At(0), column_ref::Column::At(0), vec![number(1.0), text]);
    assert_eq!(field(compile(vec![nul])), "commands[0].set_cells.values[1]");
    let far = v1::TextRun { run: Some(Run::Delete(65_537)) };
    let edit = v1::EditText { runs: vec![far], ..Default::default() };
    assert_eq!(field(compile(vec![C::EditText(edit)])), "commands[0].edit_text.runs");
}

#[test]
fn a_text_edit_that_changes_nothing_edits_no_cell() {
    let edit = |runs| C::EditText(v1::EditText { runs, ..Default::default() });
    let retain = v1::TextRun { run: Some(v1::text_run::Run::Retain(3)) };
    for runs in [Vec::new(), vec![retain]] {
        assert_eq!(compile(vec![edit(runs)]).expect("valid"), Delta::identity());
    }
}

#[test]
fn a_text_edit_past_the_end_of_its_text_is_refused_in_the_commands_own_name() {
    let insert = C::InsertRows(v1::InsertLines { at: 0, count: 1 });
    let edit = || C::EditText(v1::EditText::default());
    let refused = |commands: Vec<C>, field: &str| {
        let command = |command| Command { command: Some(command) };
        let list = v1::CommandList { commands: commands.into_iter().map(command).collect() };
        match named_by_command(&list, Refusal::malformed(field, "a rule")) {
            Refusal::Malformed { field, .. } => field,
            other => panic!("{other:?}"),
        }
    };
    let text = "delta.texts[0].runs";
    assert_eq!(refused(vec![insert, edit()], text), "commands[1].edit_text.runs");
    assert_eq!(refused(vec![edit(), edit()], text), "commands");
    assert_eq!(refused(vec![edit()], "delta.cells[0].row"), "delta.cells[0].row");
}

#[test]
fn a_row_that_the_list_deleted_is_gone_for_the_rest_of_it() {
    let refused = compile(vec![
        C::DeleteRows(v1::DeleteLines { at: 1, count: 1 }),
        set(row_ref::Row::Id(11), column_ref::Column::At(0), vec![number(1.0)]),
    ]);
    assert_eq!(field(refused), "commands[1].set_cells.row.id");
}

/// A name: few, so that they collide, and the one of new columns.
fn name() -> impl proptest::strategy::Strategy<Value = String> {
    proptest::sample::select(vec!["A", "B", "C", "", "\u{c5}", "A\u{30a}"]).prop_map(str::to_owned)
}

/// Any change of the columns, and any name.
fn column_step() -> impl proptest::strategy::Strategy<Value = C> {
    let at = 0_u32..4;
    let update = |(at, name): (u32, Option<String>)| {
        let column = Some(v1::ColumnRef { column: Some(column_ref::Column::At(at)) });
        C::UpdateColumn(v1::UpdateColumn { column, name, width: Some(9), ..Default::default() })
    };
    proptest::prop_oneof![
        (at.clone(), 1_u32..3)
            .prop_map(|(at, count)| C::InsertColumns(v1::InsertLines { at, count })),
        at.clone().prop_map(|at| C::DeleteColumns(v1::DeleteLines { at, count: 1 })),
        (at.clone(), at.clone()).prop_map(|(from, to)| C::MoveColumns(v1::MoveLines {
            from,
            count: 1,
            to
        })),
        (at, proptest::option::of(name())).prop_map(update),
    ]
}

proptest::proptest! {
    /// After any changes, the columns of a name are those that the sheet then has.
    #[test]
    fn names_and_ids_mean_the_columns_as_they_are_by_then(
        steps in proptest::collection::vec((column_step(), name()), 0..20),
    ) {
        let columns = columns(&["A", "B", "B"]);
        let limits = Limits::DEFAULT;
        let head = Head { rows: 1, columns: &columns, position_of: &|_| None, limits: &limits };
        let mut compiler = Compiler::new(&head);
        let mut model: Vec<(Option<ColumnId>, Arc<str>)> =
            columns.iter().map(|column| (Some(column.id), column.name.clone())).collect();
        for (step, asked) in steps {
            if let Ok(delta) = compiler.command(&Command { command: Some(step) }) {
                model = delta.cols.apply_to_vec(model, |_| (None, "".into()));
                for edit in &delta.columns {
                    model[edit.col as usize].1 =
                        edit.name.clone().unwrap_or(model[edit.col as usize].1.clone());
                }
                compiler.add(delta);
            }
            let named = values::named(&asked, model.iter().map(|(_, name)| &**name));
            let at: Vec<u32> =
                named.into_iter().map(|at| u32::try_from(at).expect("few columns")).collect();
            let expected = match at[..] {
                [] => Named::None,
                [at] => Named::One(at),
                _ => Named::Several,
            };
            proptest::prop_assert_eq!(compiler.columns.named(&asked, &mut compiler.sum), expected);
            for id in (1..4).map(ColumnId) {
                let now = model.iter().position(|(known, _)| *known == Some(id));
                let found = compiler.columns.with_id(id, &compiler.sum);
                proptest::prop_assert_eq!(found.map(|at| at as usize), now);
            }
        }
    }
}

#[test]
fn a_rectangle_of_any_size_is_refused_before_it_is_built() {
    let huge =
        C::ClearCells(v1::ClearCells { height: u32::MAX, width: u32::MAX, ..Default::default() });
    assert_eq!(field(compile(vec![huge])), "commands[0].clear_cells.row");
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(6_000))]

    /// Whatever commands a stranger sends: a delta that fits the sheet, or a refusal.
    #[test]
    fn any_commands_are_a_delta_that_fits_or_refused(bytes in crate::any_message::any_message()) {
        use prost::Message as _;
        let Ok(list) = v1::CommandList::decode(&*bytes) else { return Ok(()) };
        let commands = list.commands.into_iter().filter_map(|command| command.command).collect();
        if let Ok(delta) = compile(commands) {
            // The sum of a list is held against the limits by the sequencer.
            let fits = ot_engine::validate(&delta, Size::new(3, 3), &Limits::UNBOUNDED);
            proptest::prop_assert!(fits.is_ok(), "{fits:?} {delta:?}");
            delta.check_invariants();
        }
    }
}
