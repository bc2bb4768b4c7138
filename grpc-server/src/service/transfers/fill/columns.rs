//! Which column of a sheet takes a column of the source: the one of its name.
//!
//! No I/O. Invariants: no two columns of the source have the same column of the sheet; of several columns of one name, the first
//! of the source has the first of the sheet.

use std::borrow::Cow;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use gridloom::v1::{self, column_ref};
use ot_engine::{ColumnEdit, ColumnId, ColumnKind};
use values::Settings;

use super::notes::quoted;
use crate::edge::errors::ServiceError;
use crate::service::sheets::columns::{ColumnIndex, Holder};
use crate::service::sheets::queries::filter::column;
use crate::service::tables::{columns_of, position};
use crate::service::transfers::source::Source;
use model::{ColumnRecord, NewColumn, TableColumn};

/// Bytes of the name of a column.
const NAME_BYTES: usize = 1024;

/// A column of the source, with a name that a sheet takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SourceColumn {
    pub(super) name: Arc<str>,
    pub(super) kind: ColumnKind,
}

impl SourceColumn {
    fn of(column: &TableColumn) -> Self {
        let name = column.name.replace('\0', " ");
        let end = name.floor_char_boundary(NAME_BYTES);
        Self { name: name.get(..end).unwrap_or_default().into(), kind: column.kind }
    }

    /// It as a column of a new sheet.
    pub(super) fn made(&self) -> NewColumn {
        NewColumn {
            name: Arc::clone(&self.name),
            kind: self.kind,
            width: None,
            settings: "".into(),
        }
    }

    /// Its attributes at a position of a sheet.
    pub(super) fn inserted(&self, col: u32) -> ColumnEdit {
        let (name, kind) = (Some(Arc::clone(&self.name)), Some(self.kind));
        ColumnEdit { col, name, kind, ..ColumnEdit::default() }
    }
}

/// The columns of a source, in their order.
pub(super) fn of_source(source: &Source) -> Vec<SourceColumn> {
    let column = |at: &usize| source.facts.columns.get(*at);
    source.columns.iter().filter_map(column).map(SourceColumn::of).collect()
}

/// The place of each column of the source in the sheet; `None`: the sheet has none of its name. `key` has the place of the key in
/// the source, and its column in the sheet, whatever that is called.
pub(super) fn places(
    source: &[SourceColumn],
    sheet: &[ColumnRecord],
    key: Option<(usize, ColumnId)>,
) -> Vec<Option<usize>> {
    let mut found = vec![None; source.len()];
    let mut is_used = vec![false; sheet.len()];
    if let Some((at, id)) = key
        && let Some(found) = found.get_mut(at)
        && let Some(place) = sheet.iter().position(|column| column.id == id)
    {
        *found = Some(place);
        is_used[place] = true;
    }
    for form in [as_encoded as fn(&str) -> Cow<'_, str>, values::normal] {
        let mut free: BTreeMap<Cow<'_, str>, VecDeque<usize>> = BTreeMap::new();
        for (place, column) in sheet.iter().enumerate().filter(|(place, _)| !is_used[*place]) {
            free.entry(form(&column.name)).or_default().push_back(place);
        }
        for (column, found) in source.iter().zip(&mut found).filter(|(_, found)| found.is_none()) {
            let same = free.get_mut(&*form(&column.name));
            *found = same.and_then(VecDeque::pop_front);
            if let Some(place) = *found {
                is_used[place] = true;
            }
        }
    }
    found
}

/// A sentence about the key, and about each other column, that has values of one kind in the source and of another one in the
/// sheet. What a column refuses is left out, and reported then.
pub(super) fn unlike(
    source: &[SourceColumn],
    sheet: &[ColumnRecord],
    places: &[Option<usize>],
    key: Option<(usize, ColumnId)>,
) -> Vec<String> {
    let columns = source.iter().zip(places).enumerate();
    let sentence = |(at, (column, place)): (usize, (&SourceColumn, &Option<usize>))| {
        let record = sheet.get((*place)?)?;
        let (here, there) = (values_of(column.kind)?, values_of(record.kind)?);
        if here == there {
            return None;
        }
        let name = quoted(&column.name);
        match key {
            Some((key, _)) if key == at => Some(format!(
                "The key {name} has {here} in the source and {there} in the sheet, which are never equal; read the file with \
                 another kind, or convert the column of the sheet."
            )),
            _ if Settings::text_refuses(&record.settings) => None,
            _ => Some(format!(
                "Column {name} has {here} in the source and {there} in the sheet: they stay {here}."
            )),
        }
    };
    columns.filter_map(sentence).collect()
}

/// What a column of this kind holds; `None`: anything.
const fn values_of(kind: ColumnKind) -> Option<&'static str> {
    match kind {
        ColumnKind::Any => None,
        ColumnKind::Bool => Some("truth values"),
        ColumnKind::Number => Some("numbers"),
        ColumnKind::Date => Some("days"),
        ColumnKind::LocalDateTime => Some("times without a zone"),
        ColumnKind::Instant => Some("instants"),
        ColumnKind::Text
        | ColumnKind::Choice
        | ColumnKind::Choices
        | ColumnKind::Link
        | ColumnKind::Email => Some("texts"),
    }
}

fn as_encoded(name: &str) -> Cow<'_, str> {
    Cow::Borrowed(name)
}

/// The place among the columns of the source that a reference to the table means.
pub(super) fn key_of_source(
    source: &Source,
    reference: Option<&v1::ColumnRef>,
) -> Result<usize, ServiceError> {
    let records = columns_of(&source.facts);
    let index = ColumnIndex::of(Holder::Table, &records);
    let position = position(column(reference, &index, "merge.key")?)? as usize;
    let at = source.columns.iter().position(|column| *column == position);
    let rule = "must be one of the columns of the source";
    at.ok_or_else(|| ServiceError::malformed("merge.key", rule))
}

/// The column of a sheet that a reference means; without one, that of the name of the key.
pub(super) fn key_of_sheet(
    columns: &[ColumnRecord],
    reference: Option<&v1::ColumnRef>,
    key: &SourceColumn,
) -> Result<ColumnId, ServiceError> {
    let by_name = column_ref::Column::Name(key.name.to_string());
    let by_name = v1::ColumnRef { column: Some(by_name) };
    let index = ColumnIndex::new(columns);
    // A reference without a column would be the first one of the sheet.
    if reference.is_some_and(|reference| reference.column.is_none()) {
        return Err(ServiceError::malformed("merge.sheet_key", "must name a column, or be absent"));
    }
    Ok(column(Some(reference.unwrap_or(&by_name)), &index, "merge.sheet_key")?.id)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(names: &[&str]) -> Vec<SourceColumn> {
        let column =
            |name: &&str| SourceColumn { name: (*name).into(), kind: ColumnKind::default() };
        names.iter().map(column).collect()
    }

    fn sheet(names: &[&str]) -> Vec<ColumnRecord> {
        let column = |(id, name): (u64, &&str)| ColumnRecord {
            id: ColumnId(id),
            name: (*name).into(),
            kind: ColumnKind::Any,
            width: None,
            settings: "".into(),
        };
        (1..).zip(names).map(column).collect()
    }

    #[test]
    fn columns_are_found_as_they_are_encoded_and_else_in_normal_form() {
        let (e, composed) = ("cafe\u{301}", "caf\u{e9}");
        let found = places(&source(&[composed, e, "x"]), &sheet(&[e, composed, "X"]), None);
        assert_eq!(found, [Some(1), Some(0), None]);
        assert_eq!(places(&source(&[composed, "y"]), &sheet(&["y", e]), None), [Some(1), Some(0)]);
    }

    #[test]
    fn equal_and_empty_names_are_found_in_their_order() {
        let found = places(&source(&["", "a", "", "a", ""]), &sheet(&["a", "", "", "a"]), None);
        assert_eq!(found, [Some(1), Some(0), Some(2), Some(3), None]);
    }

    #[test]
    fn the_key_has_its_column_whatever_that_is_called() {
        let found = places(&source(&["a", "b"]), &sheet(&["b", "a"]), Some((1, ColumnId(2))));
        assert_eq!(found, [None, Some(1)]);
    }

    #[test]
    fn values_of_another_kind_than_the_column_has_are_reported() {
        use ColumnKind::{Any, Choice, Date, Number, Text};
        let column = |(name, kind): (&str, ColumnKind)| SourceColumn { name: name.into(), kind };
        let source = [("Id", Text), ("n", Text), ("c", Text), ("x", Any)].map(column);
        let record = |(id, kind, settings): (u64, ColumnKind, &str)| ColumnRecord {
            id: ColumnId(id),
            name: "a".into(),
            kind,
            width: None,
            settings: settings.into(),
        };
        let sheet = [(1, Number, "refuse"), (2, Date, ""), (3, Choice, ""), (4, Number, "")];
        let (sheet, places) = (sheet.map(record), [0, 1, 2, 3].map(Some));
        let notes = unlike(&source, &sheet, &places, Some((0, ColumnId(1))));
        assert_eq!(notes.len(), 2, "{notes:?}");
        assert!(notes[0].starts_with("The key \"Id\" has texts in the source and numbers in the"));
        let stay = "Column \"n\" has texts in the source and days in the sheet: they stay texts.";
        assert_eq!(notes[1], stay);
        assert_eq!(unlike(&source, &sheet, &places, None), [stay]);
        assert!(unlike(&source, &sheet, &[None; 4], None).is_empty());
    }

    #[test]
    fn a_reference_means_one_column() {
        let columns = sheet(&["a", "b", "b"]);
        let of =
            |column| key_of_sheet(&columns, Some(&v1::ColumnRef { column }), &source(&["a"])[0]);
        let name = |name: &str| Some(column_ref::Column::Name(name.to_owned()));
        assert!(matches!(of(name("a")), Ok(ColumnId(1))));
        assert!(matches!(of(None), Err(ServiceError::Malformed { .. })));
        assert!(matches!(of(name("b")), Err(ServiceError::Malformed { .. })));
        assert!(matches!(of(name("c")), Err(ServiceError::OutOfRange { .. })));
        assert!(matches!(of(Some(column_ref::Column::Id("3".into()))), Ok(ColumnId(3))));
        assert!(matches!(
            of(Some(column_ref::Column::At(3))),
            Err(ServiceError::OutOfRange { .. })
        ));
        assert!(matches!(key_of_sheet(&columns, None, &source(&["a"])[0]), Ok(ColumnId(1))));
    }
}
