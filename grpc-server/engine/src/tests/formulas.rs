//! Formulas have the values of a spreadsheet.

use std::sync::Arc;

use ot_engine::{ColumnKind, Value};
use tables::{Bytes, write_table};

use super::{derived_of, engine};
use crate::{Engine, Formula, FormulaColumn, Operation, QueryError};

const NOON: i64 = 43_200_000_000;
const DAY: i64 = 86_400_000_000;
/// 2024-02-29, a Thursday.
const LEAP: i32 = 19_782;

/// One row, with a column of each kind.
pub(super) fn table() -> Arc<dyn Bytes> {
    let columns = [
        ("price", ColumnKind::Number, Value::from(2.5)),
        ("amount", ColumnKind::Number, Value::from(4.0)),
        ("name", ColumnKind::Text, Value::from("Äpfel süß")),
        ("day", ColumnKind::Date, Value::Date(LEAP)),
        ("time", ColumnKind::LocalDateTime, Value::LocalDateTime(i64::from(LEAP) * DAY + NOON)),
        ("none", ColumnKind::Number, Value::Empty),
        ("any", ColumnKind::Any, Value::from("7")),
        ("odd]name", ColumnKind::Bool, Value::Bool(true)),
        ("misfit", ColumnKind::Number, Value::from("two")),
    ];
    let names = columns.clone().map(|(name, kind, _)| (Arc::from(name), kind));
    let row = columns.map(|(_, _, value)| value).to_vec();
    let mut out = Vec::new();
    write_table(&names, &[row], 10, &mut out).expect("a table");
    Arc::new(out)
}

pub(super) fn columns(engine: &Engine, table: &Arc<dyn Bytes>) -> Vec<FormulaColumn> {
    let none = Operation::Add(Vec::new());
    let columns = engine.derived_columns(table, &(0..9).collect::<Vec<_>>(), &none);
    let columns = columns.expect("columns").into_iter();
    columns
        .map(|it| FormulaColumn { name: it.name, kind: it.kind, is_exact: it.is_exact })
        .collect()
}

fn check(cases: &[(&str, Value)]) {
    let (engine, _dir) = engine();
    let table = table();
    let columns = columns(&engine, &table);
    let all: Vec<usize> = (0..9).collect();
    for (text, expected) in cases {
        let formula =
            Formula::parse(text, &columns).unwrap_or_else(|error| panic!("{text}: {error}"));
        let kind = formula.kind();
        let add = [(Arc::from("new"), formula)];
        let (rows, notes) =
            engine.preview(Arc::clone(&table), &all, &add, 10, &|| false).expect("a preview");
        assert_eq!(rows[0].last(), Some(expected), "{text}: {notes:?}");
        assert!(notes.is_empty(), "{text}: {notes:?}");
        let fits = match (kind, expected) {
            (ColumnKind::Any, _) | (_, Value::Empty) => true,
            (kind, Value::Number(_)) => kind == ColumnKind::Number,
            (kind, Value::Text(_)) => kind == ColumnKind::Text,
            (kind, Value::Bool(_)) => kind == ColumnKind::Bool,
            (kind, Value::Date(_)) => kind == ColumnKind::Date,
            (kind, _) => kind == ColumnKind::LocalDateTime,
        };
        assert!(fits, "{text} has the kind {kind:?}");
    }
}

fn number(number: f64) -> Value {
    Value::from(number)
}

#[test]
fn operators_have_the_precedence_of_spreadsheets() {
    check(&[
        ("[price] * [amount]", number(10.0)),
        ("= price*amount + 1", number(11.0)),
        ("1 + 2 * 3 - 4 / 2", number(5.0)),
        ("(1 + 2) * 3", number(9.0)),
        ("-2 ^ 2", number(4.0)),
        ("2 ^ 3 ^ 2", number(64.0)),
        ("2 ^ -1", number(0.5)),
        ("50% + 1", number(1.5)),
        ("100%%", number(0.01)),
        ("- - 3", number(3.0)),
        ("1 - 2 - 3", number(-4.0)),
        ("1.5e3", number(1500.0)),
        (".5", number(0.5)),
        ("1 + 1 & \"x\"", Value::from("2x")),
        ("[price] & \"/\" & none & true & day", Value::from("2.5/true2024-02-29")),
        ("\"say \"\"hi\"\"\"", Value::from("say \"hi\"")),
        ("1 + 1 = 2", true.into()),
        ("\"a\" & \"b\" = \"ab\"", true.into()),
        ("[odd]]name]", true.into()),
        ("[none] + 1", Value::Empty),
        ("[none] * 0", Value::Empty),
    ]);
}

#[test]
fn comparisons_are_those_of_conditions() {
    check(&[
        ("[price] > 2", true.into()),
        ("[price] <> 2.5", false.into()),
        ("[none] = \"\"", true.into()),
        ("[none] = 0", false.into()),
        ("[none] < 1", false.into()),
        ("[any] = 7", false.into()),
        ("[any] = \"7\"", true.into()),
        ("[any] <> 7", true.into()),
        ("[name] = \"A\u{308}pfel süß\"", true.into()),
        ("[name] = \"äpfel süß\"", false.into()),
        ("[name] < \"Birne\"", true.into()),
        ("[day] = [time]", true.into()),
        ("[time] > [day]", false.into()),
        ("[day] >= DATE(2024,2,29)", true.into()),
        ("FALSE < TRUE", true.into()),
        ("0.1 + 0.2 = 0.3", false.into()),
        ("ROUND(0.1 + 0.2, 9) = 0.3", true.into()),
    ]);
}

#[test]
fn choices_are_made() {
    check(&[
        ("IF([price] > 2, \"much\", \"little\")", Value::from("much")),
        ("if([none] > 2; 1)", Value::Empty),
        ("IF([none] = \"\", 0, 1 / 0)", number(0.0)),
        ("AND([price] > 2, [amount] > 4)", false.into()),
        ("OR([price] > 2, 1 / 0 > 1)", true.into()),
        ("NOT([odd]]name])", false.into()),
        ("ISEMPTY([none])", true.into()),
        ("ISEMPTY(1 / 0)", true.into()),
        ("COALESCE([none], [misfit] * 2, 3)", number(3.0)),
        ("COALESCE([none])", Value::Empty),
    ]);
}

#[test]
fn numbers_are_rounded_and_compared() {
    check(&[
        ("ROUND(2.675, 2)", number(2.68)),
        ("ROUND(-2.5)", number(-3.0)),
        ("ROUND(1234.5, -2)", number(1200.0)),
        ("FLOOR(-1.5)", number(-2.0)),
        ("FLOOR(0.3, 0.1)", number(0.3)),
        ("CEILING(1.2, 0.5)", number(1.5)),
        ("ABS(-3)", number(3.0)),
        ("MOD(-7, 3)", number(2.0)),
        ("MIN(3, [none], 2)", number(2.0)),
        ("MAX([day], [day] + 1)", Value::Date(LEAP + 1)),
        ("MIN([none])", Value::Empty),
        ("MAX([day], [time])", Value::LocalDateTime(i64::from(LEAP) * DAY + NOON)),
        ("MAX([time], [day])", Value::LocalDateTime(i64::from(LEAP) * DAY + NOON)),
        ("MIN([time], [day])", Value::Date(LEAP)),
        ("SQRT(9)", number(3.0)),
    ]);
}

#[test]
fn texts_are_made_of_characters() {
    check(&[
        ("LEN([name])", number(9.0)),
        ("LEN([none])", number(0.0)),
        ("LEN([price])", number(3.0)),
        ("LEFT([name])", Value::from("Ä")),
        ("LEFT([name], 3)", Value::from("Äpf")),
        ("RIGHT([name], 3)", Value::from("süß")),
        ("RIGHT([name], 99)", Value::from("Äpfel süß")),
        ("LEFT([name], 0)", Value::Empty),
        ("MID([name], 2, 3)", Value::from("pfe")),
        ("MID([name], 99, 3)", Value::Empty),
        ("UPPER([name])", Value::from("ÄPFEL SÜSS")),
        ("LOWER([name])", Value::from("äpfel süß")),
        ("TRIM(\"  a   b \")", Value::from("a b")),
        ("SUBSTITUTE([name], \"ü\", \"ue\")", Value::from("Äpfel sueß")),
        ("SUBSTITUTE(\"aaa\", \"a\", \"\")", Value::Empty),
        ("SUBSTITUTE(\"abc\", \"\", \"x\")", Value::from("abc")),
        ("CONTAINS([name], \"pfel\")", true.into()),
        ("STARTSWITH([name], \"pfel\")", false.into()),
        ("CONCAT([price], \" \", [none], [any])", Value::from("2.5 7")),
        ("TEXT([day])", Value::from("2024-02-29")),
        ("NUMBER([any]) + 1", number(8.0)),
        ("NUMBER([price])", number(2.5)),
    ]);
}

#[test]
fn days_and_times_are_counted() {
    check(&[
        ("DATE(2024, 2, 29)", Value::Date(LEAP)),
        ("DATE(2023, 14, 29)", Value::Date(LEAP)),
        ("DATE(2024, 3, 0)", Value::Date(LEAP)),
        ("[day] + 1", Value::Date(LEAP + 1)),
        ("1 + [day] - 1", Value::Date(LEAP)),
        ("[day] - DATE(2024, 1, 1)", number(59.0)),
        ("[time] + 0.5", Value::LocalDateTime((i64::from(LEAP) + 1) * DAY)),
        ("[time] - [day]", number(0.5)),
        ("YEAR([day])", number(2024.0)),
        ("MONTH([time])", number(2.0)),
        ("DAY([time])", number(29.0)),
        ("HOUR([time])", number(12.0)),
        ("MINUTE([day])", number(0.0)),
        ("WEEKDAY([day])", number(5.0)),
        ("WEEKDAY([day], 2)", number(4.0)),
        ("WEEKDAY([day], 3)", number(3.0)),
        ("DAYS([day], DATE(2024, 2, 1))", number(28.0)),
        ("DAYS(\"\", [day])", Value::Empty),
    ]);
}

#[test]
fn what_cannot_be_computed_is_empty_and_noted() {
    let (engine, _dir) = engine();
    let table = table();
    let columns = columns(&engine, &table);
    for (text, reason) in [
        ("[misfit] * 2", "[misfit] is a text"),
        ("[misfit] + 2", "[misfit] is a text"),
        ("1 / 0", "a number is divided by zero"),
        ("MOD(1, 0)", "a number is divided by zero"),
        ("10 ^ 999", "the number is larger than a cell holds, or is none"),
        ("SQRT(-1)", "the root of a negative number is taken"),
        ("NUMBER([name])", "[name] has no number, written like 1234.5"),
        ("NUMBER(\"9007199254740993\")", "a part of it has more digits than a number holds"),
        ("[any] * 2", "[any] is a text"),
        ("IF([any], 1, 2)", "[any] is a text"),
        ("YEAR([any])", "[any] is a text"),
        ("[day] + 0.5", "a day is moved by another number than a whole one"),
        ("DATE(12345, 1, 1)", "DATE makes a day that is none of the years 1 to 9999"),
        ("LEFT([name], -1)", "a number of characters is negative or too large"),
        ("MID([name], 0, 1)", "MID begins before the first character, which is 1"),
        ("ROUND(COALESCE([any], 1))", "a part of it is a text"),
    ] {
        let formula = Formula::parse(text, &columns).expect(text);
        let add = Operation::Add(vec![(Arc::from("new"), formula)]);
        let all: Vec<usize> = (0..9).collect();
        let (rows, derived) = derived_of(&engine, &table, &all, &add).expect("rows");
        assert_eq!(rows[0].last(), Some(&Value::Empty), "{text}");
        let note = format!(
            "1 row of \"new\" could not be computed and is empty: row 1 of the result, where {reason}"
        );
        assert_eq!(derived.notes, [note], "{text}");
    }
}

#[test]
fn a_note_names_the_column_whose_cell_does_not_fit_a_sum() {
    let (engine, _dir) = engine();
    let table = table();
    let mut columns = columns(&engine, &table);
    // Most of its values are numbers.
    (columns[3].kind, columns[3].is_exact) = (ColumnKind::Number, false);
    let formula = Formula::parse("[amount] + [day]", &columns).expect("a formula");
    let add = [(Arc::from("new"), formula)];
    let all: Vec<usize> = (0..9).collect();
    let (_, notes) = engine.preview(table, &all, &add, 1, &|| false).expect("a preview");
    let note = "1 row of \"new\" could not be computed and is empty: row 1 of the result, where [day] is a day";
    assert_eq!(notes, [note]);
}

#[test]
fn a_formula_uses_the_columns_that_were_computed_before_it() {
    let (engine, _dir) = engine();
    let table = table();
    let mut columns = columns(&engine, &table);
    let total = Formula::parse("[price] * [amount]", &columns).expect("a formula");
    columns.push(FormulaColumn { name: Arc::from("total"), kind: total.kind(), is_exact: true });
    let twice = Formula::parse("[total] * 2", &columns).expect("a formula");
    let add = [(Arc::from("total"), total), (Arc::from("twice"), twice)];
    let all: Vec<usize> = (0..9).collect();
    let (rows, _) =
        engine.preview(Arc::clone(&table), &all, &add, 10, &|| false).expect("a preview");
    let stopped = engine.preview(Arc::clone(&table), &all, &add, 10, &|| true);
    assert!(matches!(stopped, Err(QueryError::Stopped)));
    assert_eq!(rows[0][9..], [number(10.0), number(20.0)]);
    let operation = Operation::Add(add.to_vec());
    let (derived, _) = derived_of(&engine, &table, &all, &operation).expect("rows");
    assert_eq!(derived, rows);
}
