//! The strength of a new password: how early a guesser comes to it, and what makes it stronger.
//!
//! Not its length (`service::accounts`), and not its hash (`passwords`). Invariant: a password that is refused has a
//! rule that says why and what to do; the rule repeats nothing of the password.

use zxcvbn::feedback::{Suggestion, Warning};
use zxcvbn::{Score, zxcvbn};

/// The lowest score that passes: a guesser needs a million attempts or more. At the rate of attempts at one address that
/// is a year.
const LEAST: Score = Score::Two;
/// What each guesser of this server tries.
const OWN_WORDS: [&str; 2] = ["gridloom", "grid"];

/// Why a password is weak and what to do, as the rule of its field; `None` for one that is not. `of_person`: the address
/// and the name, which a guesser tries first.
pub(crate) fn weakness(password: &str, of_person: &[String]) -> Option<String> {
    let words = of_person.iter().flat_map(|text| {
        let parts = text.split(|letter: char| !letter.is_alphanumeric());
        std::iter::once(text.as_str()).chain(parts.filter(|part| !part.is_empty()))
    });
    let words: Vec<&str> = words.chain(OWN_WORDS).collect();
    let guessed = zxcvbn(password, &words);
    if guessed.score() >= LEAST {
        return None;
    }
    let feedback = guessed.feedback();
    let why = feedback
        .and_then(|it| it.warning())
        .map_or("common words, and the words of your address and name, are guessed first", reason);
    let advice = feedback.into_iter().flat_map(|it| it.suggestions()).filter_map(|it| advice(*it));
    let advice: String = advice.map(|text| format!("; {text}")).collect();
    Some(format!("is easy to guess: {why}; add a word or two, uncommon ones{advice}"))
}

const fn reason(warning: Warning) -> &'static str {
    match warning {
        Warning::StraightRowsOfKeysAreEasyToGuess => "rows of keys are guessed first",
        Warning::ShortKeyboardPatternsAreEasyToGuess => "short patterns of keys are guessed first",
        Warning::RepeatsLikeAaaAreEasyToGuess => "a repeated character is guessed first",
        Warning::RepeatsLikeAbcAbcAreOnlySlightlyHarderToGuess => {
            "a repeated part is hardly harder to guess than the part once"
        }
        Warning::ThisIsATop10Password => "it is one of the ten most used passwords",
        Warning::ThisIsATop100Password => "it is one of the hundred most used passwords",
        Warning::ThisIsACommonPassword => "many people use it",
        Warning::ThisIsSimilarToACommonlyUsedPassword => {
            "it is like a password that many people use"
        }
        Warning::SequencesLikeAbcAreEasyToGuess => {
            "sequences such as abc or 6543 are guessed first"
        }
        Warning::RecentYearsAreEasyToGuess => "recent years are guessed first",
        Warning::DatesAreOftenEasyToGuess => "dates are guessed first",
        _ => "single words and names are guessed first",
    }
}

/// What a suggestion adds to the reason.
const fn advice(suggestion: Suggestion) -> Option<&'static str> {
    match suggestion {
        Suggestion::CapitalizationDoesntHelpVeryMuch
        | Suggestion::AllUppercaseIsAlmostAsEasyToGuessAsAllLowercase => {
            Some("capital letters help little")
        }
        Suggestion::ReversedWordsArentMuchHarderToGuess => Some("a word backwards helps little"),
        Suggestion::PredictableSubstitutionsDontHelpVeryMuch => {
            Some("signs in place of letters, such as @ for a, help little")
        }
        Suggestion::AvoidYearsThatAreAssociatedWithYou
        | Suggestion::AvoidDatesAndYearsThatAreAssociatedWithYou => {
            Some("leave out dates and years of your life")
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(password: &str) -> Option<String> {
        weakness(password, &["Ada.Lovelace@example.org".to_owned(), "Countess Quixote".to_owned()])
    }

    #[test]
    fn weak_passwords_have_a_rule_that_repeats_none_of_them() {
        for (password, why) in [
            ("iloveyou", "most used passwords"),
            ("P@ssw0rd", "help little"),
            ("qwertyuiop", "most used passwords"),
            ("aaaaaaaaaa", "repeated"),
            ("abcabcabc", "repeated part"),
            ("12345678", "most used passwords"),
            ("abcdefgh", "guessed first"),
            ("19.04.1987", "dates"),
            ("lovelace", "guessed first"),
            ("ada.lovelace@example.org", "your address and name"),
            ("countess quixote", "guessed first"),
            ("gridloom", "guessed first"),
            (&"a".repeat(256), "repeated"),
        ] {
            let rule = of(password).unwrap_or_else(|| panic!("{password} is weak"));
            assert!(rule.contains(why), "{password}: {rule}");
            assert!(
                rule.starts_with("is easy to guess: ") && rule.contains("add a word"),
                "{rule}"
            );
            assert!(!rule.contains(password), "{rule}");
        }
    }

    #[test]
    fn a_few_words_are_strong_in_each_script() {
        for password in [
            "correct horse battery",
            "correct horse",
            "a quite new password",
            "a long password",
            "wer reitet so spät",
            "пароль из четырёх слов",
            "密码由几个不常见的词组成",
            "fK3v-92pQ",
        ] {
            assert_eq!(of(password), None, "{password}");
        }
    }
}
