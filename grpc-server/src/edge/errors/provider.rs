//! The statuses of refusals of a sign-in with an OpenID provider.
//!
//! Not the decision to refuse (`service::accounts`). Invariants: each of them ends with what to do; none names what the
//! provider has answered, which is in the log.

use tonic::Code;

use super::status_builder::{RETRY_AFTER, StatusBuilder};

/// Why a sign-in with a provider is refused. A text is the name of the provider, unless the line has another.
#[derive(Clone, Debug)]
pub enum ProviderRefusal {
    /// The server has none.
    None,
    /// It is not reached.
    Away(String),
    /// This browser has not begun the sign-in; the text is where it can begin one.
    OtherBrowser(String),
    /// The sign-in was used, or has expired.
    Used(String),
    /// The provider refuses, or the check of its answer does.
    Refused(String),
    /// The provider has not confirmed the address.
    Email(String),
    /// An account has the address, and the password is needed to link it; the text is the address.
    Password(String),
    /// The person has signed in to another account.
    OtherAccount,
    /// The account has no password, and its owner has not signed in again.
    SignInAgain(String),
}

pub(super) fn builder(why: &ProviderRefusal) -> StatusBuilder {
    let failed =
        |reason, message: String| StatusBuilder::new(Code::FailedPrecondition, reason, message);
    match why {
        ProviderRefusal::None => {
            let message = "this server has no provider to sign in with; sign in with a password";
            failed("PROVIDER_NONE", message.to_owned())
        }
        ProviderRefusal::Away(name) => {
            let message = format!(
                "{name} is not reached at the moment; try again shortly, or sign in with a password"
            );
            StatusBuilder::new(Code::Unavailable, "PROVIDER_AWAY", message).retry(RETRY_AFTER)
        }
        ProviderRefusal::OtherBrowser(server) => {
            let message = format!(
                "this browser has not begun this sign-in, or has begun another one since; open {server} and begin again"
            );
            failed("PROVIDER_OTHER_BROWSER", message)
        }
        ProviderRefusal::Used(name) => {
            let message =
                format!("this sign-in with {name} was used already, or took too long; begin again");
            failed("PROVIDER_USED", message)
        }
        ProviderRefusal::Refused(name) => {
            let message = format!(
                "{name} could not be asked about you; begin again, and ask the operator to read the log if it does \
                 not help"
            );
            failed("PROVIDER_REFUSED", message)
        }
        ProviderRefusal::Email(name) => {
            let message = format!(
                "{name} has not confirmed an e-mail address of yours; confirm it there, then sign in again"
            );
            failed("PROVIDER_EMAIL", message)
        }
        ProviderRefusal::Password(email) => {
            let message = format!(
                "{email} has an account here; send its password to link it, or set a new one by the link of a \
                 forgotten password, and begin again"
            );
            failed("PROVIDER_PASSWORD", message).with("email", email)
        }
        ProviderRefusal::OtherAccount => {
            let message = "this is not the account that has to sign in again; choose that one at the provider";
            failed("PROVIDER_ACCOUNT", message.to_owned())
        }
        ProviderRefusal::SignInAgain(name) => {
            let message = format!("your account has no password; sign in again with {name} first");
            failed("SIGN_IN_AGAIN", message)
        }
    }
}
