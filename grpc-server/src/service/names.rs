//! The e-mail addresses and display names of persons, as requests have them.
//!
//! Not the names of sheets (`sheets::wire`). Invariant: a name that passed is one line, and changes no text around it.

use crate::edge::errors::ServiceError;

const DISPLAY_NAME_CHARACTERS: usize = 100;
/// The longest address that mail can be sent to (RFC 3696, erratum 1690).
const EMAIL_BYTES: usize = 254;

/// An address in lower case. The letters A to Z alone are folded: what Unicode folds may be the address of another person,
/// as the Kelvin sign becomes the letter k.
pub(super) fn lower_case(given: &str) -> Result<String, ServiceError> {
    let folded = given.trim().to_ascii_lowercase();
    match folded.chars().all(|letter| letter.to_lowercase().eq([letter])) {
        true => Ok(folded),
        false => {
            let rule = "must have its letters in lower case, but for A to Z";
            Err(ServiceError::malformed("email", rule))
        }
    }
}

/// The address in lower case, of a form that mail can be sent to. Whether it arrives, only mail shows.
pub(crate) fn email(given: &str) -> Result<String, ServiceError> {
    let email = known_email(given)?;
    // As the mailer reads it.
    match email.parse::<lettre::Address>() {
        Ok(_) => Ok(email),
        Err(_) => Err(no_address()),
    }
}

fn no_address() -> ServiceError {
    ServiceError::malformed("email", "must be an e-mail address, such as ada@example.org")
}

/// The address in lower case, of an account or a role that there may be already. Those of earlier releases may have a
/// form that no mail can be sent to.
pub(super) fn known_email(given: &str) -> Result<String, ServiceError> {
    let email = lower_case(given)?;
    let plain = !email.chars().any(|letter| letter.is_whitespace() || letter.is_control());
    let formed = email.split_once('@').is_some_and(|(name, domain)| {
        let labels = domain.split('.').all(|label| !label.is_empty());
        !name.is_empty() && labels && !domain.contains('@')
    });
    if email.len() <= EMAIL_BYTES && plain && formed { Ok(email) } else { Err(no_address()) }
}

/// A display name; absent: the part of the e-mail address before the @.
pub(super) fn display_name(given: &str, email: &str) -> Result<String, ServiceError> {
    let name = match given.trim() {
        "" => email.split('@').next().unwrap_or(email),
        name => name,
    };
    if name.chars().any(char::is_control) {
        return Err(ServiceError::malformed("display_name", "must not hold control characters"));
    }
    if name.chars().any(turns_text) {
        let rule = "must not hold characters that turn or hide the text around them";
        return Err(ServiceError::malformed("display_name", rule));
    }
    if name.chars().all(is_blank) {
        let rule = "must have a character that is visible";
        return Err(ServiceError::malformed("display_name", rule));
    }
    match name.chars().count() {
        1..=DISPLAY_NAME_CHARACTERS => Ok(name.to_owned()),
        // The part before the @ may be longer than a name may be.
        _ if given.trim().is_empty() => Ok(name.chars().take(DISPLAY_NAME_CHARACTERS).collect()),
        _ => Err(ServiceError::malformed("display_name", "must have 1 to 100 characters")),
    }
}

/// Controls of bidirectional text, and characters that are shown as nothing: with them a name looks like another,
/// or changes the text after it.
const fn turns_text(letter: char) -> bool {
    matches!(letter,
        '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Characters that are shown as nothing where they stand alone: spaces, joiners, fillers, and marks on other characters.
const fn is_blank(letter: char) -> bool {
    matches!(letter,
        '\u{ad}' | '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200c}' | '\u{200d}' | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{ffa0}'
        | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0080}'..='\u{e0fff}')
        || letter.is_whitespace()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_folded_and_checked() {
        assert_eq!(email(" Ada@Example.ORG ").ok().as_deref(), Some("ada@example.org"));
        assert!(email("root@localhost").is_ok());
        assert_eq!(email("ÉLÈVE@x.fr".to_lowercase().as_str()).ok().as_deref(), Some("élève@x.fr"));
        for other in ["ada\u{212a}@x", "Élève@x.fr", "ada@x\u{2126}.gr", "a\u{130}@x"] {
            let refused = email(other).expect_err("may be another address");
            let names = matches!(&refused, ServiceError::Malformed { rule, .. } if rule.contains("lower case"));
            assert!(names, "{other}: {refused:?}");
        }
        let long = format!("{}@b.c", "a".repeat(300));
        for bad in ["", "@", "a@", "@b", "a b@c", "a@b@c", "a@b..c", "a\0@b", "a@.b", &long] {
            assert!(email(bad).is_err(), "{bad}");
        }
        for no_mail in
            ["ben@example.org,", "<x>@y.org", "a(b@c.org", "a..b@c.org", "a@b,c", "a:b@c.org"]
        {
            assert!(email(no_mail).is_err(), "{no_mail}");
            assert!(known_email(no_mail).is_ok(), "{no_mail}: an earlier release took it");
        }
    }

    #[test]
    fn a_display_name_is_taken_from_the_address_when_none_is_given() {
        assert_eq!(display_name("", "ada@x").ok().as_deref(), Some("ada"));
        assert_eq!(display_name(" Ada L ", "ada@x").ok().as_deref(), Some("Ada L"));
        assert!(display_name(&"x".repeat(101), "a@b").is_err());
        assert!(display_name("a\nb", "a@b").is_err());
    }

    #[test]
    fn a_display_name_is_visible() {
        let alone = ["\u{200d}", "\u{ad}", "\u{3164}", "\u{2800}\u{fe0f}", "\u{115f} \u{200c}"];
        for blank in alone {
            assert!(display_name(blank, "ada@x").is_err(), "{blank:?}");
            assert!(display_name(&format!("{blank}a"), "ada@x").is_ok(), "{blank:?}");
        }
        assert!(display_name("", "").is_err(), "a guest has no address to take a name from");
    }

    #[test]
    fn a_display_name_does_not_turn_the_text_around_it() {
        for bad in ["a\u{202e}b", "\u{2066}a", "a\u{200f}", "a\u{feff}", "a\u{200b}b", "\u{e0041}"]
        {
            assert!(display_name(bad, "a@b").is_err(), "{bad:?}");
        }
        // Also where the name is taken from the address.
        assert!(display_name("", "a\u{202e}@b").is_err());
        // Joiners are part of words and of pictures.
        for good in ["Ада", "آدا", "می\u{200c}خواهم", "👩\u{200d}💻", "O'Neil-Šmíd"]
        {
            assert!(display_name(good, "a@b").is_ok(), "{good:?}");
        }
    }
}
