//! The text of a search and its parameters.
//!
//! Not its execution: see `query`. Where its rows come from is in `source`, their order in `order`. Invariant: no value of
//! a caller is part of the text. Values are compared within their kind; days, times without a zone and instants are one,
//! and a day is all of its times. No stored cell can make a statement fail.

use std::ops::Range;

use ot_engine::Value;
use tokio_postgres::types::ToSql;

use super::cell::{micros_of, text_of_time};
use super::order::{PageStart, after, levels, sorted};
use super::parameters::Parameters;
use super::source::Source;
use crate::StoreError;
use crate::rows::cells::write_value;
use crate::rows::keys;
use crate::sql::{JsonText, check_text};
use model::{CellTest, Comparison, RowFilter, RowQuery, SheetRecord};

const DAY_MICROS: i64 = 86_400_000_000;

/// A statement that is ready to be run.
#[derive(Default)]
pub(super) struct Statement {
    text: String,
    parameters: Parameters,
}

impl Statement {
    /// The statement that gives the next rows of a sorted search: id, position, cells.
    pub(super) fn sorted(
        sheet: &SheetRecord,
        query: &RowQuery,
        start: Option<PageStart>,
    ) -> Result<Self, StoreError> {
        let mut this = Self::default();
        let source = Source::all(&mut this.parameters, sheet, query.filter.passes_blank())?;
        let source =
            Source { from: source.from + &levels(&mut this.parameters, &query.order), ..source };
        let after = match start {
            Some(start) => after(&mut this.parameters, &query.order, start, source.position),
            None => "true".to_owned(),
        };
        let order = sorted(&query.order, source.position);
        this.page(&source, query, (&after, &order), query.limit)?;
        Ok(this)
    }

    /// The statement that gives rows of these positions, `most` at most, in the order of the sheet.
    pub(super) fn among(
        sheet: &SheetRecord,
        query: &RowQuery,
        positions: Range<u32>,
        most: u32,
    ) -> Result<Self, StoreError> {
        let mut this = Self::default();
        let passes_blank = query.filter.passes_blank();
        let source = Source::among(&mut this.parameters, sheet, positions, passes_blank)?;
        this.page(&source, query, ("true", source.order), most)?;
        Ok(this)
    }

    fn page(
        &mut self,
        source: &Source,
        query: &RowQuery,
        (after, order): (&str, &str),
        most: u32,
    ) -> Result<(), StoreError> {
        let Source { from, condition: rows, id, position, .. } = source;
        let condition = self.filter(&query.filter)?;
        let most = self.add(i64::from(most));
        let page = format!(
            "select {id} as id, ({position})::bigint as position, body.cells {from} \
             where {rows} and {condition} and {after} order by {order} limit {most}"
        );
        self.text = match &query.columns {
            None => page,
            // Around the page, so that only its rows are unpacked.
            Some(columns) => {
                let keys = self.add(keys(columns));
                format!(
                    "select page.id, page.position, (
                        select jsonb_object_agg(cell.key, cell.value)
                        from jsonb_each(page.cells) as cell where cell.key = any({keys}::text[])
                    ) from ({page}) as page"
                )
            }
        };
        Ok(())
    }

    /// The statement that counts the rows.
    pub(super) fn count(sheet: &SheetRecord, query: &RowQuery) -> Result<Self, StoreError> {
        let mut this = Self::default();
        let Source { from, condition: rows, .. } =
            Source::all(&mut this.parameters, sheet, query.filter.passes_blank())?;
        let condition = this.filter(&query.filter)?;
        this.text = format!("select count(*) {from} where {rows} and {condition}");
        Ok(this)
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    pub(super) fn parameters(&self) -> Vec<&(dyn ToSql + Sync)> {
        self.parameters.list()
    }

    fn add(&mut self, value: impl ToSql + Sync + Send + 'static) -> String {
        self.parameters.add(value)
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
                let cell = self.parameters.cell(*column);
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

    fn test(
        &mut self,
        cell: &str,
        test: &CellTest,
        ignore_case: bool,
    ) -> Result<String, StoreError> {
        Ok(match test {
            // Text without characters is none: an edit inside a text may leave it.
            CellTest::IsEmpty => {
                format!("{cell} is null or jsonb_typeof({cell}) = 'null' or {cell} = '\"\"'::jsonb")
            }
            CellTest::Contains(part) => {
                let part = folded(&self.text_parameter(part)?, ignore_case);
                of_text(cell, |text| {
                    format!("position({part} in {}) > 0", folded(text, ignore_case))
                })
            }
            CellTest::StartsWith(start) => {
                let start = folded(&self.text_parameter(start)?, ignore_case);
                of_text(cell, |text| format!("starts_with({}, {start})", folded(text, ignore_case)))
            }
            CellTest::In(values) => self.one_of(cell, values, ignore_case)?,
            CellTest::Compare(comparison, value) => {
                self.compared(cell, *comparison, value, ignore_case)?
            }
        })
    }

    fn compared(
        &mut self,
        cell: &str,
        comparison: Comparison,
        value: &Value,
        ignore_case: bool,
    ) -> Result<String, StoreError> {
        let sign = operator(comparison);
        Ok(match value {
            Value::Instant(micros) | Value::LocalDateTime(micros) => {
                let wanted = self.add(*micros);
                format!("{} {sign} {wanted}::bigint", micros_of(cell))
            }
            Value::Date(days) => {
                // A time of this day is neither before nor after it.
                let (sign, days) = match comparison {
                    Comparison::Less | Comparison::GreaterOrEqual => (sign, i64::from(*days)),
                    Comparison::LessOrEqual => ("<", i64::from(*days) + 1),
                    Comparison::Greater => (">=", i64::from(*days) + 1),
                };
                let wanted = self.add(beginning(days));
                format!("{} {sign} {wanted}::bigint", micros_of(cell))
            }
            Value::Text(wanted) => {
                let wanted = folded(&self.text_parameter(wanted)?, ignore_case);
                of_text(cell, |text| {
                    format!("{} collate texts {sign} {wanted}", folded(text, ignore_case))
                })
            }
            Value::Number(_) => {
                // The comparison first: it is the cheaper one and rules most rows out.
                let wanted = self.json(value)?;
                format!("{cell} {sign} {wanted} and jsonb_typeof({cell}) = 'number'")
            }
            Value::Bool(_) | Value::Empty => {
                let wanted = self.json(value)?;
                format!("{cell} {sign} {wanted} and jsonb_typeof({cell}) = 'boolean'")
            }
        })
    }

    /// The cell has one of the values. All of them are four parameters at most, so that the text does not grow with them.
    fn one_of(
        &mut self,
        cell: &str,
        values: &[Value],
        ignore_case: bool,
    ) -> Result<String, StoreError> {
        let (mut texts, mut times, mut days, mut others) = (vec![], vec![], vec![], vec![]);
        for value in values {
            match value {
                Value::Text(wanted) => {
                    check_text(wanted)?;
                    texts.push(wanted.to_string());
                }
                Value::Instant(micros) | Value::LocalDateTime(micros) => times.push(*micros),
                Value::Date(day) => days.push(beginning(i64::from(*day))),
                other => others.push(json(other)?),
            }
        }
        let mut equal = Vec::new();
        if !texts.is_empty() {
            let wanted = self.add(texts);
            let all = folded("wanted", ignore_case);
            equal.push(of_text(cell, |text| {
                let text = folded(text, ignore_case);
                format!("{text} in (select {all} from unnest({wanted}::text[]) as wanted)")
            }));
        }
        if !times.is_empty() {
            equal.push(format!("{} = any({}::bigint[])", micros_of(cell), self.add(times)));
        }
        if !days.is_empty() {
            let (wanted, micros) = (self.add(days), micros_of(cell));
            equal.push(format!(
                "{micros} - mod(mod({micros}, {DAY_MICROS}) + {DAY_MICROS}, {DAY_MICROS}) = any({wanted}::bigint[])"
            ));
        }
        if !others.is_empty() {
            equal.push(format!("{cell} = any({}::jsonb[])", self.add(others)));
        }
        Ok(equal.join(" or "))
    }

    fn text_parameter(&mut self, text: &str) -> Result<String, StoreError> {
        check_text(text)?;
        Ok(format!("{}::text", self.add(text.to_owned())))
    }

    fn json(&mut self, value: &Value) -> Result<String, StoreError> {
        let value = json(value)?;
        Ok(format!("{}::jsonb", self.add(value)))
    }
}

/// The beginning of a day; that of a day beyond all times is beyond them, too.
fn beginning(days: i64) -> i64 {
    days.saturating_mul(DAY_MICROS)
}

/// A condition on the text of a cell. It is apart for times, so that Postgres can put `folded_text` in place for texts.
fn of_text(cell: &str, test: impl Fn(&str) -> String) -> String {
    let (micros, of_time) = (micros_of(cell), test(&text_of_time(cell)));
    let of_string = test(&format!("({cell} #>> '{{}}')"));
    format!(
        "case jsonb_typeof({cell}) when 'string' then {cell} <> '\"\"'::jsonb and {of_string} \
         when 'object' then {micros} is null and {of_time} end"
    )
}

/// A text as it is compared: without its letter case if that is ignored, and with one encoding of accented letters.
fn folded(text: &str, ignore_case: bool) -> String {
    match ignore_case {
        true => format!("folded_text({text})"),
        false => format!("normal_text({text})"),
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
