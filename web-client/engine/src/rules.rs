//! The rules of a sheet's columns, each made of a kind and settings once, not for every cell.
//!
//! No rules of its own: the crate `values` has them. Invariant: a rule is that of the column as it is now.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use ot_engine::{Column, ColumnKind};
use values::{Locale, Rule, Settings};

/// What a column accepts, and how its texts are read and written.
#[derive(Debug, Default)]
pub(crate) struct ColumnRule {
    kind: ColumnKind,
    text: Arc<str>,
    /// What fits.
    pub(crate) rule: Rule,
    /// Whether a value that does not fit is refused.
    pub(crate) refuses: bool,
    locale: Option<Arc<str>>,
}

impl ColumnRule {
    /// The rule of a kind with the settings of a text; settings of a later release are none.
    pub(crate) fn new(kind: ColumnKind, text: &Arc<str>) -> Self {
        let settings = Settings::known(text);
        Self {
            kind,
            text: Arc::clone(text),
            rule: settings.rule(kind.into()),
            refuses: settings.refuses,
            locale: settings.locale,
        }
    }

    /// The locale of the column's texts; `tag` is the language of the account.
    pub(crate) fn locale(&self, tag: &str) -> Locale {
        Locale::decide(self.locale.as_deref(), None, Some(tag))
    }

    fn is_of(&self, column: &Column) -> bool {
        self.kind == column.kind && Arc::ptr_eq(&self.text, &column.settings)
    }
}

/// The rules of the columns by their places.
#[derive(Debug, Default)]
pub(crate) struct Rules(RefCell<Vec<Rc<ColumnRule>>>);

impl Rules {
    /// The rule of a column; where there is none, any value fits.
    pub(crate) fn of(&self, columns: &[Column], col: u32) -> Rc<ColumnRule> {
        let at = col as usize;
        let Some(column) = columns.get(at) else { return Rc::default() };
        let mut made = self.0.borrow_mut();
        made.resize_with(columns.len(), Rc::default);
        match made.get(at).filter(|rule| rule.is_of(column)) {
            Some(rule) => Rc::clone(rule),
            None => {
                let rule = Rc::new(ColumnRule::new(column.kind, &column.settings));
                made[at] = Rc::clone(&rule);
                rule
            }
        }
    }
}
