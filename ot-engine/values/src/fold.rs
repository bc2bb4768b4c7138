//! Texts that a person takes for the same, whatever their letter case and the way in which accents are encoded.
//!
//! Source: canonical caseless matching of the Unicode Standard, section 3.13, definition D145. Not an order of texts.

use unicase::UniCase;
use unicode_normalization::UnicodeNormalization as _;

/// The form in which two such texts are equal: full case folding in normal form C.
#[must_use]
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let decomposed: String = text.nfd().collect();
    UniCase::unicode(decomposed).to_folded_case().nfc().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn letter_case_and_encoding_make_no_difference() {
        for (one, other) in
            [("Straße", "STRASSE"), ("ÉCOLE", "e\u{301}cole"), ("Ω", "\u{2126}"), ("ΣΑΣ", "σας")]
        {
            assert_eq!(fold(one), fold(other));
        }
        assert_ne!(fold("cote"), fold("coté"));
    }

    proptest! {
        #[test]
        fn folding_twice_changes_nothing(text in "\\PC{0,20}") {
            let once = fold(&text);
            prop_assert_eq!(fold(&once), once);
        }
    }
}
