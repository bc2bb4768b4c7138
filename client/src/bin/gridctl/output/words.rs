//! The options of gridctl in a sentence of the server, which names no way to choose.
//!
//! It changes no other word. Invariant: a sentence without such a field stays as it is.

/// What the server writes of a choice, and what is typed here for it.
const WORDS: [(&str, &str); 8] = [
    ("whether the file has a header", "whether the file has a header (--header, --no-header)"),
    ("a repair drops", "--repair drops"),
    ("have it repaired", "have it repaired (--repair)"),
    ("have the file repaired", "have the file repaired (--repair)"),
    ("choose its encoding", "choose its encoding (--encoding)"),
    ("choose another encoding", "choose another encoding (--encoding)"),
    ("Parquet have `kinds`", "Parquet have --kinds"),
    ("XLSX has `kinds`, `header` and `no_header`", "XLSX has --kinds, --header and --no-header"),
];

/// A sentence of the server with the options of each choice. Texts of a file stand before the advice, so that only the last place of
/// each word is changed.
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
                "the first line looks like data (\"a field\"); choose whether the file has a header: without one \
                 it is a row",
                "the first line looks like data (\"a field\"); choose whether the file has a header \
                 (--header, --no-header): without one it is a row",
            ),
            (
                "save the file as UTF-8, or choose its encoding, or have it repaired, which reads such bytes as Windows-1252",
                "save the file as UTF-8, or choose its encoding (--encoding), or have it repaired (--repair), which reads \
                 such bytes as Windows-1252",
            ),
            (
                "correct the row, or have the file repaired, which fills it with empty cells",
                "correct the row, or have the file repaired (--repair), which fills it with empty cells",
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
