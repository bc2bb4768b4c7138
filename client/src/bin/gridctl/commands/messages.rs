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
use crate::find::{find, find_person};
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
    /// A person that the text mentions, by e-mail address or name: it receives a notice. Several are possible. The text
    /// begins with `@` and the name where it has that nowhere.
    #[arg(long, value_name = "PERSON")]
    mention: Vec<String>,
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
    if messages.is_empty() {
        print("no messages; `gridctl say` sends one");
    }
    Ok(())
}

async fn threads(client: &Client, json: bool) -> Result<(), Failure> {
    let (mut token, mut is_empty) = (String::new(), true);
    loop {
        let page = client.threads(&token).await?;
        is_empty &= page.threads.is_empty();
        let mut out = std::io::stdout().lock();
        for thread in &page.threads {
            match json {
                true => writeln!(out, "{}", thread_json(thread))?,
                false => writeln!(out, "{}", thread_line(thread))?,
            }
        }
        token = page.next_page_token;
        if token.is_empty() {
            if is_empty {
                print("no messages; `gridctl say` sends one");
            }
            return Ok(());
        }
    }
}

pub(crate) async fn say(client: &Client, args: Say) -> Result<(), Failure> {
    let (thread, name) = thread_with(client, &args.to).await?;
    let (mut text, mut mentioned) = (args.text, Vec::new());
    for mention in args.mention.iter().rev() {
        let person = find_person(client, mention).await?;
        let at = format!("@{}", person.display_name);
        if !text.contains(&at) {
            text = format!("{at} {text}");
        }
        mentioned.push(person);
    }
    let ids: Vec<String> = mentioned.iter().map(|person| person.account_id.clone()).collect();
    let sent = client.say(&thread, &text, &ids).await?;
    let number = sent.message.unwrap_or_default().number;
    print(&format!("sent to {} as message {number}", one_line(&name)));
    for person in mentioned.iter().filter(|person| sent.without_access.contains(&person.account_id))
    {
        let name = one_line(&person.display_name);
        print(&format!("{name} can't read this thread and receives no notice"));
    }
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
    if page.notices.is_empty() {
        print("no notices");
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
    let thread = |person: v1::Person| (Thread::Person(person.account_id), person.display_name);
    if with.contains('@') {
        return find_person(client, with).await.map(thread);
    }
    match find(client, with).await {
        Ok(sheet) => Ok((Thread::Sheet(sheet.id), sheet.name)),
        Err(no_sheet @ Failure::Message(_)) => match find_person(client, with).await {
            Ok(person) => Ok(thread(person)),
            Err(_) => Err(no_sheet),
        },
        Err(error) => Err(error),
    }
}
