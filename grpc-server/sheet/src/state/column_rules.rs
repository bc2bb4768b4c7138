//! What the settings of a sheet's columns ask of edits: which columns refuse values that do not fit.
//!
//! Not whether a value fits: see the crate `values`. Invariant: the rules are those of the columns that they were made of.

use std::collections::HashMap;
use std::sync::Arc;

use ot_engine::ColumnKind;
use values::{Kind, Rule, Settings};

use model::ColumnRecord;

/// The rules of a sheet's columns. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct ColumnRules {
    refusing: Arc<[Refusing]>,
}

/// A column that refuses values which do not fit.
#[derive(Debug)]
struct Refusing {
    position: u32,
    kind: ColumnKind,
    settings: Arc<str>,
    rule: Arc<Rule>,
}

impl ColumnRules {
    /// The rules of these columns. Rules that are known for the same settings are taken from `self`. Cost: the number of
    /// columns, and the bytes of the settings that are new.
    #[must_use]
    pub fn of(&self, columns: &[ColumnRecord]) -> Self {
        let known: HashMap<_, _> = self.refusing.iter().map(|it| (it.key(), &it.rule)).collect();
        let refusing = |(position, column): (u32, &ColumnRecord)| {
            let (kind, settings) = (column.kind, Arc::clone(&column.settings));
            if !Settings::text_refuses(&settings) {
                return None;
            }
            let rule = known.get(&(settings.as_ptr(), kind)).map_or_else(
                || Arc::new(Settings::known(&settings).rule(Kind::from(kind))),
                |rule| Arc::clone(rule),
            );
            Some(Refusing { position, kind, settings, rule })
        };
        Self { refusing: (0..).zip(columns).filter_map(refusing).collect() }
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
        self.refusing.get(at).map(|it| &*it.rule)
    }
}

impl Refusing {
    /// The same settings stay at their address while the column keeps them.
    fn key(&self) -> (*const u8, ColumnKind) {
        (self.settings.as_ptr(), self.kind)
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
