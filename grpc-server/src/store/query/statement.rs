//! The text of a search and its parameters.
//!
//! Nothing that a caller gave is ever part of the text. Values are compared within their kind: the
//! kind is a kind of `jsonb`, an object being a date and time.

use ot_engine::{ColumnId, Value};
use tokio_postgres::types::ToSql;

use super::offset;
use crate::model::{CellTest, Comparison, RowFilter, RowOrder, RowQuery, SheetId};
use crate::store::StoreError;
use crate::store::cells::write_value;
use crate::store::sql::{JsonText, check_text};

/// The rows of the sheet that have a body, with their place.
const BODIES: &str = "
    from (
        select start, start + length as stop, sum(length) over (order by key) - length as before
        from spans where sheet = $1
    ) as span
    join rows as body on body.sheet = $1 and body.id >= span.start and body.id < span.stop
    cross join lateral (select body.id as id) as line";

/// All rows of the sheet: a blank row has no body, and may pass a filter all the same.
const LINES: &str = "
    from (
        select start, start + length as stop, sum(length) over (order by key) - length as before
        from spans where sheet = $1
    ) as span
    cross join lateral generate_series(span.start, span.stop - 1) as line (id)
    left join rows as body on body.sheet = $1 and body.id = line.id";

type Parameter = Box<dyn ToSql + Sync + Send>;

/// A statement that is ready to be run.
pub(super) struct Statement {
    text: String,
    parameters: Vec<Parameter>,
}

impl Statement {
    /// The statement that gives a page of rows: id, position, cells.
    pub(super) fn page(sheet: SheetId, query: &RowQuery) -> Result<Self, StoreError> {
        let mut this = Self::new("select line.id, (span.before + line.id - span.start)::bigint, ");
        this.text.push_str("body.cells");
        this.search(sheet, &query.filter)?;
        this.text.push_str(" order by ");
        for order in &query.order {
            this.order(*order);
        }
        this.text.push_str("span.before, line.id");
        let (skip, limit) = (this.add(offset(query)?), this.add(i64::from(query.limit)));
        this.text.push_str(&format!(" offset {skip} limit {limit}"));
        Ok(this)
    }

    /// The statement that counts the rows.
    pub(super) fn count(sheet: SheetId, query: &RowQuery) -> Result<Self, StoreError> {
        let mut this = Self::new("select count(*)");
        this.search(sheet, &query.filter)?;
        Ok(this)
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    pub(super) fn parameters(&self) -> Vec<&(dyn ToSql + Sync)> {
        self.parameters.iter().map(|it| it.as_ref() as &(dyn ToSql + Sync)).collect()
    }

    fn new(text: &str) -> Self {
        Self { text: text.to_owned(), parameters: Vec::new() }
    }

    /// Adds a parameter and gives its name.
    fn add(&mut self, value: impl ToSql + Sync + Send + 'static) -> String {
        self.parameters.push(Box::new(value));
        format!("${}", self.parameters.len())
    }

    fn search(&mut self, sheet: SheetId, filter: &RowFilter) -> Result<(), StoreError> {
        self.add(sheet.0);
        self.text.push_str(if filter.passes_blank() { LINES } else { BODIES });
        let condition = self.filter(filter)?;
        self.text.push_str(" where ");
        self.text.push_str(&condition);
        Ok(())
    }

    /// A condition that is true or false, never unknown.
    fn filter(&mut self, filter: &RowFilter) -> Result<String, StoreError> {
        match filter {
            RowFilter::All(filters) => self.list(filters, "true", " and "),
            RowFilter::Any(filters) => self.list(filters, "false", " or "),
            RowFilter::Not(filter) => Ok(format!("not {}", self.filter(filter)?)),
            // Postgres refuses parameters that a statement does not use.
            RowFilter::Cell { test: CellTest::In(values), .. } if values.is_empty() => {
                Ok("false".to_owned())
            }
            RowFilter::Cell { column, test, ignore_case } => {
                let cell = self.cell(*column);
                let condition = self.test(&cell, test, *ignore_case)?;
                Ok(format!("({condition}) is true"))
            }
        }
        .map(|condition| format!("({condition})"))
    }

    fn list(
        &mut self,
        filters: &[RowFilter],
        none: &str,
        join: &str,
    ) -> Result<String, StoreError> {
        if filters.is_empty() {
            return Ok(none.to_owned());
        }
        let parts: Result<Vec<_>, _> = filters.iter().map(|it| self.filter(it)).collect();
        Ok(parts?.join(join))
    }

    /// The value of a cell: null where there is none.
    fn cell(&mut self, column: ColumnId) -> String {
        let key = self.add(column.0.to_string());
        format!("(body.cells -> {key}::text)")
    }

    fn test(
        &mut self,
        cell: &str,
        test: &CellTest,
        ignore_case: bool,
    ) -> Result<String, StoreError> {
        let text = |cell: &str| match ignore_case {
            true => format!("lower({cell} #>> '{{}}')"),
            false => format!("({cell} #>> '{{}}')"),
        };
        let folded = |name: &str| match ignore_case {
            true => format!("lower({name}::text)"),
            false => format!("{name}::text"),
        };
        let is_text = format!("jsonb_typeof({cell}) = 'string'");
        Ok(match test {
            CellTest::IsEmpty => format!("{cell} is null or jsonb_typeof({cell}) = 'null'"),
            CellTest::Contains(part) => {
                let part = folded(&self.text_parameter(part)?);
                format!("{is_text} and position({part} in {}) > 0", text(cell))
            }
            CellTest::StartsWith(start) => {
                let start = folded(&self.text_parameter(start)?);
                format!("{is_text} and starts_with({}, {start})", text(cell))
            }
            CellTest::In(values) => {
                let equal = values.iter().map(|value| match value {
                    Value::Text(wanted) if ignore_case => {
                        let wanted = folded(&self.text_parameter(wanted)?);
                        Ok(format!("{is_text} and {} = {wanted}", text(cell)))
                    }
                    other => Ok(format!("{cell} = {}", self.json(other)?)),
                });
                let equal: Result<Vec<String>, StoreError> = equal.collect();
                equal?.join(" or ")
            }
            CellTest::Compare(comparison, value) => {
                let operator = match comparison {
                    Comparison::Less => "<",
                    Comparison::LessOrEqual => "<=",
                    Comparison::Greater => ">",
                    Comparison::GreaterOrEqual => ">=",
                };
                match value {
                    Value::DateTime(micros) => {
                        let wanted = self.add(*micros);
                        format!("{} {operator} {wanted}::bigint", micros_of(cell))
                    }
                    Value::Text(wanted) => {
                        let wanted = folded(&self.text_parameter(wanted)?);
                        format!("{is_text} and {} {operator} {wanted}", text(cell))
                    }
                    Value::Number(_) => {
                        let wanted = self.json(value)?;
                        format!("jsonb_typeof({cell}) = 'number' and {cell} {operator} {wanted}")
                    }
                    Value::Bool(_) | Value::Empty => {
                        let wanted = self.json(value)?;
                        format!("jsonb_typeof({cell}) = 'boolean' and {cell} {operator} {wanted}")
                    }
                }
            }
        })
    }

    fn text_parameter(&mut self, text: &str) -> Result<String, StoreError> {
        check_text(text)?;
        Ok(self.add(text.to_owned()))
    }

    fn json(&mut self, value: &Value) -> Result<String, StoreError> {
        let mut json = Vec::new();
        write_value(value, &mut json)?;
        Ok(format!("{}::jsonb", self.add(JsonText(json))))
    }

    /// One level of sorting, with a comma behind it: by kind, then within it.
    fn order(&mut self, RowOrder { column, descending }: RowOrder) {
        let cell = self.cell(column);
        let way = if descending { "desc" } else { "asc" };
        self.text.push_str(&format!(
            "case jsonb_typeof({cell}) when 'number' then 1 when 'string' then 2 \
             when 'boolean' then 3 when 'object' then 4 end {way} nulls last, \
             case jsonb_typeof({cell}) when 'number' then {cell} when 'boolean' then {cell} \
             end {way} nulls last, \
             case jsonb_typeof({cell}) when 'string' then {cell} #>> '{{}}' end {way} nulls last, \
             {} {way} nulls last, ",
            micros_of(&cell)
        ));
    }
}

/// A date and time as microseconds since the epoch; null for any other value.
fn micros_of(cell: &str) -> String {
    format!(
        "case jsonb_typeof({cell}) when 'object' then coalesce(\
         (extract(epoch from ({cell} ->> 'datetime')::timestamptz) * 1000000)::bigint, \
         ({cell} ->> 'datetime_micros')::bigint) end"
    )
}
