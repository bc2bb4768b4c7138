//! `sign-up`, `confirm-email`, `sign-in`, `sign-out`, `forgot`, `reset-password`, `whoami`, `quota`, `delete-account`.
//!
//! It does not store tokens; `credentials.rs` does.
//!
//! Invariant: a password is never an argument, so that no process list shows it.

use std::io::Write;

use clap::Args;
use client::Error;
use serde_json::json;
use tonic::Code;

use crate::credentials::{self, signed_in};
use crate::failure::Failure;
use crate::input::first_line;
use crate::output::say;
use crate::server::Server;

/// The source of the password.
#[derive(Args, Debug)]
struct PasswordSource {
    /// Read the password from the first line of standard input. Without this flag gridctl reads the
    /// environment variable GRIDLOOM_PASSWORD, or asks for it.
    #[arg(long)]
    password_stdin: bool,
}

#[derive(Args, Debug)]
pub(crate) struct SignUp {
    /// The e-mail address.
    email: String,
    /// The name that others see. The default is the part of the address before the @.
    #[arg(long, default_value = "")]
    name: String,
    /// The link of an invitation, or its token.
    #[arg(long, default_value = "", value_name = "LINK")]
    invitation: String,
    #[command(flatten)]
    password: PasswordSource,
}

#[derive(Args, Debug)]
pub(crate) struct ConfirmEmail {
    /// The link, or its token. Without it gridctl reads the first line of standard input.
    link: Option<String>,
    #[command(flatten)]
    password: PasswordSource,
}

#[derive(Args, Debug)]
pub(crate) struct SignIn {
    /// The e-mail address.
    email: String,
    #[command(flatten)]
    password: PasswordSource,
}

#[derive(Args, Debug)]
pub(crate) struct SignOut {
    /// Sign out every program of the account.
    #[arg(long)]
    everywhere: bool,
}

#[derive(Args, Debug)]
pub(crate) struct Forgot {
    /// The e-mail address of the account.
    email: String,
}

#[derive(Args, Debug)]
pub(crate) struct ResetPassword {
    /// The link, or its token. Without it gridctl reads the first line of standard input.
    link: Option<String>,
    #[command(flatten)]
    password: PasswordSource,
}

#[derive(Args, Debug)]
pub(crate) struct DeleteAccount {
    /// Delete the sheets of the account with it.
    #[arg(long, conflicts_with = "transfer_to")]
    delete_sheets: bool,
    /// Make the person with this e-mail address the owner of the sheets.
    #[arg(long, value_name = "EMAIL")]
    transfer_to: Option<String>,
    #[command(flatten)]
    password: PasswordSource,
}

#[derive(Args, Debug)]
pub(crate) struct Quota {
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

pub(crate) async fn sign_up(server: &Server, args: SignUp) -> Result<(), Failure> {
    let client = server.connect().await?;
    let password = password(&args.password, true)?;
    let SignUp { email, name, invitation, .. } = &args;
    let session = match client.sign_up_invited(email, &password, name, invitation).await {
        Ok((_, session)) => session,
        Err(Error::Unconfirmed) => {
            let settings = client.server_settings().await?;
            let link = match settings.sends_mail {
                true => format!(
                    "a letter is sent to {email} (of several sign-ups, the first one's password counts); open its link"
                ),
                false => format!(
                    "the account of {email} is made; this server sends no mail: ask {} for the link that confirms \
                     the address, and open it",
                    operator(&settings.operator_contact)
                ),
            };
            say(&format!(
                "{link}, or give it to `gridctl confirm-email LINK`, then sign in with `gridctl sign-in {email}`"
            ));
            return Ok(());
        }
        Err(error) => return Err(error.into()),
    };
    credentials::save_token(server, &session.token)?;
    say(&format!("signed up and in as {}", args.email));
    Ok(())
}

pub(crate) async fn confirm_email(server: &Server, args: ConfirmEmail) -> Result<(), Failure> {
    let link = match args.link {
        Some(link) => link,
        None => first_line("the link")?,
    };
    let password = password(&args.password, false)?;
    server.connect().await?.confirm_email(&link, &password).await?;
    say("the address is confirmed; sign in with `gridctl sign-in EMAIL`");
    Ok(())
}

pub(crate) async fn sign_in(server: &Server, args: SignIn) -> Result<(), Failure> {
    let client = server.connect().await?;
    let password = password(&args.password, false)?;
    let session = match client.sign_in(&args.email, &password).await {
        Ok((_, session)) => session,
        // The general hint for this code says to sign in, which is what failed.
        Err(error) if error.code() == Some(Code::Unauthenticated) => {
            return Err(Failure::Message(format!(
                "{error}; try again, or make an account with `gridctl sign-up EMAIL`"
            )));
        }
        Err(error) => return Err(error.into()),
    };
    credentials::save_token(server, &session.token)?;
    if session.ended_tokens > 0 {
        say(&format!(
            "{} programs that were used longest ago are signed out",
            session.ended_tokens
        ));
    }
    say(&format!("signed in as {}", args.email));
    Ok(())
}

pub(crate) async fn sign_out(server: &Server, args: SignOut) -> Result<(), Failure> {
    let client = signed_in(server).await?;
    let ended = match args.everywhere {
        true => client.sign_out_everywhere().await,
        false => client.sign_out().await,
    };
    credentials::remove_token(server)?;
    match ended {
        // The server no longer knows the token, so the session has ended.
        Err(Error::Refused(refusal)) if refusal.code == Code::Unauthenticated => Ok(()),
        ended => Ok(ended?),
    }
}

pub(crate) async fn forgot(server: &Server, args: Forgot) -> Result<(), Failure> {
    let answer = server.connect().await?.request_password_reset(&args.email).await?;
    let minutes = answer.valid_seconds / 60;
    let next = "set a new password with `gridctl reset-password LINK`";
    if answer.sends_mail {
        say(&format!(
            "if {} has an account, a link is on its way there; it is valid for {minutes} minutes\n  {next}",
            args.email
        ));
        return Ok(());
    }
    let operator = operator(&answer.operator_contact);
    say(&format!(
        "this server sends no mail; if {} has an account, the link is in the server's log: ask {operator}\n  {next}",
        args.email
    ));
    Ok(())
}

/// The operator of the server, and how it is reached where that is known.
pub(crate) fn operator(contact: &str) -> String {
    match contact {
        "" => "its operator".to_owned(),
        contact => format!("its operator ({contact})"),
    }
}

pub(crate) async fn reset_password(server: &Server, args: ResetPassword) -> Result<(), Failure> {
    let client = server.connect().await?;
    let link = match args.link {
        Some(link) => link,
        None => first_line("the link")?,
    };
    let password = password(&args.password, true)?;
    client.reset_password(&link, &password).await?;
    credentials::remove_token(server)?;
    say(
        "the password is set, and every session of the account has ended; sign in with `gridctl sign-in EMAIL`",
    );
    Ok(())
}

pub(crate) async fn who_am_i(server: &Server) -> Result<(), Failure> {
    let answer = signed_in(server).await?.who_am_i().await?;
    let account = answer.account.unwrap_or_default();
    let mut out = std::io::stdout().lock();
    writeln!(out, "{}\t{}\t{}", account.email, account.display_name, account.id)?;
    Ok(())
}

pub(crate) async fn quota(server: &Server, args: Quota) -> Result<(), Failure> {
    let answer = signed_in(server).await?.usage().await?;
    let usage = answer.usage.unwrap_or_default();
    let limits = answer.limits.unwrap_or_default();
    let mut out = std::io::stdout().lock();
    if args.json {
        let shown = json!({
            "bytes": usage.bytes, "bytes_limit": limits.account_bytes,
            "sheets": usage.sheets, "sheets_limit": limits.account_sheets,
            "sessions_limit": limits.account_sessions,
        });
        return Ok(writeln!(out, "{shown}")?);
    }
    writeln!(out, "bytes\t{} of {}", usage.bytes, limits.account_bytes)?;
    writeln!(out, "sheets\t{} of {}", usage.sheets, limits.account_sheets)?;
    writeln!(out, "live sessions at one server\tat most {}", limits.account_sessions)?;
    Ok(())
}

pub(crate) async fn delete_account(server: &Server, args: DeleteAccount) -> Result<(), Failure> {
    let client = signed_in(server).await?;
    let password = password(&args.password, false)?;
    let to = args.transfer_to.unwrap_or_default();
    client.delete_account(&password, args.delete_sheets, &to).await?;
    credentials::remove_token(server)?;
    say("the account is deleted");
    Ok(())
}

/// Reads the password from standard input, the environment or a prompt.
fn password(source: &PasswordSource, twice: bool) -> Result<String, Failure> {
    if source.password_stdin {
        return first_line("the password");
    }
    if let Ok(password) = std::env::var("GRIDLOOM_PASSWORD") {
        return Ok(password);
    }
    let no_terminal = |cause| {
        Failure::Message(format!(
            "cannot ask for the password: {cause}; use --password-stdin or GRIDLOOM_PASSWORD"
        ))
    };
    let password = rpassword::prompt_password("Password: ").map_err(no_terminal)?;
    if twice && rpassword::prompt_password("Once more: ").map_err(no_terminal)? != password {
        return Err(Failure::Message(
            "the two passwords differ and none was set; run the command again".to_owned(),
        ));
    }
    Ok(password)
}
