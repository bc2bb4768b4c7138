//! Reads a list of columns: `Item,Price`, `"Price, net",7`.
//!
//! It knows no columns: see `cell` for how one is found. Invariant: an error says what to write instead.

/// The columns of a list, as they are typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ColumnList(pub(crate) Vec<String>);

/// Reads columns with commas between them. One in double quotes may have a comma, and two double quotes for one.
pub(crate) fn column_list(text: &str) -> Result<ColumnList, String> {
    let (mut columns, mut rest) = (Vec::new(), text);
    loop {
        let (column, after) = first_column(rest)?;
        columns.push(column);
        match after {
            Some(after) => rest = after,
            None => return Ok(ColumnList(columns)),
        }
    }
}

/// The first column of a list, and the list after its comma.
fn first_column(list: &str) -> Result<(String, Option<&str>), String> {
    let Some(mut rest) = list.trim_start().strip_prefix('"') else {
        let (column, after) = match list.split_once(',') {
            Some((column, after)) => (column, Some(after)),
            None => (list, None),
        };
        return match column.trim() {
            "" => Err("a column is missing; write them as Item,Price".to_owned()),
            column => Ok((column.to_owned(), after)),
        };
    };
    let mut column = String::new();
    loop {
        let Some((part, after)) = rest.split_once('"') else {
            return Err("a double quote is missing at the end of a column".to_owned());
        };
        column.push_str(part);
        if let Some(more) = after.strip_prefix('"') {
            column.push('"');
            rest = more;
            continue;
        }
        return match (after.trim_start(), after.split_once(',')) {
            ("", _) => Ok((column, None)),
            (_, Some((blank, after))) if blank.trim().is_empty() => Ok((column, Some(after))),
            _ => Err("write a comma after a column in double quotes".to_owned()),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<String>, String> {
        column_list(text).map(|list| list.0)
    }

    #[test]
    fn columns_stand_between_commas_and_in_quotes() {
        assert_eq!(read("Item"), Ok(vec!["Item".to_owned()]));
        assert_eq!(
            read(" Item , Unit price"),
            Ok(vec!["Item".to_owned(), "Unit price".to_owned()])
        );
        let quoted = vec!["Price, net".to_owned(), "7".to_owned(), "a \"b\"".to_owned()];
        assert_eq!(read("\"Price, net\" ,7, \"a \"\"b\"\"\""), Ok(quoted));
        // A column without a name.
        assert_eq!(read("\"\",a"), Ok(vec![String::new(), "a".to_owned()]));
        assert_eq!(read("5\" pipe"), Ok(vec!["5\" pipe".to_owned()]));
    }

    #[test]
    fn a_malformed_list_is_explained() {
        for (text, part) in [
            ("", "missing"),
            ("a,", "missing"),
            (",a", "missing"),
            ("\"a", "double quote"),
            ("\"a\"b", "comma after"),
            ("\"a\"b,c", "comma after"),
        ] {
            assert!(read(text).expect_err(text).contains(part), "{text}");
        }
    }
}
