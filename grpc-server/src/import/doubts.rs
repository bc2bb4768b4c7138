//! Guesses that may be wrong, each as a sentence for the person whose file it is.
//!
//! Not refusals: see `error`. Invariant: a sentence has a bounded length, whatever the file holds.

use super::CsvColumn;
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
    match (found.rival, found.hidden, found.scattered) {
        (Some(rival), ..) => Some(format!(
            "the fields were divided at '{delimiter}', but '{}' divides the lines as evenly; if that is wrong, import the \
             file with the other delimiter",
            shown(rival)
        )),
        (None, Some(hidden), _) => Some(format!(
            "each line was read as one field, but '{}' divides most lines below the first one evenly; if the first line is a \
             title, import the file without it",
            shown(hidden)
        )),
        (None, None, Some(scattered)) => Some(format!(
            "each line was read as one field, but '{}' stands in most lines below the first one; if it divides the fields, \
             import the file with this delimiter",
            shown(scattered)
        )),
        (None, None, None) => None,
    }
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

/// Columns with another name than in the file.
pub(super) fn names(renamed: &[(usize, String)]) -> Option<String> {
    let short = |name: &str| name.chars().take(NAME).collect::<String>();
    let named = renamed.iter().take(NAMED).map(|(at, name)| format!("{at} as {:?}", short(name)));
    let named: Vec<String> = named.collect();
    let more = match renamed.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(", and {more} more"),
    };
    (!named.is_empty()).then(|| {
        format!("columns without a name of their own were named: {}{more}", named.join(", "))
    })
}

/// Fields that do not fit the kind that was chosen for their column.
pub(super) fn misfits(column: &CsvColumn) -> Option<String> {
    let name: String = column.name.chars().take(NAME).collect();
    match column.misfits {
        0 => None,
        1 => Some(format!("1 value of {name:?} does not fit its kind and stays text")),
        count => Some(format!("{count} values of {name:?} do not fit its kind and stay text")),
    }
}

/// Lines that are no rows.
pub(super) fn blank_lines(count: u64) -> Option<String> {
    match count {
        0 => None,
        1 => Some("1 blank line was left out".to_owned()),
        count => Some(format!("{count} blank lines were left out")),
    }
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
