//! The order of a search, and the rows behind the end of a page.
//!
//! A row's place is its sort keys, then its position. Not where a page ends: see `resume`. Invariant: the keys of the end
//! and of all other rows are one expression, [`keys_of`]; the order is total. The text of an order is linear in its levels.

use tokio_postgres::Row;

use super::cell::{micros_of, text_of};
use super::parameters::Parameters;
use crate::StoreError;
use crate::sql::{JsonSlice, JsonText};
use model::RowOrder;

/// The end of the page before, as it is now.
#[derive(Debug)]
pub(super) struct PageStart {
    /// The keys of its row when that page was read, for each level.
    pub(super) keys: Vec<EndKeys>,
    /// Its place among rows with equal keys: the rows from this position on are behind it.
    pub(super) position: u32,
}

/// The keys of a row in one level; see [`keys_of`].
#[derive(Debug)]
pub(super) struct EndKeys {
    rank: Option<i32>,
    plain: Option<Vec<u8>>,
    micros: Option<i64>,
    text: Option<String>,
}

impl EndKeys {
    /// Reads the columns of [`keys_of`] from `first` on.
    pub(super) fn read(row: &Row, first: usize) -> Result<Self, StoreError> {
        let plain: Option<JsonSlice<'_>> = row.try_get(first + 1)?;
        Ok(Self {
            rank: row.try_get(first)?,
            plain: plain.map(|plain| plain.0.to_vec()),
            micros: row.try_get(first + 2)?,
            text: row.try_get(first + 3)?,
        })
    }

    /// Each key as a parameter; `None` for null.
    fn parameters(self, parameters: &mut Parameters) -> [Option<String>; 4] {
        [
            self.rank.map(|rank| format!("{}::int", parameters.add(rank))),
            self.plain.map(|plain| format!("{}::jsonb", parameters.add(JsonText(plain)))),
            self.micros.map(|micros| format!("{}::bigint", parameters.add(micros))),
            self.text.map(|text| format!("{}::text", parameters.add(text))),
        ]
    }
}

/// The names of the keys in [`keys_of`], the most important first.
const KEYS: [&str; 4] = ["rank", "plain", "micros", "text"];

/// A table of one row, what sorts a cell: numbers, then times, texts, false and true; nulls are last in both directions,
/// and so is what is empty. Within one rank, one of the other keys is a value and the others are null.
pub(super) fn keys_of(cell: &str) -> String {
    let (micros, text) = (micros_of("cell"), text_of("cell", "micros"));
    format!(
        "(select
            case jsonb_typeof(cell) when 'number' then 1
                when 'object' then case when micros is null then 3 else 2 end
                when 'string' then case when cell = '\"\"'::jsonb then null else 3 end
                when 'boolean' then 4 end as rank,
            case when jsonb_typeof(cell) in ('number', 'boolean') then cell end as plain,
            micros,
            {text} collate texts as text
        from (select cell, {micros} as micros from (select {cell} as cell) as it) as it)"
    )
}

/// The levels of an order as tables beside `body`.
pub(super) fn levels(parameters: &mut Parameters, order: &[RowOrder]) -> String {
    let level = |(at, RowOrder { column, .. }): (usize, &RowOrder)| {
        let keys = keys_of(&parameters.cell(*column));
        format!(" cross join lateral {keys} as level{at}")
    };
    order.iter().enumerate().map(level).collect()
}

/// What sorts rows beside which the [`levels`] are.
pub(super) fn sorted(order: &[RowOrder], position: &str) -> String {
    let level = |(at, RowOrder { descending, .. }): (usize, &RowOrder)| {
        let way = if *descending { "desc" } else { "asc" };
        KEYS.map(|key| format!("level{at}.{key} {way} nulls last, ")).concat()
    };
    order.iter().enumerate().map(level).chain([position.to_owned()]).collect()
}

/// The condition of a row, beside which the [`levels`] are, that it is behind the end of the page before.
pub(super) fn after(
    parameters: &mut Parameters,
    order: &[RowOrder],
    start: PageStart,
    position: &str,
) -> String {
    let first = parameters.add(i64::from(start.position));
    let mut behind = format!("{position} >= {first}::bigint");
    for ((at, RowOrder { descending, .. }), end) in order.iter().enumerate().zip(start.keys).rev() {
        let sign = if *descending { "<" } else { ">" };
        for (key, end) in KEYS.iter().zip(end.parameters(parameters)).rev() {
            let key = format!("level{at}.{key}");
            behind = match end {
                Some(end) => {
                    format!("({key} {sign} {end} or {key} is null or ({key} = {end} and {behind}))")
                }
                None => format!("({key} is null and {behind})"),
            };
        }
    }
    behind
}

#[cfg(test)]
mod tests {
    use ot_engine::ColumnId;

    use super::*;

    /// The bytes of the text of an order with so many levels, behind the end of a page.
    fn text_bytes(count: u64) -> usize {
        let level = |id| RowOrder { column: ColumnId(id), descending: id % 2 == 0 };
        let order: Vec<_> = (0..count).map(level).collect();
        let keys = |_| EndKeys {
            rank: Some(3),
            plain: Some(b"1".to_vec()),
            micros: Some(1),
            text: Some("long ".repeat(1_000)),
        };
        let start = PageStart { keys: (0..count).map(keys).collect(), position: 7 };
        let mut parameters = Parameters::default();
        let text = levels(&mut parameters, &order) + &sorted(&order, "position");
        text.len() + after(&mut parameters, &order, start, "position").len()
    }

    #[test]
    fn a_further_level_adds_as_much_text_as_the_first() {
        let [one, two, eight] = [1, 2, 8].map(text_bytes);
        assert!(one < 2_000, "{one}");
        assert!(eight - one <= 7 * (two - one) + 200, "{one} {two} {eight}");
    }
}
