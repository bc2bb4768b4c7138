//! `files share`, `files shares`, `files unshare`, `files leave`: the roles on a file.
//!
//! They decide no rights; the server does. Invariant: what a person without an account needs is in the answer.

use std::io::Write;

use clap::{Args, ValueEnum};
use client::Client;
use gridloom::v1;

use crate::commands::sharing::{instead_of_letter, share_json, share_line};
use crate::failure::Failure;
use crate::find::find_kept_file;
use crate::output::say;
use crate::output::sheet::role_name;

/// A role that can be given on a file.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum GivenRole {
    /// Looks at the file, downloads it, and makes sheets and files of its own of it.
    Viewer,
    /// Renames it and reads it again, too.
    Editor,
}

impl From<GivenRole> for v1::Role {
    fn from(role: GivenRole) -> Self {
        match role {
            GivenRole::Viewer => Self::Viewer,
            GivenRole::Editor => Self::Editor,
        }
    }
}

#[derive(Args, Debug)]
pub(crate) struct Share {
    /// The file's id, or its name.
    file: String,
    /// The e-mail address of the person. An address without an account has the role once it signs up.
    email: String,
    /// What the role allows.
    #[arg(long, value_enum, default_value = "viewer")]
    role: GivenRole,
}

#[derive(Args, Debug)]
pub(crate) struct Shares {
    /// The file's id, or its name.
    file: String,
    /// One JSON object on each line.
    #[arg(long)]
    json: bool,
}

#[derive(Args, Debug)]
pub(crate) struct Unshare {
    /// The file's id, or its name.
    file: String,
    /// The e-mail address of the person.
    email: String,
}

#[derive(Args, Debug)]
pub(crate) struct Leave {
    /// The file's id, or its name.
    file: String,
}

pub(crate) async fn share(client: &Client, args: Share) -> Result<(), Failure> {
    let file = find_kept_file(client, &args.file).await?;
    let answer = client.share_file(&file.id, &args.email, args.role.into()).await?;
    let share = answer.share.unwrap_or_default();
    let name = role_name(share.role());
    let how = match (share.opened, answer.invites) {
        (true, _) => String::new(),
        (false, true) => {
            ", who has not opened it yet; a letter invites a person without an account".to_owned()
        }
        (false, false) => {
            let settings = client.server_settings().await?;
            let instead = instead_of_letter(&settings);
            format!(", who has not opened it yet; no letter is sent: {instead}")
        }
    };
    say(&format!("{:?} is shared with {} as {name}{how}", file.name, share.email));
    Ok(())
}

pub(crate) async fn shares(client: &Client, args: Shares) -> Result<(), Failure> {
    let file = find_kept_file(client, &args.file).await?;
    let answer = client.file_shares(&file.id).await?;
    let mut out = std::io::stdout().lock();
    for share in &answer.shares {
        match args.json {
            true => writeln!(out, "{}", share_json(share))?,
            false => writeln!(out, "{}", share_line(share))?,
        }
    }
    Ok(())
}

pub(crate) async fn unshare(client: &Client, args: Unshare) -> Result<(), Failure> {
    let file = find_kept_file(client, &args.file).await?;
    client.unshare_file(&file.id, &args.email).await?;
    say(&format!("{:?} is no longer shared with {}", file.name, args.email));
    Ok(())
}

pub(crate) async fn leave(client: &Client, args: Leave) -> Result<(), Failure> {
    let file = find_kept_file(client, &args.file).await?;
    client.leave_file(&file.id).await?;
    say(&format!("you have left {:?}", file.name));
    Ok(())
}
