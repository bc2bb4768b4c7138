//! Texts that a person takes for the same, whatever their letter case and the way in which accents are encoded.
//!
//! Source: canonical caseless matching of the Unicode Standard, section 3.13, definition D145. Not an order of texts. In a
//! browser its own functions fold, so that the page does not load the tables of Unicode again; there `ı` is the same as `i`.

/// The form in which two such texts are equal: full case folding in normal form C.
#[must_use]
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    unicode::fold(text)
}

#[cfg(not(target_arch = "wasm32"))]
mod unicode {
    use unicase::UniCase;
    use unicode_normalization::UnicodeNormalization as _;

    pub(super) fn fold(text: &str) -> String {
        let decomposed: String = text.nfd().collect();
        UniCase::unicode(decomposed).to_folded_case().nfc().collect()
    }
}

#[cfg(target_arch = "wasm32")]
mod unicode {
    use wasm_bindgen::prelude::wasm_bindgen;
    use wasm_bindgen::{JsCast as _, JsValue};

    #[wasm_bindgen]
    extern "C" {
        #[wasm_bindgen(js_name = String)]
        type Text;

        #[wasm_bindgen(method)]
        fn normalize(this: &Text, form: &str) -> Text;

        #[wasm_bindgen(method, js_name = toUpperCase)]
        fn to_upper_case(this: &Text) -> Text;

        #[wasm_bindgen(method, js_name = toLowerCase)]
        fn to_lower_case(this: &Text) -> Text;
    }

    pub(super) fn fold(text: &str) -> String {
        let text = JsValue::from_str(text).unchecked_into::<Text>();
        // Letters such as `ß` have their full form in capitals alone.
        let folded = text.normalize("NFD").to_upper_case().to_lower_case().normalize("NFC");
        JsValue::from(folded).as_string().unwrap_or_default()
    }
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
