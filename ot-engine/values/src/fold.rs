//! Texts that a person takes for the same, whatever their letter case and the way in which accents are encoded.
//!
//! Source: canonical caseless matching of the Unicode Standard, section 3.13, definition D145; for [`normal`] canonical
//! equivalence, section 3.7. Not an order of texts. In a browser its own functions fold, so that the page does not load the
//! tables of Unicode again; `folded_text` of the migrations compares in the same way in Postgres.

use std::borrow::Cow;

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

    pub(super) fn composed(text: &str) -> String {
        text.nfc().collect()
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
        // `ı` has the capital of `i`, and yet is another letter.
        text.split('ı').map(folded).collect::<Vec<_>>().join("ı")
    }

    fn folded(text: &str) -> String {
        let text = JsValue::from_str(text).unchecked_into::<Text>();
        // Letters such as `ß` have their full form in capitals alone; a capital such as `ẞ` has it by its small letter.
        let capitals = text.normalize("NFD").to_lower_case().to_upper_case();
        JsValue::from(capitals.to_lower_case().normalize("NFC")).as_string().unwrap_or_default()
    }

    pub(super) fn composed(text: &str) -> String {
        let text = JsValue::from_str(text).unchecked_into::<Text>();
        JsValue::from(text.normalize("NFC")).as_string().unwrap_or_default()
    }
}

/// The form in which texts are equal whatever the way in which accents are encoded: normal form C. Letter case counts.
#[must_use]
pub fn normal(text: &str) -> Cow<'_, str> {
    if text.is_ascii() { Cow::Borrowed(text) } else { Cow::Owned(unicode::composed(text)) }
}

/// The places of the names that are this text; where there is none, of those that are it in [`normal`] form.
#[must_use]
pub fn named<'a>(wanted: &str, names: impl Iterator<Item = &'a str> + Clone) -> Vec<usize> {
    let exact = places(names.clone(), |name| name == wanted);
    if !exact.is_empty() {
        return exact;
    }
    let wanted = normal(wanted);
    places(names, |name| normal(name) == wanted)
}

fn places<'a>(
    names: impl Iterator<Item = &'a str>,
    is_wanted: impl Fn(&str) -> bool,
) -> Vec<usize> {
    names.enumerate().filter_map(|(at, name)| is_wanted(name).then_some(at)).collect()
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
        for (one, other) in [("straẞe", "STRASSE"), ("\u{3f4}", "θ"), ("İ", "i\u{307}")] {
            assert_eq!(fold(one), fold(other));
        }
        assert_ne!(fold("cote"), fold("coté"));
        assert_ne!(fold("ı"), fold("I"));
    }

    #[test]
    fn a_name_is_found_as_it_is_encoded_and_else_in_normal_form() {
        let (composed, decomposed) = ("caf\u{e9}", "cafe\u{301}");
        let found = |wanted: &str, names: &[&str]| named(wanted, names.iter().copied());
        assert_eq!(found(composed, &["a", decomposed]), [1]);
        assert_eq!(found(decomposed, &["a", composed]), [1]);
        assert_eq!(found(decomposed, &[composed, decomposed]), [1]);
        assert_eq!(found("\u{212b}", &["\u{c5}", "A\u{30a}"]), [0, 1]);
        assert_eq!(found("CAF\u{c9}", &[composed, decomposed]), [0_usize; 0]);
    }

    proptest! {
        #[test]
        fn texts_with_one_normal_form_have_one_fold(text in "\\PC{0,20}") {
            let once = normal(&text).into_owned();
            prop_assert_eq!(&*normal(&once), &*once);
            prop_assert_eq!(fold(&once), fold(&text));
        }

        #[test]
        fn folding_twice_changes_nothing(text in "\\PC{0,20}") {
            let once = fold(&text);
            prop_assert_eq!(fold(&once), once);
        }
    }
}
