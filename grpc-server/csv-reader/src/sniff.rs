//! The begin of a file: what stands before its first record, and which delimiter separates its fields.
//!
//! Not the fields themselves: see `records`, which reads the lines here, too.

use super::records::Records;
use super::{ImportError, Problem, magic};

/// The delimiters. One that stands in every line equally often wins; among several of them the first here does, since
/// commas stand inside of texts and numbers, too. An export puts a field in quotes that has one of them.
pub(super) const DELIMITERS: [u8; 4] = [b'\t', b';', b'|', b','];
/// The delimiter of a file that shows none.
const COMMA: u8 = b',';
pub(super) const UTF8_MARK: &[u8] = b"\xef\xbb\xbf";
/// Where a document begins that is a text, before a character that ends the name of a tag.
const MARKUP: [(&[u8], &str); 6] = [
    (b"<!doctype html", "an HTML page"),
    (b"<html", "an HTML page"),
    (b"<table", "an HTML table"),
    (b"<?xml", "an XML file"),
    (b"<workbook", XML_SPREADSHEET),
    (b"<ss:workbook", XML_SPREADSHEET),
];
const XML_SPREADSHEET: &str = "an XML spreadsheet";
/// What an XML spreadsheet has near its begin.
const XML_SPREADSHEET_NAMES: [&[u8]; 2] =
    [b"progid=\"Excel.Sheet\"", b"urn:schemas-microsoft-com:office:spreadsheet"];
/// Lines that the delimiters are compared on.
const LINES: usize = 200;
/// In so many of a thousand lines a delimiter explains most of them.
const MOST: usize = 800;
/// A delimiter that stands in more than so many of a thousand lines below the first one stands in most of them.
const HALF: usize = 500;
/// Fields of a line that are counted.
const FIELDS: usize = 10_000;

/// What stands before the records.
pub(super) struct Begin<'a> {
    /// The first record and all that follows.
    pub(super) records: &'a [u8],
    /// Lines before it.
    pub(super) lines: u64,
    /// The delimiter that the file names (`sep=;`), as spreadsheets write it.
    pub(super) delimiter: Option<u8>,
    /// A format whose documents begin so, though this file is none.
    pub(super) resembled: Option<&'static str>,
}

/// Takes the byte order mark and the line `sep=` away; refuses what is not text, and without a chosen delimiter text of
/// another format. `is_whole`: the file ends here.
pub(super) fn begin(
    head: &[u8],
    has_delimiter: bool,
    is_whole: bool,
) -> Result<Begin<'_>, Problem> {
    if let Some(what) = magic::of(head) {
        return Err(Problem::NotText(what));
    }
    let head = head.strip_prefix(UTF8_MARK).unwrap_or(head);
    let resembled = markup(head).filter(|_| !has_delimiter);
    if let Some(what) = resembled.filter(|_| has_tags(head) && !is_divided(head, is_whole)) {
        return Err(Problem::NotText(what));
    }
    if !has_delimiter && is_json(head.trim_ascii()) {
        return Err(Problem::NotText("a JSON file"));
    }
    let (delimiter, records, lines) = match directive(head) {
        Some((delimiter, records, lines)) => (Some(delimiter), records, lines),
        None => (None, head, 0),
    };
    Ok(Begin { records, lines, delimiter, resembled })
}

/// Whether a text begins as a file of another format does. An own export puts a name of this form in quotes.
pub(super) fn begins_document(text: &str) -> bool {
    let bytes = text.as_bytes();
    magic::of(bytes).is_some() || markup(bytes).is_some()
}

/// The format of markup whose documents begin so.
fn markup(text: &[u8]) -> Option<&'static str> {
    let text = text.trim_ascii_start();
    let ends = |byte: &u8| matches!(byte, b'>' | b'?') || byte.is_ascii_whitespace();
    let begins = |tag: &[u8]| {
        let Some((begin, rest)) = text.split_at_checked(tag.len()) else { return false };
        begin.eq_ignore_ascii_case(tag) && rest.first().is_none_or(ends)
    };
    let what = MARKUP.iter().find(|(tag, _)| begins(tag)).map(|(_, what)| *what)?;
    let has = |name: &[u8]| text.windows(name.len()).any(|part| part == name);
    let is_spreadsheet = text.starts_with(b"<?") && XML_SPREADSHEET_NAMES.into_iter().any(has);
    Some(if is_spreadsheet { XML_SPREADSHEET } else { what })
}

/// Whether a tag follows the first one, as in each document.
fn has_tags(text: &[u8]) -> bool {
    let is_tag = |next: u8| next.is_ascii_alphabetic() || matches!(next, b'/' | b'!');
    let tags = text.windows(2).filter(|pair| pair[0] == b'<' && is_tag(pair[1]));
    let is_first_counted = !text.trim_ascii_start().starts_with(b"<?");
    tags.count() > usize::from(is_first_counted)
}

/// Whether a delimiter divides most lines, of at least two, as it divides the first one.
fn is_divided(text: &[u8], is_whole: bool) -> bool {
    DELIMITERS.into_iter().any(|delimiter| {
        let mut widths = Vec::new();
        let _: Result<(), ImportError> = widths_of(delimiter, text, is_whole, &mut widths);
        widths.len() > 1 && per_mille(&widths) >= MOST
    })
}

/// Whether a text begins with the first key of a JSON object, and its first line ends as one of JSON does.
fn is_json(text: &[u8]) -> bool {
    let inner = text.strip_prefix(b"[").unwrap_or(text).trim_ascii_start();
    let Some(object) = inner.strip_prefix(b"{") else { return false };
    let Some(key) = object.trim_ascii_start().strip_prefix(b"\"") else { return false };
    let mut parts = key.splitn(2, |byte| *byte == b'"');
    let behind = parts.nth(1).unwrap_or_default().trim_ascii_start();
    let line = text.split(|byte| matches!(byte, b'\r' | b'\n')).next().unwrap_or(text);
    // Of one long line, the end may not be here.
    let is_only = line.len() == text.len();
    let ends = line.trim_ascii_end().last().is_some_and(|byte| b"{[,]}".contains(byte));
    behind.starts_with(b":") && (is_only || ends)
}

/// The delimiter that a first line names, what follows the line, and how many lines are before that. An own export puts a name
/// of this form in quotes: then the next line must show the delimiter.
fn directive(head: &[u8]) -> Option<(u8, &[u8], u64)> {
    if let Some(unquoted) = head.strip_prefix(b"\"") {
        let (delimiter, rest) = names_delimiter(unquoted)?;
        let records = line_end(rest.strip_prefix(b"\"")?)?;
        let is_shown = DELIMITERS.contains(&delimiter) && divides(delimiter, records);
        return is_shown.then_some((delimiter, records, 1));
    }
    let (mut lines, mut rest) = (0, head);
    while let Some(below) = line_end(rest) {
        (lines, rest) = (lines + 1, below);
    }
    let (delimiter, records) = directive_line(rest)?;
    // A program may add the line to a file that has it.
    match directive_line(records) {
        Some((again, records)) if again == delimiter => Some((delimiter, records, lines + 2)),
        _ => Some((delimiter, records, lines + 1)),
    }
}

/// The delimiter that a line without quotes names, and what follows it.
fn directive_line(line: &[u8]) -> Option<(u8, &[u8])> {
    let begin = line.iter().position(|byte| *byte != b' ')?;
    let (delimiter, rest) = names_delimiter(&line[begin..])?;
    // A spreadsheet writes as many delimiters as in the lines below; a person writes a space.
    let is_filler = |byte: &u8| DELIMITERS.contains(byte) || *byte == b' ';
    let end = rest.iter().position(|byte| !is_filler(byte)).unwrap_or(rest.len());
    Some((delimiter, line_end(&rest[end..])?))
}

/// The delimiter of `sep=` and a character, and what follows them.
fn names_delimiter(text: &[u8]) -> Option<(u8, &[u8])> {
    let (name, rest) = text.split_at_checked(4)?;
    let (delimiter, rest) = rest.split_first()?;
    let is_mark = !delimiter.is_ascii_alphanumeric() && !matches!(delimiter, b'"' | b'\r' | b'\n');
    (name.eq_ignore_ascii_case(b"sep=") && is_mark).then_some((*delimiter, rest))
}

/// What follows a line end, where a text begins with one.
fn line_end(text: &[u8]) -> Option<&[u8]> {
    text.strip_prefix(b"\r\n").or(text.strip_prefix(b"\n")).or(text.strip_prefix(b"\r"))
}

/// Another delimiter that divides most lines evenly, where the named one divides not even the first.
pub(super) fn unlike(named: u8, records: &[u8], is_whole: bool) -> Option<u8> {
    let share = |delimiter| {
        let mut widths = Vec::new();
        let _: Result<(), ImportError> = widths_of(delimiter, records, is_whole, &mut widths);
        if widths.len() > 1 { per_mille(&widths) } else { 0 }
    };
    let found = delimiter(records, is_whole).delimiter;
    (found != named && share(named) == 0 && share(found) >= MOST).then_some(found)
}

/// Whether a delimiter divides the first of these lines.
fn divides(delimiter: u8, mut records: &[u8]) -> bool {
    let mut reader = Records::new(delimiter, FIELDS);
    let is_read = match reader.advance(&mut records) {
        Ok(true) => true,
        Ok(false) => reader.finish().is_ok_and(|is_read| is_read),
        Err(_) => false,
    };
    is_read && width(&reader) > 1
}

/// A delimiter that was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) delimiter: u8,
    /// Another one that explains the lines as well.
    pub(super) rival: Option<u8>,
    /// One that explains most lines below the first one, where no other explains most lines.
    pub(super) hidden: Option<u8>,
    /// One that stands in most lines below the first one, unevenly, where no other explains anything.
    pub(super) scattered: Option<u8>,
}

impl Found {
    fn only(delimiter: u8) -> Self {
        Self { delimiter, rival: None, hidden: None, scattered: None }
    }
}

/// The delimiter that explains the lines best. `is_whole`: the file ends here, so its last line is complete.
pub(super) fn delimiter(records: &[u8], is_whole: bool) -> Found {
    let (mut best, mut most, mut hidden) = (Found::only(COMMA), 0, None);
    let (mut scattered, mut below_most) = (None, HALF);
    for delimiter in DELIMITERS {
        let mut widths = Vec::new();
        // A line that no reader takes explains nothing; the lines before it do.
        let _: Result<(), ImportError> = widths_of(delimiter, records, is_whole, &mut widths);
        let share = per_mille(&widths);
        if share > most {
            (best, most) = (Found::only(delimiter), share);
        } else if share == most && most > 0 {
            best.rival = Some(delimiter);
        }
        // Two lines or more: one shows nothing.
        let is_hidden = widths.len() > 2 && per_mille(&widths[1..]) >= MOST;
        hidden = hidden.or(is_hidden.then_some(delimiter));
        // A comma needs no doubt: the file is read with it, and lines of other widths are refused.
        let below = holding(&widths);
        if delimiter != COMMA && below > below_most {
            (scattered, below_most) = (Some(delimiter), below);
        }
    }
    if most < MOST {
        best.hidden = hidden.filter(|hidden| *hidden != best.delimiter);
    }
    if most == 0 {
        best.scattered = scattered;
    }
    best
}

/// In how many of a thousand lines a delimiter gives as many fields as in the first one, if these are several.
fn per_mille(widths: &[usize]) -> usize {
    match widths.first() {
        Some(first) if *first > 1 => {
            widths.iter().filter(|width| *width == first).count() * 1_000 / widths.len()
        }
        _ => 0,
    }
}

/// In how many of a thousand lines below the first one a delimiter stands, if these are several.
fn holding(widths: &[usize]) -> usize {
    let below = widths.get(1..).unwrap_or_default();
    let count = below.iter().filter(|width| **width > 1).count();
    if below.len() > 1 { count * 1_000 / below.len() } else { 0 }
}

/// The fields of a line; none, if its quotes are odd.
fn width(reader: &Records) -> usize {
    if reader.is_odd() { 0 } else { reader.fields().len() }
}

fn widths_of(
    delimiter: u8,
    mut records: &[u8],
    is_whole: bool,
    widths: &mut Vec<usize>,
) -> Result<(), ImportError> {
    let mut reader = Records::new(delimiter, FIELDS);
    while widths.len() < LINES {
        if reader.advance(&mut records)? {
            widths.push(width(&reader));
        } else {
            if is_whole && reader.finish()? {
                widths.push(width(&reader));
            }
            break;
        }
    }
    Ok(())
}
