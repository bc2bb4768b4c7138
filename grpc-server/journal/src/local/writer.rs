//! The thread that owns the segment files.
//!
//! It takes the queued appends of one frame, writes it, syncs once, and answers. Deferred work (deleting files,
//! zero-filling ahead) is done when nothing is queued. Not the bytes of a frame: see `encoding`.
//!
//! Invariant: frame numbers ascend by one within a segment, and a frame is begun only when the one
//! before it is on the disk.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use super::append::Append;
use super::disk::Disk;
use super::options::JournalOptions;
use super::queue::{Batch, Queue};
use super::recovery::{self, FoundFile, Newest};
use super::segment::Segment;
use crate::JournalError;
use crate::encoding::frame::{self, HEADER_BYTES};
use crate::encoding::record;
use crate::tail::{Heads, Reserved, Tails};

/// The memory that an entry takes, as a multiple of its bytes in a file: three for one cell, less for long texts.
const MEMORY_OF_FILE: u64 = 3;

/// A full segment.
#[derive(Debug)]
struct Sealed {
    path: PathBuf,
    bytes: u64,
    newest: Newest,
}

/// The state of the thread.
#[derive(Debug)]
pub(super) struct Writer {
    disk: Arc<dyn Disk>,
    dir: PathBuf,
    options: JournalOptions,
    sealed: Vec<Sealed>,
    active: Segment,
    /// Like [`Sealed::newest`], of the active segment.
    newest: Newest,
    /// Commits without a mark on the disk yet. The next frame carries their marks.
    marks: Newest,
    next_frame: u64,
    /// The last append failed.
    failing: bool,
    /// The frame that is being built; kept for its room.
    frame: Vec<u8>,
    queue: Arc<Queue>,
    tails: Arc<Tails>,
}

impl Writer {
    /// Reopens the last of `files`, or begins the first segment.
    pub(super) fn new(
        disk: Arc<dyn Disk>,
        dir: PathBuf,
        options: JournalOptions,
        mut files: Vec<FoundFile>,
        next_frame: u64,
        queue: Arc<Queue>,
        tails: Arc<Tails>,
    ) -> io::Result<Self> {
        let (active, newest) = match files.pop() {
            Some(last) => (Segment::reopen(&*disk, last.path, last.first, last.used)?, last.newest),
            None => (Segment::create(&*disk, &dir, next_frame)?, Newest::default()),
        };
        let seal =
            |file: FoundFile| Sealed { path: file.path, bytes: file.used, newest: file.newest };
        let sealed = files.into_iter().map(seal).collect();
        Ok(Self {
            disk,
            dir,
            options,
            sealed,
            active,
            newest,
            marks: Newest::default(),
            next_frame,
            failing: false,
            frame: Vec::new(),
            queue,
            tails,
        })
    }

    /// Works until the journal is closed.
    pub(super) fn run(mut self) {
        let _abandon = self.abandon();
        self.prefill();
        loop {
            let batch = self.queue.take(!self.sealed.is_empty());
            let closing = batch.closing;
            self.work(batch);
            if closing {
                return self.finish();
            }
            self.use_idle_time();
        }
    }

    /// Does what [`run`](Self::run) does, once. False when there was nothing to do.
    pub(super) fn attend(&mut self) -> bool {
        let Some(batch) = self.queue.take_waiting() else { return false };
        self.work(batch);
        self.use_idle_time();
        true
    }

    /// A guard that answers the waiting appends when it is dropped.
    pub(super) fn abandon(&self) -> Abandon {
        Abandon(Arc::clone(&self.queue))
    }

    /// Does deferred work while nothing is queued.
    fn use_idle_time(&mut self) {
        if self.queue.is_idle() {
            self.delete_committed();
            self.prefill();
        }
    }

    fn work(&mut self, batch: Batch) {
        for (sheet, revision) in batch.committed {
            for file in &mut self.sealed {
                recovery::forget(&mut file.newest, sheet, revision);
            }
            recovery::forget(&mut self.newest, sheet, revision);
            self.marks.insert(sheet, revision);
        }
        if !batch.appends.is_empty() {
            self.write_and_answer(batch.appends);
        }
    }

    fn write_and_answer(&mut self, group: Vec<Append>) {
        let mut ahead = Heads::default();
        let follows = |append: &Append| self.tails.follows(&append.entries, &mut ahead);
        let (group, astray): (Vec<_>, Vec<_>) = group.into_iter().partition(follows);
        for append in astray {
            let sheet = append.entries.first().map(|entry| entry.sheet.to_string());
            tracing::error!(sheet, "append refused: it does not follow on the sheet's last entry");
            let _ = append.done.send(Err(JournalError::Gap));
        }
        let mut fitting = Vec::with_capacity(group.len());
        let mut reserved = Vec::with_capacity(group.len());
        let mut bytes = 0;
        for append in group {
            match self.reserve(&append, bytes) {
                Ok(room) => {
                    bytes += append.records.len() as u64;
                    reserved.push(room);
                    fitting.push(append);
                }
                // The sheet logs the refused edit.
                Err(error) => drop(append.done.send(Err(error))),
            }
        }
        if fitting.is_empty() {
            return;
        }
        let written = self.write(&fitting);
        for (append, room) in fitting.into_iter().zip(reserved) {
            if written.is_ok() {
                for entry in &append.entries {
                    self.newest.insert(entry.sheet, entry.revision);
                }
                room.land();
            }
            // Without a receiver the sheet was closed meanwhile.
            let _ = append.done.send(written.clone());
        }
    }

    fn write(&mut self, group: &[Append]) -> Result<(), JournalError> {
        let written = self.write_frame(group).or_else(|error| self.make_room(group, error));
        // Logged once when it starts and once when it ends: every append fails in between.
        match (&written, self.failing) {
            (Err(error), false) => {
                tracing::error!(%error, "journal not written, edits are refused; check its disk")
            }
            (Ok(()), true) => tracing::info!("journal written again"),
            _ => {}
        }
        self.failing = written.is_err();
        written.map_err(|error| JournalError::from_io(&error))
    }

    /// The disk is full. Files with committed entries alone are deleted, and the write is tried once more.
    fn make_room(&mut self, group: &[Append], full: io::Error) -> io::Result<()> {
        if JournalError::from_io(&full) != JournalError::Full || !self.free_committed()? {
            return Err(full);
        }
        self.write_frame(group)
    }

    /// Deletes what is committed already. False when there is nothing to delete.
    fn free_committed(&mut self) -> io::Result<bool> {
        let before = self.sealed.len();
        self.delete_committed();
        let clear = self.newest.is_empty() && self.active.used() > HEADER_BYTES as u64;
        if clear {
            // Not a new file: on a full disk there is no room for one. The numbers of its frames
            // begin again, and none of the old ones is left that they could be mistaken for.
            self.next_frame = self.active.first();
            self.active.clear()?;
        }
        Ok(clear || self.sealed.len() < before)
    }

    fn write_frame(&mut self, group: &[Append]) -> io::Result<()> {
        let bytes = self.build(group);
        if self.active.used() > HEADER_BYTES as u64
            && self.active.used() + bytes > self.options.segment_bytes
        {
            self.roll()?;
        }
        self.keep_limit(bytes)?;
        let ahead = self.room_to_fill(self.active.used() + bytes);
        self.active.append(&self.frame, ahead)?;
        self.next_frame += 1;
        self.marks.clear();
        Ok(())
    }

    /// Builds the frame; answers its length in bytes.
    fn build(&mut self, group: &[Append]) -> u64 {
        frame::begin(&mut self.frame, self.next_frame);
        let mut payload = Vec::new();
        for (sheet, revision) in &self.marks {
            payload.clear();
            record::encode_mark(*sheet, *revision, &mut payload);
            frame::push(&mut self.frame, &payload);
        }
        for append in group {
            self.frame.extend_from_slice(&append.records);
        }
        frame::finish(&mut self.frame);
        self.frame.len() as u64
    }

    /// Reserves the room of an append, and leaves some for other sheets and other accounts, in memory and in the files.
    /// `ahead`: the bytes that are written before it.
    fn reserve(&mut self, append: &Append, ahead: u64) -> Result<Reserved, JournalError> {
        match self.tails.reserve(&append.entries, self.free_bytes(ahead)) {
            Err(JournalError::ShareFull) => {
                // Files may be full of what is committed.
                self.delete_committed();
                self.tails.reserve(&append.entries, self.free_bytes(ahead))
            }
            reserved => reserved,
        }
    }

    /// The memory of the entries for which the limit of the files leaves room.
    fn free_bytes(&self, ahead: u64) -> u64 {
        let used = self.sealed_bytes() + self.active.used() + ahead;
        let free = self.options.limit_bytes.map_or(u64::MAX, |limit| limit.saturating_sub(used));
        free.saturating_mul(MEMORY_OF_FILE)
    }

    /// Whether `bytes` more stay within the limit.
    fn keep_limit(&self, bytes: u64) -> io::Result<()> {
        let active = self.active.allocated().max(self.active.used() + bytes);
        let fits = |limit| self.sealed_bytes() + active <= limit;
        if self.options.limit_bytes.is_none_or(fits) {
            return Ok(());
        }
        Err(io::ErrorKind::QuotaExceeded.into())
    }

    /// Closes the active segment and begins the next one.
    fn roll(&mut self) -> io::Result<()> {
        self.active.seal()?;
        let next = Segment::create(&*self.disk, &self.dir, self.next_frame)?;
        let full = std::mem::replace(&mut self.active, next);
        let newest = std::mem::take(&mut self.newest);
        let (path, bytes) = (full.file_path().to_owned(), full.used());
        self.sealed.push(Sealed { path, bytes, newest });
        Ok(())
    }

    /// Deletes full segments in which nothing is left to commit.
    fn delete_committed(&mut self) {
        let before = self.sealed.len();
        self.sealed.retain(|file| {
            if !file.newest.is_empty() {
                return true;
            }
            match self.disk.remove(&file.path) {
                Ok(()) => false,
                Err(error) => {
                    tracing::warn!(path = %file.path.display(), %error, "journal segment not deleted; retrying");
                    // Not counted as room; tried again when there is something to do.
                    error.kind() != io::ErrorKind::NotFound
                }
            }
        });
        // Not synced: a file that comes back after a crash is only read once more.
        if self.sealed.len() < before {
            tracing::debug!(files = before - self.sealed.len(), "journal segments deleted");
        }
    }

    /// Zero-fills room ahead of the writer while nothing is queued.
    fn prefill(&mut self) {
        if self.active.room() >= self.options.prefill_bytes / 2 {
            return;
        }
        let bytes = self.room_to_fill(self.active.allocated());
        if bytes > 0
            && let Err(error) = self.active.prefill(bytes)
        {
            tracing::warn!(%error, "journal not filled ahead; appends are slower");
        }
    }

    /// How many bytes to zero-fill beyond `from`: a step, the segment's end, or what the limit
    /// leaves.
    fn room_to_fill(&self, from: u64) -> u64 {
        let step = self.options.prefill_bytes;
        let segment = self.options.segment_bytes.saturating_sub(from);
        let limit = self
            .options
            .limit_bytes
            .map_or(u64::MAX, |limit| limit.saturating_sub(self.sealed_bytes() + from));
        step.min(segment).min(limit)
    }

    fn sealed_bytes(&self) -> u64 {
        self.sealed.iter().map(|file| file.bytes).sum()
    }

    /// Leaves as little as possible for the next start to read.
    fn finish(mut self) {
        self.delete_committed();
        let done = if self.newest.is_empty() && self.sealed.is_empty() {
            let path = self.active.file_path();
            self.disk.remove(path).and_then(|()| self.disk.sync_dir(&self.dir))
        } else if self.marks.is_empty() {
            self.active.seal()
        } else {
            self.build(&[]);
            self.active.append(&self.frame, 0).and_then(|()| self.active.seal())
        };
        if let Err(error) = done {
            // Nothing is lost: the next start reads more than it had to.
            tracing::warn!(%error, "journal not shortened; the next start reads more of it");
        }
    }
}

/// Answers the waiting appends when the thread ends, also by a panic.
#[derive(Debug)]
pub(super) struct Abandon(Arc<Queue>);

impl Drop for Abandon {
    fn drop(&mut self) {
        self.0.abandon();
    }
}
