//! Opens a sheet's stream: finds the one that continues from Postgres, or begins one.
//!
//! Not the loading of the sheet. Invariant: no stream is used that began at a head which Postgres has passed, and no
//! entry is missed. So a node that begins a stream reads Postgres once more before it uses it, and a node that
//! finds a stream which ends before the head in Postgres removes it.

use std::sync::Arc;

use ot_engine::Revision;
use uuid::Uuid;

use super::{IDLE_SECONDS, PAGE_BATCHES, PAGE_BYTES, RedisJournal, batch, nonsense};
use crate::tail::Reserved;
use crate::{JournalError, OpenedStream, StreamId};
use model::{Entry, SheetId};

/// Some of what a stream holds.
pub(super) struct Page {
    /// Entries after those that are known.
    pub(super) entries: Vec<Arc<Entry>>,
    /// Where the stream ends.
    pub(super) head: Revision,
    /// The last revision that is known to be in Postgres.
    pub(super) committed: Revision,
}

/// The stream of a sheet.
enum Found {
    Open(StreamId),
    Begun(StreamId),
    /// It ended before the head in Postgres, and was removed.
    Outdated,
}

impl RedisJournal {
    /// See [`crate::Journal::open_stream`].
    pub(crate) async fn open_stream(
        &self,
        sheet: SheetId,
        head: Revision,
    ) -> Result<OpenedStream, JournalError> {
        let stream = match self.find(sheet, head).await? {
            Found::Outdated => return Ok(OpenedStream::Again),
            Found::Begun(stream) => {
                self.shared.tails.replace(sheet, &[]);
                return Ok(OpenedStream::Begun(stream));
            }
            Found::Open(stream) => stream,
        };
        let mut reserved = self.shared.tails.reserve_nothing();
        match self.all_after(sheet, stream, head, &mut reserved).await {
            Ok(Some(entries)) => {
                let known = entries.partition_point(|entry| entry.revision <= head);
                drop(reserved);
                self.shared.tails.replace(sheet, &entries[known..]);
                Ok(OpenedStream::At(stream, entries))
            }
            Ok(None) | Err(JournalError::Gap) => Ok(OpenedStream::Again),
            Err(error) => Err(error),
        }
    }

    /// See [`crate::Journal::first_entries`].
    pub(crate) async fn first_entries(
        &self,
        sheet: SheetId,
        head: Revision,
    ) -> Result<Vec<Arc<Entry>>, JournalError> {
        match self.find(sheet, head).await? {
            Found::Outdated => Ok(Vec::new()),
            Found::Begun(stream) => {
                self.withdraw_stream(sheet, head, stream).await.map(|()| Vec::new())
            }
            Found::Open(stream) => {
                let before = Revision(head.0.saturating_sub(1));
                self.read(sheet, stream, before).await.map(|page| page.entries)
            }
        }
    }

    /// The stream that continues from `head`; one is begun where there is none.
    async fn find(&self, sheet: SheetId, head: Revision) -> Result<Found, JournalError> {
        if self.shared.redis.is_silent() {
            // Otherwise each caller would wait for the time limit.
            return Err(JournalError::Unknown("no answer a moment ago".into()));
        }
        let (epoch, keys) = self.at(sheet)?;
        let mut command = epoch.scripts().open.command(&[&keys.state(), &keys.log()]);
        command.arg(head.0).arg(Uuid::new_v4().to_string()).arg(IDLE_SECONDS);
        let answer: Vec<String> = self.run(&epoch, &command).await?;
        match answer.first().map(String::as_str) {
            Some("stale") => Ok(Found::Outdated),
            Some("begun") => stream_id(&answer).map(Found::Begun),
            _ => stream_id(&answer).map(Found::Open),
        }
    }

    /// See [`crate::Journal::withdraw_stream`].
    pub(crate) async fn withdraw_stream(
        &self,
        sheet: SheetId,
        head: Revision,
        stream: StreamId,
    ) -> Result<(), JournalError> {
        let (epoch, keys) = self.at(sheet)?;
        let mut command = epoch.scripts().withdraw.command(&[&keys.state()]);
        command.arg(head.0).arg(stream.0.to_string());
        self.run::<i64>(&epoch, &command).await.map(drop)
    }

    /// The entries after `head`, and before them the one that led there if it is still kept; `None`
    /// when some of them have been trimmed meanwhile. No page is read beyond the memory of this node.
    async fn all_after(
        &self,
        sheet: SheetId,
        stream: StreamId,
        head: Revision,
        reserved: &mut Reserved,
    ) -> Result<Option<Vec<Arc<Entry>>>, JournalError> {
        let mut entries: Vec<Arc<Entry>> = Vec::new();
        let mut at = Revision(head.0.saturating_sub(1));
        loop {
            let page = self.read(sheet, stream, at).await?;
            let Some(last) = page.entries.last() else { break };
            at = last.revision;
            reserved.grow(sheet, &page.entries)?;
            entries.extend(page.entries);
            if at >= page.head {
                break;
            }
        }
        let page = self.read(sheet, stream, at.max(head)).await?;
        let end = entries.last().map_or(head, |entry| entry.revision).max(head);
        let first = entries.iter().find(|entry| entry.revision > head);
        let whole = first.is_none_or(|first| first.revision == head.next());
        Ok((whole && end >= page.head).then_some(entries))
    }

    /// Reads a page of the batches that end after a revision.
    pub(super) async fn read(
        &self,
        sheet: SheetId,
        stream: StreamId,
        after: Revision,
    ) -> Result<Page, JournalError> {
        let (epoch, keys) = self.at(sheet)?;
        let mut command = epoch.scripts().read.command(&[&keys.state(), &keys.log()]);
        command
            .arg(after.0)
            .arg(stream.0.to_string())
            .arg(PAGE_BATCHES)
            .arg(PAGE_BYTES)
            .arg(IDLE_SECONDS);
        let answer: Vec<Vec<u8>> = self.run(&epoch, &command).await?;
        match answer.as_slice() {
            [word, ..] if word == b"gap" => Err(JournalError::Gap),
            [_, head, committed, batches @ ..] => Ok(Page {
                entries: batch::decode_after(batches, after)?,
                head: revision(head)?,
                committed: revision(committed)?,
            }),
            _ => Err(nonsense()),
        }
    }
}

fn stream_id(answer: &[String]) -> Result<StreamId, JournalError> {
    answer.get(1).and_then(|stream| stream.parse().ok()).map(StreamId).ok_or_else(nonsense)
}

fn revision(digits: &[u8]) -> Result<Revision, JournalError> {
    let digits = std::str::from_utf8(digits).ok();
    digits.and_then(|digits| digits.parse().ok()).map(Revision).ok_or_else(nonsense)
}
