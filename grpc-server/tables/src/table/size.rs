//! The bytes of rows: those that an answer has, and those that pages will have once they are decoded.
//!
//! Invariant: the estimate of pages is an upper bound where their index states the bytes of texts, as own tables do.

use std::ops::Range;

use ot_engine::Value;
use parquet::arrow::arrow_reader::ArrowReaderMetadata;

/// The bytes of a row's values.
pub(crate) fn of_row(row: &[Value]) -> usize {
    let text = |value: &Value| if let Value::Text(text) = value { text.len() } else { 0 };
    row.iter().map(|value| size_of::<Value>() + text(value)).sum()
}

/// How many rows of so many columns an answer of so many bytes has at most, and at least one: none further is decoded.
pub(crate) fn rows_in(most_bytes: usize, columns: usize) -> usize {
    let of_row = size_of::<Value>().saturating_mul(columns.max(1));
    (most_bytes / of_row).max(1)
}

/// The bytes of all texts of these columns in these row groups.
pub(crate) fn of_pages(metadata: &ArrowReaderMetadata, groups: &[usize], leaves: &[usize]) -> u64 {
    let of_group = |group: &usize| {
        let Some(group) = metadata.metadata().row_groups().get(*group) else { return u64::MAX };
        let columns = leaves.iter().filter_map(|leaf| group.columns().get(*leaf));
        let texts = columns.filter_map(|column| column.unencoded_byte_array_data_bytes());
        texts.map(|bytes| u64::try_from(bytes).unwrap_or(u64::MAX)).fold(0, u64::saturating_add)
    };
    groups.iter().map(of_group).fold(0, u64::saturating_add)
}

/// The bytes of the texts of these columns in the pages that hold these rows of a row group; [`u64::MAX`] where they are not
/// known.
pub(crate) fn of_rows(
    metadata: &ArrowReaderMetadata,
    group: usize,
    leaves: &[usize],
    rows: Range<u64>,
) -> u64 {
    let Some(index) = metadata.metadata().offset_index() else { return u64::MAX };
    let of_leaf = |leaf: &usize| {
        let Some(index) = index.get(group).and_then(|columns| columns.get(*leaf)) else {
            return u64::MAX;
        };
        let Some(bytes) = index.unencoded_byte_array_data_bytes() else { return 0 };
        let first = |at: usize| {
            let location = index.page_locations().get(at);
            location.and_then(|it| u64::try_from(it.first_row_index).ok()).unwrap_or(u64::MAX)
        };
        let pages = bytes.iter().enumerate();
        pages
            .filter(|(at, _)| first(*at) < rows.end && first(at + 1) > rows.start)
            .map(|(_, bytes)| u64::try_from(*bytes).unwrap_or(u64::MAX))
            .fold(0, u64::saturating_add)
    };
    leaves.iter().map(of_leaf).fold(0, u64::saturating_add)
}

/// The bytes of a text in the page of this column whose texts are the largest, about: the mean of that page. The group has so
/// many rows.
pub(super) fn of_largest(
    metadata: &ArrowReaderMetadata,
    group: usize,
    leaf: usize,
    rows: u64,
) -> u64 {
    let column = metadata.metadata().row_groups().get(group).and_then(|it| it.columns().get(leaf));
    let all = column.and_then(|column| column.unencoded_byte_array_data_bytes()).unwrap_or(0);
    let mean = u64::try_from(all).unwrap_or(0) / rows.max(1);
    let index = metadata.metadata().offset_index();
    let index = index.and_then(|index| index.get(group)).and_then(|columns| columns.get(leaf));
    let Some((index, bytes)) =
        index.and_then(|it| Some((it, it.unencoded_byte_array_data_bytes()?)))
    else {
        return mean;
    };
    let first = |at: usize| {
        let location = index.page_locations().get(at);
        location.and_then(|it| u64::try_from(it.first_row_index).ok()).unwrap_or(rows)
    };
    let of_page = |(at, bytes): (usize, &i64)| {
        let rows = first(at + 1).saturating_sub(first(at)).max(1);
        u64::try_from(*bytes).unwrap_or(0) / rows
    };
    bytes.iter().enumerate().map(of_page).fold(mean, u64::max)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_of_a_wide_table_has_few_rows() {
        let row = vec![Value::from(1.0); 1000];
        assert_eq!(rows_in(of_row(&row) * 3, 1000), 3);
        assert_eq!((rows_in(10, 1000), rows_in(0, 0)), (1, 1));
    }
}
