//! The lists of files and of uploads, and what they occupy.
//!
//! They change nothing. Invariant: memory holds one page of a list.

use std::io::Write;

use clap::{Args, ValueEnum};
use client::Client;
use client::net::FileOptions;
use gridloom::v1;

use crate::failure::Failure;
use crate::output::files::{FileTable, usage_json, usage_lines};
use crate::output::say;
use crate::parse::file_sort::{FileSort, file_sort};

/// How an incomplete upload ends. The list does not say where an upload was begun.
const CONTINUED: &str = "what began an upload continues it: the same command, or in a browser the same file, chosen again on \
                         the page of the files; `gridctl files cancel UPLOAD` gives it up";

/// Whose files a list has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Scope {
    /// Those of the account.
    Own,
    /// Those of others that are shared with it.
    Shared,
    /// Both.
    #[default]
    All,
}

impl From<Scope> for v1::FileScope {
    fn from(scope: Scope) -> Self {
        match scope {
            Scope::Own => Self::Own,
            Scope::Shared => Self::Shared,
            Scope::All => Self::All,
        }
    }
}

#[derive(Args, Debug, Default, PartialEq, Eq)]
pub(crate) struct List {
    /// Only files whose name contains this, in any letter case.
    #[arg(long, value_name = "TEXT")]
    filter: Option<String>,
    /// Sort by name, size or made, which is the time of the upload; `size:desc` puts the largest first. Without this option
    /// the newest file is first.
    #[arg(long, value_name = "KEY[:desc]", value_parser = file_sort)]
    sort: Option<FileSort>,
    /// Whose files: your own, those that others share with you, or all.
    #[arg(long, value_enum, default_value = "all")]
    scope: Scope,
    /// List the removed files instead, with the time until which they can be restored.
    #[arg(long)]
    removed: bool,
    /// One JSON object on each line.
    #[arg(long)]
    json: bool,
}

#[derive(Args, Debug)]
pub(crate) struct Uploads {
    /// One JSON object on each line.
    #[arg(long)]
    json: bool,
}

#[derive(Args, Debug)]
pub(crate) struct Usage {
    /// One JSON object.
    #[arg(long)]
    json: bool,
}

pub(crate) async fn list(client: &Client, args: List) -> Result<(), Failure> {
    let options = FileOptions {
        filter: args.filter.clone().unwrap_or_default(),
        order: args.sort.map(|sort| sort.order).unwrap_or_default(),
        descending: args.sort.is_some_and(|sort| sort.descending),
        removed: args.removed,
        scope: args.scope.into(),
    };
    let mut table = FileTable::new(args.json, args.removed);
    let (mut token, mut is_empty) = (String::new(), true);
    loop {
        let page = client.files_page(&options, &token).await?;
        table.files(&page.files)?;
        is_empty &= page.files.is_empty();
        token = page.next_page_token;
        if token.is_empty() {
            break;
        }
    }
    if is_empty {
        say(&nothing(args.filter.as_deref(), args.removed, args.scope));
    }
    Ok(())
}

/// What an empty list means, and the next step.
fn nothing(filter: Option<&str>, removed: bool, scope: Scope) -> String {
    if scope == Scope::Shared {
        let what = if filter.is_some() { "such file" } else { "file" };
        return format!("no {what} is shared with you; `gridctl files` lists your own, too");
    }
    match (filter, removed) {
        (Some(filter), false) => {
            format!("no file has {filter:?} in its name; `gridctl files` lists them all")
        }
        (Some(filter), true) => format!(
            "no removed file has {filter:?} in its name; `gridctl files --removed` lists them all"
        ),
        (None, false) => "no files; `gridctl files upload FILE` uploads one".to_owned(),
        (None, true) => "no removed files; `gridctl files remove FILE` removes one".to_owned(),
    }
}

pub(crate) async fn uploads(client: &Client, args: Uploads) -> Result<(), Failure> {
    let uploads = client.uploads().await?;
    FileTable::new(args.json, false).uploads(&uploads)?;
    if uploads.is_empty() {
        say("no incomplete uploads; `gridctl files` lists the files that are complete");
    } else if !args.json {
        say(CONTINUED);
    }
    Ok(())
}

pub(crate) async fn usage(client: &Client, args: Usage) -> Result<(), Failure> {
    let usage = client.file_usage().await?;
    let mut out = std::io::stdout().lock();
    if args.json {
        return Ok(writeln!(out, "{}", usage_json(&usage))?);
    }
    for line in usage_lines(&usage) {
        writeln!(out, "{line}")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_incomplete_upload_is_continued_where_it_was_begun() {
        for part in ["the same command", "browser", "`gridctl files cancel UPLOAD`"] {
            assert!(CONTINUED.contains(part), "{part}");
        }
    }

    #[test]
    fn an_empty_list_names_the_next_step() {
        for (filter, removed) in
            [(None, false), (None, true), (Some("a"), false), (Some("a"), true)]
        {
            for scope in [Scope::Own, Scope::Shared, Scope::All] {
                let text = nothing(filter, removed, scope);
                assert!(text.contains("`gridctl files"), "{text}");
            }
        }
    }
}
