//! Which cells of a row hold a text that has the form of another value: `007` never, but `2024-05-01` that was in quotes.
//!
//! A column of texts beside a column holds the text of each value that does not fit. Without a mark such a text is read as the
//! value whose exact text it is. Invariant: rows without such cells have no mark, so nearly all rows.

/// The name of the Parquet column of marks.
pub(crate) const NAME: &str = "m";

/// The mark of a row: the places of its columns.
pub(crate) fn write(places: &[usize], into: &mut String) {
    use std::fmt::Write as _;
    for (at, place) in places.iter().enumerate() {
        let comma = if at == 0 { "" } else { "," };
        // Writing to a text can't fail.
        let _ = write!(into, "{comma}{place}");
    }
}

/// The places of the columns of a mark, in ascending order.
pub(crate) fn places(mark: &str) -> Vec<usize> {
    mark.split(',').filter_map(|place| place.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_has_its_columns_alone() {
        let mut mark = String::new();
        write(&[1, 20], &mut mark);
        assert_eq!((&*mark, places(&mark)), ("1,20", vec![1, 20]));
        assert!(places("").is_empty());
    }
}
