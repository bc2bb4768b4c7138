//! Why a value does not fit its column, for a program that has sent it.
//!
//! Not for a person who types: see [`values::Misfit`]. Invariant: the text says which form fits.

use values::{Kind, Misfit};

/// The reason, as a part of a sentence. No program types apostrophes.
pub(super) fn text(misfit: &Misfit) -> String {
    match misfit {
        Misfit::Text(Kind::Choices) => {
            "options are written with a comma and a space between them, each once, as in `o0, o1`"
                .to_owned()
        }
        Misfit::Text(Kind::Choice) => {
            "an option is written exactly as the column's settings have it".to_owned()
        }
        misfit => misfit.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use ot_engine::Value;
    use values::{Options, Rule, fits};

    use super::*;

    #[test]
    fn options_in_another_form_are_refused_with_the_form_that_fits() {
        let refused = |kind: Kind, value: &str| {
            let names: Vec<Arc<str>> = vec!["o0".into(), "o1".into()];
            let options = Options::from(names);
            let rule = Rule { options, ..Rule::from(kind) };
            text(&fits(&Value::from(value), &rule).expect_err("another form"))
        };
        assert!(refused(Kind::Choices, "o0,o1").contains("as in `o0, o1`"));
        assert!(refused(Kind::Choices, "o2").contains("expected options"));
        assert!(refused(Kind::Choice, "O0").contains("exactly"));
    }
}
