//! Takes e-mail addresses out of the answers of mail servers, before an answer is stored or logged.
//!
//! Not the addresses of requests (`service::names`). Invariant: neither the recipient, nor its part before the @ as a
//! word, nor another address is in the text that is left.

/// In the place of an address.
const LEFT_OUT: &str = "(address)";

/// A text without addresses.
pub(super) fn left_out(text: &str, recipient: &str) -> String {
    let recipient = recipient.to_lowercase();
    let name = recipient.split('@').next().unwrap_or_default().to_owned();
    let is_part = |letter: char| !letter.is_whitespace() && !"<>()[]{}\"'`,;:".contains(letter);
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find(|letter| !is_part(letter)).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        let folded = word.trim_end_matches(['.', '!', '?']).to_lowercase();
        let is_address = word.contains('@') || (!folded.is_empty() && folded == name);
        kept.push_str(if is_address { LEFT_OUT } else { word });
        let sign = after.chars().next().map_or(0, char::len_utf8);
        let (sign, after) = after.split_at(sign);
        kept.push_str(sign);
        rest = after;
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_keeps_its_words_and_no_address() {
        for (answer, expected) in [
            ("permanent error (550): no such mailbox here", None),
            ("(550): <Ada.L@Example.org>: user unknown", Some("(550): <(address)>: user unknown")),
            ("550 5.1.1 'ada.l@example.org', not found", Some("550 5.1.1 '(address)', not found")),
            ("451 see ops@mail.example", Some("451 see (address)")),
            ("550 Ada.L: unknown", Some("550 (address): unknown")),
            ("550 unknown user ada.l.", Some("550 unknown user (address)")),
            ("mailto:ada.l@example.org?x=1", Some("mailto:(address)")),
            ("", None),
            ("é ü @", Some("é ü (address)")),
        ] {
            let kept = left_out(answer, "ada.l@example.org");
            assert_eq!(kept, expected.unwrap_or(answer));
        }
    }
}
