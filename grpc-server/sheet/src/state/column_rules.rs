//! What the settings of a sheet's columns ask of edits: which columns refuse values that do not fit.
//!
//! Not whether a value fits: see the crate `values`. Invariant: the rules are those of the columns that they were made of.
//!
//! The rule of a column takes many times the memory of its settings. It is made when it is first asked for: states of older
//! revisions, for history and undo, have columns and check no values.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use ot_engine::ColumnKind;
use values::{Kind, Rule, Settings};

use model::ColumnRecord;

/// Bytes of a rule for each byte of its settings: an option of a few letters has a place in a list and in two tables.
const BYTES_OF_SETTINGS: usize = 20;

/// The rules of a sheet's columns. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct ColumnRules {
    refusing: Arc<[Refusing]>,
    /// Of the settings of these columns.
    bytes: usize,
}

/// A column that refuses values which do not fit.
#[derive(Debug)]
struct Refusing {
    position: u32,
    kind: ColumnKind,
    settings: Arc<str>,
    /// Shared by the states in which the column has these settings.
    rule: Arc<OnceLock<Rule>>,
}

impl ColumnRules {
    /// The rules of these columns. Rules that are known for the same settings are taken from `self`. Cost: the number of
    /// columns, and one search in the bytes of their settings.
    #[must_use]
    pub fn of(&self, columns: &[ColumnRecord]) -> Self {
        let known: HashMap<_, _> = self.refusing.iter().map(|it| (it.key(), &it.rule)).collect();
        let refusing = |(position, column): (u32, &ColumnRecord)| {
            let (kind, settings) = (column.kind, Arc::clone(&column.settings));
            if !Settings::text_refuses(&settings) {
                return None;
            }
            let rule = known.get(&(settings.as_ptr(), kind));
            let rule = rule.map_or_else(Arc::default, |rule| Arc::clone(rule));
            Some(Refusing { position, kind, settings, rule })
        };
        let refusing: Arc<[Refusing]> = (0..).zip(columns).filter_map(refusing).collect();
        let bytes = refusing.iter().map(|it| it.settings.len()).sum();
        Self { refusing, bytes }
    }

    /// The most bytes of memory that the rules take, about.
    #[must_use]
    pub const fn bytes(&self) -> usize {
        BYTES_OF_SETTINGS * self.bytes
    }

    /// Whether no column refuses values.
    #[must_use]
    pub fn refuse_nothing(&self) -> bool {
        self.refusing.is_empty()
    }

    /// The rule of the column at a position; `None` for one that takes every value.
    #[must_use]
    pub fn refusing(&self, position: u32) -> Option<&Rule> {
        let at = self.refusing.binary_search_by_key(&position, |it| it.position).ok()?;
        self.refusing.get(at).map(Refusing::rule)
    }
}

impl Refusing {
    /// The same settings stay at their address while the column keeps them.
    fn key(&self) -> (*const u8, ColumnKind) {
        (self.settings.as_ptr(), self.kind)
    }

    fn rule(&self) -> &Rule {
        self.rule.get_or_init(|| Settings::known(&self.settings).rule(Kind::from(self.kind)))
    }
}

#[cfg(test)]
mod tests {
    use ot_engine::{ColumnId, Value};

    use super::*;

    fn column(id: u64, kind: ColumnKind, settings: &str) -> ColumnRecord {
        ColumnRecord {
            id: ColumnId(id),
            name: "".into(),
            kind,
            width: None,
            settings: settings.into(),
        }
    }

    #[test]
    fn rules_follow_their_columns() {
        let number = column(1, ColumnKind::Number, "refuse");
        let choice = column(2, ColumnKind::Choice, "option refuse\nrefuse");
        let open = column(3, ColumnKind::Choice, "option refuse");
        let first = ColumnRules::default().of(&[number.clone(), open.clone(), choice.clone()]);
        assert!(first.refusing(1).is_none(), "an option of this name refuses nothing");
        let moved = first.of(&[choice, open, number]);
        let rule = |rules: &ColumnRules, at| rules.refusing(at).cloned();
        assert_eq!(rule(&moved, 0), rule(&first, 2));
        assert_eq!(rule(&moved, 2), rule(&first, 0));
        assert!(std::ptr::eq(moved.refusing(0).unwrap(), first.refusing(2).unwrap()));
        let text = moved.of(&[column(2, ColumnKind::Text, "refuse")]);
        assert!(values::fits(&Value::from(1.0), text.refusing(0).unwrap()).is_err());
        assert!(!text.refuse_nothing() && text.of(&[]).refuse_nothing());
        assert!(first.bytes() > text.bytes() && text.bytes() > text.of(&[]).bytes());
    }

    #[test]
    fn a_rule_is_made_when_it_is_first_asked_for_and_once() {
        let choice = column(1, ColumnKind::Choice, "option a\nrefuse");
        let first = ColumnRules::default().of(std::slice::from_ref(&choice));
        let older = first.of(&[column(2, ColumnKind::Any, ""), choice]);
        let is_made = |rules: &ColumnRules| rules.refusing[0].rule.get().is_some();
        assert!(!is_made(&first) && !older.refuse_nothing() && !is_made(&older));
        let rule = first.refusing(0).expect("it refuses");
        assert!(values::fits(&Value::from("b"), rule).is_err());
        assert!(is_made(&first) && is_made(&older));
    }

    #[test]
    fn the_same_settings_have_the_rule_of_the_kind() {
        let mut column = column(1, ColumnKind::Number, "refuse");
        let first = ColumnRules::default().of(std::slice::from_ref(&column));
        column.kind = ColumnKind::Text;
        let second = first.of(std::slice::from_ref(&column));
        assert!(values::fits(&Value::from("a"), first.refusing(0).unwrap()).is_err());
        assert!(values::fits(&Value::from("a"), second.refusing(0).unwrap()).is_ok());
    }
}
