//! The order of a search, and the rows behind the end of a page.
//!
//! A row's place is its sort keys, then its position. Not where a page ends: see `resume`. Invariant: the keys of the end
//! and of all other rows are one expression, [`sort_keys`]; the order is total.

use super::cell::{micros_of, text_of};
use super::parameters::Parameters;
use crate::sql::JsonText;
use model::RowOrder;

/// The end of the page before, as it is now.
#[derive(Debug)]
pub(super) struct PageStart {
    /// The cells of its row when that page was read, those that sort.
    pub(super) cells: Vec<u8>,
    /// Its place among rows with equal keys: the rows from this position on are behind it.
    pub(super) position: u32,
}

/// What sorts a cell, the most important first: numbers, then times, texts, false and true; nulls are last in both
/// directions, and so is what is empty. Within one rank, one of the other keys is a value and the others are null.
fn sort_keys(cell: &str) -> [String; 4] {
    let (micros, text) = (micros_of(cell), text_of(cell));
    let rank = format!(
        "case jsonb_typeof({cell}) when 'number' then 1 \
         when 'object' then case when {micros} is null then 3 else 2 end \
         when 'string' then case when {cell} = '\"\"'::jsonb then null else 3 end \
         when 'boolean' then 4 end"
    );
    let plain = format!("case when jsonb_typeof({cell}) in ('number', 'boolean') then {cell} end");
    let text = format!("{text} collate texts");
    [rank, plain, micros, text].map(|key| format!("({key})"))
}

/// One level of sorting.
pub(super) fn level(
    parameters: &mut Parameters,
    RowOrder { column, descending }: RowOrder,
) -> String {
    let way = if descending { "desc" } else { "asc" };
    let keys = sort_keys(&parameters.cell(column));
    keys.map(|key| format!("{key} {way} nulls last")).join(", ")
}

/// The condition of a row that it is behind the end of the page before.
pub(super) fn after(
    parameters: &mut Parameters,
    order: &[RowOrder],
    start: PageStart,
    position: &str,
) -> String {
    let PageStart { cells, position: first } = start;
    let (end, first) = (parameters.add(JsonText(cells)), parameters.add(i64::from(first)));
    let mut behind = format!("{position} >= {first}::bigint");
    for RowOrder { column, descending } in order.iter().rev() {
        let sign = if *descending { "<" } else { ">" };
        let name = parameters.column(*column);
        let keys = sort_keys(&format!("(body.cells -> {name})"));
        let ends = sort_keys(&format!("({end}::jsonb -> {name})"));
        for (key, end) in keys.iter().zip(&ends).rev() {
            // A query without a reference to the row is run once.
            behind = format!(
                "({key} {sign} (select {end}) \
                 or ({key} is null and (select {end}) is not null) \
                 or ({key} is not distinct from (select {end}) and {behind}))"
            );
        }
    }
    behind
}
