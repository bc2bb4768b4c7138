//! The text of values in a column: what a person types or pastes there, a value as text to edit, and a value as it is shown.
//!
//! No rules of its own: the crate `values` has them. Invariant: every text is a value; one that does not fit the column
//! stays text. `tag` is the language of the account, which counts where the column has none.

use std::rc::Rc;

use gridloom::convert::{kind_from_wire, settings_from_wire};
use gridloom::v1;
use ot_engine::{ColumnKind, Value};
use prost::Message as _;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsError, JsValue};

use crate::engine::Engine;
use crate::reader::zoned;
use crate::rules::ColumnRule;
use crate::value::{value_from_js, value_or_empty, value_to_js};

/// The texts of a column of a kind, with settings.
#[wasm_bindgen]
#[derive(Debug)]
pub struct ColumnText(Rc<ColumnRule>);

#[wasm_bindgen]
impl ColumnText {
    /// The texts of a column of a kind, a `ColumnKind`, with encoded `ColumnSettings`. Of a kind that this release does
    /// not know, any value fits.
    ///
    /// # Errors
    /// Settings that break a rule.
    #[wasm_bindgen(constructor)]
    pub fn new(kind: i32, settings: Option<Box<[u8]>>) -> Result<Self, JsError> {
        let settings = v1::ColumnSettings::decode(&*settings.unwrap_or_default())?;
        let text = settings_from_wire(&settings)?;
        let kind = kind_from_wire(kind).ok().flatten().unwrap_or(ColumnKind::Any);
        Ok(Self(Rc::new(ColumnRule::new(kind, &text))))
    }

    /// The value of a typed text; a leading apostrophe marks text.
    #[wasm_bindgen(js_name = readTyped, unchecked_return_type = "CellValue")]
    #[must_use]
    pub fn read_typed(&self, text: &str, tag: &str) -> JsValue {
        let Self(column) = self;
        value_to_js(&zoned(values::read_typed(text, &column.rule, &column.locale(tag))).value)
    }

    /// The value of a text that was not typed, such as a pasted field.
    #[wasm_bindgen(js_name = readText, unchecked_return_type = "CellValue")]
    #[must_use]
    pub fn read_text(&self, text: &str, tag: &str) -> JsValue {
        let Self(column) = self;
        value_to_js(&zoned(values::read(text, &column.rule, &column.locale(tag))).value)
    }

    /// The text with which an editor of a value begins: typed unchanged, it is the same value.
    #[wasm_bindgen(js_name = editedText)]
    #[must_use]
    pub fn edited_text(
        &self,
        #[wasm_bindgen(unchecked_param_type = "CellValue")] value: JsValue,
        tag: &str,
    ) -> String {
        let Self(column) = self;
        values::edited(&value_or_empty(value), &column.rule, &column.locale(tag)).into_owned()
    }

    /// The text that people see.
    #[wasm_bindgen(js_name = shownText)]
    #[must_use]
    pub fn shown_text(
        &self,
        #[wasm_bindgen(unchecked_param_type = "CellValue")] value: JsValue,
        tag: &str,
    ) -> String {
        let Self(column) = self;
        values::shown(&value_or_empty(value), &column.rule, &column.locale(tag)).into_owned()
    }

    /// Why the column refuses a value; undefined where it takes it.
    #[must_use]
    pub fn refusal(
        &self,
        #[wasm_bindgen(unchecked_param_type = "CellValue")] value: JsValue,
    ) -> Option<String> {
        let Self(column) = self;
        let value = value_from_js(value).filter(|_| column.refuses)?;
        values::fits(&value, &column.rule).err().map(|misfit| misfit.to_string())
    }
}

/// The page's interface: the texts of a column.
#[wasm_bindgen]
impl Engine {
    /// The texts of a column as it is now; where there is none, those of any value.
    #[wasm_bindgen(js_name = columnText)]
    #[must_use]
    pub fn column_text(&self, col: u32) -> ColumnText {
        ColumnText(self.rules.of(self.live.columns(), col))
    }
}

/// Why encoded `ColumnSettings` can't be those of a column: a setting, and the rule that it breaks; undefined when they can.
#[wasm_bindgen(js_name = settingsProblem)]
#[must_use]
pub fn settings_problem(settings: &[u8]) -> Option<String> {
    let settings = v1::ColumnSettings::decode(settings).ok()?;
    let error = settings_from_wire(&settings).err()?;
    Some(format!("{} {}", error.field.trim_start_matches("settings."), error.rule))
}

/// The items of a text between commas; undefined for a text that has another form.
#[wasm_bindgen(js_name = splitOptions)]
#[must_use]
pub fn split_options(text: &str) -> Option<Vec<String>> {
    values::split_options(text)
}

/// The text of several options.
#[wasm_bindgen(js_name = joinOptions)]
#[must_use]
pub fn join_options(options: Vec<String>) -> String {
    values::join_options(options.iter().map(|option| &**option))
}

/// Whether a text is a link or an e-mail address, by a column of this kind.
#[wasm_bindgen(js_name = isOfKind)]
#[must_use]
pub fn is_of_kind(text: &str, kind: i32) -> bool {
    let kind = kind_from_wire(kind).ok().flatten().unwrap_or(ColumnKind::Any);
    values::fits(&Value::from(text), &kind.into()).is_ok()
}
