//! `change-password`, `rename`, `color`, `account`, `tokens`, `revoke`.
//!
//! Not the sign-in: see `account`. Invariant: a password is never an argument, so that no process list shows it.

use std::io::Write;

use clap::Args;
use gridloom::v1::AccountColor;
use values::Locale;

use crate::credentials::signed_in;
use crate::failure::Failure;
use crate::input::first_line;
use crate::output::format::time;
use crate::output::say;
use crate::parse::reader::tag_of;
use crate::server::Server;

#[derive(Args, Debug)]
pub(crate) struct ChangePassword {
    /// Read the old password from the first line of standard input, and the new one from the second.
    /// Without this flag gridctl asks for them.
    #[arg(long)]
    password_stdin: bool,
}

#[derive(Args, Debug)]
pub(crate) struct Rename {
    /// The name.
    name: String,
}

#[derive(Args, Debug)]
pub(crate) struct Color {
    /// orange, green, violet, cyan, pink, indigo, amber, blue, olive, red, brown or teal; none for one that
    /// programs derive from the account.
    #[arg(value_parser = color_named)]
    color: AccountColor,
}

#[derive(Args, Debug)]
pub(crate) struct Account {
    /// Read and write numbers and days as in this language: a tag such as de or en-US. `none`: with a decimal point, and
    /// days as 2024-05-01.
    #[arg(long, value_name = "TAG")]
    locale: Option<String>,
}

#[derive(Args, Debug)]
pub(crate) struct Revoke {
    /// The id that `gridctl tokens` shows.
    id: String,
}

pub(crate) async fn change_password(server: &Server, args: ChangePassword) -> Result<(), Failure> {
    let client = signed_in(server).await?;
    let (old, new) = match args.password_stdin {
        true => (first_line("the old password")?, first_line("the new password")?),
        false => ask()?,
    };
    client.change_password(&old, &new).await?;
    say("the password is set, and every other program of the account is signed out");
    Ok(())
}

fn ask() -> Result<(String, String), Failure> {
    let asked = |prompt| {
        rpassword::prompt_password(prompt).map_err(|cause| {
            Failure::Message(format!("cannot ask for the password: {cause}; use --password-stdin"))
        })
    };
    let (old, new) = (asked("Old password: ")?, asked("New password: ")?);
    if asked("Once more: ")? != new {
        return Err(Failure::Message(
            "the two new passwords differ and none was set; run the command again".to_owned(),
        ));
    }
    Ok((old, new))
}

pub(crate) async fn rename(server: &Server, args: Rename) -> Result<(), Failure> {
    let account = signed_in(server).await?.rename_account(&args.name).await?;
    say(&format!("others see you as {}", account.display_name));
    Ok(())
}

pub(crate) async fn color(server: &Server, args: Color) -> Result<(), Failure> {
    signed_in(server).await?.set_account_color(args.color).await?;
    say("the colour is set; open sheets show it after their next connection");
    Ok(())
}

/// Shows the account after its change, if there is one.
pub(crate) async fn account(server: &Server, args: Account) -> Result<(), Failure> {
    let client = signed_in(server).await?;
    let account = match args.locale {
        Some(tag) => client.set_account_locale(tag_of(&tag)).await?,
        None => client.who_am_i().await?.account.unwrap_or_default(),
    };
    let locale = match account.locale.as_deref() {
        None => "not chosen",
        Some("" | Locale::NEUTRAL) => "none",
        Some(tag) => tag,
    };
    let mut out = std::io::stdout().lock();
    writeln!(out, "email\t{}\nname\t{}\nlocale\t{locale}", account.email, account.display_name)?;
    Ok(())
}

fn color_named(name: &str) -> Result<AccountColor, String> {
    let known = match name {
        "none" => Some(AccountColor::Unspecified),
        name => AccountColor::from_str_name(&format!("ACCOUNT_COLOR_{}", name.to_uppercase())),
    };
    known.ok_or_else(|| "there is no such colour; `gridctl color --help` lists them".to_owned())
}

pub(crate) async fn tokens(server: &Server) -> Result<(), Failure> {
    let tokens = signed_in(server).await?.tokens().await?;
    let mut out = std::io::stdout().lock();
    for token in tokens {
        let here = if token.current { "this program" } else { "" };
        let device = if token.device.is_empty() { "unknown" } else { &token.device };
        let used = time(token.used_micros);
        writeln!(out, "{}\t{used}\t{device}\t{here}", token.id)?;
    }
    Ok(())
}

pub(crate) async fn revoke(server: &Server, args: Revoke) -> Result<(), Failure> {
    signed_in(server).await?.revoke_token(&args.id).await?;
    say("signed out");
    Ok(())
}
