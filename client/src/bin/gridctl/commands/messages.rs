//! `messages`, `say`, `notices`.
//!
//! They keep nothing that was read. Invariant: texts of others change no line and no terminal around them.

use std::io::Write;

use clap::Args;
use client::Client;
use client::net::Thread;
use gridloom::v1;
use gridloom::v1::notice_service_watch_response::Event;

use crate::credentials::keep_signed_in;
use crate::failure::Failure;
use crate::find::find;
use crate::output::message::{
    message_json, message_line, notice_json, notice_line, one_line, thread_json, thread_line,
};
use crate::output::say as print;
use crate::server::Server;

/// Most messages on a page of a list.
const PAGE: u32 = 100;

#[derive(Args, Debug)]
pub(crate) struct Messages {
    /// The person, by e-mail address or name, or the sheet, by name or id. Without it: the threads with messages.
    #[arg(value_name = "PERSON|SHEET")]
    with: Option<String>,
    /// The newest messages that are shown. Without it: one page, as the server sets it.
    #[arg(long, value_name = "COUNT", requires = "with",
        value_parser = clap::value_parser!(u32).range(1..))]
    last: Option<u32>,
    /// One JSON object on each line.
    #[arg(long)]
    json: bool,
}

#[derive(Args, Debug)]
pub(crate) struct Say {
    /// The person, by e-mail address or name, or the sheet, by name or id.
    #[arg(value_name = "PERSON|SHEET")]
    to: String,
    /// The text.
    text: String,
}

#[derive(Args, Debug)]
pub(crate) struct Notices {
    /// Show what happens from now on, until you press Ctrl-C.
    #[arg(long)]
    follow: bool,
    /// One JSON object on each line.
    #[arg(long)]
    json: bool,
}

pub(crate) async fn messages(client: &Client, args: Messages) -> Result<(), Failure> {
    let Some(with) = &args.with else { return threads(client, args.json).await };
    let (thread, _) = thread_with(client, with).await?;
    let (mut messages, mut token) = (Vec::new(), String::new());
    loop {
        // 0: the server's setting.
        let left = args.last.map_or(0, |last| last - u32::try_from(messages.len()).unwrap_or(last));
        let page = client.messages(&thread, left.min(PAGE), &token).await?;
        messages.extend(page.messages);
        token = page.next_page_token;
        if token.is_empty() || messages.len() >= args.last.unwrap_or_default() as usize {
            break;
        }
    }
    let mut out = std::io::stdout().lock();
    // The newest one stands last, as in a conversation.
    for message in messages.iter().rev() {
        match args.json {
            true => writeln!(out, "{}", message_json(message))?,
            false => writeln!(out, "{}", message_line(message))?,
        }
    }
    Ok(())
}

async fn threads(client: &Client, json: bool) -> Result<(), Failure> {
    let mut token = String::new();
    loop {
        let page = client.threads(&token).await?;
        let mut out = std::io::stdout().lock();
        for thread in &page.threads {
            match json {
                true => writeln!(out, "{}", thread_json(thread))?,
                false => writeln!(out, "{}", thread_line(thread))?,
            }
        }
        token = page.next_page_token;
        if token.is_empty() {
            return Ok(());
        }
    }
}

pub(crate) async fn say(client: &Client, args: Say) -> Result<(), Failure> {
    let (thread, name) = thread_with(client, &args.to).await?;
    let sent = client.say(&thread, &args.text, &[]).await?;
    let number = sent.message.unwrap_or_default().number;
    print(&format!("sent to {} as message {number}", one_line(&name)));
    Ok(())
}

pub(crate) async fn notices(
    client: &Client,
    server: &Server,
    args: Notices,
) -> Result<(), Failure> {
    if args.follow {
        let _renewal = keep_signed_in(client, server).await?;
        return follow(client, args.json).await;
    }
    let page = client.notices("").await?;
    let mut out = std::io::stdout().lock();
    for notice in page.notices.iter().rev() {
        let unread = notice.number > page.read;
        match args.json {
            true => writeln!(out, "{}", notice_json(notice, unread))?,
            false => writeln!(out, "{}", notice_line(notice, unread))?,
        }
    }
    Ok(())
}

async fn follow(client: &Client, json: bool) -> Result<(), Failure> {
    let mut notices = client.watch_notices(None);
    loop {
        let line = match notices.next().await? {
            Event::Started(_) => {
                print("showing notices; press Ctrl-C to stop");
                continue;
            }
            Event::OlderGone(_) => {
                print("some notices are deleted; `gridctl messages` lists the threads");
                continue;
            }
            Event::Message(v1::MessageChanged { message: Some(message), .. }) => match json {
                true => message_json(&message).to_string(),
                false => message_line(&message),
            },
            Event::Notice(notice) => match json {
                true => notice_json(&notice, true).to_string(),
                false => notice_line(&notice, true),
            },
            _ => continue,
        };
        let mut out = std::io::stdout().lock();
        writeln!(out, "{line}")?;
        out.flush()?;
    }
}

/// The thread with a person or of a sheet, and the name of that. An address is a person's; another text is a sheet's, or
/// else a person's name.
async fn thread_with(client: &Client, with: &str) -> Result<(Thread, String), Failure> {
    if with.contains('@') {
        return person(client, with).await;
    }
    match find(client, with).await {
        Ok(sheet) => Ok((Thread::Sheet(sheet.id), sheet.name)),
        Err(no_sheet @ Failure::Message(_)) => match person(client, with).await {
            Ok(person) => Ok(person),
            Err(_) => Err(no_sheet),
        },
        Err(error) => Err(error),
    }
}

/// A person may choose any name, also the address of another person: a text with `@` is compared with addresses alone.
async fn person(client: &Client, with: &str) -> Result<(Thread, String), Failure> {
    let wanted = with.to_lowercase();
    let found = client.search_people(with, "", "").await?;
    let is = |person: &&v1::Person| {
        if with.contains('@') {
            return person.email.eq_ignore_ascii_case(with);
        }
        person.display_name.to_lowercase() == wanted
    };
    let named: Vec<&v1::Person> = found.people.iter().filter(is).collect();
    match named[..] {
        [only] => Ok((Thread::Person(only.account_id.clone()), only.display_name.clone())),
        // A name that very many accounts begin with.
        [] if found.people_left_out => Err(Failure::Message(format!(
            "{with:?} was not found, but the search has not looked at everyone; give the whole e-mail address"
        ))),
        [] => Err(Failure::Message(format!(
            "no person {with:?} shares a sheet with you; share one first, and let them open it"
        ))),
        _ => Err(Failure::Message(format!(
            "several persons are named {with:?}; give the e-mail address of one of them"
        ))),
    }
}
