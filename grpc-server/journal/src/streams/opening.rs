//! How a node takes a sheet up: it finds the line of entries that goes on from Postgres, or begins it.
//!
//! Two things must not happen: that a line is begun at a head which Postgres has left behind, and that
//! entries are missed. So whoever begins one looks at Postgres once more before it is used, and whoever
//! finds one that ends before Postgres does throws it away.

use std::sync::Arc;

use ot_engine::Revision;
use uuid::Uuid;

use super::{IDLE_SECONDS, PAGE_BATCHES, RedisJournal, batch, nonsense};
use crate::{JournalError, Seed, TakenUp};
use model::{Entry, SheetId};

/// Some of what a stream holds.
pub(super) struct Page {
    /// Entries after those that are known.
    pub(super) entries: Vec<Arc<Entry>>,
    /// Where the stream ends.
    pub(super) head: Revision,
    /// What is known to be in Postgres.
    pub(super) committed: Revision,
}

impl RedisJournal {
    /// See [`crate::Journal::take_up`].
    pub(crate) async fn take_up(
        &self,
        sheet: SheetId,
        head: Revision,
    ) -> Result<TakenUp, JournalError> {
        if self.shared.redis.is_silent() {
            // Many may want in, one after the other.
            return Err(JournalError::Unknown("no answer a moment ago".into()));
        }
        let (era, keys) = self.at(sheet)?;
        let mut command = era.scripts().open.command(&[&keys.state(), &keys.log()]);
        command.arg(head.0).arg(Uuid::new_v4().to_string()).arg(IDLE_SECONDS);
        let answer: Vec<String> = self.run(&era, &command).await?;
        match answer.first().map(String::as_str) {
            Some("stale") => return Ok(TakenUp::Again),
            Some("seeded") => {
                self.shared.tails.replace(sheet, &[]);
                return Ok(TakenUp::Begun(seed(&answer)?));
            }
            _ => {}
        }
        let seed = seed(&answer)?;
        match self.all_after(sheet, seed, head).await {
            Ok(Some(entries)) => {
                let known = entries.partition_point(|entry| entry.revision <= head);
                self.shared.tails.replace(sheet, &entries[known..]);
                Ok(TakenUp::At(seed, entries))
            }
            Ok(None) | Err(JournalError::Gap) => Ok(TakenUp::Again),
            Err(error) => Err(error),
        }
    }

    /// See [`crate::Journal::take_back`].
    pub(crate) async fn take_back(
        &self,
        sheet: SheetId,
        head: Revision,
        seed: Seed,
    ) -> Result<(), JournalError> {
        let (era, keys) = self.at(sheet)?;
        let mut command = era.scripts().unseed.command(&[&keys.state()]);
        command.arg(head.0).arg(seed.0.to_string());
        self.run::<i64>(&era, &command).await.map(drop)
    }

    /// The entries after `head`, and before them the one that led there if it is still kept; `None`
    /// when some of them have been let go meanwhile.
    async fn all_after(
        &self,
        sheet: SheetId,
        seed: Seed,
        head: Revision,
    ) -> Result<Option<Vec<Arc<Entry>>>, JournalError> {
        let mut entries: Vec<Arc<Entry>> = Vec::new();
        let mut at = Revision(head.0.saturating_sub(1));
        loop {
            let page = self.read(sheet, seed, at).await?;
            let Some(last) = page.entries.last() else { break };
            at = last.revision;
            entries.extend(page.entries);
            if at >= page.head {
                break;
            }
        }
        let page = self.read(sheet, seed, at.max(head)).await?;
        let end = entries.last().map_or(head, |entry| entry.revision).max(head);
        let first = entries.iter().find(|entry| entry.revision > head);
        let whole = first.is_none_or(|first| first.revision == head.next());
        Ok((whole && end >= page.head).then_some(entries))
    }

    /// Reads a page of the batches that end after a revision.
    pub(super) async fn read(
        &self,
        sheet: SheetId,
        seed: Seed,
        after: Revision,
    ) -> Result<Page, JournalError> {
        let (era, keys) = self.at(sheet)?;
        let mut command = era.scripts().read.command(&[&keys.state(), &keys.log()]);
        command.arg(after.0).arg(seed.0.to_string()).arg(PAGE_BATCHES).arg(IDLE_SECONDS);
        let answer: Vec<Vec<u8>> = self.run(&era, &command).await?;
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

fn seed(answer: &[String]) -> Result<Seed, JournalError> {
    answer.get(1).and_then(|seed| seed.parse().ok()).map(Seed).ok_or_else(nonsense)
}

fn revision(digits: &[u8]) -> Result<Revision, JournalError> {
    let digits = std::str::from_utf8(digits).ok();
    digits.and_then(|digits| digits.parse().ok()).map(Revision).ok_or_else(nonsense)
}
