//! Conditions as they are typed, and the notes about them.

use super::*;

/// The column of a condition, its operator and its values, on a sheet with this column.
fn read(typed: &str) -> (String, Operator, Vec<v1::Value>) {
    let typed = condition(typed).expect("a condition");
    let (on, _) = typed.on(&[column("7", &typed.column)], &Reader::plain()).expect("a value");
    assert_eq!(on.column, of_id("7"));
    (typed.column.clone(), on.operator(), on.values)
}

/// A column of a sheet.
fn column(id: &str, name: &str) -> v1::Column {
    v1::Column { id: id.to_owned(), name: name.to_owned(), ..v1::Column::default() }
}

fn of_id(id: &str) -> Option<v1::ColumnRef> {
    Some(v1::ColumnRef { column: Some(v1::column_ref::Column::Id(id.to_owned())) })
}

fn value(kind: Kind) -> Vec<v1::Value> {
    vec![v1::Value { kind: Some(kind) }]
}

#[test]
fn conditions_have_a_column_an_operator_and_a_value() {
    let number = value(Kind::Number(10.0));
    assert_eq!(read("Unit price>=10"), ("Unit price".into(), Operator::GreaterOrEqual, number));
    let text = value(Kind::Text("10".into()));
    assert_eq!(read("Code = '10'"), ("Code".into(), Operator::Equal, text));
    // An apostrophe is a sign of typing, not of a condition.
    let text = value(Kind::Text("'tis".into()));
    assert_eq!(read("Name = 'tis"), ("Name".into(), Operator::Equal, text));
    let text = value(Kind::Text("a = b".into()));
    assert_eq!(read("Note contains a = b"), ("Note".into(), Operator::Contains, text));
    assert_eq!(read("Note is not empty"), ("Note".into(), Operator::IsNotEmpty, vec![]));
}

#[test]
fn a_value_is_led_by_the_kind_of_its_column() {
    let columns = [("Due", v1::ColumnKind::Datetime), ("Id", v1::ColumnKind::Text)];
    let columns = columns.map(|(name, kind)| v1::Column {
        name: name.to_owned(),
        kind: kind.into(),
        ..v1::Column::default()
    });
    let berlin = Reader::of("de", Some("Europe/Berlin"));
    let on = |typed: &str| {
        let on = condition(typed).expect("a condition").on(&columns, &berlin);
        on.map(|(condition, note)| (condition.values, note)).expect("a value")
    };
    assert_eq!(on("Due = 1970-01-02"), (value(Kind::DateDays(1)), None));
    let (values, note) = on("Due = 2.1.1970");
    assert_eq!(values, value(Kind::DateDays(1)));
    let note = note.expect("by the account");
    assert!(note.contains("\"2.1.1970\" was read as 1970-01-02 (de"), "{note}");
    assert_eq!(on("Due < 1970-01-01 01:00:01"), (value(Kind::DatetimeMicros(1_000_000)), None));
    assert_eq!(on("Id = 007"), (value(Kind::Text("007".into())), None));
    assert_eq!(on("Id = 7"), (value(Kind::Text("7".into())), None));
    let (values, note) = on("Due = soon");
    assert_eq!(values, value(Kind::Text("soon".into())));
    assert_eq!(
        note.expect("a note"),
        "the column \"Due\" holds times; \"soon\" is none, so only cells with text can match; \
         write a time like 2024-05-01T14:30:00Z"
    );
    let note = on("Due != soon").1.expect("a note");
    assert!(note.contains("so every cell without this text matches"), "{note}");
}

/// The note about a condition on columns of many kinds, or the error.
fn remark(typed: &str) -> Result<Option<String>, String> {
    let columns = [
        ("Due", v1::ColumnKind::Date),
        ("v", v1::ColumnKind::Number),
        ("Status", v1::ColumnKind::Choice),
        ("Site", v1::ColumnKind::Link),
        ("Mail", v1::ColumnKind::Email),
        ("Note", v1::ColumnKind::Text),
        ("caf\u{e9}", v1::ColumnKind::Number),
        ("Any", v1::ColumnKind::Any),
        ("a", v1::ColumnKind::Any),
        ("a > b", v1::ColumnKind::Any),
    ];
    let columns = columns.map(|(name, kind)| v1::Column {
        name: name.to_owned(),
        kind: kind.into(),
        ..v1::Column::default()
    });
    let read = condition(typed).expect("a condition").on(&columns, &Reader::plain());
    read.map(|(_, note)| note)
}

#[test]
fn what_has_no_order_among_the_values_of_a_column_is_refused() {
    for (typed, part) in [
        ("v < 9007199254740993", "a number like 12.5, with at most 15 digits"),
        ("Due >= 2024-05-01T00:00:00Z", "a date like 2024-05-01"),
        ("cafe\u{301} > many", "holds numbers; \"many\" is none"),
    ] {
        let error = remark(typed).expect_err(typed);
        assert!(error.contains(part), "{typed}: {error}");
    }
    // Texts have an order.
    for typed in ["v < 12", "Site < m", "Status >= m", "Note < 9007199254740993"] {
        assert_eq!(remark(typed), Ok(None), "{typed}");
    }
}

#[test]
fn a_number_that_has_lost_its_zeros_is_noted() {
    let note = remark("v = 01234").expect("a value").expect("a note");
    assert_eq!(
        note,
        "\"01234\" is the number 1234 in the column \"v\"; write it in quotes to find the text"
    );
    for typed in ["v = 1234", "v = 0.5", "v = 0", "Any = 01234", "Note = 01234"] {
        assert_eq!(remark(typed), Ok(None), "{typed}");
    }
}

#[test]
fn a_form_that_a_column_of_any_kind_does_not_read_is_noted() {
    for (typed, part) in [
        ("Any > 9.0", "so \"9.0\" is a text there; for the number write 9"),
        ("Any = 1e3", "for the number write 1000"),
        ("Any != 2024-5-1", "for the date write 2024-05-01"),
        ("Any < 2024-05-01 10:00", "for the time write 2024-05-01 10:00:00"),
        ("Any = 2024-05-01T10:00+02:00", "for the instant write 2024-05-01T08:00:00Z"),
    ] {
        let note = remark(typed).expect("a value").expect(typed);
        assert!(note.contains(part), "{typed}: {note}");
    }
    for typed in ["Any > 9", "Any = 2024-05-01", "Any contains 9.0", "Any = '9.0'", "Any = 1.2.3"] {
        assert_eq!(remark(typed), Ok(None), "{typed}");
    }
}

#[test]
fn a_text_that_a_column_of_other_values_does_not_hold_is_explained() {
    for (typed, part) in [
        ("Due contains 2024", "\"2024\" is a part of a text, so only cells with text can match"),
        ("v starts with 1", "use =, < or > with a number like 12.5"),
        ("Due = \"2024-05-01\"", "write a date like 2024-05-01, without quotes"),
        ("v != '12'", "so every cell without this text matches"),
        ("Status = Doen", "only cells that do not fit the column can match"),
        ("Site = m", "holds links"),
        ("Mail = ada", "an address like ada@example.org"),
    ] {
        let note = remark(typed).expect("a value").expect(typed);
        assert!(note.contains(part), "{typed}: {note}");
    }
    for typed in ["Due = \"soon\"", "Note contains 2024", "Note = \"12\"", "Site contains m"] {
        assert_eq!(remark(typed), Ok(None), "{typed}");
    }
}

#[test]
fn a_number_that_is_compared_with_texts_has_a_note() {
    for (typed, kind) in [("Note > 5", "--kind number"), ("Note <= 2024-05-01", "--kind date")] {
        let note = remark(typed).expect("a value").expect(typed);
        assert!(note.contains("holds texts") && note.contains(kind), "{typed}: {note}");
    }
    for typed in ["Note > '5'", "Note > m", "Note = 5", "v > 5"] {
        assert_eq!(remark(typed), Ok(None), "{typed}");
    }
}

#[test]
fn no_value_is_compared_with_an_empty_text() {
    for (typed, part) in [
        ("a = \"\"", "write: a is empty"),
        ("a != ''", "write: a is not empty"),
        ("\"a > b\" = ''", "write: \"a > b\" is empty"),
        ("a contains \"\"", "write a value"),
    ] {
        let error = remark(typed).expect_err(typed);
        assert!(error.contains(part), "{typed}: {error}");
    }
}

#[test]
fn a_name_in_quotes_may_contain_operators() {
    let number = || value(Kind::Number(3.0));
    assert_eq!(read("\"a = b\" > 3"), ("a = b".into(), Operator::Greater, number()));
    assert_eq!(read("\"a \"\"b\"\"\"<=3"), ("a \"b\"".into(), Operator::LessOrEqual, number()));
    assert_eq!(read("\"x is empty\" is empty"), ("x is empty".into(), Operator::IsEmpty, vec![]));
    // No operator follows these quotes.
    assert_eq!(read("\"a = 3"), ("\"a".into(), Operator::Equal, number()));
    assert_eq!(read("5\" pipe = 3"), ("5\" pipe".into(), Operator::Equal, number()));
}

#[test]
fn a_column_of_a_sheet_is_found_by_its_name_or_its_place() {
    let columns = [("1", "x"), ("2", "caf\u{e9}"), ("3", "x"), ("4", "Price")];
    let columns = columns.map(|(id, name)| column(id, name));
    let on = |typed: &str| {
        let on = condition(typed).expect("a condition").on(&columns, &Reader::plain());
        on.map(|(condition, _)| condition.column)
    };
    // The second name is that of the sheet in another normal form.
    for (typed, id) in [("Price", "4"), ("cafe\u{301}", "2"), ("3", "3"), ("A", "1")] {
        assert_eq!(on(&format!("{typed} = 3")), Ok(of_id(id)), "{typed}");
        let orders = ["", ":asc", ":desc"].map(|end| order(&format!("{typed}{end}"), &columns));
        for (descending, found) in [false, false, true].into_iter().zip(orders) {
            assert_eq!(found, Ok(v1::RowOrder { column: of_id(id), descending }), "{typed}");
        }
    }
    for (typed, why) in [
        ("Cost", "no column is named \"Cost\"; choose one of: x, caf\u{e9}, x, Price"),
        ("x", "several columns are named \"x\"; use the column's number"),
        ("9", "\"9\" is in no column: there are 4 columns"),
    ] {
        for error in [on(&format!("{typed} = 3")).err(), order(typed, &columns).err()] {
            let error = error.expect("no such column");
            assert!(error.starts_with(why), "{error}");
        }
    }
}

#[test]
fn a_malformed_condition_is_explained() {
    for (typed, part) in [
        ("Price", "no operator"),
        ("= 3", "names no column"),
        ("Price >", "needs a value"),
        ("Note is empty now", "takes no value"),
    ] {
        let error = condition(typed).expect_err("malformed");
        assert!(error.contains(part), "{typed}: {error}");
    }
}

#[test]
fn a_column_of_a_table_is_found_by_its_name_or_its_place() {
    let column = |name: &str| v1::Column {
        name: name.to_owned(),
        kind: v1::ColumnKind::Text.into(),
        ..v1::Column::default()
    };
    let columns = ["x", "Id", "x"].map(column);
    let on =
        |typed: &str| condition(typed).expect("a condition").on_table(&columns, &Reader::plain());
    let at = |typed: &str| {
        let (condition, _) = on(typed).expect("is there");
        condition.column.and_then(|column| column.column)
    };
    assert_eq!(at("Id = 1"), Some(v1::column_ref::Column::At(1)));
    assert_eq!(at("3 is empty"), Some(v1::column_ref::Column::At(2)));
    assert_eq!(at("A is empty"), Some(v1::column_ref::Column::At(0)));
    assert!(on("x = 1").expect_err("is ambiguous").contains("several columns"));
    assert!(on("Cost = 1").is_err());
    let note = on("Id > 1").expect("a value").1.expect("a note");
    assert!(note.contains("`gridctl files read` with number in --kinds"), "{note}");
}
