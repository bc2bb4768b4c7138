//! The texts of letters.
//!
//! Not how they are sent. Invariants: a letter names the server, what was asked for, and what its reader need not do; a
//! link has a line of its own.

use model::limits::edge::{CONFIRMATION_VALID, INVITATION_VALID, RESET_VALID};

/// A letter. It holds a link, so nothing of it is printed.
pub(super) struct Letter {
    pub(super) subject: &'static str,
    pub(super) text: String,
}

/// A letter with a password link.
pub(super) fn reset(server: &str, link: &str) -> Letter {
    let minutes = RESET_VALID.as_secs() / 60;
    let text = format!(
        "Hello,\n\n\
         someone, perhaps you, asked for a new password for your account at\n{server}\n\n\
         To set one, open this link. It works once, within {minutes} minutes:\n{link}\n\n\
         If you did not ask for it, do nothing: your password stays as it is.\n"
    );
    Letter { subject: "Set a new password for Gridloom", text }
}

/// A letter with a link that confirms an address.
pub(super) fn confirmation(server: &str, link: &str) -> Letter {
    let hours = CONFIRMATION_VALID.as_secs() / 3_600;
    let text = format!(
        "Hello,\n\n\
         someone, perhaps you, made an account with this address at\n{server}\n\n\
         To confirm that the address is yours, open this link within {hours} hours, and give the password of the \
         account. If you have signed up several times, that of the first time counts:\n{link}\n\n\
         If you have forgotten it, ask for a link to set another one, which confirms the address, too:\n\
         {server}/forgot-password\n\n\
         If you did not make the account, do nothing: it can't be used. To use it, set a password of your own in the \
         same way.\n"
    );
    Letter { subject: "Confirm your e-mail address for Gridloom", text }
}

/// A letter to the owner of an account, with whose address a sign-up was asked for.
pub(super) fn known(server: &str) -> Letter {
    let text = format!(
        "Hello,\n\n\
         someone, perhaps you, asked for a new account with this address at\n{server}\n\n\
         The address has an account already, and nothing has changed. To use it, sign in:\n{server}/sign-in\n\n\
         If you have forgotten its password, ask for a link to set another one:\n{server}/forgot-password\n\n\
         If you did not ask for an account, do nothing.\n"
    );
    Letter { subject: "You have an account in Gridloom", text }
}

/// A letter with an invitation to a `sheet` or a `file`. Names have one line, and stand between quotation marks.
pub(super) fn invitation(
    server: &str,
    link: &str,
    (what, name): (&str, &str),
    inviter: &str,
) -> Letter {
    let days = INVITATION_VALID.as_secs() / (24 * 3_600);
    let text = format!(
        "Hello,\n\n\
         \u{201c}{inviter}\u{201d} shares the {what} \u{201c}{name}\u{201d} with you at\n{server}\n\n\
         To open it, make an account with this address by this link. It works once, within {days} days:\n{link}\n\n\
         If you do not know the sender, do nothing: without an account no further letter follows from this one.\n"
    );
    let subject = match what {
        "file" => "A file is shared with you in Gridloom",
        _ => "A sheet is shared with you in Gridloom",
    };
    Letter { subject, text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_stands_alone_in_its_line() {
        let (server, link) = ("https://a.example", "https://a.example/page#x");
        let letters = [
            (reset(server, link), "within 60 minutes"),
            (confirmation(server, link), "within 24 hours"),
            (invitation(server, link, ("sheet", "Stock"), "Ada"), "within 30 days"),
            (invitation(server, link, ("file", "a.csv"), "Ada"), "within 30 days"),
        ];
        let known = known(server).text;
        assert!(known.lines().any(|line| line == "https://a.example/forgot-password"), "{known}");
        for (Letter { subject, text }, valid) in letters {
            assert!(text.lines().any(|line| line == link), "{text}");
            assert!(text.contains(valid) && text.contains(server), "{text}");
            assert!(!subject.is_empty());
        }
    }
}
