//! The person in front of the page: the locale of the account, and the zone of the browser.
//!
//! No table of zones: the browser's own says how far it is from UTC. Invariant: an unknown tag is read by no language.

use values::{Locale, Reading};
use wasm_bindgen::prelude::wasm_bindgen;

/// Microseconds of a minute.
const MINUTE: i64 = 60_000_000;

#[wasm_bindgen]
extern "C" {
    type Date;

    #[wasm_bindgen(constructor)]
    fn new(millis: f64) -> Date;

    /// Minutes that the zone of the browser is behind UTC at this time.
    #[wasm_bindgen(method, js_name = getTimezoneOffset)]
    fn timezone_offset(this: &Date) -> f64;
}

/// The locale of an account with this language tag.
pub(crate) fn locale(tag: &str) -> Locale {
    Locale::decide(None, None, Some(tag))
}

/// A reading with the zone of the browser, where the text has a time without one.
pub(crate) fn zoned(reading: Reading) -> Reading {
    reading.in_zone(|at| {
        // A double has each millisecond of the calendar.
        let behind = Date::new((at / 1000) as f64).timezone_offset();
        // Beyond the calendar it is no number, which becomes zero.
        -(behind as i64) * MINUTE
    })
}

/// The decimal mark of a locale.
#[wasm_bindgen(js_name = decimalMark)]
#[must_use]
pub fn decimal_mark(tag: &str) -> String {
    locale(tag).decimal.into()
}

/// Whether a language tag has a locale.
#[wasm_bindgen(js_name = isLocale)]
#[must_use]
pub fn is_locale(tag: &str) -> bool {
    Locale::from_tag(tag).is_some()
}

/// A number and a day as a locale writes them.
#[wasm_bindgen(js_name = localeExample)]
#[must_use]
pub fn locale_example(tag: &str) -> Vec<String> {
    let (number, day) = values::example(&locale(tag));
    vec![number, day]
}

/// The locales that are offered, the one of no language first: for each its tag, a number and a day.
#[wasm_bindgen(js_name = offeredLocales)]
#[must_use]
pub fn offered_locales() -> Vec<String> {
    let example = |tag: &&str| {
        let (number, day) = values::example(&locale(tag));
        [(*tag).to_owned(), number, day]
    };
    std::iter::once(&Locale::NEUTRAL).chain(Locale::OFFERED).flat_map(example).collect()
}
