//! Reads a computed column, `total = [price] * 2`, and the key of a join, `gtin` or `gtin=code`.
//!
//! It reads no formula: the server does. Invariant: an error says what to write instead.

/// A computed column, as it is typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DerivedColumn {
    pub(crate) name: String,
    pub(crate) formula: String,
}

/// A column of each of two tables, as they are typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct KeyPair {
    pub(crate) column: String,
    /// `None`: the one of the same name.
    pub(crate) other: Option<String>,
}

/// Reads a name, an equals sign and a formula. A name with an equals sign stands in double quotes.
pub(crate) fn derived_column(text: &str) -> Result<DerivedColumn, String> {
    let (name, rest) = halves(text)?;
    match rest.map(str::trim) {
        Some(formula) if !name.is_empty() && !formula.is_empty() => {
            Ok(DerivedColumn { name, formula: formula.to_owned() })
        }
        _ => {
            let example = "total = [price] * [amount]";
            Err(format!("write a name, an equals sign and a formula, such as {example:?}"))
        }
    }
}

/// Reads a column, or two with an equals sign between them.
pub(crate) fn key_pair(text: &str) -> Result<KeyPair, String> {
    let wrong = || "write a column, or two as gtin=code".to_owned();
    let (column, rest) = halves(text)?;
    let other = match rest.map(halves).transpose()? {
        Some((_, Some(_))) => return Err(wrong()),
        Some((other, None)) if other.is_empty() => return Err(wrong()),
        other => other.map(|(other, _)| other),
    };
    if column.is_empty() {
        return Err(wrong());
    }
    Ok(KeyPair { column, other })
}

/// The text before the first equals sign, without its double quotes, and the text behind that sign.
fn halves(text: &str) -> Result<(String, Option<&str>), String> {
    let Some(mut rest) = text.trim_start().strip_prefix('"') else {
        let (name, behind) = match text.split_once('=') {
            Some((name, behind)) => (name, Some(behind)),
            None => (text, None),
        };
        return Ok((name.trim().to_owned(), behind));
    };
    let mut name = String::new();
    loop {
        let Some((part, after)) = rest.split_once('"') else {
            return Err("a double quote is missing at the end of a name".to_owned());
        };
        name.push_str(part);
        if let Some(more) = after.strip_prefix('"') {
            name.push('"');
            rest = more;
            continue;
        }
        let after = after.trim();
        return match after.strip_prefix('=') {
            Some(behind) => Ok((name, Some(behind))),
            None if after.is_empty() => Ok((name, None)),
            None => Err("write an equals sign after a name in double quotes".to_owned()),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_computed_column_has_a_name_and_a_formula() {
        for (text, name, formula) in [
            ("total = [price] * 2", "total", "[price] * 2"),
            ("is cheap=[price] <= 2", "is cheap", "[price] <= 2"),
            ("\"a = \"\"b\"\"\" = [x] = 1", "a = \"b\"", "[x] = 1"),
        ] {
            let read = derived_column(text).expect(text);
            assert_eq!((&*read.name, &*read.formula), (name, formula), "{text}");
        }
        for text in ["", "total", "total =", "= 1", "\"total", "\"a\" b = 1"] {
            assert!(derived_column(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_key_is_a_column_or_one_of_each_table() {
        let read = |text: &str| key_pair(text).map(|pair| (pair.column, pair.other));
        let of =
            |column: &str, other: Option<&str>| Ok((column.to_owned(), other.map(str::to_owned)));
        assert_eq!(read("gtin"), of("gtin", None));
        assert_eq!(read(" gtin = code "), of("gtin", Some("code")));
        assert_eq!(read("\"a=b\"=\"c=d\""), of("a=b", Some("c=d")));
        for text in ["", "=a", "a=", "a=b=c", "\"a"] {
            assert!(key_pair(text).is_err(), "{text}");
        }
    }
}
