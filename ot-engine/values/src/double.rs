//! The shortest decimal forms of doubles, and doubles of decimal forms.
//!
//! In a browser its own functions do it: the tables of the compiled ones would be a third of what the page loads for values.
//! Both follow the same rule: the fewest digits that are read back as the same number, and of these the closest.

#[cfg(not(target_arch = "wasm32"))]
pub(crate) use compiled::{fixed, parse, plain, scientific};
#[cfg(target_arch = "wasm32")]
pub(crate) use of_browser::{fixed, parse, plain, scientific};

#[cfg(not(target_arch = "wasm32"))]
mod compiled {
    /// The number of a text of digits, with a point and an exponent if need be; infinite where it is too large.
    pub(crate) fn parse(text: &str) -> Option<f64> {
        text.parse().ok()
    }

    /// A number without an exponent, from 1e-6 to below 1e21.
    pub(crate) fn plain(number: f64) -> String {
        number.to_string()
    }

    /// A number below 1e21 with so many decimals, at most 20, rounded half to even by its exact value.
    pub(crate) fn fixed(number: f64, decimals: u8) -> String {
        format!("{number:.*}", usize::from(decimals))
    }

    /// A number with an exponent: `1.5e-7`.
    pub(crate) fn scientific(number: f64) -> String {
        format!("{number:e}")
    }
}

#[cfg(target_arch = "wasm32")]
mod of_browser {
    use wasm_bindgen::prelude::wasm_bindgen;
    use wasm_bindgen::{JsCast as _, JsValue};

    #[wasm_bindgen]
    extern "C" {
        type Number;

        #[wasm_bindgen(js_name = Number)]
        fn to_number(text: &str) -> f64;

        #[wasm_bindgen(js_name = String)]
        fn to_text(number: f64) -> String;

        #[wasm_bindgen(method, js_name = toFixed)]
        fn to_fixed(this: &Number, digits: u32) -> String;

        #[wasm_bindgen(method, js_name = toExponential)]
        fn to_exponential(this: &Number) -> String;
    }

    pub(crate) fn parse(text: &str) -> Option<f64> {
        Some(to_number(text)).filter(|number| !number.is_nan())
    }

    pub(crate) fn plain(number: f64) -> String {
        to_text(number)
    }

    pub(crate) fn fixed(number: f64, decimals: u8) -> String {
        let size: Number = JsValue::from_f64(number.abs()).unchecked_into();
        let sign = if number < 0.0 { "-" } else { "" };
        format!("{sign}{}", super::rounded(&size.to_fixed(super::DIGITS), usize::from(decimals)))
    }

    pub(crate) fn scientific(number: f64) -> String {
        let number: Number = JsValue::from_f64(number).unchecked_into();
        number.to_exponential().replace('+', "")
    }
}

/// The decimals that a browser writes at most: more than any double needs to show on which side of a half it is.
#[cfg(any(test, target_arch = "wasm32"))]
const DIGITS: u32 = 100;

/// A text with [`DIGITS`] decimals with fewer ones, rounded half to even.
#[cfg(any(test, target_arch = "wasm32"))]
fn rounded(exact: &str, decimals: usize) -> String {
    let end = exact.len().saturating_sub(DIGITS as usize) + decimals;
    let (kept, rest) = exact.split_at(end);
    let mut kept = kept.trim_end_matches('.').to_owned().into_bytes();
    let is_odd = kept.last().is_some_and(|digit| digit % 2 == 1);
    let beyond = rest.as_bytes().split_first().map(|(first, others)| {
        first.cmp(&b'5').then_with(|| others.iter().any(|digit| *digit != b'0').cmp(&false))
    });
    let is_up = beyond.is_some_and(|beyond| beyond.is_gt() || (beyond.is_eq() && is_odd));
    let mut carries = is_up;
    for digit in kept.iter_mut().rev().filter(|digit| **digit != b'.') {
        if !carries {
            break;
        }
        carries = *digit == b'9';
        *digit = if carries { b'0' } else { *digit + 1 };
    }
    if carries {
        kept.insert(0, b'1');
    }
    String::from_utf8(kept).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_browser_rounds_as_the_compiled_formatter_does(
            number in prop_oneof![0.0..1e21, 0.0..10.0, (0_u32..10_000).prop_map(|eighths| f64::from(eighths) / 8.0)],
            decimals in 0_u8..=20,
        ) {
            let exact = format!("{number:.100}");
            prop_assert_eq!(rounded(&exact, usize::from(decimals)), fixed(number, decimals));
        }
    }

    #[test]
    fn a_half_goes_to_the_even_digit_and_nines_carry() {
        for (number, decimals, text) in
            [(0.5, 0, "0"), (1.5, 0, "2"), (0.125, 2, "0.12"), (9.995, 1, "10.0"), (99.5, 0, "100")]
        {
            assert_eq!(rounded(&format!("{number:.100}"), decimals), text);
        }
    }
}
