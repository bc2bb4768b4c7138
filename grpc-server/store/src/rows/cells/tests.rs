//! Cells are the same after a round trip through JSON text.

use ot_engine::{ColumnId, Value};
use proptest::prelude::*;

use super::{read_cells, write_cells};
use crate::StoreError;
use model::RowBody;

fn written(value: &Value) -> String {
    let mut json = Vec::new();
    write_cells([(ColumnId(7), value)], &mut json).expect("a value that can be stored");
    String::from_utf8(json).expect("JSON is UTF-8")
}

#[test]
fn values_look_as_a_person_would_write_them() {
    let cases = [
        (Value::Empty, r#"{"7":null}"#),
        (Value::Bool(true), r#"{"7":true}"#),
        (Value::Number(12.0), r#"{"7":12}"#),
        (Value::Number(-0.25), r#"{"7":-0.25}"#),
        (Value::Number(-0.0), r#"{"7":0}"#),
        (Value::Number(1e300), r#"{"7":1e300}"#),
        (Value::Text("a\"b\\c\nd\u{1}é".into()), r#"{"7":"a\"b\\c\nd\u0001é"}"#),
        (Value::Instant(1_714_564_800_000_000), r#"{"7":{"datetime":"2024-05-01T12:00:00Z"}}"#),
        (
            Value::Instant(253_402_300_799_999_999),
            r#"{"7":{"datetime":"9999-12-31T23:59:59.999999Z"}}"#,
        ),
        (Value::Date(-719_162), r#"{"7":{"date":"0001-01-01"}}"#),
        (Value::LocalDateTime(-1), r#"{"7":{"local":"1969-12-31 23:59:59.999999"}}"#),
    ];
    for (value, expected) in cases {
        assert_eq!(written(&value), expected);
    }
}

#[test]
fn what_the_tables_cannot_hold_is_refused() {
    for value in [Value::Number(f64::NAN), Value::Number(f64::INFINITY), Value::Text("\0".into())] {
        assert!(write_cells([(ColumnId(1), &value)], &mut Vec::new()).is_err(), "{value:?}");
    }
    let beyond = [Value::Instant(i64::MAX), Value::LocalDateTime(i64::MIN), Value::Date(i32::MAX)];
    for value in beyond {
        let refused = write_cells([(ColumnId(1), &value)], &mut Vec::new());
        assert!(matches!(refused, Err(StoreError::Invalid(_))), "{value:?}");
    }
}

#[test]
fn what_is_not_cells_is_refused() {
    let strange = [
        "",
        "[]",
        r#"{"a":1}"#,
        r#"{"1":[]}"#,
        r#"{"1":{}}"#,
        r#"{"1":{"datetime":"2024-05-01T12:00:00Z","b":1}}"#,
    ];
    for json in strange {
        assert!(read_cells(json.as_bytes()).is_err(), "{json}");
    }
}

#[test]
fn what_earlier_releases_have_written_is_read() {
    let read = |json: &str| {
        let body = read_cells(json.as_bytes()).expect("cells");
        body.get(ColumnId(1)).clone()
    };
    assert_eq!(
        read(r#"{"1":{"datetime_micros":253402300799999999}}"#),
        Value::Instant(253_402_300_799_999_999)
    );
    // A time that can't be read leaves the other cells of its sheet as they are.
    for text in ["0000-01-01T00:00:00Z", "-000044-03-15T00:00:00Z", "(no date)", "noon"] {
        assert_eq!(read(&format!(r#"{{"1":{{"datetime":"{text}"}}}}"#)), Value::from(text));
    }
    let beyond = i64::MAX;
    let text = Value::from(&*beyond.to_string());
    assert_eq!(read(&format!(r#"{{"1":{{"datetime_micros":{beyond}}}}}"#)), text);
    assert_eq!(read(r#"{"1":{"date":"2024-02-30"}}"#), Value::from("2024-02-30"));
    assert_eq!(read(r#"{"1":{"local":"2024-05-01T12:00Z"}}"#), Value::from("2024-05-01T12:00Z"));
    assert_eq!(read(r#"{"1":""}"#), Value::Empty);
    // A kind of values of a later release.
    for later in [r#"{"span":"P1D"}"#, r#"{"a":1,"b":[2]}"#] {
        assert_eq!(read(&format!(r#"{{"1":{later}}}"#)), Value::from(later));
    }
}

fn any_value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Empty),
        any::<bool>().prop_map(Value::Bool),
        prop::num::f64::NORMAL.prop_map(Value::Number),
        prop::num::f64::SUBNORMAL.prop_map(Value::Number),
        (-1e16..1e16_f64).prop_map(|number| Value::Number(number.trunc())),
        "[^\0]{1,12}".prop_map(|text| Value::Text(text.into())),
        // From year 1 to year 9999.
        (-62_135_596_800_000_000..=253_402_300_799_999_999_i64).prop_map(Value::Instant),
        (-62_135_596_800_000_000..=253_402_300_799_999_999_i64).prop_map(Value::LocalDateTime),
        (-719_162..=2_932_896_i32).prop_map(Value::Date),
    ]
}

proptest! {
    #[test]
    fn reading_gives_back_what_was_written(
        cells in prop::collection::btree_map(any::<u64>(), any_value(), 0..8)
    ) {
        let mut json = Vec::new();
        let columns = cells.iter().map(|(id, value)| (ColumnId(*id), value));
        write_cells(columns, &mut json).expect("values that can be stored");
        let expected: RowBody = cells.into_iter().map(|(id, value)| (ColumnId(id), value)).collect();
        prop_assert_eq!(read_cells(&json).expect("what was written"), expected);
    }
}
