//! Mail: the connection to the operator's mail server, and the jobs that send a letter.
//!
//! Not the settings (`config`). Invariant: a letter is sent by a job, never in a call, so no answer waits for mail.

mod addresses;
mod kinds;
mod letters;
pub(crate) mod links;
mod mailer;

pub(crate) use self::kinds::{Subject, kinds};
pub(crate) use self::mailer::Mailer;

use std::net::SocketAddr;

use crate::config::Options;
use crate::config::origins::ANY;

use self::kinds::Parameters;
use model::{AccountId, FileId, SheetId};
use store::{NewJob, StoreError};

/// The name of an invitation in the notice to its sender.
const INVITATION: &str = "The invitation of {email}";
/// The state of a job whose attempts are used up.
const FAILED: &str = "failed";

/// What an account shares with an address that it invites.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shared {
    /// A sheet.
    Sheet(SheetId),
    /// A file.
    File(FileId),
}

/// What calls and pages report of mail, and what the jobs of this node begin with.
#[derive(Clone, Debug)]
pub(crate) struct MailFacts {
    /// Whether this server sends mail.
    pub(crate) is_sent: bool,
    /// How the operator is reached; may be empty.
    pub(crate) operator_contact: String,
    /// Where browsers reach this server; the letters that it asks for name it, whichever node sends them.
    public_url: String,
}

impl MailFacts {
    /// The facts of these settings.
    pub(crate) fn new(options: &Options, listen: SocketAddr) -> Self {
        Self {
            is_sent: options.mail.smtp_url.is_some(),
            operator_contact: options.mail.operator_contact.clone().unwrap_or_default(),
            public_url: public_url(options, listen),
        }
    }

    /// A job that sends a letter to an address (in lower case), or writes its link to the log.
    ///
    /// # Errors
    /// [`StoreError::Invalid`].
    pub(crate) fn letter(&self, subject: Subject, email: &str) -> Result<NewJob, StoreError> {
        kinds::new_job(subject, self.is_sent, None, email, &self.parameters())
    }

    /// The same for a sign-up: to confirm the address, or to inform the owner of its account.
    ///
    /// # Errors
    /// [`StoreError::Invalid`].
    pub(crate) fn sign_up_letter(&self, email: &str) -> Result<NewJob, StoreError> {
        let parameters = Parameters { sign_up: true, ..self.parameters() };
        kinds::new_job(Subject::Confirm, self.is_sent, None, email, &parameters)
    }

    /// The same for an invitation, since an account shares a sheet or a file with the address.
    ///
    /// # Errors
    /// [`StoreError::Invalid`].
    pub(crate) fn invitation(
        &self,
        inviter: AccountId,
        shared: Shared,
        email: &str,
    ) -> Result<NewJob, StoreError> {
        let (sheet, shared_file) = match shared {
            Shared::Sheet(sheet) => (Some(sheet.0.to_string()), None),
            Shared::File(file) => (None, Some(file.0.to_string())),
        };
        let parameters = Parameters {
            sheet,
            shared_file,
            // Only of a letter that could not be sent: another one shows nothing about the address.
            notice: Some(INVITATION.to_owned()),
            notice_of: Some(FAILED.to_owned()),
            ..self.parameters()
        };
        kinds::new_job(Subject::Invite, self.is_sent, Some(inviter), email, &parameters)
    }

    fn parameters(&self) -> Parameters {
        Parameters { server: self.public_url.clone(), ..Parameters::default() }
    }
}

/// Where browsers reach this server.
pub(crate) fn public_url(options: &Options, listen: SocketAddr) -> String {
    if let Some(url) = &options.mail.public_url {
        return url.clone();
    }
    let scheme = if options.tls.is_served() { "https" } else { "http" };
    match options.origins.hosts.iter().find(|host| *host != ANY) {
        // A proxy before it listens at the usual port; a server without one names its own.
        Some(host) if options.tls.is_served() && listen.port() != 443 => {
            format!("{scheme}://{host}:{}", listen.port())
        }
        Some(host) => format!("https://{host}"),
        None if listen.ip().is_unspecified() => {
            let machine = rustix::system::uname();
            format!("{scheme}://{}:{}", machine.nodename().to_string_lossy(), listen.port())
        }
        None => format!("{scheme}://{listen}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_begin_with_the_setting_the_host_or_the_address() {
        let url = |change: fn(&mut Options), listen: &str| {
            let mut options = Options::default();
            change(&mut options);
            public_url(&options, listen.parse().expect(listen))
        };
        assert_eq!(url(|_| {}, "127.0.0.1:7400"), "http://127.0.0.1:7400");
        let with_host = |options: &mut Options| {
            options.origins.hosts = vec!["*".to_owned(), "grid.example.org".to_owned()];
        };
        assert_eq!(url(with_host, "127.0.0.1:7400"), "https://grid.example.org");
        let with_tls = |options: &mut Options| {
            options.origins.hosts = vec!["grid.example.org".to_owned()];
            options.tls.tls_cert = Some("cert.pem".into());
        };
        assert_eq!(url(with_tls, "0.0.0.0:443"), "https://grid.example.org");
        assert_eq!(url(with_tls, "0.0.0.0:8443"), "https://grid.example.org:8443");
        let with_setting =
            |options: &mut Options| options.mail.public_url = Some("https://a.example".to_owned());
        assert_eq!(url(with_setting, "0.0.0.0:80"), "https://a.example");
    }
}
