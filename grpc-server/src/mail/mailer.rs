//! The mailer: sends one letter through the operator's mail server.
//!
//! Not when: a job decides. Invariants: each step has a time limit; a refusal for good differs from one that passes;
//! no error names the password.

use std::fmt;

use jobs::Failure;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, CertificateStore, Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Tokio1Executor};
use uuid::Uuid;

use crate::config::{MailOptions, MailTls, SmtpUrl};
use model::limits::edge::MAIL_STEP_WITHIN;
use tls::Trust;

/// A letter.
pub(super) struct Letter {
    /// Of the job: each attempt sends the same message id, so a reader shows one letter.
    pub(super) id: Uuid,
    pub(super) to: String,
    pub(super) subject: &'static str,
    pub(super) text: String,
}

/// The letter may hold a link, so nothing of it is printed.
impl fmt::Debug for Letter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Letter").field("id", &self.id).finish_non_exhaustive()
    }
}

/// Sends letters.
#[derive(Debug)]
pub(crate) struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl Mailer {
    /// The mailer of these settings; `None` where there is no mail server.
    ///
    /// # Errors
    /// A sentence for the operator.
    pub(crate) fn new(options: &MailOptions, trust: &Trust) -> Result<Option<Self>, String> {
        let Some(url) = &options.smtp_url else { return Ok(None) };
        let from = options.mail_from.clone().ok_or("--smtp-url needs --mail-from")?;
        let machine = rustix::system::uname().nodename().to_string_lossy().into_owned();
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&*url.host)
            .port(url.port)
            .timeout(Some(MAIL_STEP_WITHIN))
            .hello_name(ClientId::Domain(machine))
            .tls(tls(url, trust).map_err(|error| error.to_string())?);
        if let Some((user, password)) = url.login.clone() {
            builder = builder.credentials(Credentials::new(user, password));
        }
        Ok(Some(Self { transport: builder.build(), from }))
    }

    /// Sends a letter.
    ///
    /// # Errors
    /// [`Failure`], with the answer of the mail server.
    pub(super) async fn send(&self, letter: Letter) -> Result<(), Failure> {
        let message = self.message(letter)?;
        match self.transport.send(message).await {
            Ok(_) => Ok(()),
            Err(error) if error.is_permanent() => {
                Err(Failure::Final(format!("the mail server refuses it: {error}")))
            }
            Err(error) => Err(Failure::Later(format!("the mail server did not take it: {error}"))),
        }
    }

    fn message(&self, letter: Letter) -> Result<Message, Failure> {
        let Letter { id, to, subject, text } = letter;
        // The address is not repeated: it belongs to a person.
        let to =
            to.parse().map_err(|_| Failure::Final("no mail can be sent to its address".into()))?;
        let automatic = HeaderName::new_from_ascii_str("Auto-Submitted");
        let message = Message::builder()
            .message_id(Some(format!("<{id}@{}>", self.from.email.domain())))
            .raw_header(HeaderValue::new(automatic, "auto-generated".to_owned()))
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(subject)
            .header(ContentType::TEXT_PLAIN)
            .body(text);
        message.map_err(|error| Failure::Final(error.to_string()))
    }
}

fn tls(url: &SmtpUrl, trust: &Trust) -> Result<Tls, lettre::transport::smtp::Error> {
    if url.tls == MailTls::None {
        return Ok(Tls::None);
    }
    let parameters = TlsParameters::builder(url.host.clone())
        .certificate_store(CertificateStore::None)
        .add_root_certificate(Certificate::from_pem(&trust.pem())?)
        .build_rustls()?;
    Ok(match url.tls {
        MailTls::Wrapper => Tls::Wrapper(parameters),
        MailTls::Opportunistic => Tls::Opportunistic(parameters),
        MailTls::Required | MailTls::None => Tls::Required(parameters),
    })
}
