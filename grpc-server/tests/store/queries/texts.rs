//! The order of values and the comparison of texts and times, in Postgres.

use std::future::pending;

use model::{CellTest, Comparison, RowFilter, RowOrder, SheetRecord};
use ot_engine::Value;

use super::{cell, query};
use crate::support::{Fixture, Outcome, batch, connect, patch};

const DAY_MICROS: i64 = 86_400_000_000;

/// A sheet with these values in its first column, one a row.
pub(super) async fn sheet(fixture: &Fixture, values: &[Value]) -> SheetRecord {
    let sheet = fixture.sheet(u32::try_from(values.len()).expect("few")).await;
    let mut batch = batch(&sheet, 0, 1);
    let cells = values.iter().cloned().map(|value| (0, value));
    batch.row_patches = (1..).zip(cells).map(|(row, cell)| patch(&sheet, row, &[cell])).collect();
    fixture.store.commit(&batch).await.expect("can be stored");
    sheet
}

async fn positions(
    fixture: &Fixture,
    sheet: &SheetRecord,
    filter: RowFilter,
    order: Vec<RowOrder>,
) -> Vec<u32> {
    let finder = fixture.store.finder(sheet.id).await.expect("an answer").expect("the sheet");
    let found = finder.find(&query(filter, order), pending()).await.expect("is found");
    found.rows.iter().map(|row| row.position).collect()
}

async fn sorted(fixture: &Fixture, sheet: &SheetRecord, descending: bool) -> Vec<u32> {
    let order = vec![RowOrder { column: sheet.columns[0].id, descending }];
    positions(fixture, sheet, RowFilter::All(Vec::new()), order).await
}

#[tokio::test]
async fn numbers_then_times_then_texts_in_the_order_of_languages() -> Outcome {
    let fixture = Fixture::new().await;
    // In their order. The instant is on the day after.
    let values = [
        Value::Number(-1.0),
        Value::Number(9.0),
        Value::Number(10.0),
        Value::Date(-719_162),
        Value::LocalDateTime(DAY_MICROS - 1),
        Value::Instant(DAY_MICROS),
        Value::from("2a"),
        Value::from("Äpfel"),
        Value::from("apple"),
        Value::from("Apple"),
        Value::from("banana"),
        Value::from("Zebra"),
        Value::Bool(false),
        Value::Bool(true),
        Value::Empty,
    ];
    let sheet = sheet(&fixture, &values[..10]).await;
    assert_eq!(sorted(&fixture, &sheet, false).await, (0..10).collect::<Vec<_>>());
    assert_eq!(sorted(&fixture, &sheet, true).await, (0..10).rev().collect::<Vec<_>>());
    let sheet = self::sheet(&fixture, &values[5..]).await;
    assert_eq!(sorted(&fixture, &sheet, false).await, (0..10).collect::<Vec<_>>());
    let backwards: Vec<u32> = (0..9).rev().chain([9]).collect();
    assert_eq!(sorted(&fixture, &sheet, true).await, backwards);
    Ok(())
}

#[tokio::test]
async fn letter_case_and_encoding_make_no_difference() -> Outcome {
    let fixture = Fixture::new().await;
    let texts = ["хлеб", "ХЛЕБ", "Straße", "STRASSE", "caf\u{e9}", "cafe\u{301}"];
    let sheet = sheet(&fixture, &texts.map(Value::from)).await;
    let all = |test, ignore_case| {
        positions(&fixture, &sheet, cell(&sheet, 0, test, ignore_case), Vec::new())
    };
    let one_of = |text: &str| CellTest::In(vec![Value::from(text)]);
    assert_eq!(all(one_of("Хлеб"), true).await, [0, 1]);
    assert_eq!(all(CellTest::Contains("strasse".into()), true).await, [2, 3]);
    assert_eq!(all(CellTest::StartsWith("CAFE\u{301}".into()), true).await, [4, 5]);
    assert_eq!(all(one_of("cafe\u{301}"), false).await, [4, 5]);
    assert_eq!(all(CellTest::Contains("ХЛ".into()), false).await, [1]);
    Ok(())
}

#[tokio::test]
async fn a_day_is_all_of_its_times() -> Outcome {
    let fixture = Fixture::new().await;
    let values = [
        Value::Instant(-1),
        Value::Date(0),
        Value::Instant(0),
        Value::LocalDateTime(DAY_MICROS - 1),
        Value::Instant(DAY_MICROS),
        Value::Number(0.0),
    ];
    let sheet = sheet(&fixture, &values).await;
    let all = |test| positions(&fixture, &sheet, cell(&sheet, 0, test, false), Vec::new());
    let day = Value::Date(0);
    assert_eq!(all(CellTest::In(vec![day.clone()])).await, [1, 2, 3]);
    assert_eq!(all(CellTest::In(vec![Value::Date(-1)])).await, [0]);
    assert_eq!(all(CellTest::In(vec![Value::LocalDateTime(0)])).await, [1, 2]);
    let compared = |how| all(CellTest::Compare(how, day.clone()));
    assert_eq!(compared(Comparison::Less).await, [0]);
    assert_eq!(compared(Comparison::LessOrEqual).await, [0, 1, 2, 3]);
    assert_eq!(compared(Comparison::Greater).await, [4]);
    assert_eq!(compared(Comparison::GreaterOrEqual).await, [1, 2, 3, 4]);
    Ok(())
}

#[tokio::test]
async fn what_an_earlier_release_has_stored_makes_no_search_fail() -> Outcome {
    let fixture = Fixture::new().await;
    let sheet = sheet(&fixture, &["x", "y", "z"].map(Value::from)).await;
    store_json(&fixture, &sheet, 1, "{\"datetime\": \"0000-01-01T00:00:00Z\"}").await?;
    store_json(&fixture, &sheet, 2, "\"\"").await?;
    assert_eq!(sorted(&fixture, &sheet, false).await, [0, 2, 1]);
    let all = |test| positions(&fixture, &sheet, cell(&sheet, 0, test, false), Vec::new());
    assert_eq!(all(CellTest::Compare(Comparison::Less, Value::Date(0))).await, [0; 0]);
    assert_eq!(all(CellTest::IsEmpty).await, [1]);
    let finder = fixture.store.finder(sheet.id).await?.expect("the sheet");
    let found = finder.find(&query(RowFilter::All(Vec::new()), Vec::new()), pending()).await?;
    let column = sheet.columns[0].id;
    assert_eq!(found.rows[0].body.get(column), &Value::from("0000-01-01T00:00:00Z"));
    assert_eq!(found.rows[1].body.get(column), &Value::Empty);
    Ok(())
}

#[tokio::test]
async fn a_time_that_no_calendar_holds_is_found_and_sorted_as_its_text() -> Outcome {
    let fixture = Fixture::new().await;
    let values = [Value::from("x"), Value::from("(a"), Value::from("z"), Value::Date(0)];
    let sheet = sheet(&fixture, &values).await;
    store_json(&fixture, &sheet, 1, "{\"datetime\": \"0000-01-01T00:00:00Z\"}").await?;
    assert_eq!(sorted(&fixture, &sheet, false).await, [3, 1, 0, 2]);
    assert_eq!(sorted(&fixture, &sheet, true).await, [2, 0, 1, 3]);
    let all = |test| positions(&fixture, &sheet, cell(&sheet, 0, test, true), Vec::new());
    assert_eq!(all(CellTest::Contains("0000-01".into())).await, [0]);
    assert_eq!(all(CellTest::StartsWith("0000".into())).await, [0]);
    assert_eq!(all(CellTest::In(vec![Value::from("0000-01-01t00:00:00z")])).await, [0]);
    assert_eq!(all(CellTest::Compare(Comparison::Less, Value::from("y"))).await, [0, 1]);
    assert_eq!(all(CellTest::IsEmpty).await, [0; 0]);
    Ok(())
}

#[tokio::test]
async fn a_text_without_characters_is_in_no_condition_but_one() -> Outcome {
    let fixture = Fixture::new().await;
    let sheet = sheet(&fixture, &["x", "a"].map(Value::from)).await;
    store_json(&fixture, &sheet, 1, "\"\"").await?;
    let all = |test| positions(&fixture, &sheet, cell(&sheet, 0, test, false), Vec::new());
    assert_eq!(all(CellTest::Compare(Comparison::Less, Value::from("b"))).await, [1]);
    assert_eq!(all(CellTest::In(vec![Value::from("")])).await, [0; 0]);
    assert_eq!(all(CellTest::StartsWith("".into())).await, [1]);
    assert_eq!(all(CellTest::Contains("".into())).await, [1]);
    assert_eq!(all(CellTest::IsEmpty).await, [0]);
    Ok(())
}

#[tokio::test]
async fn a_day_beyond_all_times_is_after_them() -> Outcome {
    let fixture = Fixture::new().await;
    let sheet = sheet(&fixture, &[Value::Date(0), Value::Instant(0)]).await;
    let all = |test| positions(&fixture, &sheet, cell(&sheet, 0, test, false), Vec::new());
    for (beyond, less) in [(i32::MAX, &[0, 1][..]), (i32::MIN, &[])] {
        let day = Value::Date(beyond);
        assert_eq!(all(CellTest::In(vec![day.clone()])).await, [0; 0]);
        assert_eq!(all(CellTest::Compare(Comparison::Less, day.clone())).await, less);
        assert_eq!(all(CellTest::Compare(Comparison::LessOrEqual, day)).await, less);
    }
    Ok(())
}

/// The letters that Postgres does not know are those of a later Unicode than its own.
#[tokio::test]
async fn letters_are_folded_as_values_fold_them() -> Outcome {
    let fixture = Fixture::new().await;
    let client = connect(&fixture.config).await;
    let has_cases = |letter: &char| {
        let (lower, upper) = (letter.to_lowercase(), letter.to_uppercase());
        let text = letter.to_string();
        lower.to_string() != text || upper.to_string() != text || values::fold(&text) != text
    };
    let letters: Vec<String> = ('\u{1}'..=char::MAX).filter(has_cases).map(String::from).collect();
    let by_values: Vec<String> = letters.iter().map(|letter| values::fold(letter)).collect();
    let sql = "select letter, by_values, folded_text(letter), folded_text(by_values)
        from unnest($1::text[], $2::text[]) as pairs (letter, by_values)
        where lower(letter collate texts) <> letter or upper(letter collate texts) <> letter";
    let rows = client.query(sql, &[&letters, &by_values]).await?;
    assert!(rows.len() > 2_500, "{} of {}", rows.len(), letters.len());
    let differs = |row: &tokio_postgres::Row| {
        let [letter, by_values, by_postgres, of_both] =
            [0_usize, 1, 2, 3].map(|at| row.get::<_, &str>(at));
        let is_same = by_postgres == of_both && values::fold(by_postgres) == by_values;
        (!is_same).then(|| format!("{letter}: {by_values} and {by_postgres}"))
    };
    assert_eq!(rows.iter().filter_map(differs).collect::<Vec<_>>(), [""; 0]);
    let (same, other) = (("Gro\u{1e9e}e \u{3f4}", "GROSSE θ"), ("\u{131}", "I"));
    let sql = "select folded_text($1) = folded_text($2), folded_text($3) = folded_text($4)";
    let row = client.query_one(sql, &[&same.0, &same.1, &other.0, &other.1]).await?;
    assert_eq!((row.get(0), row.get(1)), (true, false));
    // So it is where a run of marks keeps a text from its normal form.
    let [same, upper, other] = ["\u{1e9e}i", "SSI", "ss\u{131}"]
        .map(|text| format!("{text}{}", "\u{301}\u{316}".repeat(20)));
    let sql = "select folded_text($1) = folded_text($2), folded_text($2) = folded_text($3)";
    let row = client.query_one(sql, &[&same, &upper, &other]).await?;
    assert_eq!((row.get(0), row.get(1)), (true, false));
    Ok(())
}

/// Postgres sorts a run of marks in the square of its length, and no time limit ends that.
#[tokio::test]
async fn long_runs_of_marks_have_no_normal_form() -> Outcome {
    let fixture = Fixture::new().await;
    let client = connect(&fixture.config).await;
    let sql = "select normal_text($1), folded_text($1)";
    let of = |pairs: usize| format!("é{}e", "\u{301}\u{316}".repeat(pairs));
    for (pairs, is_normal) in [(15, true), (16, false), (20_000, false)] {
        let text = of(pairs);
        let row = client.query_one(sql, &[&text]).await?;
        let (normal, folded): (&str, &str) = (row.get(0), row.get(1));
        assert_eq!(normal != text, is_normal, "{pairs}");
        assert_eq!(folded != text.replace('é', "É").replace('e', "E"), is_normal, "{pairs}");
    }
    let row = client.query_one(sql, &[&"straße, STRASSE"]).await?;
    assert_eq!((row.get(0), row.get(1)), ("straße, STRASSE", "STRASSE, STRASSE"));
    Ok(())
}

/// Replaces the first cell of a row, as an earlier release or another program would have left it.
pub(super) async fn store_json(
    fixture: &Fixture,
    sheet: &SheetRecord,
    row: i64,
    json: &str,
) -> Outcome {
    let sql = "update rows set cells = jsonb_build_object($1::text, $2::text::jsonb)
        where sheet = $3 and id = $4";
    let column = sheet.columns[0].id.0.to_string();
    let client = connect(&fixture.config).await;
    client.execute(sql, &[&column, &json, &sheet.id.0, &row]).await?;
    Ok(())
}
