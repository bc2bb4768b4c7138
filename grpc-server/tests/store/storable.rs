//! Every value that passes validation can be stored: tested at the ends of every domain, and at random values between.

use std::sync::Arc;

use model::{ColumnRecord, Entry, RowBody};
use ot_engine::{
    ClientId, ColumnEdit, ColumnKind, Delta, Limits, RowId, Sequence, Size, Value, validate,
};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;

use crate::support::{Fixture, Outcome, batch, entry, patch};

const LIMITS: Limits = Limits::DEFAULT;
/// Random values beside those at the ends.
const RANDOM: usize = 400;

/// Values at the limits of what can be stored, inside and outside.
fn ends() -> Vec<Value> {
    let numbers = [
        0.0,
        -0.0,
        1.5,
        f64::MAX,
        f64::MIN,
        f64::MIN_POSITIVE,
        5e-324,
        1e15,
        1e-5,
        f64::EPSILON,
        f64::NAN,
        f64::INFINITY,
        f64::NEG_INFINITY,
        i64::MAX as f64,
        u64::MAX as f64,
    ];
    let first = -62_135_596_800_000_000;
    let last = 253_402_300_799_999_999;
    let times =
        [first - 1, first, first + 1, -1, 0, 1, last - 1, last, last + 1, i64::MIN, i64::MAX];
    let letters = (0..0x20).map(|code| char::from(code).to_string());
    let odd = [
        "",
        "\"",
        "\\",
        "\\u0000",
        "'",
        "\u{7f}",
        "\u{2028}",
        "\u{fffe}",
        "\u{ffff}",
        "\u{10ffff}",
    ];
    let long = LIMITS.max_text_bytes as usize;
    let longest = ["x", "\"", "\u{1}", "\u{10ffff}"];
    let longest = longest.map(|letter| letter.repeat(long / letter.len()));
    let texts = letters.chain(odd.map(str::to_owned)).chain(longest).chain(["x".repeat(long + 1)]);
    let mut values: Vec<Value> = vec![true.into(), false.into(), Value::Empty];
    values.extend(numbers.map(Value::Number));
    values.extend(times.map(Value::Instant));
    values.extend(times.map(Value::LocalDateTime));
    let days = [-719_163, -719_162, -1, 0, 2_932_896, 2_932_897, i32::MIN, i32::MAX];
    values.extend(days.map(Value::Date));
    values.extend(texts.map(|text| Value::from(&*text)));
    values
}

fn random() -> Vec<Value> {
    let any = prop_oneof![
        any::<f64>().prop_map(Value::Number),
        any::<i64>().prop_map(Value::Instant),
        any::<String>().prop_map(|text| Value::from(&*text)),
    ];
    let mut runner = TestRunner::default();
    let mut next = || any.new_tree(&mut runner).expect("a value").current();
    (0..RANDOM).map(|_| next()).collect()
}

#[tokio::test]
async fn every_value_that_is_valid_can_be_stored_and_comes_back() -> Outcome {
    let is_valid = |value: &Value| {
        validate(&Delta::set_cell(0, 0, value.clone()), Size::new(1, 1), &LIMITS).is_ok()
    };
    let (valid, refused): (Vec<Value>, Vec<Value>) =
        ends().into_iter().chain(random()).partition(is_valid);
    assert!(valid.len() > RANDOM / 3 && refused.len() > 6, "{} and {}", valid.len(), refused.len());

    let fixture = Fixture::new().await;
    let count = u32::try_from(valid.len())?;
    let sheet = fixture.sheet(count).await;
    let mut all = batch(&sheet, 0, count.into());
    for (step, value) in (0_u32..).zip(&valid) {
        let at = u64::from(step) + 1;
        let known = entry(&sheet, at);
        all.entries[step as usize] = Arc::new(Entry {
            // The last numbers that there are, of the last client.
            client: ClientId(u128::MAX),
            sequence: Sequence(Sequence::LAST.0 - u64::from(count) + at),
            delta: ot_engine::SharedDelta::new(Delta::set_cell(step, 0, value.clone())),
            ..known
        });
        all.row_patches.push(patch(&sheet, at, &[(0, value.clone())]));
    }
    fixture.store.commit(&all).await?;

    let mut rows = fixture.store.read_rows(sheet.id, &[RowId(0)..RowId(1 << 40)]).await?;
    rows.sort_by_key(|(id, _)| *id);
    let stored: Vec<_> = rows.into_iter().filter(|(_, body)| *body != RowBody::default()).collect();
    let column = sheet.columns[0].id;
    let expected = (1..).zip(&valid).filter(|(_, value)| !(*value).clone().normalized().is_empty());
    let expected: Vec<(RowId, RowBody)> = expected
        .map(|(id, value)| (RowId(id), std::iter::once((column, value.clone())).collect()))
        .collect();
    assert_eq!(stored, expected);
    let log = fixture.store.changes(sheet.id, ot_engine::Revision(0), count).await?;
    assert_eq!(log, all.entries.iter().map(|entry| Entry::clone(entry)).collect::<Vec<_>>());
    Ok(())
}

#[tokio::test]
async fn every_column_that_is_valid_can_be_stored() -> Outcome {
    let names: [&str; 7] = [
        "",
        "a",
        "\"'\\",
        "\u{1}\u{7f}\u{ffff}",
        "\0",
        &"\u{10ffff}".repeat(256),
        &"x".repeat(1025),
    ];
    use ColumnKind as K;
    let kinds = [
        K::Any,
        K::Bool,
        K::Number,
        K::Text,
        K::Instant,
        K::Date,
        K::LocalDateTime,
        K::Choice,
        K::Choices,
        K::Link,
        K::Email,
    ];
    let widths = [None, Some(0), Some(1), Some(4096), Some(4097), Some(u32::MAX)];
    let mut valid = Vec::new();
    for name in names {
        for (kind, width) in kinds.iter().flat_map(|kind| widths.map(|width| (*kind, width))) {
            let edit = ColumnEdit {
                col: 0,
                name: Some(name.into()),
                kind: Some(kind),
                width,
                settings: Some(name.into()),
            };
            let delta = Delta::update_column(edit);
            if validate(&delta, Size::new(1, 1), &LIMITS).is_ok() {
                valid.push((name, kind, width));
            }
        }
    }
    assert_eq!(valid.len(), 5 * kinds.len() * 4);
    let fixture = Fixture::new().await;
    let sheet = fixture.sheet(1).await;
    let mut one = batch(&sheet, 0, 1);
    let columns = (10..).zip(valid).map(|(id, (name, kind, width))| ColumnRecord {
        id: ot_engine::ColumnId(id),
        name: name.into(),
        kind,
        width: width.filter(|width| *width > 0),
        settings: name.into(),
    });
    one.columns = Some(columns.collect());
    one.next_column_id = ot_engine::ColumnId(1_000);
    fixture.store.commit(&one).await?;
    let loaded = fixture.store.load_sheet(sheet.id).await?.ok_or("there")?;
    assert_eq!(Some(loaded.columns), one.columns);
    Ok(())
}
