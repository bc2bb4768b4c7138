//! Messages, the threads that hold them, and the notices to persons.
//!
//! Not who may read or write in a thread (the server's `edge::access`). Invariant: the number of a message, and of an
//! account's notice, has the order of commits.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use uuid::Uuid;

use crate::{AccountColor, AccountId, FileId, Role, SheetId};

/// The id of a thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ThreadId(pub Uuid);

impl fmt::Display for ThreadId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for ThreadId {
    type Err = uuid::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Uuid::try_parse(text).map(Self)
    }
}

/// A cell by the ids of its row and its column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CellId {
    /// The row.
    pub row: u64,
    /// The column.
    pub column: u64,
}

/// What a thread is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ThreadPlace {
    /// Two persons; `None` for an account that was deleted.
    Persons([Option<AccountId>; 2]),
    /// A sheet.
    Sheet(SheetId),
    /// A cell of a sheet.
    Cell(SheetId, CellId),
}

/// What a thread is about, without the place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ThreadKind {
    /// Two persons.
    Persons,
    /// A sheet.
    Sheet,
    /// A cell: a comment.
    Cell,
}

impl ThreadPlace {
    /// Its kind.
    #[must_use]
    pub fn kind(&self) -> ThreadKind {
        match self {
            Self::Persons(_) => ThreadKind::Persons,
            Self::Sheet(_) => ThreadKind::Sheet,
            Self::Cell(..) => ThreadKind::Cell,
        }
    }

    /// Its sheet.
    #[must_use]
    pub fn sheet(&self) -> Option<SheetId> {
        match self {
            Self::Persons(_) => None,
            Self::Sheet(sheet) | Self::Cell(sheet, _) => Some(*sheet),
        }
    }
}

/// A thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ThreadRecord {
    /// Its id.
    pub id: ThreadId,
    /// What it is about.
    pub place: ThreadPlace,
    /// The number of its last message.
    pub last: u64,
    /// When a comment was resolved: microseconds since the epoch.
    pub resolved_micros: Option<i64>,
    /// When it was made: microseconds since the epoch.
    pub made_micros: i64,
    /// Whether it is a comment that was deleted.
    pub is_deleted: bool,
}

/// A person by account, as others see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// The account.
    pub account: AccountId,
    /// Its display name.
    pub name: Arc<str>,
    /// Its color.
    pub color: AccountColor,
}

/// A person that a message mentions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mentioned {
    /// The person, with the name now.
    pub person: Named,
    /// The person's name when the text was written.
    pub in_text: Arc<str>,
}

/// A message as it is now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageRecord {
    /// Its thread.
    pub thread: ThreadId,
    /// Its number there.
    pub number: u64,
    /// Its author; `None` once the account is deleted.
    pub author: Option<Named>,
    /// The id that the client gave it.
    pub client: Uuid,
    /// Its text; empty once it is deleted.
    pub text: String,
    /// The persons that it mentions.
    pub mentions: Vec<Mentioned>,
    /// The cell that it links to.
    pub link: Option<(SheetId, CellId)>,
    /// When it was sent: microseconds since the epoch.
    pub sent_micros: i64,
    /// When it was edited last.
    pub edited_micros: Option<i64>,
    /// When it was deleted.
    pub deleted_micros: Option<i64>,
}

/// The message that an account sends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewMessage {
    /// The author.
    pub author: AccountId,
    /// The id that the client gave it.
    pub client: Uuid,
    /// SHA-256 of the request.
    pub digest: [u8; 32],
    /// The text.
    pub text: String,
    /// The persons that it mentions, each of whom can read it.
    pub mentions: Vec<AccountId>,
    /// The cell that it links to.
    pub link: Option<(SheetId, CellId)>,
}

/// A thread in a list, as one account sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedThread {
    /// The thread.
    pub thread: ThreadRecord,
    /// The time of its last message: microseconds since the epoch.
    pub last_micros: i64,
    /// The name of its sheet, and the account's role there.
    pub sheet: Option<(Arc<str>, Role)>,
    /// The other person.
    pub other: Option<Named>,
    /// The last message, if there is one.
    pub message: Option<MessageRecord>,
    /// The last message that the account has read.
    pub read: u64,
    /// Messages of others after it, up to a bound.
    pub unread: u32,
}

/// A comment: a thread on a cell, in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedComment {
    /// The thread.
    pub thread: ThreadRecord,
    /// The person who resolved it.
    pub resolved_by: Option<Named>,
    /// Its first message.
    pub first: Option<MessageRecord>,
}

/// What a notice is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoticeKind {
    /// A message in a thread, new or changed.
    Message,
    /// A comment was resolved, reopened or deleted.
    Thread,
    /// A message that mentions the person.
    Mention,
    /// A message in a comment in which the person takes part.
    Comment,
    /// A sheet was shared with the person.
    Share,
    /// The role of the person has changed or ended.
    Role,
    /// A job of the person has ended.
    Job,
}

/// A job that has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndedJob {
    /// Its id.
    pub id: String,
    /// Its name for a person.
    pub name: String,
    /// How it ended, as the table of jobs names it.
    pub state: String,
    /// Whether its account is shown the job in the list of jobs.
    pub is_listed: bool,
    /// The file that it has made.
    pub made_file: Option<FileId>,
    /// The sheet that it has made or filled.
    pub made_sheet: Option<SheetId>,
}

/// A notice to an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoticeRecord {
    /// Its number.
    pub number: u64,
    /// What it is about.
    pub kind: NoticeKind,
    /// Whether the list of notices shows it.
    pub listed: bool,
    /// The time: microseconds since the epoch.
    pub at_micros: i64,
    /// The person who caused it.
    pub actor: Option<Named>,
    /// The sheet and its name.
    pub sheet: Option<(SheetId, Arc<str>)>,
    /// The file and its name then, for a role on it.
    pub file: Option<(FileId, Arc<str>)>,
    /// The role that was given; `None` for one that ended.
    pub role: Option<Role>,
    /// The thread.
    pub thread: Option<ThreadRecord>,
    /// The message, as it is now.
    pub message: Option<MessageRecord>,
    /// The job.
    pub job: Option<EndedJob>,
}

/// What a stream of notices sends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoticeEvent {
    /// A notice.
    Notice(Box<NoticeRecord>),
    /// The account has read a thread up to a message; so many are unread.
    ThreadRead {
        /// The thread.
        thread: ThreadId,
        /// What it is about; `None`: it was deleted since.
        kind: Option<ThreadKind>,
        /// The last message that is read.
        through: u64,
        /// Messages of others after it, up to a bound.
        unread: u32,
    },
    /// The account has read its notices up to a number; so many are unread.
    NoticesRead {
        /// The last notice that is read.
        through: u64,
        /// Listed notices after it, up to a bound.
        unread: u32,
    },
    /// A notice that the account may not see any more.
    Hidden,
}

/// Where an account's notices stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NoticeHead {
    /// The last number.
    pub last: u64,
    /// Some notices up to this number were deleted.
    pub dropped: u64,
    /// All notices up to this number are read.
    pub read: u64,
    /// Listed notices after it, up to a bound.
    pub unread: u32,
}

/// A person that a search found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundPerson {
    /// The account, its name and its color.
    pub person: Named,
    /// The e-mail address, where the searching account may see it.
    pub email: Option<Arc<str>>,
    /// Whether the person is online.
    pub online: bool,
    /// Whether a sheet is shared between the two.
    pub shares: bool,
}
