//! Reads a condition on rows: a column's name, an operator, a value.
//!
//! It does not evaluate conditions; the server does. Invariant: an error shows a correct example or names
//! the missing part.

use gridloom::v1;
use gridloom::v1::condition::Operator;
use gridloom::v1::value::Kind;

use super::value::guess;

/// Operators as they are typed. An operator that begins with another one stands before it.
const OPERATORS: [(&str, Operator); 10] = [
    (" is not empty", Operator::IsNotEmpty),
    (" is empty", Operator::IsEmpty),
    (" starts with ", Operator::StartsWith),
    (" contains ", Operator::Contains),
    ("!=", Operator::NotEqual),
    ("<=", Operator::LessOrEqual),
    (">=", Operator::GreaterOrEqual),
    ("<", Operator::Less),
    (">", Operator::Greater),
    ("=", Operator::Equal),
];

/// A typed condition.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Condition(pub(crate) v1::Condition);

/// Reads a condition: a column's name, an operator, a value.
pub(crate) fn condition(typed: &str) -> Result<Condition, String> {
    let found = OPERATORS
        .iter()
        .enumerate()
        .filter_map(|(rank, (word, operator))| Some((typed.find(word)?, rank, *word, *operator)))
        .min_by_key(|(at, rank, ..)| (*at, *rank));
    let (at, _, word, operator) = found
        .ok_or_else(|| format!("{typed:?} has no operator; write something like \"Price > 10\""))?;
    let (name, value) = (typed[..at].trim(), typed[at + word.len()..].trim());
    if name.is_empty() {
        return Err(format!("{typed:?} names no column; write one before {:?}", word.trim()));
    }
    let takes_none = matches!(operator, Operator::IsEmpty | Operator::IsNotEmpty);
    if takes_none != value.is_empty() {
        let rule = if takes_none {
            "takes no value; remove the text after it"
        } else {
            "needs a value after it"
        };
        return Err(format!("{:?} {rule}", word.trim()));
    }
    let wants_text = matches!(operator, Operator::Contains | Operator::StartsWith);
    let values = if takes_none { Vec::new() } else { vec![read_value(value, wants_text)] };
    Ok(Condition(v1::Condition {
        column: named(name),
        operator: operator.into(),
        values,
        ignore_case: true,
    }))
}

/// A value. In quotes it is text, even if it looks like a number.
fn read_value(typed: &str, wants_text: bool) -> v1::Value {
    let quoted = |quote| typed.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
    let text = quoted('"').or_else(|| quoted('\'')).or(wants_text.then_some(typed));
    match text {
        Some(text) => v1::Value { kind: Some(Kind::Text(text.to_owned())) },
        None => guess(typed.to_owned()),
    }
}

fn named(name: &str) -> Option<v1::ColumnRef> {
    Some(v1::ColumnRef { column: Some(v1::column_ref::Column::Name(name.to_owned())) })
}

/// A sort order: a column's name, and `:desc` for descending.
pub(crate) fn order(typed: &str) -> v1::RowOrder {
    let (name, descending) = match typed.rsplit_once(':') {
        Some((name, "desc")) => (name, true),
        Some((name, "asc")) => (name, false),
        _ => (typed, false),
    };
    v1::RowOrder { column: named(name), descending }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(typed: &str) -> (String, Operator, Vec<v1::Value>) {
        let Condition(condition) = condition(typed).expect("a condition");
        let column = condition.column.clone().and_then(|column| column.column);
        let Some(v1::column_ref::Column::Name(name)) = column else { panic!("by name") };
        (name, condition.operator(), condition.values)
    }

    fn value(kind: Kind) -> Vec<v1::Value> {
        vec![v1::Value { kind: Some(kind) }]
    }

    #[test]
    fn conditions_have_a_column_an_operator_and_a_value() {
        let number = value(Kind::Number(10.0));
        assert_eq!(read("Unit price>=10"), ("Unit price".into(), Operator::GreaterOrEqual, number));
        let text = value(Kind::Text("10".into()));
        assert_eq!(read("Code = '10'"), ("Code".into(), Operator::Equal, text));
        let text = value(Kind::Text("a = b".into()));
        assert_eq!(read("Note contains a = b"), ("Note".into(), Operator::Contains, text));
        assert_eq!(read("Note is not empty"), ("Note".into(), Operator::IsNotEmpty, vec![]));
    }

    #[test]
    fn a_malformed_condition_is_explained() {
        for (typed, part) in [
            ("Price", "no operator"),
            ("= 3", "names no column"),
            ("Price >", "needs a value"),
            ("Note is empty now", "takes no value"),
        ] {
            let error = condition(typed).expect_err("malformed");
            assert!(error.contains(part), "{typed}: {error}");
        }
    }
}
