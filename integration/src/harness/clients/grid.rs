//! A whole sheet as a client's view, `ReadCells`, `GetRevision` or SQL gives it, in one form to compare.
//!
//! Not a window. Invariant: equal grids have equal columns, rows and values, in the same order.

use client::Client;
use client::net::{Error, Sheet, When};
use gridloom::convert::{ConvertError, value_from_wire};
use gridloom::v1;
use ot_engine::{Revision, Value};
use tonic::Code;
use values::{Kind, Locale};

use crate::harness::wait::eventually;

/// Rows of one call.
const ROWS_PER_READ: u32 = 10_000;

/// A sheet: its columns' names, and its rows with a value for each column.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Grid {
    /// Names, from the left.
    pub columns: Vec<String>,
    /// Values, row by row.
    pub rows: Vec<Vec<Value>>,
}

impl Grid {
    /// The view of a live client, which must be loaded as a whole.
    ///
    /// # Panics
    /// When the client has ended, or a cell is not loaded.
    pub async fn seen_by(sheet: &Sheet) -> Self {
        let view = sheet.snapshot().await.expect("the live sheet is open");
        view.check_invariants();
        let size = view.size();
        let cell = |row, col| {
            view.get(row, col)
                .unwrap_or_else(|| panic!("{row}, {col} is not loaded"))
                .clone()
                .normalized()
        };
        Self {
            columns: view.columns().iter().map(|column| column.name.to_string()).collect(),
            rows: (0..size.rows)
                .map(|row| (0..size.cols).map(|col| cell(row, col)).collect())
                .collect(),
        }
    }

    /// The answer of `ReadCells`. A server that is unavailable for a moment, because its journal is, is called
    /// again.
    ///
    /// # Panics
    /// When the server refuses for another reason, or for long.
    pub async fn read(client: &Client, sheet_id: &str) -> Self {
        let mut grid = Self::default();
        loop {
            let start = u32::try_from(grid.rows.len()).expect("a sheet's rows fit");
            let page = eventually("the sheet can be read", async || {
                match client.read_cells(sheet_id, start..start + ROWS_PER_READ).await {
                    Err(Error::Refused(refusal)) if refusal.code == Code::Unavailable => None,
                    page => Some(page.expect("the sheet can be read")),
                }
            });
            let page = page.await;
            grid.columns = page.columns.into_iter().map(|column| column.name).collect();
            let width = grid.columns.len();
            let got = page.rows.len();
            for row in page.rows {
                let values = row.values.into_iter().map(read);
                let values: Result<Vec<Value>, _> = values.collect();
                let mut values = values.expect("the server sends valid values");
                values.resize(width, Value::Empty);
                grid.rows.push(values);
            }
            if got == 0 || grid.rows.len() >= page.row_count as usize {
                return grid;
            }
        }
    }

    /// The answer of `GetRevision`, for small sheets.
    ///
    /// # Panics
    /// When the server refuses, or there is more than one call may ask for.
    pub async fn at(client: &Client, sheet_id: &str, revision: Revision) -> Self {
        let grid = Self::try_at(client, sheet_id, revision).await;
        grid.unwrap_or_else(|error| panic!("revision {revision}: {error}"))
    }

    /// The same, where it may be refused.
    ///
    /// # Errors
    /// The server's refusal.
    ///
    /// # Panics
    /// When there is more than one call may ask for.
    pub async fn try_at(
        client: &Client,
        sheet_id: &str,
        revision: Revision,
    ) -> Result<Self, client::Error> {
        let when = When::Revision(revision);
        let page = client.read_revision(sheet_id, when, 0..ROWS_PER_READ).await?;
        assert_eq!(page.rows.len(), page.row_count as usize, "one call should give all");
        let columns: Vec<String> = page.columns.into_iter().map(|column| column.name).collect();
        let rows = page.rows.into_iter().map(|row| {
            let values = row.values.into_iter().map(read);
            let values: Result<Vec<Value>, _> = values.collect();
            let mut values = values.expect("the server sends valid values");
            values.resize(columns.len(), Value::Empty);
            values
        });
        Ok(Self { rows: rows.collect(), columns })
    }

    /// The tables in Postgres.
    ///
    /// # Panics
    /// When it can't be read.
    pub async fn in_sql(sql: &tokio_postgres::Client, sheet_id: &str) -> Self {
        let columns =
            "select id::text, name from columns where sheet = $1::text::uuid order by position";
        let columns = sql.query(columns, &[&sheet_id]).await.expect("can read the columns");
        let ids: Vec<String> = columns.iter().map(|column| column.get(0)).collect();
        // Each cell as its kind and its text, so that no JSON parser changes a number.
        let rows = "
            select coalesce(json_object_agg(key, json_build_array(
                jsonb_typeof(value),
                case jsonb_typeof(value)
                    when 'object' then (select key || ' ' || cell from jsonb_each_text(value) as it (key, cell))
                    else value #>> '{}'
                end)) filter (where key is not null), '{}')::text
            from sheet_rows left join lateral jsonb_each(cells) on true
            where sheet = $1::text::uuid group by position order by position";
        let rows = sql.query(rows, &[&sheet_id]).await.expect("can read the rows");
        let row = |row: &tokio_postgres::Row| {
            let cells: serde_json::Value =
                serde_json::from_str(row.get(0)).expect("Postgres gives JSON");
            ids.iter().map(|id| value(&cells[id])).collect()
        };
        Self {
            columns: columns.iter().map(|column| column.get(1)).collect(),
            rows: rows.iter().map(row).collect(),
        }
    }
}

/// A value as people see it.
fn read(value: v1::Value) -> Result<Value, ConvertError> {
    value_from_wire(value).map(Value::normalized)
}

fn value(cell: &serde_json::Value) -> Value {
    let text = cell[1].as_str().unwrap_or_default();
    match cell[0].as_str() {
        None | Some("null") => Value::Empty,
        Some("boolean") => Value::Bool(text == "true"),
        Some("number") => Value::Number(text.parse().expect("a number")),
        Some("string") => Value::Text(text.into()).normalized(),
        Some("object") => time(text),
        Some(kind) => panic!("a cell of kind {kind}"),
    }
}

/// A time, from its key in the tables and its text.
fn time(cell: &str) -> Value {
    let (key, text) = cell.split_once(' ').expect("a key and a text");
    let kind = match key {
        "datetime" => Kind::Instant,
        "date" => Kind::Date,
        "local" => Kind::DateTime,
        key => panic!("a time with the key {key}"),
    };
    let read = values::read(text, &kind.into(), &Locale::PLAIN);
    assert_eq!(read.misfit, None, "{cell}");
    read.value
}
