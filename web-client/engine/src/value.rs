//! Cell values as JavaScript values: null, boolean, number, string, a bigint for an instant, and an object for a day or a
//! time without a zone. `undefined` is a cell that is not loaded.

use client::core::{Cell, UnsavedCell};
use ot_engine::Value;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast as _, JsError, JsValue};

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &'static str = r"
/** A day: days since 1970-01-01. */
export interface Day { readonly days: number }
/** A day and a time of day without a zone: microseconds since 1970-01-01 00:00. */
export interface LocalTime { readonly micros: bigint }
/** null: empty; bigint: an instant in microseconds since the Unix epoch, UTC. */
export type CellValue = null | boolean | number | string | bigint | Day | LocalTime;
";

/// Converts a cell for the page.
pub(crate) fn cell_to_js(cell: Cell<'_>) -> JsValue {
    match cell {
        Cell::Unknown => JsValue::UNDEFINED,
        Cell::Value(value) => value_to_js(value),
    }
}

/// Converts unsaved cells for the page: row, column, value, row, column, value, ...
pub(crate) fn unsaved_to_js(cells: &[UnsavedCell]) -> Vec<JsValue> {
    let flat = cells.iter().flat_map(|UnsavedCell { row, col, value }| {
        [JsValue::from(*row), JsValue::from(*col), value_to_js(value)]
    });
    flat.collect()
}

/// Converts a value for the page.
pub(crate) fn value_to_js(value: &Value) -> JsValue {
    match value {
        Value::Empty => JsValue::NULL,
        Value::Bool(truth) => JsValue::from_bool(*truth),
        Value::Number(number) => JsValue::from_f64(*number),
        Value::Text(text) => JsValue::from_str(text),
        Value::Instant(micros) => JsValue::from(*micros),
        Value::Date(days) => day_to_js(*days),
        Value::LocalDateTime(micros) => local_time_to_js(*micros),
    }
}

#[wasm_bindgen]
extern "C" {
    /// A day or a time without a zone.
    #[wasm_bindgen(js_name = Object)]
    type Time;

    #[wasm_bindgen(constructor, js_class = "Object")]
    fn new() -> Time;

    #[wasm_bindgen(method, structural, setter)]
    fn set_days(this: &Time, days: i32);

    #[wasm_bindgen(method, structural, getter)]
    fn days(this: &Time) -> JsValue;

    #[wasm_bindgen(method, structural, setter)]
    fn set_micros(this: &Time, micros: i64);

    #[wasm_bindgen(method, structural, getter)]
    fn micros(this: &Time) -> JsValue;
}

fn day_to_js(days: i32) -> JsValue {
    let time = Time::new();
    time.set_days(days);
    time.into()
}

fn local_time_to_js(micros: i64) -> JsValue {
    let time = Time::new();
    time.set_micros(micros);
    time.into()
}

/// A day or a time without a zone.
fn time_from_js(value: JsValue) -> Option<Value> {
    let time: Time = value.unchecked_into();
    if let Some(days) = time.days().as_f64() {
        let is_held = days.fract() == 0.0 && days.abs() <= f64::from(i32::MAX);
        return is_held.then_some(Value::Date(days as i32));
    }
    i64::try_from(time.micros()).ok().map(Value::LocalDateTime)
}

/// Converts a value of the page; `None` when no cell can hold it.
pub(crate) fn value_from_js(value: JsValue) -> Option<Value> {
    if value.is_null() || value.is_undefined() {
        return Some(Value::Empty);
    }
    if let Some(truth) = value.as_bool() {
        return Some(Value::Bool(truth));
    }
    if let Some(number) = value.as_f64() {
        return number.is_finite().then(|| number.into());
    }
    if let Some(text) = value.as_string() {
        return Some(Value::Text(text.into()).normalized());
    }
    if value.is_object() {
        return time_from_js(value);
    }
    i64::try_from(value).ok().map(Value::Instant)
}

/// Converts a value of the page; empty where no cell can hold it.
pub(crate) fn value_or_empty(value: JsValue) -> Value {
    value_from_js(value).unwrap_or_default()
}

/// Converts values of the page.
///
/// # Errors
/// A value that no cell can hold.
pub(crate) fn values_from_js(values: Vec<JsValue>) -> Result<Vec<Value>, JsError> {
    let values: Option<Vec<_>> = values.into_iter().map(value_from_js).collect();
    values.ok_or_else(|| JsError::new("a cell can't hold this value"))
}
