//! Functions of texts. A value of another kind is its text, as it would be written.
//!
//! Invariants: characters are Unicode scalar values; texts are looked for in normal form C; no text is made that is much longer
//! than the limit.

use model::limits::derivations::FORMULA_TEXT_BYTES;
use ot_engine::Value;
use values::{Kind, Locale, Misfit, Rule};

use super::super::arithmetic::whole;
use super::super::function::Function;
use super::super::row::{MISSING, Outcome, Row, written};
use super::super::tree::Expr;
use super::super::trouble::Trouble;

/// The value of a function of texts.
pub(super) fn call(row: &Row<'_>, function: Function, parts: &[Expr]) -> Outcome {
    let part = |at: usize| parts.get(at).unwrap_or(&MISSING);
    if function == Function::Number {
        return number(row, part(0));
    }
    let text = row.text(part(0))?;
    match function {
        Function::Len => Ok(Value::from(text.chars().count() as f64)),
        Function::Left => {
            let Some(count) = count(row, parts.get(1))? else { return Ok(Value::Empty) };
            written(text.split_at(end_of(&text, count)).0)
        }
        Function::Right => {
            let Some(count) = count(row, parts.get(1))? else { return Ok(Value::Empty) };
            let passed = text.chars().count().saturating_sub(count);
            written(text.split_at(end_of(&text, passed)).1)
        }
        Function::Mid => {
            let begin = count(row, parts.get(1))?;
            let Some((begin, count)) = begin.zip(count(row, parts.get(2))?) else {
                return Ok(Value::Empty);
            };
            let Some(passed) = begin.checked_sub(1) else {
                return Err(Trouble::rule("MID begins before the first character, which is 1"));
            };
            let rest = text.split_at(end_of(&text, passed)).1;
            written(rest.split_at(end_of(rest, count)).0)
        }
        Function::Upper => written(&text.to_uppercase()),
        Function::Lower => written(&text.to_lowercase()),
        Function::Trim => trimmed(&text),
        Function::Substitute => {
            let (old, new) = (row.text(part(1))?, row.text(part(2))?);
            substituted(&values::normal(&text), &values::normal(&old), &new)
        }
        Function::Contains => {
            let wanted = row.text(part(1))?;
            Ok(Value::Bool(values::normal(&text).contains(&*values::normal(&wanted))))
        }
        Function::StartsWith => {
            let wanted = row.text(part(1))?;
            Ok(Value::Bool(values::normal(&text).starts_with(&*values::normal(&wanted))))
        }
        _ => written(&text),
    }
}

/// A count of characters: 1 where it is missing; `None` where its cell is empty.
fn count(row: &Row<'_>, part: Option<&Expr>) -> Result<Option<usize>, Trouble> {
    let Some(part) = part else { return Ok(Some(1)) };
    let Some(number) = row.number(part)? else { return Ok(None) };
    let count = whole(number.trunc()).and_then(|count| usize::try_from(count).ok());
    count.map(Some).ok_or_else(|| Trouble::rule("a number of characters is negative or too large"))
}

/// The byte behind so many characters.
fn end_of(text: &str, count: usize) -> usize {
    text.char_indices().nth(count).map_or(text.len(), |(at, _)| at)
}

/// The words of a text with one space between them.
fn trimmed(text: &str) -> Outcome {
    let mut made = String::new();
    for word in text.split_whitespace() {
        if !made.is_empty() {
            made.push(' ');
        }
        made.push_str(word);
        if made.len() > FORMULA_TEXT_BYTES {
            return Err(Trouble::too_long());
        }
    }
    written(&made)
}

/// The text with each `old` replaced.
fn substituted(text: &str, old: &str, new: &str) -> Outcome {
    if old.is_empty() {
        return written(text);
    }
    let mut made = String::new();
    let mut begin = 0;
    for (at, _) in text.match_indices(old) {
        made.push_str(text.get(begin..at).unwrap_or_default());
        made.push_str(new);
        begin = at + old.len();
        if made.len() > FORMULA_TEXT_BYTES {
            return Err(Trouble::too_long());
        }
    }
    made.push_str(text.get(begin..).unwrap_or_default());
    written(&made)
}

/// The number that a text has.
fn number(row: &Row<'_>, part: &Expr) -> Outcome {
    match row.value(part)? {
        Value::Text(text) => {
            row.charge(text.len())?;
            let reading = values::read(&text, &Rule::from(Kind::Number), &Locale::PLAIN);
            match reading.misfit {
                None => Ok(reading.value),
                Some(Misfit::Inexact) => {
                    Err(Trouble::of_value(part, "has more digits than a number holds"))
                }
                Some(_) => Err(Trouble::of_value(part, "has no number, written like 1234.5")),
            }
        }
        value @ (Value::Empty | Value::Number(_)) => Ok(value),
        other => Err(Trouble::of_kind(part, &other)),
    }
}
