//! Formulas over the columns of a source: each may use those columns, and the computed ones before it.
//!
//! Not their language (the crate `engine`). Invariant: a formula that can't be read is refused by its field, with the position in
//! its text.

use std::collections::BTreeSet;
use std::sync::Arc;

use engine::{Formula, FormulaColumn, FormulaError};
use heavy_work::Caller;
use serde::{Deserialize, Serialize};

use super::columns::chosen;
use crate::edge::errors::ServiceError;
use crate::service::transfers::source::Source;
use model::AccountId;

/// A column that is computed, also in the parameters of a job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Computed {
    pub(super) name: String,
    pub(super) formula: String,
}

/// A formula that can't be read: its place among the others, and why.
pub(super) struct Unread {
    place: usize,
    error: FormulaError,
}

impl Unread {
    /// The refusal of a call.
    pub(super) fn refusal(&self) -> ServiceError {
        let field = format!("add.columns[{}].formula", self.place);
        ServiceError::malformed(field, self.rule())
    }

    /// The rest of a sentence that begins with the formula.
    pub(super) fn rule(&self) -> String {
        let FormulaError { at, rule } = &self.error;
        format!("can't be read at character {at}: {rule}")
    }
}

/// Reads formulas over the columns of a source.
pub(super) fn read(
    source: &Source,
    computed: &[Computed],
) -> Result<Vec<(Arc<str>, Formula)>, Unread> {
    let column = |column: &model::TableColumn| FormulaColumn {
        name: column.name.as_str().into(),
        kind: column.kind,
        is_exact: column.misfits == 0,
    };
    read_over(chosen(source).map(column).collect(), &left_out(source), computed)
}

/// The names of the columns that the table has and the source leaves out.
fn left_out(source: &Source) -> Vec<Arc<str>> {
    let all = &source.facts.columns;
    if source.columns.len() >= all.len() {
        return Vec::new();
    }
    let known: BTreeSet<usize> = source.columns.iter().copied().collect();
    let rest = all.iter().enumerate().filter(|(at, _)| !known.contains(at));
    rest.map(|(_, column)| Arc::from(column.name.as_str())).collect()
}

fn read_over(
    mut columns: Vec<FormulaColumn>,
    left_out: &[Arc<str>],
    computed: &[Computed],
) -> Result<Vec<(Arc<str>, Formula)>, Unread> {
    let mut formulas = Vec::with_capacity(computed.len());
    for (place, Computed { name, formula }) in computed.iter().enumerate() {
        let read = Formula::parse_among(formula, &columns, left_out);
        let formula = read.map_err(|error| Unread { place, error })?;
        let name: Arc<str> = name.as_str().into();
        columns.push(FormulaColumn {
            name: Arc::clone(&name),
            kind: formula.kind(),
            is_exact: true,
        });
        formulas.push((name, formula));
    }
    Ok(formulas)
}

/// Refuses formulas that can't be read. A wide table makes this heavy work.
pub(super) async fn check(
    account: AccountId,
    source: &Source,
    computed: &[Computed],
) -> Result<(), ServiceError> {
    let (source, computed) = (source.clone(), computed.to_vec());
    let checked = heavy_work::run(Caller::Account(account), move || {
        read(&source, &computed).map(drop).map_err(|unread| unread.refusal())
    });
    checked.await.map_err(ServiceError::internal)?
}

#[cfg(test)]
mod tests {
    use ot_engine::ColumnKind;

    use super::*;

    fn computed(name: &str, formula: &str) -> Computed {
        Computed { name: name.to_owned(), formula: formula.to_owned() }
    }

    fn columns() -> Vec<FormulaColumn> {
        let column =
            |(name, kind): (&str, _)| FormulaColumn { name: name.into(), kind, is_exact: true };
        [("price", ColumnKind::Number), ("item", ColumnKind::Text)].map(column).into()
    }

    #[test]
    fn a_formula_may_use_computed_columns_before_it_and_none_behind_it() {
        let both = [computed("total", "[price] * 2"), computed("more", "[total] + 1")];
        let read = read_over(columns(), &[], &both).ok().expect("are read");
        let names: Vec<&str> = read.iter().map(|(name, _)| &**name).collect();
        assert_eq!(names, ["total", "more"]);
        assert_eq!(read[1].1.kind(), ColumnKind::Number);
        let [first, second] = both;
        let Err(refused) = read_over(columns(), &[], &[second, first]) else {
            panic!("is refused")
        };
        let ServiceError::Malformed { field, rule } = refused.refusal() else { panic!("a rule") };
        assert_eq!(field, "add.columns[0].formula");
        assert!(rule.starts_with("can't be read at character "), "{rule}");
    }
}
