//! Numbers as texts, and back.

use super::*;
use proptest::prelude::*;

fn read_in(tag: &str, text: &str) -> Result<f64, NoNumber> {
    read(text, &Locale::from_tag(tag).expect("a tag"))
}

#[test]
fn numbers_are_read_in_the_form_of_their_locale() {
    assert_eq!(read_in("en-US", "1,234.5"), Ok(1234.5));
    assert_eq!(read_in("en-IN", "12,34,567"), Ok(1_234_567.0));
    assert_eq!(read_in("de", "1.234,50"), Ok(1234.5));
    assert_eq!(read_in("de-CH", "1'234.50"), Ok(1234.5));
    assert_eq!(read_in("fr", "1\u{202f}234,5"), Ok(1234.5));
    assert_eq!(read_in("fr", "1 234,5"), Ok(1234.5));
    assert_eq!(read_in("en", " −12 "), Ok(-12.0));
    assert_eq!(read_in("en", "+.5"), Ok(0.5));
    assert_eq!(read_in("en", "12E3"), Ok(12_000.0));
    assert_eq!(read_in("en", "100.00"), Ok(100.0));
}

#[test]
fn what_is_no_number_is_not_guessed() {
    for text in
        ["", "-", ".", "1,23", "1,2345", ",123", "1,234,56", "1.2.3", "1e", "e5", "0x10", "½", "٣"]
    {
        assert_eq!(read_in("en", text), Err(NoNumber::Form), "{text}");
    }
    for text in ["inf", "NaN", "1_000", "1 000", "1-2", "--1", "1e5.5", "+-1"] {
        assert_eq!(read_in("en", text), Err(NoNumber::Form), "{text}");
    }
    assert_eq!(read_in("de", "1.5"), Err(NoNumber::Form));
    assert_eq!(read(&"1".repeat(10_000), &Locale::PLAIN), Err(NoNumber::Form));
}

#[test]
fn versions_and_addresses_are_no_groups_of_digits() {
    for text in ["1.10.123", "10.12.14.123", "1.23.456", "192.168.1.100", "1.234.56.789"] {
        assert_eq!(read_in("de", text), Err(NoNumber::Form), "{text}");
    }
    for (tag, text) in [("de-CH", "1'10'123"), ("fr", "16 12 34 567"), ("en", "1,23,456,789")] {
        assert_eq!(read_in(tag, text), Err(NoNumber::Form), "{text}");
    }
    assert_eq!(read_in("en-IN", "1,00,00,000"), Ok(10_000_000.0));
    assert_eq!(read_in("en-IN", "123,456"), Ok(123_456.0));
    assert_eq!(read_in("en-IN", "123,45,678"), Err(NoNumber::Form));
    assert_eq!(read_in("de", "10.100.200"), Ok(10_100_200.0));
}

#[test]
fn nothing_is_grouped_where_no_locale_is_known_and_no_group_begins_with_zero() {
    for text in ["1,234", "1.234.567", "1 234", "0,123"] {
        assert_eq!(read(text, &Locale::PLAIN), Err(NoNumber::Form), "{text}");
    }
    assert_eq!(fixed(1_234.0, None, true, &Locale::PLAIN), "1234");
    for (tag, text) in [("en-US", "0,123"), ("en-US", "-012,345"), ("de", "0.123")] {
        assert_eq!(read_in(tag, text), Err(NoNumber::Form), "{text}");
    }
    assert_eq!(read_in("en-US", "1,023,004"), Ok(1_023_004.0));
}

#[test]
fn digits_that_no_double_holds_make_no_number() {
    for text in [
        "9007199254740993",
        "12345678901234567890",
        "0.1000000000000000055",
        "1e999",
        "1e-2147483648",
    ] {
        assert_eq!(read_in("en", text), Err(NoNumber::Inexact), "{text}");
    }
}

#[test]
fn only_the_exact_form_is_read_without_a_kind() {
    for (text, number) in [("0", 0.0), ("-1.5", -1.5), ("1e21", 1e21), ("1.5e-9", 1.5e-9)] {
        assert_eq!(read_exact(text), Some(number));
    }
    let others = ["007", "1.0", "12E3", "+1", "-0", ".5", "1.", "1e5", " 1", "1,000", "", "inf"];
    for text in others {
        assert_eq!(read_exact(text), None, "{text}");
    }
}

#[test]
fn formats_round_and_group() {
    let german = Locale::from_tag("de").expect("a tag");
    assert_eq!(fixed(1_234_567.891, Some(2), true, &german), "1.234.567,89");
    assert_eq!(fixed(0.125, Some(2), false, &Locale::PLAIN), "0.12");
    assert_eq!(fixed(-0.001, Some(2), false, &Locale::PLAIN), "0.00");
    assert_eq!(fixed(999.0, None, true, &Locale::PLAIN), "999");
    assert_eq!(fixed(-1000.0, None, true, &german), "-1.000");
    assert_eq!(fixed(1e-9, None, true, &german), "1e-9");
}

proptest! {
    #[test]
    fn every_number_comes_back(bits: u64, tag in prop::sample::select(Locale::OFFERED)) {
        let number = f64::from_bits(bits);
        prop_assume!(number.is_finite());
        let locale = Locale::from_tag(tag).expect("a tag");
        prop_assert_eq!(read_exact(&exact(number)), Some(number));
        prop_assert_eq!(read(&localized(number, &locale), &locale), Ok(number));
        let grouped = fixed(number, None, true, &locale);
        prop_assert_eq!(read(&grouped, &locale), Ok(number), "{}", grouped);
    }

    #[test]
    fn no_text_panics(text: String, tag in "en|de|fr|de-CH") {
        let locale = Locale::from_tag(&tag).expect("a tag");
        let _ = (read_exact(&text), read(&text, &locale));
    }
}
