//! Reads a condition on rows: a column's name, an operator, a value.
//!
//! It does not evaluate conditions; the server does. Invariant: an error shows a correct example or names
//! the missing part.

mod hints;

use gridloom::v1;
use gridloom::v1::condition::Operator;
use gridloom::v1::value::Kind;

use super::cell::{named_column, named_position};
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

/// What the rows of a condition are in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Holder {
    Sheet,
    /// A table of a file.
    Table,
}

/// Why a value finds less than it seems to.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Doubt {
    /// It is none of its column's kind.
    Misfit,
    /// It is one of this kind, in quotes.
    Quoted,
    /// It is a part of a text, and the kind has no texts.
    Part,
}

impl Condition {
    /// The condition on a sheet with these columns, and a note about a value that finds less than it seems to, or that the
    /// language of the account changes. Each column is found by its name, else by its number, else by its letters.
    pub(crate) fn on(
        &self,
        columns: &[v1::Column],
        reader: &Reader,
    ) -> Result<(v1::Condition, Option<String>), String> {
        let column = named_column(&self.column, columns)?;
        self.of(by_id(column), column, Holder::Sheet, reader)
    }

    /// The same on a table of a file with these columns.
    pub(crate) fn on_table(
        &self,
        columns: &[v1::Column],
        reader: &Reader,
    ) -> Result<(v1::Condition, Option<String>), String> {
        let (at, by_position) = table_column(&self.column, columns)?;
        self.of(by_position, &columns[at], Holder::Table, reader)
    }

    /// The condition on this column.
    fn of(
        &self,
        column_ref: v1::column_ref::Column,
        column: &v1::Column,
        holder: Holder,
        reader: &Reader,
    ) -> Result<(v1::Condition, Option<String>), String> {
        let (mut operands, mut note) = (Vec::new(), None);
        if let Some(typed) = &self.value {
            let wants_text = matches!(self.operator, Operator::Contains | Operator::StartsWith);
            let (value, doubt) = read_value(typed, (column, wants_text), reader);
            match &value.kind {
                None => return Err(self.empty()),
                Some(Kind::Text(text)) if text.is_empty() => return Err(self.empty()),
                Some(Kind::Text(text)) => {
                    note = self
                        .note((column.kind(), reader.mark(column)), text, doubt)?
                        .or_else(|| self.text_note(typed, (column, holder), reader))
                        .or_else(|| match wants_text {
                            true => None,
                            false => hints::other_form(typed, column, reader),
                        });
                }
                Some(_) => note = hints::zeros(typed, &value, &self.column),
            }
            operands.push(value);
            let by = |reader: &Reader| read_value(typed, (column, wants_text), reader).0;
            let by_account = value::account_note(typed, reader, by);
            let notes: Vec<String> = note.into_iter().chain(by_account).collect();
            note = (!notes.is_empty()).then(|| notes.join("\n"));
        }
        let condition = v1::Condition {
            column: Some(v1::ColumnRef { column: Some(column_ref) }),
            operator: self.operator.into(),
            values: operands,
            ignore_case: true,
        };
        Ok((condition, note))
    }

    /// What a person can do about a value that finds less than it seems to. An error where it has no order among the values
    /// of the column: a text there would be compared with texts alone.
    fn note(
        &self,
        (kind, mark): (v1::ColumnKind, char),
        text: &str,
        doubt: Option<Doubt>,
    ) -> Result<Option<String>, String> {
        let Some(doubt) = doubt else { return Ok(None) };
        let (values, example) = words(kind);
        // The mark of the reader.
        let example = example.replace("12.5", &format!("12{mark}5"));
        let column = &self.column;
        let compares = self.compares();
        let (what, advice) = match doubt {
            Doubt::Misfit if compares && holds_texts(kind) => return Ok(None),
            Doubt::Misfit if compares => {
                return Err(format!(
                    "the column {column:?} holds {values}; {text:?} is none to compare with; write {example}"
                ));
            }
            Doubt::Misfit => ("none", format!("write {example}")),
            Doubt::Quoted => ("a text", format!("write {example}, without quotes")),
            Doubt::Part => ("a part of a text", format!("use =, < or > with {example}")),
        };
        let cells = match self.operator {
            Operator::NotEqual => "every cell without this text matches",
            _ if holds_texts(kind) => "only cells that do not fit the column can match",
            _ => "only cells with text can match",
        };
        Ok(Some(format!(
            "the column {column:?} holds {values}; {text:?} is {what}, so {cells}; {advice}"
        )))
    }

    /// Whether it asks for an order of values.
    const fn compares(&self) -> bool {
        matches!(
            self.operator,
            Operator::Less | Operator::LessOrEqual | Operator::Greater | Operator::GreaterOrEqual
        )
    }

    /// A note on a number or a day that is compared with the values of a column of texts.
    fn text_note(
        &self,
        typed: &str,
        (column, holder): (&v1::Column, Holder),
        reader: &Reader,
    ) -> Option<String> {
        if column.kind() != v1::ColumnKind::Text || !self.compares() {
            return None;
        }
        let reads = |kind: v1::ColumnKind| {
            let column = v1::Column { kind: kind.into(), ..column.clone() };
            value::read(typed, &column, reader).1.is_none()
        };
        let kinds = [("number", v1::ColumnKind::Number), ("date", v1::ColumnKind::Date)];
        let (kind, _) = kinds.into_iter().find(|(_, kind)| reads(*kind))?;
        let column = &self.column;
        let command = match holder {
            Holder::Sheet => format!("`gridctl convert` with --kind {kind}"),
            Holder::Table => format!("`gridctl files read` with {kind} in --kinds"),
        };
        Some(format!(
            "the column {column:?} holds texts, so {typed} is compared as a text; \
             {command} makes {kind}s of them"
        ))
    }

    /// The error for a value that no cell has.
    fn empty(&self) -> String {
        let word = match self.operator {
            Operator::Equal => "is empty",
            Operator::NotEqual => "is not empty",
            _ => return "nothing can be compared with an empty text; write a value".to_owned(),
        };
        let bare = format!("{} {word}", self.column);
        let is_read = condition(&bare).is_ok_and(|read| read.column == self.column);
        let quoted = || format!("\"{}\" {word}", self.column.replace('"', "\"\""));
        format!("no cell holds an empty text; write: {}", if is_read { bare } else { quoted() })
    }
}

/// What a column of this kind holds, and an example of it.
const fn words(kind: v1::ColumnKind) -> (&'static str, &'static str) {
    match kind {
        v1::ColumnKind::Bool => ("truth values", "true or false"),
        v1::ColumnKind::Number => ("numbers", "a number like 12.5, with at most 15 digits"),
        v1::ColumnKind::Date => ("dates", "a date like 2024-05-01"),
        v1::ColumnKind::LocalDatetime => ("dates with times", "a time like 2024-05-01T14:30:00"),
        v1::ColumnKind::Datetime => ("times", "a time like 2024-05-01T14:30:00Z"),
        v1::ColumnKind::Choice => ("one of its options", "an option of the column"),
        v1::ColumnKind::Choices => ("some of its options", "options of the column, with commas"),
        v1::ColumnKind::Link => ("links", "a link like https://example.org"),
        v1::ColumnKind::Email => ("e-mail addresses", "an address like ada@example.org"),
        v1::ColumnKind::Unspecified | v1::ColumnKind::Any | v1::ColumnKind::Text => {
            ("texts", "a text")
        }
    }
}

/// Whether the values of a kind are texts, or may be.
const fn holds_texts(kind: v1::ColumnKind) -> bool {
    !matches!(
        kind,
        v1::ColumnKind::Bool
            | v1::ColumnKind::Number
            | v1::ColumnKind::Date
            | v1::ColumnKind::LocalDatetime
            | v1::ColumnKind::Datetime
    )
}

/// The parts of a condition: the column's name, the operator as it is typed and as it is meant, and the text after it.
type Parts<'a> = (String, &'static str, Operator, &'a str);

/// Reads a condition: a column's name, an operator, a value. A name in double quotes may contain operators.
pub(crate) fn condition(typed: &str) -> Result<Condition, String> {
    let parts = quoted_parts(typed).or_else(|| bare_parts(typed));
    let (column, word, operator, value) = parts
        .ok_or_else(|| format!("{typed:?} has no operator; write something like \"Price > 10\""))?;
    if column.is_empty() && !typed.trim_start().starts_with('"') {
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
    Ok(Condition { column, operator, value })
}

/// The parts of a condition up to its first operator.
fn bare_parts(typed: &str) -> Option<Parts<'_>> {
    let found = OPERATORS
        .iter()
        .enumerate()
        .filter_map(|(rank, (word, operator))| Some((typed.find(word)?, rank, *word, *operator)))
        .min_by_key(|(at, rank, ..)| (*at, *rank));
    let (at, _, word, operator) = found?;
    Some((typed[..at].trim().to_owned(), word, operator, typed[at + word.len()..].trim()))
}

/// The parts of a condition whose name is in double quotes, with two for one inside; `None` where no operator follows them.
fn quoted_parts(typed: &str) -> Option<Parts<'_>> {
    let mut rest = typed.trim_start().strip_prefix('"')?;
    let mut name = String::new();
    loop {
        let (part, after) = rest.split_once('"')?;
        name.push_str(part);
        let Some(more) = after.strip_prefix('"') else {
            rest = after.trim_start();
            break;
        };
        name.push('"');
        rest = more;
    }
    OPERATORS.iter().find_map(|(word, operator)| {
        let value = rest.strip_prefix(word.trim_start())?;
        Some((name.clone(), *word, *operator, value.trim()))
    })
}

/// A value, and why it finds less than it seems to. In quotes it is text, even if it looks like a number.
fn read_value(
    typed: &str,
    (column, wants_text): (&v1::Column, bool),
    reader: &Reader,
) -> (v1::Value, Option<Doubt>) {
    let in_quotes = |quote| typed.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
    let quoted = in_quotes('"').or_else(|| in_quotes('\''));
    let has_other_values = !holds_texts(column.kind());
    if wants_text {
        let text = value::text(quoted.unwrap_or(typed).to_owned());
        return (text, has_other_values.then_some(Doubt::Part));
    }
    if let Some(text) = quoted {
        let is_value = has_other_values && read_bare(text, column, reader).1.is_none();
        return (value::text(text.to_owned()), is_value.then_some(Doubt::Quoted));
    }
    let (value, misfit) = read_bare(typed, column, reader);
    (value, misfit.map(|_| Doubt::Misfit))
}

/// A value without quotes, and why no cell of its column has it. A day in a column of times is all times of this day.
fn read_bare(
    typed: &str,
    column: &v1::Column,
    reader: &Reader,
) -> (v1::Value, Option<values::Misfit>) {
    let days = v1::Column { kind: v1::ColumnKind::Date.into(), ..column.clone() };
    let day = value::read(typed, &days, reader);
    match column.kind() {
        v1::ColumnKind::Datetime | v1::ColumnKind::LocalDatetime if day.1.is_none() => day,
        _ => value::read(typed, column, reader),
    }
}

/// A reference to a column of a sheet: the same one when others rename or move columns.
fn by_id(column: &v1::Column) -> v1::column_ref::Column {
    v1::column_ref::Column::Id(column.id.clone())
}

/// A column of a table by its name, else by its number, else by its letters: its position, and a reference to it.
pub(crate) fn table_column(
    typed: &str,
    columns: &[v1::Column],
) -> Result<(usize, v1::column_ref::Column), String> {
    let at = named_position(typed, columns)?;
    let position = u32::try_from(at).map_err(|_| format!("{typed:?} is no column"))?;
    Ok((at, v1::column_ref::Column::At(position)))
}

/// An order of a sheet with these columns: one of them, and `:desc` for descending. It is found as that of a condition is.
pub(crate) fn order(typed: &str, columns: &[v1::Column]) -> Result<v1::RowOrder, String> {
    let (name, descending) = match typed.rsplit_once(':') {
        Some((name, "desc")) => (name, true),
        Some((name, "asc")) => (name, false),
        _ => (typed, false),
    };
    let column = Some(by_id(named_column(name, columns)?));
    Ok(v1::RowOrder { column: Some(v1::ColumnRef { column }), descending })
}

#[cfg(test)]
mod tests;
