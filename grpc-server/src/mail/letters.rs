//! The texts of letters.
//!
//! Not how they are sent. Invariant: a letter names the server, what was asked for, and what its reader need not do.

use std::time::Duration;

/// The subject of a letter with a password link.
pub(super) const RESET_SUBJECT: &str = "Set a new password for Gridloom";

/// A letter with a password link.
pub(super) fn reset(server: &str, link: &str, valid: Duration) -> String {
    let minutes = valid.as_secs() / 60;
    format!(
        "Hello,\n\n\
         someone, perhaps you, asked for a new password for your account at\n{server}\n\n\
         To set one, open this link. It works once, within {minutes} minutes:\n{link}\n\n\
         If you did not ask for it, do nothing: your password stays as it is.\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_stands_alone_in_its_line() {
        let text =
            reset("https://a.example", "https://a.example/reset#x", Duration::from_secs(3600));
        assert!(text.lines().any(|line| line == "https://a.example/reset#x"), "{text}");
        assert!(text.contains("within 60 minutes"), "{text}");
    }
}
