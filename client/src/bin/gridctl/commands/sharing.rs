//! `share`, `shares`, `unshare`, `transfer`, `leave`, `open`.
//!
//! They decide no rights; the server does. Invariant: the address of a link is standard output, alone on its line.

use std::io::Write;
use std::time::{SystemTime, UNIX_EPOCH};

use clap::{ArgGroup, Args, ValueEnum};
use client::Client;
use gridloom::v1;
use serde_json::json;

use crate::commands::account::operator;
use crate::failure::Failure;
use crate::find::find;
use crate::output::format::time;
use crate::output::say;
use crate::output::sheet::role_name;
use crate::server::Server;

/// The path of a link on its server.
const LINK_PATH: &str = "/link/";
const DAY_MICROS: i64 = 24 * 60 * 60 * 1_000_000;

/// A role that can be given.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum GivenRole {
    /// Reads the sheet.
    Viewer,
    /// Comments on it, too.
    Commenter,
    /// Edits it, too.
    Editor,
}

impl From<GivenRole> for v1::Role {
    fn from(role: GivenRole) -> Self {
        match role {
            GivenRole::Viewer => Self::Viewer,
            GivenRole::Commenter => Self::Commenter,
            GivenRole::Editor => Self::Editor,
        }
    }
}

#[derive(Args, Debug)]
#[command(group(ArgGroup::new("to").required(true).args(["with", "link"])))]
pub(crate) struct Share {
    /// The sheet, by its name or its id.
    sheet: String,
    /// The e-mail address of the person. An address without an account has the role once it signs up.
    #[arg(long, value_name = "EMAIL")]
    with: Option<String>,
    /// Make a link: each person who opens it has the role.
    #[arg(long)]
    link: bool,
    /// What the role allows.
    #[arg(long, value_enum)]
    role: GivenRole,
    /// The link ends after so many days. Without this option it does not end.
    #[arg(long, value_name = "DAYS", requires = "link", value_parser = clap::value_parser!(u32).range(1..=3_650))]
    days: Option<u32>,
    /// The link can be opened without an account.
    #[arg(long, requires = "link")]
    guests: bool,
}

#[derive(Args, Debug)]
pub(crate) struct Shares {
    /// The sheet, by its name or its id.
    sheet: String,
    /// One JSON object on each line.
    #[arg(long)]
    json: bool,
}

#[derive(Args, Debug)]
pub(crate) struct Unshare {
    /// The sheet, by its name or its id.
    sheet: String,
    /// The e-mail address of the person, the name or the account id of one that came by a link, or the link: its address,
    /// its token or its id.
    #[arg(value_name = "EMAIL|PERSON|LINK")]
    whom: String,
}

#[derive(Args, Debug)]
pub(crate) struct Transfer {
    /// The sheet, by its name or its id.
    sheet: String,
    /// The e-mail address of the new owner, who must have opened the sheet.
    email: String,
}

#[derive(Args, Debug)]
pub(crate) struct Leave {
    /// The sheet, by its name or its id.
    sheet: String,
}

#[derive(Args, Debug)]
pub(crate) struct Open {
    /// The address of the link, or its token.
    link: String,
}

pub(crate) async fn share(client: &Client, server: &Server, args: Share) -> Result<(), Failure> {
    let sheet = find(client, &args.sheet).await?;
    let role = args.role.into();
    if let Some(email) = args.with {
        let answer = client.share_with(&sheet.id, &email, role).await?;
        let share = answer.share.unwrap_or_default();
        let name = role_name(share.role());
        let how = match (share.opened, answer.invites) {
            (true, _) => String::new(),
            (false, true) => {
                ", who has not opened it yet; a letter invites a person without an account".into()
            }
            (false, false) => {
                let settings = client.server_settings().await?;
                format!(
                    ", who has not opened it yet; no letter is sent: {}",
                    instead_of_letter(&settings)
                )
            }
        };
        say(&format!("{:?} is shared with {} as {name}{how}", sheet.name, share.email));
        return Ok(());
    }
    let ends = args.days.map_or(0, |days| now_micros() + i64::from(days) * DAY_MICROS);
    let link = client.create_link(&sheet.id, role, args.guests, ends).await?;
    let end = match link.expires_micros {
        0 => "until you end it".to_owned(),
        at => format!("until {:.16}", time(at)),
    };
    let name = role_name(link.role());
    say(&format!("each person who opens this link becomes {name} of {:?}, {end}", sheet.name));
    say("copy its address now: it is shown this once");
    writeln!(std::io::stdout().lock(), "{}", address(server, &link.token))?;
    Ok(())
}

/// How a person comes that gets no letter.
pub(crate) fn instead_of_letter(settings: &v1::GetServerSettingsResponse) -> String {
    let operator = operator(&settings.operator_contact);
    match (settings.sign_up(), settings.sends_mail) {
        (v1::SignUpRule::Closed, _) => {
            format!("a person without an account needs an invitation of the server; ask {operator}")
        }
        (v1::SignUpRule::Invited, false) => format!(
            "a person without an account needs the invitation in the server's log; ask {operator}"
        ),
        (_, true) => "several were lately; inform the person yourself".to_owned(),
        (_, false) => "inform the person yourself".to_owned(),
    }
}

pub(crate) async fn shares(client: &Client, server: &Server, args: Shares) -> Result<(), Failure> {
    let sheet = find(client, &args.sheet).await?;
    let answer = client.shares(&sheet.id).await?;
    let mut out = std::io::stdout().lock();
    for share in &answer.shares {
        match args.json {
            true => writeln!(out, "{}", share_json(share))?,
            false => writeln!(out, "{}", share_line(share))?,
        }
    }
    for link in &answer.links {
        match args.json {
            true => writeln!(out, "{}", link_json(server, link))?,
            false => writeln!(out, "{}", link_line(server, link))?,
        }
    }
    if answer.shares_left_out {
        say("the sheet has more roles; those that were given last are left out");
    }
    Ok(())
}

pub(crate) async fn unshare(client: &Client, args: Unshare) -> Result<(), Failure> {
    let (sheet, whom) = (find(client, &args.sheet).await?, &*args.whom);
    let shares = client.shares(&sheet.id).await?.shares;
    let is_shared =
        |share: &v1::Share| share.link_id.is_empty() && share.email.eq_ignore_ascii_case(whom);
    if let Some(account) = came_by_link(&shares, whom)?.filter(|_| !shares.iter().any(is_shared)) {
        client.unshare_account(&sheet.id, account).await?;
        say(&format!("{whom} has left {:?}; the link still works, for {whom}, too", sheet.name));
    } else if whom.contains('@') {
        client.unshare(&sheet.id, whom).await?;
        say(&format!("{:?} is no longer shared with {whom}", sheet.name));
    } else {
        client.delete_link(&sheet.id, token(whom)).await?;
        say(&format!("the link to {:?} has ended, with the roles that it gave", sheet.name));
    }
    Ok(())
}

/// The account of the person of this address, name or id that came by a link.
fn came_by_link<'a>(shares: &'a [v1::Share], whom: &str) -> Result<Option<&'a str>, Failure> {
    let is_meant = |share: &&v1::Share| {
        let names = [&share.account_id, &share.display_name];
        !share.link_id.is_empty()
            && (names.iter().any(|name| *name == whom) || share.email.eq_ignore_ascii_case(whom))
    };
    let mut accounts: Vec<_> =
        shares.iter().filter(is_meant).map(|share| &*share.account_id).collect();
    accounts.sort_unstable();
    accounts.dedup();
    match accounts[..] {
        [] => Ok(None),
        [account] => Ok(Some(account)),
        _ => {
            let ids = accounts.join(", ");
            Err(Failure::Message(format!(
                "{whom:?} is the name of several persons; use one of these ids: {ids}"
            )))
        }
    }
}

pub(crate) async fn transfer(client: &Client, args: Transfer) -> Result<(), Failure> {
    let sheet = find(client, &args.sheet).await?;
    client.transfer_sheet(&sheet.id, &args.email).await?;
    say(&format!("{:?} now belongs to {}; you are an editor of it", sheet.name, args.email));
    Ok(())
}

pub(crate) async fn leave(client: &Client, args: Leave) -> Result<(), Failure> {
    let sheet = find(client, &args.sheet).await?;
    client.leave_sheet(&sheet.id).await?;
    say(&format!("you have left {:?}", sheet.name));
    Ok(())
}

pub(crate) async fn open(client: &Client, args: Open) -> Result<(), Failure> {
    let (sheet, role) = client.open_link(token(&args.link)).await?;
    let sheet = client.sheet(&sheet).await?;
    let name = role_name(role);
    say(&format!("you are {name} of {:?}, which belongs to {}", sheet.name, sheet.owner_name));
    writeln!(std::io::stdout().lock(), "{}", sheet.id)?;
    Ok(())
}

/// The token in the address of a link; a text without an address is the token.
fn token(link: &str) -> &str {
    let token = link.rsplit_once(LINK_PATH).map_or(link, |(_, token)| token);
    token.trim().trim_end_matches('/')
}

/// The address of a link, at the first address of the server.
fn address(server: &Server, token: &str) -> String {
    let first = server.address.split(',').next().unwrap_or_default().trim_end_matches('/');
    format!("{first}{LINK_PATH}{token}")
}

/// A role as one line.
pub(crate) fn share_line(share: &v1::Share) -> String {
    let role = role_name(share.role());
    let person = match (share.display_name.as_str(), share.email.as_str()) {
        ("", email) => format!("{email}  (has not opened it yet)"),
        (name, "") if share.link_id.is_empty() => name.to_owned(),
        (name, "") => format!("{name}  (guest)"),
        (name, email) => format!("{email}  {name}"),
    };
    let link = if share.link_id.is_empty() { "" } else { "  by link" };
    format!("{role:<9}  {person}{link}")
}

fn link_line(server: &Server, link: &v1::Link) -> String {
    let role = role_name(link.role());
    let guests = if link.guests { ", guests too" } else { "" };
    let end = match link.expires_micros {
        0 => String::new(),
        at => format!(", until {:.16}", time(at)),
    };
    let opened = link.opened;
    let name = match &*link.token {
        "" => format!("link {}", link.id),
        token => address(server, token),
    };
    format!("{role:<9}  {name}  (opened by {opened}{guests}{end})")
}

/// A role as JSON.
pub(crate) fn share_json(share: &v1::Share) -> serde_json::Value {
    json!({
        "role": role_name(share.role()),
        "email": share.email,
        "name": share.display_name,
        "account": share.account_id,
        "opened": share.opened,
        "link": share.link_id,
        "given": time(share.given_micros),
    })
}

fn link_json(server: &Server, link: &v1::Link) -> serde_json::Value {
    json!({
        "role": role_name(link.role()),
        "address": (!link.token.is_empty()).then(|| address(server, &link.token)),
        "id": link.id,
        "guests": link.guests,
        "opened": link.opened,
        "ends": (link.expires_micros != 0).then(|| time(link.expires_micros)),
    })
}

fn now_micros() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_named_by_its_address_or_its_token() {
        for link in ["abc_-", "http://x:7400/link/abc_-", "https://x/link/abc_-/", " abc_- "] {
            assert_eq!(token(link), "abc_-", "{link}");
        }
    }
}
