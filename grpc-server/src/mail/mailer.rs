//! The mailer: sends one letter through the operator's mail server.
//!
//! Not when: a job decides. Invariants: each step has a time limit; a refusal for good differs from one that passes;
//! no error names the password, or an address.

use jobs::Failure;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, CertificateStore, Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Tokio1Executor};
use uuid::Uuid;

use super::addresses;
use super::letters::Letter;
use crate::config::{MailOptions, MailTls, SmtpUrl};
use model::limits::edge::MAIL_STEP_WITHIN;
use tls::Trust;

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

    /// Sends a letter to an address. Each attempt of a job sends the same message id, so a reader shows one letter.
    ///
    /// # Errors
    /// [`Failure`], with the answer of the mail server.
    pub(super) async fn send(&self, id: Uuid, to: &str, letter: Letter) -> Result<(), Failure> {
        let message = self.message(id, to, letter)?;
        let Err(error) = self.transport.send(message).await else { return Ok(()) };
        // The address belongs to a person: the record of the job and the log keep none.
        let answer = addresses::left_out(&error.to_string(), to);
        Err(match error.is_permanent() {
            true => Failure::Final(format!("the mail server refuses it: {answer}")),
            false => Failure::Later(format!("the mail server did not take it: {answer}")),
        })
    }

    fn message(&self, id: Uuid, to: &str, letter: Letter) -> Result<Message, Failure> {
        let Letter { subject, text } = letter;
        let address = to;
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
        message.map_err(|error| Failure::Final(addresses::left_out(&error.to_string(), address)))
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
