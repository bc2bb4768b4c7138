//! Names of worksheets.
//!
//! Invariant: each name is one that programs for spreadsheets take: 1 to 31 characters in UTF-16, none of those that divide
//! references, and not one that a program keeps for itself.

/// Units of UTF-16 of a name.
const UNITS: usize = 31;
/// Characters that references to other worksheets have.
const REFUSED: [char; 7] = ['[', ']', ':', '*', '?', '/', '\\'];
/// A name that a program keeps for itself, in any letter case.
const KEPT: &str = "history";
/// The name where none is left.
const DEFAULT: &str = "Sheet";

/// The name of the first worksheet.
pub(super) fn of(name: &str) -> String {
    let plain = |char: char| {
        let is_plain = !REFUSED.contains(&char) && !char.is_control() && !is_no_character(char);
        if is_plain { char } else { '_' }
    };
    let plain: String = name.chars().map(plain).collect();
    let name = cut(trimmed(&plain), UNITS);
    let name = trimmed(name);
    match name {
        "" => DEFAULT.to_owned(),
        name if name.eq_ignore_ascii_case(KEPT) => format!("{name}_"),
        name => name.to_owned(),
    }
}

/// The name of a worksheet, counted from 1. It is that of no other one, also where the first one ends with a number.
pub(super) fn numbered(name: &str, number: usize) -> String {
    if number == 1 {
        return name.to_owned();
    }
    let end = format!(" ({number})");
    let mut titles = (0..=UNITS.saturating_sub(end.len()))
        .rev()
        .map(|units| format!("{}{end}", cut(name, units).trim_end()));
    titles.find(|title| title != name).unwrap_or(end)
}

/// A name without spaces and apostrophes at its ends.
fn trimmed(name: &str) -> &str {
    name.trim_matches(|char: char| char.is_whitespace() || char == '\'')
}

fn is_no_character(char: char) -> bool {
    matches!(char, '\u{fffe}' | '\u{ffff}')
}

/// The begin of a text with at most so many units of UTF-16.
pub(super) fn cut(text: &str, units: usize) -> &str {
    let mut left = units;
    let end = text.char_indices().find(|(_, char)| {
        let needed = char.len_utf16();
        let is_full = needed > left;
        left = left.saturating_sub(needed);
        is_full
    });
    end.and_then(|(at, _)| text.get(..at)).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_are_those_that_programs_take() {
        for (name, expected) in [
            ("Stock", "Stock"),
            ("", "Sheet"),
            ("''", "Sheet"),
            ("a/b:c*d?[e]\\", "a_b_c_d__e__"),
            (" 'Tom's' ", "Tom's"),
            ("HISTORY", "HISTORY_"),
            ("\u{1}\u{ffff}", "__"),
        ] {
            assert_eq!(of(name), expected);
        }
        assert_eq!(of(&"😀".repeat(20)), "😀".repeat(15));
        assert_eq!(of(&format!("{} 'b", "a".repeat(29))), "a".repeat(29));
        assert_eq!(numbered("Stock", 1), "Stock");
        assert_eq!(numbered(&"a".repeat(31), 12), format!("{} (12)", "a".repeat(26)));
        for (count, left) in [(27, 26), (26, 25), (25, 25)] {
            let name = format!("{} (2)", "a".repeat(count));
            let title = numbered(&name, 2);
            assert!(title != name && title.starts_with(&"a".repeat(left)), "{title}");
        }
    }

    proptest! {
        #[test]
        fn any_name_is_short_and_distinct(name in "\\PC{0,40}", number in 1..2000_usize) {
            let title = numbered(&of(&name), number);
            prop_assert!((1..=UNITS).contains(&title.encode_utf16().count()));
            prop_assert!(!title.contains(REFUSED) && trimmed(&title) == title);
            prop_assert_ne!(title, numbered(&of(&name), number + 1));
        }
    }
}
