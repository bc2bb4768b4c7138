//! Reads a list of columns: `Item,Price`, `"Price, net",7`, and an order by such columns: `Item,Price:desc`.
//!
//! It knows no columns: see `cell` for how one is found. Invariant: an error says what to write instead.

/// The columns of a list, as they are typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ColumnList(pub(crate) Vec<String>);

/// The levels of an order, the most important one first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SortList(pub(crate) Vec<SortLevel>);

/// A column by which rows are ordered, as it is typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SortLevel {
    pub(crate) column: String,
    pub(crate) descending: bool,
}

/// A column of a list, what follows its double quotes, and the list after its comma.
type First<'a> = (String, &'a str, Option<&'a str>);

/// Reads columns with commas between them. One in double quotes may have a comma, and two double quotes for one.
pub(crate) fn column_list(text: &str) -> Result<ColumnList, String> {
    let (mut columns, mut rest) = (Vec::new(), text);
    loop {
        let (column, suffix, after) = first_column(rest)?;
        if !suffix.is_empty() {
            return Err("write a comma after a column in double quotes".to_owned());
        }
        columns.push(column);
        match after {
            Some(after) => rest = after,
            None => return Ok(ColumnList(columns)),
        }
    }
}

/// Reads columns with commas between them, each with `:desc` behind it where the largest value is first.
pub(crate) fn sort_list(text: &str) -> Result<SortList, String> {
    let (mut levels, mut rest) = (Vec::new(), text);
    loop {
        let is_quoted = rest.trim_start().starts_with('"');
        let (column, suffix, after) = first_column(rest)?;
        levels.push(match (is_quoted, column.rsplit_once(':')) {
            (true, _) => SortLevel { column, descending: direction(suffix)? },
            (false, Some((name, word @ ("asc" | "desc")))) => {
                SortLevel { column: name.trim_end().to_owned(), descending: word == "desc" }
            }
            (false, _) => SortLevel { column, descending: false },
        });
        match after {
            Some(after) => rest = after,
            None => return Ok(SortList(levels)),
        }
    }
}

/// Whether what follows a column in double quotes is `:desc`.
fn direction(suffix: &str) -> Result<bool, String> {
    match suffix {
        "" | ":asc" => Ok(false),
        ":desc" => Ok(true),
        _ => Err("write :desc or a comma after a column in double quotes".to_owned()),
    }
}

/// The first column of a list.
fn first_column(list: &str) -> Result<First<'_>, String> {
    let Some(mut rest) = list.trim_start().strip_prefix('"') else {
        let (column, after) = match list.split_once(',') {
            Some((column, after)) => (column, Some(after)),
            None => (list, None),
        };
        return match column.trim() {
            "" => Err("a column is missing; write them as Item,Price".to_owned()),
            column => Ok((column.to_owned(), "", after)),
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
        return Ok(match after.split_once(',') {
            Some((suffix, after)) => (column, suffix.trim(), Some(after)),
            None => (column, after.trim(), None),
        });
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
    fn an_order_has_a_direction_for_each_column() {
        let read = |text: &str| {
            let levels = sort_list(text).map(|list| list.0)?;
            let level = |it: SortLevel| (it.column, it.descending);
            Ok::<_, String>(levels.into_iter().map(level).collect::<Vec<_>>())
        };
        let of = |column: &str, descending| (column.to_owned(), descending);
        assert_eq!(read("Item"), Ok(vec![of("Item", false)]));
        assert_eq!(read("Item, Price:desc"), Ok(vec![of("Item", false), of("Price", true)]));
        let times = Ok(vec![of("Time: UTC", false), of("a", false)]);
        assert_eq!(read("Time: UTC,a:asc"), times);
        let quoted = Ok(vec![of("Price, net", true), of("b:desc", false)]);
        assert_eq!(read("\"Price, net\":desc,\"b:desc\""), quoted);
        for text in ["", "a,", "\"a\"x", "\"a\":down,b"] {
            assert!(read(text).is_err(), "{text}");
        }
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
