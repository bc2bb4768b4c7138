//! Texts for spreadsheets, which run a text that begins as a formula.
//!
//! Not where a field ends. Invariant: no text that is defused has a part that a spreadsheet runs, whatever the delimiter with
//! which it reads the file.

use std::borrow::Cow;

/// The first characters of a text that spreadsheets run as a formula, the full-width ones among them.
const SIGNS: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];
/// Where a field ends for a spreadsheet that reads the file with another delimiter, or that passes over the quotes.
const SEPARATORS: [char; 5] = [';', ',', '\t', '\r', '\n'];
/// Separators that spreadsheets pass over at the begin of a text.
const BLANKS: [char; 3] = ['\t', '\r', '\n'];

/// A text with an apostrophe before each formula that a spreadsheet would run.
#[must_use]
pub fn defused(text: &str) -> Cow<'_, str> {
    let mut places: Vec<usize> = text.starts_with(BLANKS).then_some(0).into_iter().collect();
    // Where a formula may begin: at the begin or behind a separator, as long as only what is passed over has followed.
    let mut begin = Some(0);
    for (at, mark) in text.char_indices() {
        if SEPARATORS.contains(&mark) {
            begin = Some(at + 1);
        } else if SIGNS.contains(&mark) {
            places.extend(begin.take());
        } else if !is_passed_over(mark) {
            begin = None;
        }
    }
    if places.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut defused = String::with_capacity(text.len() + places.len());
    let mut done = 0;
    for place in places {
        defused.push_str(&text[done..place]);
        defused.push('\'');
        done = place;
    }
    defused.push_str(&text[done..]);
    Cow::Owned(defused)
}

/// Whether a spreadsheet may pass over a character before it looks for a formula: quotes, white space, and what is invisible.
fn is_passed_over(mark: char) -> bool {
    let is_invisible = matches!(
        mark,
        '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{180e}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
    );
    mark == '"' || mark.is_whitespace() || mark.is_control() || is_invisible
}

#[cfg(test)]
mod tests {
    use super::defused;

    #[test]
    fn a_formula_has_an_apostrophe_before_it() {
        for (text, written) in [
            ("=1+1", "'=1+1"),
            ("-5", "'-5"),
            ("a;=1", "a;'=1"),
            ("\t=1", "'\t'=1"),
            (" \"@x", "' \"@x"),
            ("\u{200b}+1", "'\u{200b}+1"),
            ("＝1", "'＝1"),
            ("a;\n=1", "a;\n'=1"),
        ] {
            assert_eq!(defused(text), written);
        }
        for text in ["", "a=1", "1+1", "a - b", "x; y", "'=1"] {
            assert_eq!(defused(text), text);
        }
    }
}
