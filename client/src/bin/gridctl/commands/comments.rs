//! `comments`, `delete-comment`.
//!
//! Replies are in the file of `export --comments`. Invariant: texts of others change no line and no terminal around them.

use std::io::Write;

use clap::Args;
use client::Client;

use crate::failure::Failure;
use crate::find::find;
use crate::output::message::{comment_json, comment_line};
use crate::output::say;

#[derive(Args, Debug)]
pub(crate) struct Comments {
    /// The sheet's id, or its name.
    sheet: String,
    /// Show resolved comments, too.
    #[arg(long)]
    resolved: bool,
    /// One JSON object on each line.
    #[arg(long)]
    json: bool,
}

#[derive(Args, Debug)]
pub(crate) struct DeleteComment {
    /// The ids of the comments; `gridctl comments` shows them.
    #[arg(required = true, value_name = "COMMENT")]
    comments: Vec<String>,
}

pub(crate) async fn comments(client: &Client, args: Comments) -> Result<(), Failure> {
    let sheet = find(client, &args.sheet).await?;
    let comments = client.comments(&sheet.id, &[], args.resolved).await?;
    let mut out = std::io::stdout().lock();
    for comment in &comments {
        match args.json {
            true => writeln!(out, "{}", comment_json(comment))?,
            false => writeln!(out, "{}", comment_line(comment))?,
        }
    }
    if comments.is_empty() {
        say(if args.resolved { "no comments" } else { "no open comments" });
    }
    Ok(())
}

/// The author of a comment and the owner of the sheet may.
pub(crate) async fn delete_comment(client: &Client, args: DeleteComment) -> Result<(), Failure> {
    for comment in &args.comments {
        client.delete_comment(comment).await?;
        say(&format!("comment {comment} is deleted, with its replies"));
    }
    Ok(())
}
