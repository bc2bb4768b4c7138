//! Reads a condition on rows: a column's name, an operator, a value.
//!
//! It does not evaluate conditions; the server does. Invariant: an error shows a correct example or names
//! the missing part.

use gridloom::v1;
use gridloom::v1::condition::Operator;

use super::reader::Reader;
use super::value;

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

/// A typed condition; the kind of its column decides what its value is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Condition {
    column: String,
    operator: Operator,
    value: Option<String>,
}

impl Condition {
    /// The condition on a sheet with these columns, and a note about a value that is none of its column's kind. The server
    /// refuses a column that is not there.
    pub(crate) fn on(
        &self,
        columns: &[v1::Column],
        reader: &Reader,
    ) -> (v1::Condition, Option<String>) {
        let column = columns.iter().find(|column| column.name == self.column);
        let column = column.cloned().unwrap_or_default();
        let kind = column.kind();
        let wants_text = matches!(self.operator, Operator::Contains | Operator::StartsWith);
        let read =
            self.value.as_deref().map(|typed| read_value(typed, (&column, wants_text), reader));
        let note = read
            .as_ref()
            .and_then(|(_, misfit)| *misfit)
            .map(|_| self.note(kind, reader.mark(&column)));
        let condition = v1::Condition {
            column: named(&self.column),
            operator: self.operator.into(),
            values: read.into_iter().map(|(value, _)| value).collect(),
            ignore_case: true,
        };
        (condition, note)
    }

    /// What a person can do about a value that is none of the column's kind.
    fn note(&self, kind: v1::ColumnKind, mark: char) -> String {
        let value = self.value.as_deref().unwrap_or_default();
        let cells = match self.operator {
            Operator::NotEqual => "every cell without this text matches",
            _ => "only cells with text can match",
        };
        let number = format!("a number like 12{mark}5, with at most 15 digits");
        let (values, example) = match kind {
            v1::ColumnKind::Bool => ("truth values", "true or false"),
            v1::ColumnKind::Date => ("dates", "a date like 2024-05-01"),
            v1::ColumnKind::LocalDatetime => {
                ("dates with times", "a time like 2024-05-01T14:30:00")
            }
            v1::ColumnKind::Datetime => ("times", "a time like 2024-05-01T14:30:00Z"),
            _ => ("numbers", &*number),
        };
        format!(
            "the column {:?} holds {values}; {value:?} is none, so {cells}; write {example}",
            self.column
        )
    }
}

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
    let value = (!takes_none).then(|| value.to_owned());
    Ok(Condition { column: name.to_owned(), operator, value })
}

/// A value, and why no cell of its column has it. In quotes it is text, even if it looks like a number. A day in a column
/// of times is all times of this day.
fn read_value(
    typed: &str,
    (column, wants_text): (&v1::Column, bool),
    reader: &Reader,
) -> (v1::Value, Option<values::Misfit>) {
    let quoted = |quote| typed.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
    if let Some(text) = quoted('"').or_else(|| quoted('\'')).or(wants_text.then_some(typed)) {
        return (value::text(text.to_owned()), None);
    }
    let days = v1::Column { kind: v1::ColumnKind::Date.into(), ..column.clone() };
    let day = value::read(typed, &days, reader);
    match column.kind() {
        v1::ColumnKind::Datetime | v1::ColumnKind::LocalDatetime if day.1.is_none() => day,
        _ => value::read(typed, column, reader),
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

    use gridloom::v1::value::Kind;

    fn read(typed: &str) -> (String, Operator, Vec<v1::Value>) {
        let (condition, _) = condition(typed).expect("a condition").on(&[], &Reader::plain());
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
        // An apostrophe is a sign of typing, not of a condition.
        let text = value(Kind::Text("'tis".into()));
        assert_eq!(read("Name = 'tis"), ("Name".into(), Operator::Equal, text));
        let text = value(Kind::Text("a = b".into()));
        assert_eq!(read("Note contains a = b"), ("Note".into(), Operator::Contains, text));
        assert_eq!(read("Note is not empty"), ("Note".into(), Operator::IsNotEmpty, vec![]));
    }

    #[test]
    fn a_value_is_led_by_the_kind_of_its_column() {
        let named_column =
            |name: &str| v1::Column { name: name.to_owned(), ..v1::Column::default() };
        let columns = [("Due", v1::ColumnKind::Datetime), ("Id", v1::ColumnKind::Text)];
        let columns =
            columns.map(|(name, kind)| v1::Column { kind: kind.into(), ..named_column(name) });
        let berlin = Reader::of("de", Some("Europe/Berlin"));
        let on = |typed: &str| {
            let (condition, note) = condition(typed).expect("a condition").on(&columns, &berlin);
            (condition.values, note)
        };
        assert_eq!(on("Due = 1970-01-02"), (value(Kind::DateDays(1)), None));
        assert_eq!(on("Due = 2.1.1970"), (value(Kind::DateDays(1)), None));
        assert_eq!(on("Due < 1970-01-01 01:00:01"), (value(Kind::DatetimeMicros(1_000_000)), None));
        assert_eq!(on("Id = 007"), (value(Kind::Text("007".into())), None));
        assert_eq!(on("Id = 7"), (value(Kind::Text("7".into())), None));
        let (values, note) = on("Due = soon");
        assert_eq!(values, value(Kind::Text("soon".into())));
        assert_eq!(
            note.expect("a note"),
            "the column \"Due\" holds times; \"soon\" is none, so only cells with text can match; \
             write a time like 2024-05-01T14:30:00Z"
        );
        let price = v1::Column { kind: v1::ColumnKind::Number.into(), ..named_column("Price") };
        let note = condition("Price > 7.5").expect("a condition").on(&[price], &berlin).1;
        assert!(note.expect("a note").contains("write a number like 12,5"));
        let note = on("Due != soon").1.expect("a note");
        assert!(note.contains("so every cell without this text matches"), "{note}");
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
