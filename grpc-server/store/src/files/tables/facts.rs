//! What a reading has found, as the JSON of its column.
//!
//! Invariant: a kind has the name that the tables of sheets have for it.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::StoreError;
use crate::sql::{kind_from_sql, kind_to_sql};
use model::{TableColumn, TableFacts};

#[derive(Serialize, Deserialize)]
struct Facts {
    columns: Vec<Column>,
    doubts: Vec<String>,
    repaired_rows: u64,
    delimiter: String,
    encoding: String,
}

#[derive(Serialize, Deserialize)]
struct Column {
    name: String,
    kind: String,
    file_type: String,
    misfits: u64,
}

/// The JSON. Postgres holds every character but NUL, in whose place U+FFFD stands.
pub(super) fn facts_to_sql(facts: &TableFacts) -> Result<Value, StoreError> {
    let column = |column: &TableColumn| Column {
        name: storable(&column.name),
        kind: kind_to_sql(column.kind).to_owned(),
        file_type: storable(&column.file_type),
        misfits: column.misfits,
    };
    let facts = Facts {
        columns: facts.columns.iter().map(column).collect(),
        doubts: facts.doubts.iter().map(|doubt| storable(doubt)).collect(),
        repaired_rows: facts.repaired_rows,
        delimiter: storable(&facts.delimiter),
        encoding: storable(&facts.encoding),
    };
    serde_json::to_value(facts).map_err(|error| StoreError::Invalid(error.to_string()))
}

pub(super) fn facts_from_sql(facts: Value) -> Result<TableFacts, StoreError> {
    let corrupt = |error| StoreError::Corrupt(format!("facts of a table: {error}"));
    let facts: Facts = serde_json::from_value(facts).map_err(corrupt)?;
    let column = |column: Column| {
        Ok(TableColumn {
            kind: kind_from_sql(&column.kind)?,
            name: column.name,
            file_type: column.file_type,
            misfits: column.misfits,
        })
    };
    Ok(TableFacts {
        columns: facts.columns.into_iter().map(column).collect::<Result<_, StoreError>>()?,
        doubts: facts.doubts,
        repaired_rows: facts.repaired_rows,
        delimiter: facts.delimiter,
        encoding: facts.encoding,
    })
}

/// A text without NUL characters.
pub(super) fn storable(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

#[cfg(test)]
mod tests {
    use ot_engine::ColumnKind;

    use super::*;

    #[test]
    fn facts_come_back_as_they_were_but_for_nul_characters() {
        let column = |name: &str, kind| TableColumn {
            name: name.to_owned(),
            kind,
            file_type: "decimal(38, 9)".to_owned(),
            misfits: u64::MAX,
        };
        let facts = TableFacts {
            columns: vec![column("Größe", ColumnKind::Number), column("", ColumnKind::Instant)],
            doubts: vec!["A doubt.".to_owned()],
            repaired_rows: 3,
            delimiter: ";".to_owned(),
            encoding: "UTF-16LE".to_owned(),
        };
        let stored = facts_to_sql(&facts).expect("has a form");
        assert_eq!(facts_from_sql(stored).expect("is read"), facts);
        let odd = TableFacts { columns: vec![column("a\0b", ColumnKind::Any)], ..facts };
        let read = facts_from_sql(facts_to_sql(&odd).expect("has a form")).expect("is read");
        assert_eq!(read.columns[0].name, "a\u{fffd}b");
    }
}
