//! A formula that is not read is refused with a position and a rule.

use std::sync::Arc;

use ot_engine::ColumnKind;

use super::engine;
use super::formulas::{columns, table};
use crate::Formula;

#[test]
fn errors_have_a_position_and_a_rule() {
    let (engine, _dir) = engine();
    let columns = columns(&engine, &table());
    for (text, at, rule) in [
        ("", 1, "a formula is missing"),
        ("=", 2, "a formula is missing"),
        ("1 +", 4, "the formula ends where a value is missing"),
        ("1 + * 2", 5, "a value is missing before \"*\""),
        ("(1 + 2", 7, "\")\" is missing: what begins at character 1 has no end"),
        ("1 + 2)", 6, "this parenthesis has no begin"),
        ("1 2", 3, "an operator is missing before 2"),
        (
            "1,5 * 2",
            2,
            "this stands between arguments of a function alone; the decimal mark is a point",
        ),
        ("[pric] * 2", 1, "no column has the name [pric]; is it [price]?"),
        ("amont", 1, "no column has the name [amont]; is it [amount]?"),
        ("[weight]", 1, "no column has the name [weight]"),
        ("ROUNDD(1)", 1, "there is no function ROUNDD; is it ROUND?"),
        ("VLOOKUP(1)", 1, "there is no function VLOOKUP"),
        ("ROUND()", 1, "ROUND takes 1 to 2 arguments, and here are 0"),
        ("IF(TRUE)", 1, "IF takes 2 to 3 arguments, and here are 1"),
        (
            "1 < 2 < 3",
            7,
            "a comparison is compared again: put one of them in parentheses, or both in AND( )",
        ),
        ("[name] * 2", 1, "here stands a text, and a number is needed; NUMBER( ) reads a text"),
        ("2 - [day]", 5, "a day or a time is subtracted from a number"),
        (
            "[day] + [day]",
            9,
            "days and times are not added to each other: their difference is a number of days",
        ),
        ("[name] = 5", 10, "a text is compared with a number: they are never equal"),
        (
            "IF(1, 2, 3)",
            4,
            "here stands a number, and TRUE or FALSE, such as a comparison is needed",
        ),
        ("YEAR(2024)", 6, "here stands a number, and a day or a time is needed"),
        ("\"a", 1, "a text begins here and has no end: it ends with \""),
        ("'a'", 1, "a text stands in straight double quotes, as \"text\""),
        ("1 # 2", 3, "\"#\" has no meaning in a formula"),
    ] {
        let error = Formula::parse(text, &columns).expect_err(text);
        assert_eq!((error.at, &*error.rule), (at, rule), "{text}");
    }
    // A row of it may have a day.
    assert!(Formula::parse("[misfit] - [day]", &columns).is_ok());
}

#[test]
fn a_function_without_parentheses_and_a_number_of_too_many_digits_are_named_as_such() {
    let (engine, _dir) = engine();
    let columns = columns(&engine, &table());
    for (text, at, rule) in [
        ("NOT 1", 1, "NOT is a function, whose arguments stand in parentheses: NOT( )"),
        ("1 + round", 5, "ROUND is a function, whose arguments stand in parentheses: ROUND( )"),
        ("[NOT]", 1, "no column has the name [NOT]"),
        ("[x]", 1, "no column has the name [x]"),
        (
            "[price] = 9007199254740993",
            11,
            "this has more digits than a number holds; in quotes it is a text",
        ),
    ] {
        let error = Formula::parse(text, &columns).expect_err(text);
        assert_eq!((error.at, &*error.rule), (at, rule), "{text}");
    }
}

#[test]
fn length_and_depth_have_bounds() {
    let parse = |text: &str| Formula::parse(text, &[]);
    let long = "1+".repeat(999) + "1";
    assert_eq!(parse(&long).expect("2,000 characters").kind(), ColumnKind::Number);
    let error = parse(&(long + "+1")).expect_err("too long");
    assert_eq!((error.at, &*error.rule), (2001, "a formula has at most 2000 characters"));
    let deep = |count: usize| "(".repeat(count) + "1" + &")".repeat(count);
    assert!(parse(&deep(64)).is_ok());
    let rule = "more than 64 parentheses, functions and signs inside of each other";
    let error = parse(&deep(65)).expect_err("too deep");
    assert_eq!((error.at, &*error.rule), (66, rule));
    assert!(parse(&("-".repeat(1000) + "1")).is_err());
    let many = "1%".to_owned() + &"%".repeat(1900);
    assert!(parse(&many).is_ok());
    assert!(parse(&"&".repeat(2000)).is_err());
}

#[test]
fn columns_that_share_a_name_are_not_guessed() {
    let (engine, _dir) = engine();
    let mut columns = columns(&engine, &table());
    columns.push(columns[0].clone());
    let error = Formula::parse("1 + [price]", &columns).expect_err("two columns");
    let rule = "2 columns have the name [price]: a formula needs one with a name of its own";
    assert_eq!((error.at, &*error.rule), (5, rule));
}

#[test]
fn a_column_that_is_not_chosen_is_named_as_such() {
    let (engine, _dir) = engine();
    let columns = columns(&engine, &table());
    let left_out: [Arc<str>; 3] = ["v", "caf\u{e9}", "NOT"].map(Arc::from);
    for (text, at, rule) in [
        ("1 + [v]", 5, "[v] is not among the chosen columns of the source"),
        ("v", 1, "[v] is not among the chosen columns of the source"),
        ("[cafe\u{301}]", 1, "[cafe\u{301}] is not among the chosen columns of the source"),
        ("NOT", 1, "[NOT] is not among the chosen columns of the source"),
        ("[V]", 1, "no column has the name [V]"),
    ] {
        let error = Formula::parse_among(text, &columns, &left_out).expect_err(text);
        assert_eq!((error.at, &*error.rule), (at, rule), "{text}");
    }
    assert!(Formula::parse_among("[price]", &columns, &left_out).is_ok());
}
