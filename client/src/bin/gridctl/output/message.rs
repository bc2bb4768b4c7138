//! Formats messages, threads, notices and comments, as lines or as JSON.
//!
//! Invariant: a text of another person adds no line and no control character; the JSON keys stay stable.

use gridloom::v1::{self, NoticeKind};
use serde_json::{Value as Json, json};

use super::format::{cell_name, time};
use super::sheet::role_name;

/// A text on one line.
pub(crate) fn one_line(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
}

fn author(message: &v1::Message) -> &str {
    match message.author_name.as_str() {
        "" => "(deleted account)",
        name => name,
    }
}

fn text(message: &v1::Message) -> String {
    match message.deleted_micros {
        0 => one_line(&message.text),
        _ => "(deleted)".to_owned(),
    }
}

/// A message as one line.
pub(crate) fn message_line(message: &v1::Message) -> String {
    let edited =
        if message.edited_micros > 0 && message.deleted_micros == 0 { "  (edited)" } else { "" };
    let at = time(message.sent_micros);
    format!(
        "{:>6}  {at:.19}  {}: {}{edited}",
        message.number,
        one_line(author(message)),
        text(message)
    )
}

pub(crate) fn message_json(message: &v1::Message) -> Json {
    json!({
        "thread": message.thread_id,
        "number": message.number,
        "author": message.author_name,
        "account": message.author_id,
        "text": message.text,
        "mentions": message.mentions.iter().map(|it| &it.account_id).collect::<Vec<_>>(),
        "sent": time(message.sent_micros),
        "edited": (message.edited_micros != 0).then(|| time(message.edited_micros)),
        "deleted": (message.deleted_micros != 0).then(|| time(message.deleted_micros)),
    })
}

/// A thread as one line.
pub(crate) fn thread_line(thread: &v1::Thread) -> String {
    let with = match thread.kind() {
        v1::ThreadKind::Sheet => format!("sheet {:?}", thread.sheet_name),
        _ if thread.person_name.is_empty() => "(deleted account)".to_owned(),
        _ => one_line(&thread.person_name),
    };
    let unread = match thread.unread {
        0 => String::new(),
        count => format!("  ({count} unread)"),
    };
    let last = thread.last_message.as_ref();
    let last = last.map(|it| format!("{}: {}", one_line(author(it)), text(it))).unwrap_or_default();
    format!("{with}{unread}  {last}")
}

pub(crate) fn thread_json(thread: &v1::Thread) -> Json {
    json!({
        "id": thread.id,
        "sheet": thread.sheet_id,
        "sheet_name": thread.sheet_name,
        "person": thread.person_id,
        "person_name": thread.person_name,
        "unread": thread.unread,
        "read": thread.read,
        "last": thread.last_message.as_ref().map(message_json),
    })
}

/// A notice as one line.
pub(crate) fn notice_line(notice: &v1::Notice, unread: bool) -> String {
    let named = if notice.file_id.is_empty() { &notice.sheet_name } else { &notice.file_name };
    let named = format!("{named:?}");
    let actor = one_line(&notice.actor_name);
    let message = notice.message.as_ref().map(text).unwrap_or_default();
    let what = match notice.kind() {
        NoticeKind::Mention => format!("{actor} mentions you: {message}"),
        NoticeKind::Comment => format!("{actor} comments on {named}: {message}"),
        NoticeKind::Share => {
            format!("{actor} shares {named} with you as {}", role_name(notice.role()))
        }
        NoticeKind::Role => match notice.role() {
            v1::Role::Unspecified => format!("your role on {named} has ended"),
            role => format!("you are now {} of {named}", role_name(role)),
        },
        NoticeKind::Job => {
            let job = notice.job.clone().unwrap_or_default();
            let end = if job.succeeded { "is done" } else { "has failed" };
            format!("{} {end}", one_line(&job.name))
        }
        NoticeKind::Unspecified => "a notice of a later release".to_owned(),
    };
    let mark = if unread { "*" } else { " " };
    format!("{mark} {:.19}  {what}", time(notice.at_micros))
}

pub(crate) fn notice_json(notice: &v1::Notice, unread: bool) -> Json {
    let kind = match notice.kind() {
        NoticeKind::Mention => "mention",
        NoticeKind::Comment => "comment",
        NoticeKind::Share => "share",
        NoticeKind::Role => "role",
        NoticeKind::Job => "job",
        NoticeKind::Unspecified => "other",
    };
    json!({
        "number": notice.number,
        "kind": kind,
        "unread": unread,
        "at": time(notice.at_micros),
        "actor": notice.actor_name,
        "sheet": notice.sheet_id,
        "sheet_name": notice.sheet_name,
        "file": notice.file_id,
        "file_name": notice.file_name,
        "role": role_name(notice.role()),
        "message": notice.message.as_ref().map(message_json),
        "job": notice.job.as_ref().map(ended_job_json),
    })
}

fn ended_job_json(job: &v1::EndedJob) -> Json {
    json!({
        "id": job.id,
        "name": job.name,
        "succeeded": job.succeeded,
        "made_file": job.made_file_id,
        "sheet": job.sheet_id,
    })
}

/// The head of a file of comments.
pub(crate) const COMMENTS_HEAD: &str = "cell,row_id,column_id,state,number,author,sent,text";

/// The cell of a comment, and its state; no cell: its row or column is deleted.
fn place(comment: &v1::Comment) -> (Option<String>, &'static str) {
    let cell = comment.row.zip(comment.column).map(|(row, column)| cell_name(row, column));
    let state = match (&cell, comment.resolved_micros) {
        (None, _) => "deleted",
        (Some(_), 0) => "open",
        (Some(_), _) => "resolved",
    };
    (cell, state)
}

/// A comment as one line.
pub(crate) fn comment_line(comment: &v1::Comment) -> String {
    let (cell, state) = place(comment);
    let first = comment.first.clone().unwrap_or_default();
    let replies = match comment.messages {
        0..=1 => String::new(),
        2 => "  (1 reply)".to_owned(),
        messages => format!("  ({} replies)", messages - 1),
    };
    let id = &comment.thread_id;
    let cell = cell.unwrap_or_else(|| "-".to_owned());
    let author = one_line(author(&first));
    format!("{id}  {cell:>6}  {state:<8}  {author}: {}{replies}", text(&first))
}

pub(crate) fn comment_json(comment: &v1::Comment) -> Json {
    let (cell, state) = place(comment);
    json!({
        "id": comment.thread_id,
        "cell": cell,
        "row_id": comment.row_id,
        "column_id": comment.column_id,
        "state": state,
        "messages": comment.messages,
        "first": comment.first.as_ref().map(message_json),
    })
}

/// A message of a comment as a record of CSV. `for_spreadsheets`: no field is run as a formula.
pub(crate) fn comment_record(
    comment: &v1::Comment,
    message: &v1::Message,
    for_spreadsheets: bool,
) -> String {
    let (cell, state) = place(comment);
    let fields = [
        cell.unwrap_or_default(),
        comment.row_id.to_string(),
        comment.column_id.clone(),
        state.to_owned(),
        message.number.to_string(),
        message.author_name.clone(),
        time(message.sent_micros),
        message.text.clone(),
    ];
    let written = |field: String| match for_spreadsheets {
        true => quoted(&values::defused(&field)),
        false => quoted(&field),
    };
    fields.map(written).join(",")
}

/// A field of CSV.
fn quoted(field: &str) -> String {
    match field.contains([',', '"', '\n', '\r']) {
        true => format!("\"{}\"", field.replace('"', "\"\"")),
        false => field.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_of_another_person_stays_on_its_line() {
        let text = "one\ntwo\u{1b}[31m".to_owned();
        let message =
            v1::Message { text, author_name: "A\tB".into(), number: 3, ..Default::default() };
        let line = message_line(&message);
        assert!(!line.contains(char::is_control) && line.contains("A B: one two"), "{line:?}");
    }

    #[test]
    fn a_comment_is_one_record() {
        let comment = v1::Comment {
            row: Some(6),
            column: Some(1),
            row_id: 9,
            column_id: "2".into(),
            ..Default::default()
        };
        let message = v1::Message {
            text: "a \"b\",\nc".into(),
            number: 1,
            author_name: "Ada".into(),
            ..Default::default()
        };
        let record = comment_record(&comment, &message, false);
        assert!(record.starts_with("B7,9,2,open,1,Ada,"), "{record}");
        assert!(record.ends_with(",\"a \"\"b\"\",\nc\""), "{record}");
        let gone = v1::Comment { row: None, ..comment };
        assert!(comment_record(&gone, &message, false).starts_with(",9,2,deleted,"));
    }

    #[test]
    fn a_comment_for_spreadsheets_has_no_formula() {
        let message =
            v1::Message { text: "=1+1".into(), author_name: "@ada".into(), ..Default::default() };
        let record = |spreadsheets| comment_record(&v1::Comment::default(), &message, spreadsheets);
        assert!(record(false).contains(",@ada,") && record(false).ends_with(",=1+1"));
        assert!(record(true).contains(",'@ada,") && record(true).ends_with(",'=1+1"));
    }
}
