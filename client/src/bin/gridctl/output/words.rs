//! The options of gridctl in a sentence of the server, which names the fields of its API.
//!
//! It changes no other word. Invariant: a sentence without such a field stays as it is.

/// What the server writes of a field, and what is typed here for it.
const WORDS: [(&str, &str); 10] = [
    ("pass no_header", "pass --no-header"),
    (", or header to read", ", or --header to read"),
    ("pass repair", "pass --repair"),
    (", or repair to", ", or --repair to"),
    ("(repair drops", "(--repair drops"),
    ("pass the encoding", "pass its --encoding"),
    ("pass its encoding", "pass its --encoding"),
    ("pass another encoding", "pass another --encoding"),
    ("Parquet have `kinds`", "Parquet have --kinds"),
    ("XLSX has `kinds`, `header` and `no_header`", "XLSX has --kinds, --header and --no-header"),
];

/// A sentence of the server with the options in place of the fields. Texts of a file stand before the advice, so that only
/// the last place of each word is changed.
pub(crate) fn with_options(sentence: &str) -> String {
    let mut sentence = sentence.to_owned();
    for (field, option) in WORDS {
        if let Some(at) = sentence.rfind(field) {
            sentence.replace_range(at..at + field.len(), option);
        }
    }
    sentence
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_of_the_api_becomes_the_option_that_is_typed() {
        for (sentence, typed) in [
            (
                "the first line looks like data (\"pass no_header\"); pass no_header to read it as a row, or header to read it \
                 as names",
                "the first line looks like data (\"pass no_header\"); pass --no-header to read it as a row, or --header to \
                 read it as names",
            ),
            (
                "save the file as UTF-8, or pass its encoding, or repair to read such bytes as Windows-1252",
                "save the file as UTF-8, or pass its --encoding, or --repair to read such bytes as Windows-1252",
            ),
            (
                "correct the row, or pass repair to fill it with empty cells",
                "correct the row, or pass --repair to fill it with empty cells",
            ),
            (
                "JSON lines and Parquet have `kinds`, XLSX has `kinds`, `header` and `no_header`",
                "JSON lines and Parquet have --kinds, XLSX has --kinds, --header and --no-header",
            ),
            ("line 3 is too long", "line 3 is too long"),
        ] {
            assert_eq!(with_options(sentence), typed);
        }
    }
}
