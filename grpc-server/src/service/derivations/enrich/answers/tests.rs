//! The answers to keys: which are counted and named, the kinds of their columns, and their bounds.
//!
//! Not the requests. Invariant: what is counted adds up to all keys.

use super::*;

fn values(values: &[Value]) -> Ended {
    let found = (1 << values.len()) - 1;
    Ended::Values(TakenValues { values: values.into(), found, too_long: 0, changed: 0 })
}

#[test]
fn keys_without_an_answer_are_counted_and_some_are_named() {
    let mut answers = Answers::new(40, 2);
    let names: [Arc<str>; 2] = ["a".into(), "b".into()];
    answers.enter((0, "A-0"), values(&[Value::from(1.0)])).expect("is entered");
    for number in 1..39 {
        answers.enter((number, &format!("A-{number}")), Ended::NotFound).expect("is entered");
    }
    answers.enter((39, "A-39"), Ended::Failed("it hangs".to_owned())).expect("is entered");
    answers.check().expect("one has an answer");
    let notes = answers.notes(&names);
    assert!(notes[0].starts_with("38 of 40 keys were not found: A-1, A-2, "), "{notes:?}");
    assert!(notes[0].ends_with("A-20, \u{2026}"), "{notes:?}");
    assert_eq!(
        notes[1..],
        [
            "1 of 40 keys had no answer, and their columns are empty".to_owned(),
            "A-39: it hangs".to_owned(),
            "no object of the API has a member for \"b\"; the column is empty".to_owned(),
        ]
    );
    assert_eq!(
        (answers.of(0), answers.of(1), answers.of(99)),
        (Some(&[Value::from(1.0)][..]), None, None)
    );
}

#[test]
fn a_column_has_the_kind_that_all_of_its_values_have() {
    let mut answers = Answers::new(2, 4);
    let first = [Value::from(1.0), Value::from("x"), Value::from(true), Value::from(1.0)];
    let second = [Value::Empty, Value::from("y"), Value::from(false), Value::from("z")];
    answers.enter((0, "a"), values(&first)).expect("is entered");
    answers.enter((1, "b"), values(&second)).expect("is entered");
    let names: Vec<Arc<str>> = ["a", "b", "c", "d"].map(Arc::from).to_vec();
    let kinds: Vec<_> = answers.columns(&names).iter().map(|it| it.kind).collect();
    assert_eq!(kinds, [ColumnKind::Number, ColumnKind::Text, ColumnKind::Bool, ColumnKind::Any]);
}

#[test]
fn values_that_are_changed_are_counted() {
    let mut answers = Answers::new(2, 1);
    let names: [Arc<str>; 1] = ["a".into()];
    let taken = |changed: u64| {
        let values = [Value::from("a\u{fffd}")].into();
        Ended::Values(TakenValues { values, found: 1, too_long: 0, changed })
    };
    answers.enter((0, "A-0"), taken(1)).expect("is entered");
    let notes = answers.notes(&names);
    assert!(notes[0].starts_with("1 value has half of a character"), "{notes:?}");
    answers.enter((1, "A-1"), taken(2)).expect("is entered");
    let notes = answers.notes(&names);
    assert!(notes[0].starts_with("3 values have half of a character"), "{notes:?}");
}

#[test]
fn an_api_that_is_down_ends_the_work() {
    let failed = || Ended::Failed("503".to_owned());
    let mut answers = Answers::new(100, 1);
    for number in 1..ENRICH_FAILURES_IN_A_ROW {
        answers.enter((0, &number.to_string()), failed()).expect("may pass");
    }
    let mut again = Answers::new(1, 1);
    again.enter((0, "a"), failed()).expect("may pass");
    assert!(again.check().is_err(), "no key had an answer");
    answers.enter((0, "found"), Ended::NotFound).expect("is entered");
    for number in 1..ENRICH_FAILURES_IN_A_ROW {
        answers.enter((0, &number.to_string()), failed()).expect("may pass");
    }
    let Err(Failure::Final(text)) = answers.enter((0, "last"), failed()) else {
        panic!("continues")
    };
    assert!(text.contains("20 keys in a row") && text.contains("503"), "{text}");
    assert!(answers.enter((0, "x"), Ended::Down("401".to_owned())).is_err());
}

#[test]
fn values_have_a_bound() {
    let mut answers = Answers::new(100, 1);
    let long = Value::from("x".repeat(ENRICH_VALUES_BYTES / 2).as_str());
    answers.enter((0, "a"), values(std::slice::from_ref(&long))).expect("there is room");
    assert!(answers.is_large() && !answers.has_turn());
    assert!(answers.enter((1, "b"), values(&[long])).is_err());
    let small = Value::from("x".repeat(ENRICH_SMALL_BYTES / 2).as_str());
    let mut answers = Answers::new(100, 1);
    answers.enter((0, "a"), values(std::slice::from_ref(&small))).expect("there is room");
    assert!(!answers.is_large());
    answers.enter((1, "b"), values(&[small])).expect("there is room");
    assert!(answers.is_large());
}
