//! Which thread a request means, and whether its caller may read or write there.
//!
//! Not the roles (`edge::access`). Invariant: a thread that the caller may not read does not exist for it; a write asks
//! Postgres for the role, here for its refusal and in its own statement, so that a role that has ended writes nothing.

use tonic::{Code, Status};

use crate::edge::auth::Identity;
use crate::edge::errors::{ServiceError, SharingRefusal};
use crate::edge::rights::access::{Access, sheet_id};
use model::people::{ThreadId, ThreadPlace, ThreadRecord};
use model::{AccountId, Role, SheetId};
use store::Store;

/// Finds threads. Cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct Threads {
    store: Store,
    access: Access,
    /// Everyone with an address may write to everyone else.
    all: bool,
}

/// The thread that a request names.
#[derive(Clone, Copy, Debug)]
pub(super) enum Target {
    Sheet(SheetId),
    Person(AccountId),
    Thread(ThreadId),
}

/// What the caller does in a thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Use {
    Read,
    /// Something that is not stored.
    Report,
    Write,
}

impl Use {
    fn least(self) -> Role {
        if self == Self::Read { Role::Viewer } else { Role::Commenter }
    }
}

/// A thread that the caller may use; it may have no message yet, and then no record.
#[derive(Clone, Copy, Debug)]
pub(super) struct Found {
    target: Target,
    pub(super) record: Option<ThreadRecord>,
}

impl Target {
    /// The only one of three fields that is set.
    pub(super) fn of(sheet: &str, person: &str, thread: &str) -> Result<Self, ServiceError> {
        match (sheet, person, thread) {
            (sheet, "", "") if !sheet.is_empty() => Ok(Self::Sheet(sheet_id(sheet)?)),
            ("", person, "") if !person.is_empty() => {
                let person = person.parse().map_err(|_| ServiceError::NotFound("person"))?;
                Ok(Self::Person(person))
            }
            ("", "", thread) if !thread.is_empty() => Ok(Self::Thread(thread_id(thread)?)),
            _ => {
                let rule = "name exactly one of sheet_id, person_id and thread_id";
                Err(ServiceError::malformed("thread_id", rule))
            }
        }
    }
}

/// The id of a thread in a request. A text that is no id is refused like the id of no thread.
pub(super) fn thread_id(given: &str) -> Result<ThreadId, ServiceError> {
    given.parse().map_err(|_| unknown())
}

/// The only refusal of a thread that is not there, or that the caller may not read.
fn unknown() -> ServiceError {
    ServiceError::NotFound("thread")
}

impl Threads {
    pub(super) fn new(store: Store, access: Access, all: bool) -> Self {
        Self { store, access, all }
    }

    /// The thread of a request, for a caller who may use it.
    pub(super) async fn find(
        &self,
        identity: &Identity,
        target: Target,
        wanted: Use,
    ) -> Result<Found, Status> {
        let record = match target {
            Target::Sheet(sheet) => {
                self.check_sheet(identity, sheet, wanted).await?;
                self.store.thread_of_sheet(sheet).await.map_err(ServiceError::from)?
            }
            Target::Person(person) => self.with_person(identity.account, person).await?,
            Target::Thread(id) => Some(self.existing(identity, id, wanted).await?),
        };
        Ok(Found { target, record })
    }

    /// A thread by its id, for a caller who may use it.
    pub(super) async fn existing(
        &self,
        identity: &Identity,
        id: ThreadId,
        wanted: Use,
    ) -> Result<ThreadRecord, Status> {
        let record = self.store.thread(id).await.map_err(ServiceError::from)?;
        let record = record.ok_or_else(unknown)?;
        match record.place {
            ThreadPlace::Persons(two) if two.contains(&Some(identity.account)) => {}
            ThreadPlace::Persons(_) => return Err(unknown().into()),
            ThreadPlace::Sheet(sheet) | ThreadPlace::Cell(sheet, _) => {
                // A sheet without access would be another answer than that to an unknown id.
                let checked = self.check_sheet(identity, sheet, wanted).await;
                checked.map_err(|status| match status.code() {
                    Code::NotFound => unknown().into(),
                    _ => status,
                })?;
            }
        }
        Ok(record)
    }

    /// The outcome of a write. Where it found nothing to write to, the role may have ended since it was asked for.
    pub(super) async fn or_refused<T>(
        &self,
        identity: &Identity,
        thread: ThreadId,
        outcome: Result<T, Status>,
    ) -> Result<T, Status> {
        match outcome {
            Err(status) if status.code() == Code::NotFound => {
                self.existing(identity, thread, Use::Write).await?;
                Err(status)
            }
            outcome => outcome,
        }
    }

    /// The record of a thread, which is made where there is none. A guest begins none with a person, who could not refuse
    /// it.
    pub(super) async fn made(
        &self,
        identity: &Identity,
        found: Found,
    ) -> Result<ThreadRecord, ServiceError> {
        if let Some(record) = found.record {
            return Ok(record);
        }
        let record = match found.target {
            Target::Sheet(sheet) => {
                self.store.make_thread_of_sheet(sheet).await?;
                self.store.thread_of_sheet(sheet).await?
            }
            Target::Person(_) if identity.is_guest => {
                return Err(SharingRefusal::Guest("a new conversation with a person").into());
            }
            Target::Person(person) => {
                let account = identity.account;
                self.store.make_thread_of_persons(account, person).await?;
                self.store.thread_of_persons(account, person).await?
            }
            Target::Thread(_) => None,
        };
        record.ok_or(ServiceError::NotFound("thread"))
    }

    async fn check_sheet(
        &self,
        identity: &Identity,
        sheet: SheetId,
        wanted: Use,
    ) -> Result<(), Status> {
        let least = wanted.least();
        match wanted {
            Use::Write => self.access.require_now(identity, sheet, least).await.map(drop)?,
            Use::Read | Use::Report => drop(self.access.require(identity, sheet, least).await?),
        }
        Ok(())
    }

    async fn with_person(
        &self,
        account: AccountId,
        person: AccountId,
    ) -> Result<Option<ThreadRecord>, ServiceError> {
        if person == account {
            return Err(ServiceError::malformed("person_id", "must be another person"));
        }
        if let Some(record) = self.store.thread_of_persons(account, person).await? {
            return Ok(Some(record));
        }
        match self.store.is_in_reach(account, person, self.all).await? {
            true => Ok(None),
            false => Err(ServiceError::NotFound("person")),
        }
    }
}
