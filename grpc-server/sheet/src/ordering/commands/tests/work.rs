//! Memory and work of compiling are bounded by the message and the limits, whatever the commands say.

use allocation_counter::{AllocationInfo, measure};
use proptest::prelude::*;
use prost::Message as _;

use super::*;

/// Small, so that what is past a limit is soon much larger than what the limits allow.
const LIMITS: Limits =
    Limits { max_cells: 200, max_columns: 50, max_rows: 1_000, max_runs: 100, ..Limits::DEFAULT };
/// The sheet that is compiled on.
const SIZE: Size = Size { rows: 900, cols: 40 };
/// Bytes for each byte of the message, each cell and each column that a command may concern: engine values
/// are larger than their messages, and vectors grow by doubling.
const BYTES_FOR_EACH: u64 = 400;

fn compile_within(
    list: &v1::CommandList,
    limits: &Limits,
) -> (Result<Delta, Refusal>, AllocationInfo) {
    let names: Vec<_> = (0..SIZE.cols).map(|at| format!("c{at}")).collect();
    let columns = columns(&names.iter().map(String::as_str).collect::<Vec<_>>());
    let head = Head {
        rows: SIZE.rows,
        columns: &columns,
        position_of: &|row| u32::try_from(row.0).ok().filter(|at| *at < SIZE.rows),
        limits,
    };
    let mut outcome = None;
    let cost = measure(|| outcome = Some(to_delta(list, &head)));
    (outcome.expect("it was called"), cost)
}

fn list(commands: Vec<C>) -> v1::CommandList {
    let commands = commands.into_iter().map(|command| Command { command: Some(command) });
    v1::CommandList { commands: commands.collect() }
}

#[test]
fn lines_are_held_against_the_limit_of_their_own_axis() {
    for count in [11, 51, 961, 50_000_000, u32::MAX] {
        let insert = list(vec![C::InsertColumns(v1::InsertLines { at: 0, count })]);
        let (refused, cost) = compile_within(&insert, &LIMITS);
        assert_eq!(field(refused), "commands[0].insert_columns.count");
        assert!(cost.bytes_total < 20_000, "{count} columns: {cost:?}");
    }
    let full = |count| {
        let insert = v1::InsertLines { at: 0, count };
        compile_within(&list(vec![C::InsertRows(insert), C::InsertColumns(insert)]), &LIMITS).0
    };
    assert!(full(10).is_ok());
    assert_eq!(field(full(101)), "commands[0].insert_rows.count");
    // A count of 0 is one line, which has no room either.
    let last = [v1::InsertLines { at: 0, count: 10 }, v1::InsertLines { at: 0, count: 0 }];
    let (refused, _) = compile_within(&list(last.map(C::InsertColumns).into()), &LIMITS);
    assert_eq!(field(refused), "commands[1].insert_columns.count");
}

#[test]
fn what_a_list_repeats_is_counted_before_it_is_read() {
    let values = vec![number(1.0); 201];
    let set = set(row_ref::Row::At(0), column_ref::Column::At(0), values);
    let letter = v1::TextRun { run: Some(v1::text_run::Run::Insert("a".into())) };
    let text = C::EditText(v1::EditText { runs: vec![letter; 101], ..Default::default() });
    for (command, named) in [(set, "set_cells.values"), (text, "edit_text.runs")] {
        let (refused, cost) = compile_within(&list(vec![command]), &LIMITS);
        assert_eq!(field(refused), format!("commands[0].{named}"));
        assert!(cost.bytes_total < 1_000, "{cost:?}");
    }
    let many = list(vec![C::ClearCells(v1::ClearCells::default()); 1_001]);
    assert_eq!(field(compile_within(&many, &LIMITS).0), "commands");
}

#[test]
fn many_small_commands_after_a_large_one_do_not_cost_its_size_each() {
    let cost = |moves: u32| {
        let clear = C::ClearCells(v1::ClearCells { height: 500, width: 40, ..Default::default() });
        let step = |at| C::MoveRows(v1::MoveLines { from: at % 800, count: 1, to: 900 });
        let commands = std::iter::once(clear).chain((0..moves).map(step)).collect();
        let (compiled, cost) = compile_within(&list(commands), &Limits::DEFAULT);
        compiled.expect("fits");
        cost.bytes_total
    };
    let (once, twice, four) = (cost(200), cost(400), cost(800));
    assert!(twice <= once * 3 && four <= once * 6, "{once}, {twice}, {four} bytes");
}

/// Bytes and calls for a list with `steps` pairs of a change of the columns and a lookup by name, on a sheet with
/// as many columns.
fn names_cost(steps: u32, change: fn(u32) -> C) -> [u64; 2] {
    let names: Vec<_> = (0..steps).map(|at| format!("c{}", at % (steps / 2))).collect();
    let columns = columns(&names.iter().map(String::as_str).collect::<Vec<_>>());
    let head = Head {
        rows: 10,
        columns: &columns,
        position_of: &|_| None,
        limits: &Limits { max_columns: 100_000, ..Limits::DEFAULT },
    };
    let named = column_ref::Column::Name("last".into());
    let first = v1::UpdateColumn { name: Some("last".into()), ..Default::default() };
    let lookup = set(row_ref::Row::At(0), named, vec![number(1.0)]);
    let pairs = (0..steps).flat_map(|at| [change(at), lookup.clone()]);
    let commands: Vec<_> = std::iter::once(C::UpdateColumn(first)).chain(pairs).collect();
    let commands = list(commands).commands;
    let cost = measure(|| {
        let mut compiler = Compiler::new(&head);
        for command in &commands {
            let delta = compiler.command(command).expect("fits");
            compiler.add(delta);
        }
        drop(compiler.finish());
    });
    [cost.bytes_total, cost.count_total]
}

#[test]
fn columns_by_name_between_changes_of_columns_cost_a_lookup_each() {
    let inserts = |_| C::InsertColumns(v1::InsertLines { at: 1, count: 1 });
    let moves = |at| C::MoveColumns(v1::MoveLines { from: 1, count: 1, to: 2 + at % 9 });
    let renames = |at: u32| {
        C::UpdateColumn(v1::UpdateColumn {
            column: Some(v1::ColumnRef { column: Some(column_ref::Column::At(1 + at % 50)) }),
            name: Some(format!("n{at}")),
            ..Default::default()
        })
    };
    for change in [inserts, moves, renames] {
        let [once, twice, four] = [200, 400, 800].map(|steps| names_cost(steps, change));
        for ((once, twice), four) in once.into_iter().zip(twice).zip(four) {
            assert!(twice <= once * 3 && four <= once * 7, "{once}, {twice}, {four}");
        }
    }
}

fn count() -> impl Strategy<Value = u32> {
    prop_oneof![0_u32..60, Just(900), Just(1_000), Just(1_001), Just(50_000_000), Just(u32::MAX)]
}

fn any_command() -> impl Strategy<Value = C> {
    let insert = (count(), count()).prop_map(|(at, count)| v1::InsertLines { at, count }).boxed();
    let delete = (count(), count()).prop_map(|(at, count)| v1::DeleteLines { at, count }).boxed();
    let moved = (count(), count(), count())
        .prop_map(|(from, count, to)| v1::MoveLines { from, count, to })
        .boxed();
    let clear = (count(), count()).prop_map(|(height, width)| v1::ClearCells {
        height,
        width,
        ..Default::default()
    });
    let set = (0_u64..1_000, 0_u32..60, 0_usize..30).prop_map(|(row, col, values)| {
        set(row_ref::Row::Id(row), column_ref::Column::At(col), vec![number(1.0); values])
    });
    prop_oneof![
        insert.clone().prop_map(C::InsertRows),
        insert.prop_map(C::InsertColumns),
        delete.clone().prop_map(C::DeleteRows),
        delete.prop_map(C::DeleteColumns),
        moved.clone().prop_map(C::MoveRows),
        moved.prop_map(C::MoveColumns),
        clear.prop_map(C::ClearCells),
        set,
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn any_list_costs_no_more_than_it_says_and_the_limits_allow(
        commands in proptest::collection::vec(any_command(), 1..60),
    ) {
        let commands = list(commands);
        let (_, cost) = compile_within(&commands, &LIMITS);
        let sent = commands.encoded_len() as u64;
        let lines = commands.commands.len() as u64 * u64::from(LIMITS.max_columns);
        let allowed = BYTES_FOR_EACH * (sent + lines + u64::from(LIMITS.max_cells) * 8);
        prop_assert!(cost.bytes_total <= allowed, "{} of {allowed} bytes: {commands:?}", cost.bytes_total);
    }
}
