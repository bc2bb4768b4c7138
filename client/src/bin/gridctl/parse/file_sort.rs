//! Reads the order of a list of files.
//!
//! Not the order of rows: see `condition`. Invariant: an order that is read can be asked of the server.

use gridloom::v1::FileOrder;

/// An order of files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FileSort {
    pub(crate) order: FileOrder,
    pub(crate) descending: bool,
}

/// Reads `name`, `size` or `made`, with `:desc` for the other way round.
pub(crate) fn file_sort(text: &str) -> Result<FileSort, String> {
    let (key, descending) = match text.split_once(':') {
        None => (text, false),
        Some((key, "desc")) => (key, true),
        Some((key, "asc")) => (key, false),
        Some((key, _)) => return Err(format!("write {key}:desc for the other way round")),
    };
    let order = match key {
        "name" => FileOrder::Name,
        "size" => FileOrder::Size,
        "made" => FileOrder::Created,
        _ => return Err("files are sorted by name, size or made".to_owned()),
    };
    Ok(FileSort { order, descending })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_is_a_key_and_a_direction() {
        for (text, order, descending) in [
            ("name", FileOrder::Name, false),
            ("size:desc", FileOrder::Size, true),
            ("made:asc", FileOrder::Created, false),
        ] {
            assert_eq!(file_sort(text), Ok(FileSort { order, descending }), "{text}");
        }
        for text in ["", "date", "size:", "size:down", "Name"] {
            assert!(file_sort(text).is_err(), "{text}");
        }
    }
}
