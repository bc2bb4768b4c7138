//! How the numbers, days and times of a file are read: by what is chosen, by its own evidence, by the account.

use super::*;
use crate::Preview;
use jiff::tz::TimeZone;
use values::Locale;

fn locale(tag: &str) -> Locale {
    Locale::from_tag(tag).expect("a tag")
}

fn with(notation: Notation) -> CsvOptions {
    CsvOptions { notation, ..PLAIN }
}

fn of_account(tag: &str) -> CsvOptions {
    with(Notation { account: locale(tag), ..Notation::PLAIN })
}

fn of_file(tag: &str) -> CsvOptions {
    with(Notation { file: Some(locale(tag)), ..Notation::PLAIN })
}

/// The values of a file whose columns all have this kind, and the doubts.
fn chosen(file: &str, kind: ColumnKind, options: CsvOptions) -> (Vec<CsvRow>, Vec<String>) {
    let mut rows = Vec::new();
    let columns = file.lines().next().map_or(1, |line| line.split([',', ';']).count());
    let mut import = CsvImport::new(options).with_kinds(vec![Some(kind); columns]);
    import.push(file.as_bytes(), &mut rows).expect("good");
    import.finish(&mut rows).expect("good");
    (rows, import.doubts().to_vec())
}

fn number(number: f64) -> CsvRow {
    vec![Value::Number(number)]
}

#[test]
fn a_file_with_decimal_commas_is_read_with_them_and_reports_it() {
    let table = good(b"item;price;count\nnut;1,5;3\nbolt;-0,25;1200\n", PLAIN);
    assert_eq!(table.kinds, [ColumnKind::Text, ColumnKind::Number, ColumnKind::Number]);
    let first = vec![text("nut"), Value::Number(1.5), Value::Number(3.0)];
    assert_eq!(
        table.rows,
        [first, vec![text("bolt"), Value::Number(-0.25), Value::Number(1200.0)]]
    );
    assert_eq!(table.doubts.len(), 1);
    assert!(table.doubts[0].contains("as in \"1,5\""), "{:?}", table.doubts);
    // Only exact forms, as with a point.
    let codes = good(b"a;b\n1,50;1,5\n2,25;2,5\n", PLAIN);
    assert_eq!(codes.kinds, [ColumnKind::Text, ColumnKind::Number]);
    assert!(codes.doubts.iter().any(|doubt| doubt.contains("as in \"1,5\"")), "{:?}", codes.doubts);
    let tabs = good(b"a\tb\n1,5\tx\n", PLAIN);
    assert_eq!(tabs.kinds, [ColumnKind::Number, ColumnKind::Text]);
}

/// Each is a column of numbers or days for a person; the file keeps its texts.
#[test]
fn a_column_of_texts_that_look_like_values_is_in_doubt() {
    let prices = good(b"Price;Item\n1.50;a\n22.50;b\n10.00;c\n", PLAIN);
    assert_eq!(
        prices.doubts,
        [
            "\"Price\" was read as text, since 1.50 would be written back as 1.5; choose the kind Number for it (--kinds)"
        ]
    );
    // No column was read with a decimal comma.
    let commas = good(b"Price;Item\n1,50;a\n22,50;b\n", PLAIN).doubts;
    assert_eq!(commas.len(), 1, "{commas:?}");
    assert!(commas[0].contains("1,50 would be written back as 1,5"), "{commas:?}");
    let quoted = good(b"Price,Item\n\"1,50\",a\n\"22,50\",b\n", PLAIN).doubts;
    assert!(quoted[0].contains("has a decimal comma; choose the comma"), "{quoted:?}");
    let grouped = good(b"Price,Item\n\"1,234\",a\n\"5,678.50\",b\n", PLAIN).doubts;
    assert!(grouped[0].contains("has a comma between groups of digits; choose the language"));
    let either = good(b"Price,Item\n\"1,234\",a\n\"5,678\",b\n", PLAIN).doubts;
    assert!(either[0].contains("before decimals or between groups of digits"), "{either:?}");
    let days = |options| good(b"Due,Item\n01.05.2026,a\n31.12.2026,b\n", options).doubts;
    assert!(days(PLAIN)[0].contains("(--locale, --kinds)"), "{:?}", days(PLAIN));
    assert!(days(of_account("de"))[0].ends_with("choose the kind Date for it (--kinds)"));
    assert_eq!(days(of_file("de")), [""; 0]);
    assert_eq!(good(b"Code,Item\n007,a\n008,b\n", PLAIN).doubts, [""; 0]);
    let (_, doubts) = chosen("Price\n1.50\n22.50\n", ColumnKind::Number, PLAIN);
    assert_eq!(doubts, [""; 0]);
}

#[test]
fn a_decimal_comma_is_no_guess_without_evidence() {
    // Commas divide the fields; a list is no number; a column of both is text.
    let quoted = good(b"a,b\n\"1,5\",x\n", PLAIN);
    assert_eq!((quoted.kinds[0], quoted.doubts.len()), (ColumnKind::Text, 0));
    let marks = good(b"a;b\n1,5;x\n2.5;y\n", PLAIN);
    assert_eq!((marks.kinds[0], marks.doubts.len()), (ColumnKind::Text, 1));
    assert!(marks.doubts[0].contains("\"a\" (\"1,5\")"), "{:?}", marks.doubts);
    for file in ["a;b\n1,2,3;x\n1,2;y\n", "a;b\n1,5 kg;x\n"] {
        let table = good(file.as_bytes(), PLAIN);
        assert_eq!((table.kinds[0], table.doubts.len()), (ColumnKind::Text, 0), "{file}");
    }
    let either = good(b"a;b\n1,234;x\n", PLAIN);
    assert_eq!(either.rows, [[text("1,234"), text("x")]]);
    assert!(either.doubts[0].contains("\"1,234\" may have"), "{:?}", either.doubts);
    let both = good(b"a;b\n1,5;2.5\n", PLAIN);
    assert_eq!(both.rows, [[text("1,5"), Value::Number(2.5)]]);
    assert!(both.doubts[0].contains("others a decimal point"), "{:?}", both.doubts);
}

#[test]
fn points_before_three_digits_are_doubted_where_semicolons_divide() {
    let doubt = "\"1.234\" may have a decimal point or grouped digits; if it was read wrong, choose the decimal mark or the \
                 language of the file";
    let table = good(b"p;q\n1.234;2\n7.111;3\n", PLAIN);
    assert_eq!(table.rows[0], [Value::Number(1.234), Value::Number(2.0)]);
    assert_eq!(table.doubts, [doubt]);
    for file in ["p;q\n1.234;2\n7.11;3\n", "p;q\n0.125;2\n", "p;q\n1.234;2.5\n", "p\tq\n1.234\t2\n"]
    {
        assert_eq!(good(file.as_bytes(), PLAIN).doubts, [""; 0], "{file}");
    }
}

#[test]
fn a_comma_without_decimals_is_no_decimal_mark() {
    let doubts = good(b"a;b,\n1;2,\n", PLAIN).doubts;
    assert!(!doubts.iter().any(|doubt| doubt.contains("decimal")), "{doubts:?}");
}

#[test]
fn a_comma_that_divides_the_numbers_of_a_lone_column_is_named() {
    let (line, reason, why) = bad(b"price\n1,5\n2,5\n", PLAIN);
    assert_eq!((line, reason), (2, "CSV_RAGGED_ROW"));
    assert!(why.contains("if \"1,5\" is a number with a decimal comma"), "{why}");
    let semicolon = CsvOptions { delimiter: Some(b';'), ..PLAIN };
    assert_eq!(good(b"price\n1,5\n2,5\n", semicolon).rows[1], number(2.5));
    let why = bad(b"name\nx,y\n", PLAIN).2;
    assert!(!why.contains("decimal"), "{why}");
}

#[test]
fn the_file_decides_before_its_evidence_and_the_evidence_before_the_account() {
    let file = "n\n1.234\n2.500\n";
    let decimal = with(Notation { decimal: Some(','), ..Notation::PLAIN });
    let by = |options| chosen(file, ColumnKind::Number, options).0[0].clone();
    assert_eq!(by(PLAIN), number(1.234));
    assert_eq!(by(decimal), number(1234.0));
    assert_eq!(by(of_file("de")), number(1234.0));
    assert_eq!(by(of_account("de")), number(1234.0));
    // Here one field shows that a point is the decimal mark.
    let shown = chosen("n\n1.234\n2.5\n", ColumnKind::Number, of_account("de")).0;
    assert_eq!(shown, [number(1.234), number(2.5)]);
    // And here that it is the comma, whatever the account.
    let shown = chosen("n;m\n1.234;0\n2,5;0\n", ColumnKind::Number, of_account("en-US")).0;
    assert_eq!(shown[0][0], Value::Number(1234.0));
    let point = with(Notation { decimal: Some('.'), ..Notation::PLAIN });
    assert_eq!(good(b"a;b\n1,5;x\n", point).rows, [[text("1,5"), text("x")]]);
}

#[test]
fn a_number_that_the_mark_of_the_account_changes_is_in_doubt() {
    let doubt = "1 value of \"n\" was read by the language of the account";
    let (rows, doubts) = chosen("n\n1.234\n", ColumnKind::Number, of_account("de"));
    assert_eq!((rows, doubts), (vec![number(1234.0)], vec![doubt.to_owned()]));
    // The same by either mark, or by the mark of the file.
    let whole = chosen("n\n1234\n", ColumnKind::Number, of_account("de"));
    assert_eq!(whole, (vec![number(1234.0)], Vec::new()));
    let shown = chosen("n\n1.25\n1.234\n", ColumnKind::Number, of_account("de"));
    assert_eq!(shown, (vec![number(1.25), number(1.234)], Vec::new()));
}

#[test]
fn a_file_that_commas_divide_has_a_point_whatever_the_account() {
    let file = "n,m\n1.234,2\n";
    let (rows, doubts) = chosen(file, ColumnKind::Number, of_account("de"));
    assert_eq!(rows, [[Value::Number(1.234), Value::Number(2.0)]]);
    assert_eq!(doubts, Vec::<String>::new());
    let options = CsvOptions { no_header: true, ..of_account("de") };
    let (rows, _) = chosen("1.234,2\n", ColumnKind::Number, options);
    assert_eq!(rows, [[Value::Number(1.234), Value::Number(2.0)]]);
}

#[test]
fn a_preview_names_the_mark_of_the_columns_of_a_chosen_kind() {
    let mark = |file: &str, kinds: &[Option<ColumnKind>]| {
        Preview::of(&of_account("de"), kinds, file.as_bytes(), false).expect("good").decimal
    };
    let number = [Some(ColumnKind::Number)];
    assert_eq!(mark("n;m\n1.234;x\n", &number), ',');
    assert_eq!(mark("n;m\n1.234;x\n", &[]), '.');
    assert_eq!(mark("n;m\n1.25;x\n", &number), '.');
    assert_eq!(mark("n,m\n1.234,x\n", &number), '.');
}

#[test]
fn the_days_of_a_file_are_those_of_its_locale_and_else_of_the_account() {
    let day = Value::Date(19_844);
    let table = good(b"day;at\n01.05.2024;01.05.2024 00:00\n", of_file("de"));
    assert_eq!(table.kinds, [ColumnKind::Date, ColumnKind::LocalDateTime]);
    assert_eq!(table.rows[0][0], day);
    // No kind is inferred by the account.
    assert_eq!(good(b"day\n01.05.2024\n", of_account("de")).rows, [[text("01.05.2024")]]);
    let (rows, doubts) = chosen("day\n05/01/2024\n", ColumnKind::Date, of_account("en-US"));
    assert_eq!(rows, [[day]]);
    assert_eq!(doubts, ["1 value of \"day\" was read by the language of the account"]);
}

#[test]
fn a_time_without_a_zone_is_one_of_the_given_zone_or_stays_text() {
    let zone = Some(TimeZone::get("Europe/Berlin").expect("is bundled"));
    let file = "at\n1970-01-01 01:00\n1970-01-01T00:00:00Z\n";
    let berlin = with(Notation { zone, ..Notation::PLAIN });
    let (rows, doubts) = chosen(file, ColumnKind::Instant, berlin);
    assert_eq!(rows, [[Value::Instant(0)], [Value::Instant(0)]]);
    assert_eq!(doubts, ["1 time of \"at\" has no zone and was read in Europe/Berlin"]);
    let (rows, doubts) = chosen(file, ColumnKind::Instant, PLAIN);
    assert_eq!(rows[0], [text("1970-01-01 01:00")]);
    assert_eq!(doubts, ["1 value of \"at\" does not fit its kind and stays text"]);
}

#[test]
fn the_day_of_a_time_without_a_zone_is_in_doubt_where_the_account_has_decided_it() {
    let zone = Some(TimeZone::get("Europe/Berlin").expect("is bundled"));
    let options =
        || with(Notation { account: locale("en-US"), zone: zone.clone(), ..Notation::PLAIN });
    let (rows, doubts) = chosen("at\n01/05/1970 01:00\n", ColumnKind::Instant, options());
    assert_eq!(rows, [[Value::Instant(4 * 86_400_000_000)]]);
    let zoned = "1 time of \"at\" has no zone and was read in Europe/Berlin";
    assert_eq!(doubts, ["1 value of \"at\" was read by the language of the account", zoned]);
    // A form of every locale.
    let (rows, doubts) = chosen("at\n1970-01-05 01:00\n", ColumnKind::Instant, options());
    assert_eq!(rows, [[Value::Instant(4 * 86_400_000_000)]]);
    assert_eq!(doubts, [zoned]);
}

#[test]
fn each_locale_reads_the_numbers_and_days_that_it_writes() {
    let day = Value::Date(19_844);
    for tag in Locale::OFFERED {
        let locale = locale(tag);
        for number in [0.5, -1234.25, 1e-7, 12.0] {
            let value = Value::Number(number);
            let rule = values::Rule::from(values::Kind::Number);
            let written = values::shown(&value, &rule, &locale);
            let shown_day = values::shown(&day, &values::Kind::Date.into(), &locale);
            let file = format!("n;d\n{written};{shown_day}\n");
            let table = good(file.as_bytes(), of_file(tag));
            assert_eq!(table.rows, [[value.clone(), day.clone()]], "{tag}: {file}");
            let typed = values::read_typed(&written, &rule, &locale).value;
            assert_eq!(typed, value, "{tag}: {written}");
        }
    }
}
