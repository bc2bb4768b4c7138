//! The shortest decimal forms of doubles, and doubles of decimal forms.
//!
//! In a browser its own functions do it: the tables of the compiled ones would be a third of what the page loads for values.
//! Both follow the same rule: the fewest digits that are read back as the same number, and of these the closest.

#[cfg(not(target_arch = "wasm32"))]
pub(crate) use compiled::{parse, plain, scientific};
#[cfg(target_arch = "wasm32")]
pub(crate) use of_browser::{parse, plain, scientific};

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

        #[wasm_bindgen(method, js_name = toExponential)]
        fn to_exponential(this: &Number) -> String;
    }

    pub(crate) fn parse(text: &str) -> Option<f64> {
        Some(to_number(text)).filter(|number| !number.is_nan())
    }

    pub(crate) fn plain(number: f64) -> String {
        to_text(number)
    }

    pub(crate) fn scientific(number: f64) -> String {
        let number: Number = JsValue::from_f64(number).unchecked_into();
        number.to_exponential().replace('+', "")
    }
}
