//! The columns that a request names, as places among those of its source, and the names of new ones.
//!
//! Not what is made of them. Invariants: a column that is not one of the source is refused by its field; a new name is one line,
//! and no other column of the new file has it in normal form C.

use std::collections::BTreeSet;

use gridloom::v1;

use crate::edge::errors::ServiceError;
use crate::service::sheets::columns::{ColumnIndex, Holder};
use crate::service::sheets::queries::filter::column;
use crate::service::tables::{columns_of, position};
use crate::service::transfers::source::Source;
use model::limits::derivation_jobs::DERIVED_NAME_CHARACTERS;
use model::{ColumnRecord, TableColumn};

/// The columns of a source.
pub(super) struct SourceColumns<'a> {
    source: &'a Source,
    /// All of its table.
    records: Vec<ColumnRecord>,
}

/// The columns of a source, ready to be found.
pub(super) struct Finder<'a> {
    source: &'a Source,
    index: ColumnIndex<'a>,
}

impl<'a> SourceColumns<'a> {
    pub(super) fn new(source: &'a Source) -> Self {
        Self { source, records: columns_of(&source.facts) }
    }

    pub(super) fn finder(&self) -> Finder<'_> {
        Finder { source: self.source, index: ColumnIndex::of(Holder::Table, &self.records) }
    }
}

impl Finder<'_> {
    /// The place of a column among those of the source. A reference must be set.
    pub(super) fn place(
        &self,
        reference: Option<&v1::ColumnRef>,
        field: &str,
    ) -> Result<usize, ServiceError> {
        let position = self.position(reference, field)?;
        let place = self.source.columns.iter().position(|column| *column == position);
        let rule = "must be one of the columns of the source";
        place.ok_or_else(|| ServiceError::malformed(field, rule))
    }

    /// The position of a column in the table, also of one that the source leaves out.
    pub(super) fn position(
        &self,
        reference: Option<&v1::ColumnRef>,
        field: &str,
    ) -> Result<usize, ServiceError> {
        Ok(position(column(reference, &self.index, field)?)? as usize)
    }
}

/// The columns that a source has, in its order.
pub(super) fn chosen(source: &Source) -> impl Iterator<Item = &TableColumn> {
    source.columns.iter().filter_map(move |at| source.facts.columns.get(*at))
}

/// The name of the column at a place among those of a source.
pub(super) fn name_at(source: &Source, place: usize) -> &str {
    let column = source.columns.get(place).and_then(|at| source.facts.columns.get(*at));
    column.map_or("", |column| column.name.as_str())
}

/// The names of the columns of a new file, in normal form C.
pub(super) struct Names(BTreeSet<String>);

impl Names {
    /// Those that columns of a source have already; several of them may share one.
    pub(super) fn of<'a>(names: impl Iterator<Item = &'a str>) -> Self {
        Self(names.map(|name| values::normal(name).into_owned()).collect())
    }

    /// A new name, without white space around it.
    pub(super) fn add(&mut self, given: &str, field: &str) -> Result<String, ServiceError> {
        let name = given.trim();
        let is_plain = !name.chars().any(char::is_control);
        if !is_plain || !(1..=DERIVED_NAME_CHARACTERS).contains(&name.chars().count()) {
            let rule = format!(
                "must have 1 to {DERIVED_NAME_CHARACTERS} characters, none of them control"
            );
            return Err(ServiceError::malformed(field, rule));
        }
        if !self.0.insert(values::normal(name).into_owned()) {
            let rule = format!("must be another one: the new file has a column {name:?} already");
            return Err(ServiceError::malformed(field, rule));
        }
        Ok(name.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule_of(refused: ServiceError) -> String {
        match refused {
            ServiceError::Malformed { field, rule } => format!("{field} {rule}"),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_new_name_is_one_line_and_no_other_column_has_it() {
        let mut names = Names::of(["price", "caf\u{e9}", "price"].into_iter());
        assert_eq!(names.add(" total ", "f").expect("is new"), "total");
        assert_eq!(names.add("Price", "f").expect("letter case counts"), "Price");
        for taken in ["price", "total", "cafe\u{301}"] {
            let rule = rule_of(names.add(taken, "add.columns[0].name").expect_err("is taken"));
            assert!(rule.starts_with("add.columns[0].name must be another one"), "{rule}");
        }
        for bad in ["", " ", "a\nb", &"x".repeat(DERIVED_NAME_CHARACTERS + 1)] {
            assert!(rule_of(names.add(bad, "f").expect_err("is bad")).contains("1 to 200"));
        }
        assert!(names.add(&"\u{e9}".repeat(DERIVED_NAME_CHARACTERS), "f").is_ok());
    }
}
