//! Guesses that may be wrong, each as a sentence for the person whose file it is.
//!
//! Not refusals: see `error`. Invariant: a sentence has a bounded length, whatever the file holds.

use jiff::tz::TimeZone;
use ot_engine::ColumnKind;
use values::{Kind, Locale};

use super::CsvColumn;
use super::header;
use super::joints::Joints;
use super::lookalikes::Form;
use super::notation::MarkDoubt;
use super::records::LostQuotes;
use super::sniff::Found;

/// Columns that one sentence names.
const NAMED: usize = 5;
/// Characters of a name in a sentence.
const NAME: usize = 40;

/// Other delimiters that may be meant.
pub(super) fn delimiter(found: &Found) -> Option<String> {
    let shown = |byte: u8| char::from(byte).escape_default();
    let delimiter = shown(found.delimiter);
    let (what, other) = match (found.hidden, found.rival, found.scattered) {
        (Some(hidden), ..) => (
            "divides most lines below the first one evenly; if the first line is a title, import the file without it, else",
            hidden,
        ),
        (None, Some(rival), _) => ("divides the lines as evenly; if that is wrong,", rival),
        (None, None, Some(scattered)) => {
            ("stands in most lines below the first one; if it divides the fields,", scattered)
        }
        (None, None, None) => return None,
    };
    let other = shown(other);
    Some(format!(
        "the fields were divided at '{delimiter}', but '{other}' {what} choose the delimiter '{other}'"
    ))
}

/// The file begins as one of another format does.
pub(super) fn format(resembled: &str) -> String {
    format!(
        "the file begins as {resembled} does, but was read as CSV; if it is {resembled}, save it as CSV first"
    )
}

/// The file has no mark of its encoding.
pub(super) fn encoding() -> String {
    "the file was read as UTF-16, though it has no byte order mark".to_owned()
}

/// All fields stand in quotes, numbers too: those of an own export say that they are texts.
pub(super) fn quotes() -> String {
    "all fields are in quotes, so numbers, times and the first line were read as texts; if the file has no header, import \
     it without one"
        .to_owned()
}

/// Columns of numbers, and texts that have the form of a number; each with one of these.
pub(super) fn codes<'a>(columns: impl Iterator<Item = (String, &'a String)>) -> Option<String> {
    let (mut named, mut count) = (Vec::new(), 0_usize);
    for (name, code) in columns {
        if count < NAMED {
            named.push(format!("{:?} ({:?})", short(&name), short(code)));
        }
        count += 1;
    }
    let more = match count.saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(", and {more} more"),
    };
    (count > 0).then(|| {
        format!(
            "columns with values that an export would write in another form were read as text: {}{more}; choose their kind if \
             they hold numbers or times (--kinds)",
            named.join(", ")
        )
    })
}

/// Columns whose texts are all written as numbers or days, each with the first text. `chosen`: by which columns of a chosen
/// kind are read.
pub(super) fn lookalikes<'a>(
    columns: impl Iterator<Item = (&'a str, &'a Form, &'a str)>,
    chosen: &Locale,
) -> Vec<String> {
    let (mut sentences, mut more) = (Vec::new(), 0_usize);
    for (name, form, example) in columns {
        if sentences.len() < NAMED {
            sentences.push(lookalike(&short(name), form, example, chosen));
        } else {
            more += 1;
        }
    }
    match more {
        0 => {}
        1 => sentences.push("1 more column of such texts was read as text".to_owned()),
        more => sentences.push(format!("{more} more columns of such texts were read as text")),
    }
    sentences
}

fn lookalike(name: &str, form: &Form, example: &str, chosen: &Locale) -> String {
    let is_read = values::read(example, &Kind::Date.into(), chosen).misfit.is_none();
    let example = short(example);
    let (why, advice) = match form {
        Form::Number(written) => (
            format!("would be written back as {}", short(written)),
            "choose the kind Number for it (--kinds)",
        ),
        Form::OtherMark { mark, is_decimal, groups } => marked(*mark, *is_decimal, *groups),
        Form::Day(written) => {
            (format!("would be written back as {written}"), "choose the kind Date for it (--kinds)")
        }
        Form::LocalDay if is_read => {
            ("is a day in some languages only".to_owned(), "choose the kind Date for it (--kinds)")
        }
        Form::LocalDay => (
            "is a day in some languages only".to_owned(),
            "choose the language of the file and the kind Date (--locale, --kinds)",
        ),
    };
    format!("{name:?} was read as text, since {example} {why}; {advice}")
}

/// Why a number with a mark is text, and what to choose. The mark stands before decimals, groups digits, or may do either.
fn marked(mark: char, is_decimal: bool, groups: bool) -> (String, &'static str) {
    let word = if mark == ',' { "comma" } else { "point" };
    match (is_decimal, groups) {
        (true, false) if mark == ',' => (
            "has a decimal comma".to_owned(),
            "choose the comma and the kind Number (--decimal-mark, --kinds)",
        ),
        (true, false) => (
            "has a decimal point".to_owned(),
            "choose the point and the kind Number (--decimal-mark, --kinds)",
        ),
        (is_decimal, _) => (
            match is_decimal {
                true => format!("has a {word} before decimals or between groups of digits"),
                false => format!("has a {word} between groups of digits"),
            },
            "choose the language of the file and the kind Number (--locale, --kinds)",
        ),
    }
}

/// Names that several columns have, and how many.
pub(super) fn names(shared: &[(&str, usize)]) -> Option<String> {
    let named = shared.iter().take(NAMED);
    let named: Vec<String> =
        named.map(|(name, count)| format!("{:?} ({count} columns)", short(name))).collect();
    let more = match shared.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(", and {more} more"),
    };
    (!named.is_empty()).then(|| {
        format!(
            "several columns have the same name: {}{more}; their name alone finds none of them: use the letter or id of such a \
             column, or rename it",
            named.join(", ")
        )
    })
}

/// What a person should know of the fields of a column.
pub(super) fn noted(at: usize, column: &CsvColumn, zone: Option<&TimeZone>) -> Vec<String> {
    let name = short(&header::title(at, &column.name));
    let zone = zone.and_then(TimeZone::iana_name).unwrap_or("the given zone");
    let noted = column.noted;
    let counted = [
        (
            noted.misfits,
            "does not fit its kind and stays text",
            "do not fit its kind and stay text",
        ),
        (
            noted.zeros,
            "is a number without the zeros before it",
            "are numbers without the zeros before them",
        ),
        (
            noted.by_account,
            "was read by the language of the account",
            "were read by the language of the account",
        ),
        (
            noted.unlike,
            "stays text, unlike those of the first rows; if it is a code, choose the kind Text for all of them (--kinds)",
            "stay text, unlike those of the first rows; if they are codes, choose the kind Text for all of them (--kinds)",
        ),
    ];
    let sentence = |(count, one, more): (u64, &str, &str)| match count {
        0 => None,
        1 => Some(format!("1 value of {name:?} {one}")),
        count => Some(format!("{count} values of {name:?} {more}")),
    };
    let counted = counted.into_iter().filter_map(sentence);
    let mut sentences: Vec<String> = counted.chain(mixed(at, column)).collect();
    match noted.zoned {
        0 => {}
        1 => sentences.push(format!("1 time of {name:?} has no zone and was read in {zone}")),
        count => sentences
            .push(format!("{count} times of {name:?} have no zone and were read in {zone}")),
    }
    sentences
}

/// Numbers and texts that look like numbers in a column.
pub(super) fn mixed(at: usize, column: &CsvColumn) -> Option<String> {
    column.noted.mix.doubt(&short(&header::title(at, &column.name)))
}

/// The decimal mark of the file.
pub(super) fn decimal_mark(doubt: &MarkDoubt) -> String {
    match doubt {
        MarkDoubt::Grouped { example } => grouped(example),
        MarkDoubt::Comma { example } => format!(
            "the comma was read as the decimal mark, as in {:?}; if that is wrong, choose the point (--decimal-mark)",
            short(example)
        ),
        MarkDoubt::Both { comma, point } => format!(
            "some columns have a decimal comma, as in {:?}, others a decimal point, as in {:?}; numbers with a comma stay \
             text; if they are numbers, choose the comma (--decimal-mark)",
            short(comma),
            short(point)
        ),
        MarkDoubt::Either { example } => format!(
            "{:?} may have a decimal comma or grouped digits, so it stays text; choose a decimal mark or a language for the \
             file (--decimal-mark, --locale)",
            short(example)
        ),
    }
}

fn short(text: &str) -> String {
    text.chars().take(NAME).collect()
}

/// Lines that are no rows.
pub(super) fn blank_lines(count: u64) -> Option<String> {
    match count {
        0 => None,
        1 => Some("1 blank line was left out".to_owned()),
        count => Some(format!("{count} blank lines were left out")),
    }
}

/// NUL characters behind the last line.
pub(super) fn padding(count: u64) -> Option<String> {
    match count {
        0 => None,
        1 => Some("1 NUL character at the end of the file was left out".to_owned()),
        count => Some(format!("{count} NUL characters at the end of the file were left out")),
    }
}

/// Rows that begin or end with marks of files that were joined; `are_left_out`: a repair has removed them.
pub(super) fn joints(Joints { records, line }: Joints, are_left_out: bool) -> Option<String> {
    let others = match records {
        0 => return None,
        1 => String::new(),
        2 => ", and in 1 further row".to_owned(),
        records => format!(", and in {} further rows", records - 1),
    };
    let what = if are_left_out { "was left out" } else { "is kept in the value" };
    Some(format!(
        "files were joined: the mark of a file's end or begin in the row of line {line}{others} {what}"
    ))
}

/// Fields whose quotes are gone, since content follows the closing one.
pub(super) fn lost_quotes(LostQuotes { fields, line }: LostQuotes) -> Option<String> {
    let others = match fields {
        0 => return None,
        1 => String::new(),
        2 => ", and of 1 further field".to_owned(),
        fields => format!(", and of {} further fields", fields - 1),
    };
    Some(format!(
        "text follows a closing quote in the row of line {line}: the quotes of that field{others} were left out"
    ))
}

/// Numbers with a point before three digits.
fn grouped(example: &str) -> String {
    format!(
        "{:?} may have a decimal point or grouped digits; if it was read wrong, choose the decimal mark or the language of the \
         file",
        short(example)
    )
}

/// The first line has nothing but values; one of them.
pub(super) fn header(field: &str) -> String {
    format!(
        "the first line was taken as names, though {:?} may be a value; if the line is a row, import the file without a header",
        short(field)
    )
}

/// The file names a delimiter that divides no line, though another one does.
pub(super) fn unlike(named: u8, other: u8) -> String {
    let [named, other] = [named, other].map(|byte| char::from(byte).escape_default());
    format!(
        "the line sep= names the delimiter '{named}', which does not divide the line below, but '{other}' divides most lines \
         evenly; if it divides the fields, choose the delimiter '{other}'"
    )
}

/// Kinds of columns that the file does not have.
pub(super) fn kinds(chosen: &[Option<ColumnKind>], columns: usize) -> Option<String> {
    let count = chosen.iter().rposition(Option::is_some).map_or(0, |at| at + 1);
    let further = count.checked_sub(columns).filter(|further| *further > 0)?;
    let has = if columns == 1 { "1 column".to_owned() } else { format!("{columns} columns") };
    let rest = if further == 1 { "the last one was" } else { "the others were" };
    Some(format!("{count} kinds were chosen, but the file has {has}: {rest} passed over"))
}

/// Half of a unit of UTF-16 at the end.
pub(super) fn odd_end() -> String {
    "the file ended with half of a character of UTF-16, which was left out; it may be cut off"
        .to_owned()
}
