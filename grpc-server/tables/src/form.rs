//! How a table describes itself: the names and kinds of its columns as JSON in the metadata of its Parquet file.
//!
//! Not the schema of the Parquet file, which has names of its own. Invariant: a form of another version is refused, never
//! guessed.

use std::sync::Arc;

use ot_engine::ColumnKind;
use serde::{Deserialize, Serialize};

use crate::{ReadError, TableColumn};

/// The key of the description in the metadata.
pub(crate) const KEY: &str = "gridloom.table";
/// The name of the Parquet column of positions, which a view has.
pub(crate) const POSITIONS: &str = "p";
/// The version of the form.
const VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
struct Form {
    form: u32,
    columns: Vec<Column>,
}

#[derive(Serialize, Deserialize)]
struct Column {
    name: String,
    kind: String,
    data: String,
    texts: bool,
    /// Absent: not known.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    whole: bool,
}

const KINDS: [(ColumnKind, &str); 11] = [
    (ColumnKind::Any, "any"),
    (ColumnKind::Bool, "bool"),
    (ColumnKind::Number, "number"),
    (ColumnKind::Text, "text"),
    (ColumnKind::Instant, "instant"),
    (ColumnKind::Date, "date"),
    (ColumnKind::LocalDateTime, "date_time"),
    (ColumnKind::Choice, "choice"),
    (ColumnKind::Choices, "choices"),
    (ColumnKind::Link, "link"),
    (ColumnKind::Email, "email"),
];

/// The description of columns.
pub(crate) fn describe(columns: &[TableColumn]) -> String {
    let column = |column: &TableColumn| Column {
        name: column.name.as_ref().to_owned(),
        kind: kind_name(column.kind).to_owned(),
        data: column.data.clone(),
        texts: column.has_texts,
        whole: column.is_whole,
    };
    let form = Form { form: VERSION, columns: columns.iter().map(column).collect() };
    // Strings and numbers alone: JSON holds each of them.
    serde_json::to_string(&form).unwrap_or_default()
}

/// The columns of a description.
pub(crate) fn columns(description: &str) -> Result<Vec<TableColumn>, ReadError> {
    let damaged = |problem: String| ReadError::damaged("Parquet", problem);
    let form: Form = serde_json::from_str(description)
        .map_err(|error| damaged(format!("{KEY} in its metadata: {error}")))?;
    if form.form != VERSION {
        return Err(damaged(format!("{KEY} has the form {}, not {VERSION}", form.form)));
    }
    let column = |Column { name, kind, data, texts, whole }: Column| {
        let kind = KINDS.iter().find(|(_, known)| *known == kind).map(|(kind, _)| *kind);
        let kind = kind.ok_or_else(|| damaged(format!("{KEY} has an unknown kind")))?;
        let (has_texts, is_whole) = (texts, whole);
        Ok(TableColumn { name: Arc::from(name), kind, data, has_texts, is_whole })
    };
    form.columns.into_iter().map(column).collect()
}

fn kind_name(kind: ColumnKind) -> &'static str {
    KINDS.iter().find(|(known, _)| *known == kind).map_or("any", |(_, name)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_description_comes_back() {
        let mut all = KINDS.map(|(kind, name)| TableColumn::of(Arc::from(name), kind));
        all[2].is_whole = true;
        assert_eq!(columns(&describe(&all)).expect("a form"), all);
        let earlier = "{\"form\":1,\"columns\":[{\"name\":\"a\",\"kind\":\"any\",\"data\":\"\",\"texts\":true}]}";
        assert!(!columns(earlier).expect("a form")[0].is_whole);
        assert!(columns("{\"form\":2,\"columns\":[]}").is_err());
        assert!(columns("{").is_err());
    }
}
