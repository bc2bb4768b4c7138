//! Texts as XML of workbooks.
//!
//! Not which texts are written. Invariant: a text comes back as it was, whatever characters it has.

/// A text as XML. Characters that XML does not hold are `_x0001_`, as workbooks write them, and a text that looks so has its
/// first character written in this way.
pub(super) fn escape(text: &str, into: &mut String) {
    let mut rest = text;
    while let Some(at) = rest.find(is_special) {
        let (plain, special) = rest.split_at(at);
        into.push_str(plain);
        let mut chars = special.chars();
        match chars.next() {
            Some('&') => into.push_str("&amp;"),
            Some('<') => into.push_str("&lt;"),
            Some('>') => into.push_str("&gt;"),
            Some('"') => into.push_str("&quot;"),
            Some('_') if !is_escape(special) => into.push('_'),
            Some(char) => *into += &format!("_x{:04X}_", u32::from(char)),
            None => {}
        }
        rest = chars.as_str();
    }
    into.push_str(rest);
}

fn is_special(char: char) -> bool {
    match char {
        '&' | '<' | '>' | '"' | '_' | '\u{fffe}' | '\u{ffff}' => true,
        '\t' | '\n' => false,
        char => char < ' ',
    }
}

/// Whether a text begins as a character in the form `_x0001_`.
fn is_escape(text: &str) -> bool {
    let bytes = text.as_bytes();
    let digits = bytes.get(2..6).is_some_and(|four| four.iter().all(u8::is_ascii_hexdigit));
    digits && matches!(bytes.get(1), Some(b'x' | b'X')) && bytes.get(6) == Some(&b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_those_of_workbooks() {
        let escaped = |text: &str| {
            let mut out = String::new();
            escape(text, &mut out);
            out
        };
        assert_eq!(escaped("<a&\"b\">"), "&lt;a&amp;&quot;b&quot;&gt;");
        assert_eq!(escaped("a\r\n\t\u{1}\u{ffff}"), "a_x000D_\n\t_x0001__xFFFF_");
        assert_eq!(escaped("_x0041_ _x_ __x00e9__"), "_x005F_x0041_ _x_ __x005F_x00e9__");
    }
}
