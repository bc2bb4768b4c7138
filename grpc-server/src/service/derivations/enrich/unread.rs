//! The sentence about an answer that is no JSON.
//!
//! Not the answers that are read (`objects`). An API may answer with its request, also in part, in capital letters or encoded, so no
//! comparison finds each echo. Invariants: where the requests have secrets, the sentence has no text of the answer; it never has a
//! type beyond those that are listed here.

use outbound::Answer;

/// Characters of an answer that a sentence shows.
const SHOWN: usize = 60;
/// Bytes of an answer among which they are.
const SHOWN_BYTES: usize = 1024;
/// The types that a sentence names. A type is a text of the answer, too.
const TYPES: [&str; 12] = [
    "application/json",
    "application/octet-stream",
    "application/pdf",
    "application/problem+json",
    "application/xhtml+xml",
    "application/xml",
    "application/zip",
    "text/csv",
    "text/html",
    "text/javascript",
    "text/plain",
    "text/xml",
];

/// A sentence about an answer that is no JSON: its type, its bytes, and its begin unless the request has secrets.
pub(super) fn no_json(has_secret: bool, answer: &Answer, why: &str) -> String {
    let begin = answer.body.get(..SHOWN_BYTES).unwrap_or(&answer.body);
    let begin = String::from_utf8_lossy(begin);
    let words: Vec<&str> = begin.split_whitespace().collect();
    let plain: String = words.join(" ").chars().filter(|it| !it.is_control()).take(SHOWN).collect();
    let stated = answer.content_type.to_ascii_lowercase();
    let stated = stated.split(';').next().unwrap_or_default().trim();
    let known = TYPES.iter().find(|known| **known == stated);
    let is_page = stated.contains("html") || plain.starts_with('<');
    let what = match (is_page, known) {
        (true, None) => "the answer is a page, and no JSON".to_owned(),
        (true, Some(known)) => format!("the answer is a page ({known}), and no JSON"),
        (false, None) => format!("the answer is no JSON: {why}"),
        (false, Some(known)) => format!("the answer ({known}) is no JSON: {why}"),
    };
    match (has_secret, plain.is_empty()) {
        (true, _) => format!("{what}; it has {} bytes", answer.body.len()),
        (false, true) => what,
        (false, false) => format!("{what}; it begins with {plain:?}"),
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::StatusCode;

    use super::*;

    fn answer(content_type: &str, body: &'static str) -> Answer {
        Answer {
            status: StatusCode::OK,
            content_type: content_type.to_owned(),
            retry_after: None,
            body: Bytes::from_static(body.as_bytes()),
        }
    }

    #[test]
    fn an_answer_is_shown_by_its_type_and_its_begin() {
        let page = answer("Text/HTML; charset=utf-8", "<!doctype  html>\n<p>");
        let expected =
            "the answer is a page (text/html), and no JSON; it begins with \"<!doctype html> <p>\"";
        assert_eq!(no_json(false, &page, "x"), expected);
        let broken = answer("text/plain", "{\"name\":");
        let expected =
            "the answer (text/plain) is no JSON: ended; it begins with \"{\\\"name\\\":\"";
        assert_eq!(no_json(false, &broken, "ended"), expected);
        assert_eq!(no_json(false, &answer("", ""), "ended"), "the answer is no JSON: ended");
    }

    #[test]
    fn an_answer_to_a_request_with_secrets_is_shown_by_nothing_that_it_has() {
        let expected = [
            ("text/hunter2xyz", "no", "the answer is no JSON: why; it has 2 bytes"),
            (
                "text/plain; a=hunter2xyz",
                "no",
                "the answer (text/plain) is no JSON: why; it has 2 bytes",
            ),
            (
                "text/html",
                "bad key hunter2xyz",
                "the answer is a page (text/html), and no JSON; it has 18 bytes",
            ),
            ("", "aHVudGVyMnh5eg==", "the answer is no JSON: why; it has 16 bytes"),
            ("", "HUNTER2XYZ", "the answer is no JSON: why; it has 10 bytes"),
            ("", "", "the answer is no JSON: why; it has 0 bytes"),
        ];
        for (content_type, body, expected) in expected {
            assert_eq!(no_json(true, &answer(content_type, body), "why"), expected);
        }
        let other = no_json(false, &answer("text/of-the-path", "no"), "why");
        assert!(!other.contains("of-the-path"), "{other}");
    }
}
