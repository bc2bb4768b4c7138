//! Cell values as JavaScript values: null, boolean, number, string, and a bigint for a date-time in
//! microseconds since the Unix epoch. `undefined` is a cell that is not loaded.

use client::core::Cell;
use ot_engine::Value;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsError, JsValue};

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &'static str = r"
/** null: empty; bigint: a date-time in microseconds since the Unix epoch, UTC. */
export type CellValue = null | boolean | number | string | bigint;
";

/// Converts a cell for the page.
pub(crate) fn cell_to_js(cell: Cell<'_>) -> JsValue {
    match cell {
        Cell::Unknown => JsValue::UNDEFINED,
        Cell::Value(Value::Empty) => JsValue::NULL,
        Cell::Value(Value::Bool(truth)) => JsValue::from_bool(*truth),
        Cell::Value(Value::Number(number)) => JsValue::from_f64(*number),
        Cell::Value(Value::Text(text)) => JsValue::from_str(text),
        Cell::Value(Value::DateTime(micros)) => JsValue::from(*micros),
    }
}

/// Converts a value of the page; `None` when no cell can hold it.
fn value_from_js(value: JsValue) -> Option<Value> {
    if value.is_null() || value.is_undefined() {
        return Some(Value::Empty);
    }
    if let Some(truth) = value.as_bool() {
        return Some(Value::Bool(truth));
    }
    if let Some(number) = value.as_f64() {
        return number.is_finite().then_some(Value::Number(number));
    }
    if let Some(text) = value.as_string() {
        return Some(Value::Text(text.into()));
    }
    i64::try_from(value).ok().map(Value::DateTime)
}

/// Converts values of the page.
///
/// # Errors
/// A value that no cell can hold.
pub(crate) fn values_from_js(values: Vec<JsValue>) -> Result<Vec<Value>, JsError> {
    let values: Option<Vec<_>> = values.into_iter().map(value_from_js).collect();
    values.ok_or_else(|| JsError::new("a cell can't hold this value"))
}
