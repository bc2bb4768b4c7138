//! The text of values: what a person types or pastes as the value of a cell, and a value as text to edit.
//!
//! No rules of its own: the crate `values` has them. Invariant: every text is a value; one that does not fit the column's
//! kind stays text.

use gridloom::convert::kind_from_wire;
use ot_engine::{ColumnKind, Value};
use values::Rule;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::reader::{locale, zoned};
use crate::value::{value_from_js, value_to_js};

/// The value of a typed text in a column of this kind; a leading apostrophe marks text. `tag` is the language of the account.
#[wasm_bindgen(js_name = readTyped, unchecked_return_type = "CellValue")]
#[must_use]
pub fn read_typed(text: &str, kind: i32, tag: &str) -> JsValue {
    value_to_js(&zoned(values::read_typed(text, &rule(kind), &locale(tag))).value)
}

/// The value of a text that was not typed, such as a pasted field, in a column of this kind.
#[wasm_bindgen(js_name = readText, unchecked_return_type = "CellValue")]
#[must_use]
pub fn read_text(text: &str, kind: i32, tag: &str) -> JsValue {
    value_to_js(&zoned(values::read(text, &rule(kind), &locale(tag))).value)
}

/// The text with which an editor of a value begins: typed unchanged, it is the same value.
#[wasm_bindgen(js_name = editedText)]
#[must_use]
pub fn edited_text(
    #[wasm_bindgen(unchecked_param_type = "CellValue")] value: JsValue,
    kind: i32,
    tag: &str,
) -> String {
    let value = value_from_js(value).unwrap_or(Value::Empty);
    values::edited(&value, &rule(kind), &locale(tag)).into_owned()
}

/// Whether a number was read of a text that begins with zeros, which are lost.
#[wasm_bindgen(js_name = losesZeros)]
#[must_use]
pub fn loses_zeros(
    text: &str,
    #[wasm_bindgen(unchecked_param_type = "CellValue")] value: JsValue,
) -> bool {
    value_from_js(value).is_some_and(|value| values::loses_zeros(text, &value))
}

/// The text of a value for other programs.
#[wasm_bindgen(js_name = exactText)]
#[must_use]
pub fn exact_text(#[wasm_bindgen(unchecked_param_type = "CellValue")] value: JsValue) -> String {
    values::exact(&value_from_js(value).unwrap_or(Value::Empty)).into_owned()
}

/// The rule of a column of this kind; of a kind that this release does not know, any value fits.
pub(crate) fn rule(kind: i32) -> Rule {
    kind_from_wire(kind).ok().flatten().unwrap_or(ColumnKind::Any).into()
}
