//! The text of values, whatever their columns: for other programs, what reading has lost, and equal texts.
//!
//! No rules of its own: the crate `values` has them. What it is not: the texts of columns (see `column_text`).

use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::value::{value_from_js, value_or_empty};

/// Whether a number was read of a text that begins with zeros, which are lost.
#[wasm_bindgen(js_name = losesZeros)]
#[must_use]
pub fn loses_zeros(
    text: &str,
    #[wasm_bindgen(unchecked_param_type = "CellValue")] value: JsValue,
) -> bool {
    value_from_js(value).is_some_and(|value| values::loses_zeros(text, &value))
}

/// The form in which a conversion takes two texts for the same option, whatever their letter case.
#[wasm_bindgen(js_name = foldText)]
#[must_use]
pub fn fold_text(text: &str) -> String {
    values::fold(text)
}

/// The text of a value for other programs.
#[wasm_bindgen(js_name = exactText)]
#[must_use]
pub fn exact_text(#[wasm_bindgen(unchecked_param_type = "CellValue")] value: JsValue) -> String {
    values::exact(&value_or_empty(value)).into_owned()
}
