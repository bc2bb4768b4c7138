//! Records of messages, threads, notices and people as messages of the wire.
//!
//! Not who may see them. Invariant: what is absent in a record is the default of its field.

use gridloom::v1;
use gridloom::v1::notice_service_watch_response::Event;

use model::people::{
    EndedJob, FoundPerson, ListedThread, Mentioned, MessageRecord, Named, NoticeEvent, NoticeKind,
    NoticeRecord, ThreadId, ThreadKind, ThreadPlace, ThreadRecord,
};
use model::{AccountId, SheetId};
use sheet::fanout::role::role_to_wire;

/// The id, the name and the color.
fn named(of: Option<&Named>) -> (String, String, i32) {
    let fields =
        |of: &Named| (of.account.to_string(), of.name.to_string(), of.color.number().into());
    of.map(fields).unwrap_or_default()
}

pub(super) fn message(record: MessageRecord) -> v1::Message {
    let (author_id, author_name, author_color) = named(record.author.as_ref());
    let mention = |of: &Mentioned| {
        let (account_id, display_name, color) = named(Some(&of.person));
        v1::Mention { account_id, display_name, color, name_in_text: of.in_text.to_string() }
    };
    v1::Message {
        thread_id: record.thread.to_string(),
        number: record.number,
        author_id,
        author_name,
        author_color,
        mentions: record.mentions.iter().map(mention).collect(),
        link: record.link.map(|(sheet, cell)| v1::CellLink {
            sheet_id: sheet.to_string(),
            row_id: cell.row,
            column_id: cell.column.to_string(),
        }),
        sent_micros: record.sent_micros,
        edited_micros: record.edited_micros.unwrap_or_default(),
        deleted_micros: record.deleted_micros.unwrap_or_default(),
        client_id: record.client.to_string(),
        text: record.text,
    }
}

fn kind(kind: ThreadKind) -> v1::ThreadKind {
    match kind {
        ThreadKind::Persons => v1::ThreadKind::Persons,
        ThreadKind::Sheet => v1::ThreadKind::Sheet,
        ThreadKind::Cell => v1::ThreadKind::Comment,
    }
}

pub(super) fn thread(listed: ListedThread, reader: AccountId) -> v1::Thread {
    let place = listed.thread.place;
    let (mut person_id, person_name, person_color) = named(listed.other.as_ref());
    if let ThreadPlace::Persons(two) = place {
        let other = two.into_iter().flatten().find(|id| *id != reader);
        person_id = other.map(|id| id.to_string()).unwrap_or_default();
    }
    let (sheet_name, role) = match listed.sheet {
        Some((name, role)) => (name.to_string(), role_to_wire(role)),
        None => Default::default(),
    };
    v1::Thread {
        id: listed.thread.id.to_string(),
        kind: kind(place.kind()).into(),
        sheet_id: place.sheet().map(|sheet| sheet.to_string()).unwrap_or_default(),
        sheet_name,
        person_id,
        person_name,
        person_color,
        last_message: listed.message.map(message),
        read: listed.read,
        unread: listed.unread,
        role: role.into(),
    }
}

fn place(thread: &ThreadRecord) -> v1::ThreadPlace {
    let cell = match thread.place {
        ThreadPlace::Cell(_, cell) => Some(cell),
        _ => None,
    };
    v1::ThreadPlace {
        thread_id: thread.id.to_string(),
        kind: kind(thread.place.kind()).into(),
        sheet_id: thread.place.sheet().map(|sheet| sheet.to_string()).unwrap_or_default(),
        row_id: cell.map_or(0, |cell| cell.row),
        column_id: cell.map(|cell| cell.column.to_string()).unwrap_or_default(),
        resolved_micros: thread.resolved_micros.unwrap_or_default(),
        deleted: thread.is_deleted,
    }
}

pub(super) fn notice(record: NoticeRecord) -> v1::Notice {
    let kind = match record.kind {
        NoticeKind::Mention => v1::NoticeKind::Mention,
        NoticeKind::Comment => v1::NoticeKind::Comment,
        NoticeKind::Share => v1::NoticeKind::Share,
        NoticeKind::Role => v1::NoticeKind::Role,
        NoticeKind::Job => v1::NoticeKind::Job,
        NoticeKind::Message | NoticeKind::Thread => v1::NoticeKind::Unspecified,
    };
    let (actor_id, actor_name, actor_color) = named(record.actor.as_ref());
    let (sheet_id, sheet_name) = match record.sheet {
        Some((SheetId(id), name)) => (id.to_string(), name.to_string()),
        None => Default::default(),
    };
    let (file_id, file_name) = match record.file {
        Some((id, name)) => (id.to_string(), name.to_string()),
        None => Default::default(),
    };
    v1::Notice {
        number: record.number,
        kind: kind.into(),
        at_micros: record.at_micros,
        actor_id,
        actor_name,
        actor_color,
        sheet_id,
        sheet_name,
        file_id,
        file_name,
        role: record.role.map(role_to_wire).unwrap_or_default().into(),
        message: record.message.map(message),
        place: record.thread.as_ref().map(place),
        job: record.job.map(ended_job),
    }
}

fn ended_job(job: EndedJob) -> v1::EndedJob {
    v1::EndedJob {
        id: job.id,
        name: job.name,
        succeeded: job.state == "done",
        is_listed: job.is_listed,
        made_file_id: job.made_file.map(|file| file.to_string()).unwrap_or_default(),
        sheet_id: job.made_sheet.map(|SheetId(id)| id.to_string()).unwrap_or_default(),
    }
}

/// An event of a stream; `None` where there is nothing to send.
pub(super) fn event(event: NoticeEvent) -> Option<Event> {
    Some(match event {
        NoticeEvent::Notice(record) if record.kind == NoticeKind::Message => {
            let of = record.thread.as_ref().map(place);
            let message = record.message.map(message)?;
            Event::Message(v1::MessageChanged { message: Some(message), place: of })
        }
        NoticeEvent::Notice(record) if record.kind == NoticeKind::Thread => {
            Event::Thread(place(record.thread.as_ref()?))
        }
        NoticeEvent::Notice(record) => Event::Notice(notice(*record)),
        NoticeEvent::ThreadRead { thread, kind: of, through, unread } => {
            let kind = of.map_or(v1::ThreadKind::Unspecified, kind).into();
            let thread_id = thread.to_string();
            Event::ThreadRead(v1::ThreadRead { thread_id, through, unread, kind })
        }
        NoticeEvent::NoticesRead { through, unread } => {
            Event::NoticesRead(v1::NoticesRead { through, unread })
        }
        NoticeEvent::Hidden => return None,
    })
}

pub(super) fn typing(thread: ThreadId, person: &Named) -> v1::Typing {
    let (person_id, person_name, person_color) = named(Some(person));
    v1::Typing { thread_id: thread.to_string(), person_id, person_name, person_color }
}

pub(super) fn person(found: FoundPerson) -> v1::Person {
    let (account_id, display_name, color) = named(Some(&found.person));
    let email = found.email.as_deref().unwrap_or_default().to_owned();
    let FoundPerson { online, shares, .. } = found;
    v1::Person { account_id, display_name, email, online, shares, color }
}
