//! The text of a search and its parameters.
//!
//! Not its execution: see `query`. Invariant: no value of a caller is part of the text. Values are compared within
//! their kind: the kind is a kind of `jsonb`, an object being a date and time.

use ot_engine::{ColumnId, Value};
use tokio_postgres::types::ToSql;

use crate::StoreError;
use crate::rows::cells::write_value;
use crate::sql::{JsonText, check_text, to_bigint};
use model::{CellTest, Comparison, RowFilter, RowOrder, RowQuery, SheetRecord};

/// Where rows come from, and how they are called there.
struct Source {
    from: &'static str,
    id: &'static str,
    /// Their place in the sheet.
    position: &'static str,
}

/// The rows of an undisturbed sheet that have a body: ids from `$2` to below `$3`. Apart from the
/// next, because only a plain scan runs in parallel.
const ONE_SPAN: Source = Source {
    from: "from rows as body where body.sheet = $1 and body.id >= $2 and body.id < $3",
    id: "body.id",
    position: "body.id - $2::bigint",
};

/// The rows of any sheet that have a body.
const BODIES: Source = Source {
    from: "
        from (
            select start, start + length as stop, sum(length) over (order by key) - length as before
            from spans where sheet = $1
        ) as span
        join rows as body on body.sheet = $1 and body.id >= span.start and body.id < span.stop
        where true",
    id: "body.id",
    position: "span.before + body.id - span.start",
};

/// All rows: a blank row has no body, and may pass a filter all the same.
const LINES: Source = Source {
    from: "
        from (
            select start, start + length as stop, sum(length) over (order by key) - length as before
            from spans where sheet = $1
        ) as span
        cross join lateral generate_series(span.start, span.stop - 1) as line (id)
        left join rows as body on body.sheet = $1 and body.id = line.id
        where true",
    id: "line.id",
    position: "span.before + line.id - span.start",
};

type Parameter = Box<dyn ToSql + Sync + Send>;

/// A statement that is ready to be run.
pub(super) struct Statement {
    text: String,
    parameters: Vec<Parameter>,
}

impl Statement {
    /// The statement that gives a page of rows: id, position, cells.
    pub(super) fn page(sheet: &SheetRecord, query: &RowQuery) -> Result<Self, StoreError> {
        let (mut this, source) = Self::begin(sheet, &query.filter)?;
        let Source { from, id, position } = source;
        let condition = this.filter(&query.filter)?;
        let mut order = String::new();
        for level in &query.order {
            order.push_str(&this.order(*level));
        }
        let (skip, limit) = (this.add(offset(query)?), this.add(i64::from(query.limit)));
        let page = format!(
            "select {id} as id, ({position})::bigint as position, body.cells {from} and {condition} \
             order by {order} {position} offset {skip} limit {limit}"
        );
        this.text = match &query.columns {
            None => page,
            // Around the page, so that only its rows are unpacked.
            Some(columns) => {
                let keys: Vec<String> = columns.iter().map(|column| column.0.to_string()).collect();
                let keys = this.add(keys);
                format!(
                    "select page.id, page.position, (
                        select jsonb_object_agg(cell.key, cell.value)
                        from jsonb_each(page.cells) as cell where cell.key = any({keys}::text[])
                    ) from ({page}) as page"
                )
            }
        };
        Ok(this)
    }

    /// The statement that counts the rows.
    pub(super) fn count(sheet: &SheetRecord, query: &RowQuery) -> Result<Self, StoreError> {
        let (mut this, Source { from, .. }) = Self::begin(sheet, &query.filter)?;
        let condition = this.filter(&query.filter)?;
        this.text = format!("select count(*) {from} and {condition}");
        Ok(this)
    }

    /// The parameters that define which rows exist.
    fn begin(sheet: &SheetRecord, filter: &RowFilter) -> Result<(Self, Source), StoreError> {
        let mut this = Self { text: String::new(), parameters: Vec::new() };
        this.add(sheet.id.0);
        let source = match &sheet.spans[..] {
            _ if filter.passes_blank() => LINES,
            [span] => {
                let start = to_bigint(span.start.0)?;
                this.add(start);
                this.add(start + i64::from(span.length));
                ONE_SPAN
            }
            _ => BODIES,
        };
        Ok((this, source))
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    pub(super) fn parameters(&self) -> Vec<&(dyn ToSql + Sync)> {
        self.parameters.iter().map(|it| it.as_ref() as &(dyn ToSql + Sync)).collect()
    }

    /// Adds a parameter and gives its name.
    fn add(&mut self, value: impl ToSql + Sync + Send + 'static) -> String {
        self.parameters.push(Box::new(value));
        format!("${}", self.parameters.len())
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
            CellTest::In(values) => self.one_of(cell, values, ignore_case)?,
            CellTest::Compare(comparison, value) => {
                let operator = operator(*comparison);
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
                        // The comparison first: it is the cheaper one and rules most rows out.
                        let wanted = self.json(value)?;
                        format!("{cell} {operator} {wanted} and jsonb_typeof({cell}) = 'number'")
                    }
                    Value::Bool(_) | Value::Empty => {
                        let wanted = self.json(value)?;
                        format!("{cell} {operator} {wanted} and jsonb_typeof({cell}) = 'boolean'")
                    }
                }
            }
        })
    }

    /// The cell has one of the values. All of them are one parameter, so that the text does not grow with them.
    fn one_of(
        &mut self,
        cell: &str,
        values: &[Value],
        ignore_case: bool,
    ) -> Result<String, StoreError> {
        let (mut texts, mut others) = (Vec::new(), Vec::new());
        for value in values {
            match value {
                Value::Text(wanted) if ignore_case => {
                    check_text(wanted)?;
                    texts.push(wanted.to_string());
                }
                other => others.push(json(other)?),
            }
        }
        let mut equal = Vec::new();
        if !texts.is_empty() {
            let wanted = self.add(texts);
            equal.push(format!(
                "jsonb_typeof({cell}) = 'string' and lower({cell} #>> '{{}}') in \
                 (select lower(wanted) from unnest({wanted}::text[]) as wanted)"
            ));
        }
        if !others.is_empty() {
            equal.push(format!("{cell} = any({}::jsonb[])", self.add(others)));
        }
        Ok(equal.join(" or "))
    }

    fn text_parameter(&mut self, text: &str) -> Result<String, StoreError> {
        check_text(text)?;
        Ok(self.add(text.to_owned()))
    }

    fn json(&mut self, value: &Value) -> Result<String, StoreError> {
        let value = json(value)?;
        Ok(format!("{}::jsonb", self.add(value)))
    }

    /// One level of sorting, with a comma behind it. `jsonb` sorts texts before numbers before false
    /// and true before lists (other than an empty one); times, which are objects, stand in the place
    /// of a list and are sorted by themselves.
    fn order(&mut self, RowOrder { column, descending }: RowOrder) -> String {
        let cell = self.cell(column);
        let way = if descending { "desc" } else { "asc" };
        format!(
            "case jsonb_typeof({cell}) when 'object' then '[0]'::jsonb when 'null' then null \
             else {cell} end {way} nulls last, {} {way} nulls last, ",
            micros_of(&cell)
        )
    }
}

fn json(value: &Value) -> Result<JsonText, StoreError> {
    let mut json = Vec::new();
    write_value(value, &mut json)?;
    Ok(JsonText(json))
}

fn operator(comparison: Comparison) -> &'static str {
    match comparison {
        Comparison::Less => "<",
        Comparison::LessOrEqual => "<=",
        Comparison::Greater => ">",
        Comparison::GreaterOrEqual => ">=",
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

/// Checks that an offset is one that Postgres can count.
fn offset(query: &RowQuery) -> Result<i64, StoreError> {
    to_bigint(query.offset)
}
