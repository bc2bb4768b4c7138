//! The name of a file in the path of its link, and in the head of an answer (RFC 6266 and RFC 8187).
//!
//! Not the rules for names (`wire`). Invariant: whatever the name is, a path has one segment of it, and a head one line.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// All bytes but those that need no escape in a path, nor in a parameter of a header.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// The segment in place of a name that a client takes for a step in the path.
const PLAIN: &str = "file";

/// The last segment of the path of a link.
pub(super) fn segment(name: &str) -> String {
    match name {
        "" | "." | ".." => PLAIN.to_owned(),
        name => utf8_percent_encode(name, ESCAPED).to_string(),
    }
}

/// The value of `Content-Disposition`: the name, and one of ASCII for clients that read no other.
pub(super) fn disposition(name: &str) -> String {
    let is_plain = |c: &char| (c.is_ascii_graphic() || *c == ' ') && !r#""\%/"#.contains(*c);
    let plain = |c: char| if is_plain(&c) { c } else { '_' };
    let ascii: String = name.chars().map(plain).collect();
    let exact = utf8_percent_encode(name, ESCAPED);
    format!("attachment; filename=\"{ascii}\"; filename*=UTF-8''{exact}")
}

#[cfg(test)]
mod tests {
    use percent_encoding::percent_decode_str;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_name_is_written_for_each_client() {
        let expected = "attachment; filename=\"a b_c_.csv\"; filename*=UTF-8''a%20b%22c%C3%BC.csv";
        assert_eq!(disposition("a b\"cü.csv"), expected);
        assert_eq!(segment("ä/b c.csv"), "%C3%A4%2Fb%20c.csv");
        assert_eq!([segment("."), segment(".."), segment("...")], ["file", "file", "..."]);
    }

    proptest! {
        #[test]
        fn no_name_leaves_its_place(name in ".{0,40}") {
            for name in [name.clone(), format!("{name}\"\r\nX: y"), format!("../{name}\\")] {
                let head = disposition(&name);
                prop_assert!(head.bytes().all(|byte| (0x20..0x7f).contains(&byte)), "{}", head);
                prop_assert!(head.matches('"').count() == 2 && !head.contains('\\'), "{}", head);
                let exact = head.rsplit("''").next().expect("the last part");
                prop_assert_eq!(percent_decode_str(exact).decode_utf8().expect("UTF-8"), &*name);
                let segment = segment(&name);
                prop_assert!(!segment.contains(['/', '?', '#', '\\', '"', ' ']), "{}", segment);
            }
        }
    }
}
