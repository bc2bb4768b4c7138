//! A disk in memory with the faults of a real one: it loses unsynced writes, in part and in any order; it tears
//! writes; it is full; a sync fails; the machine stops at any call.
//!
//! Not a file system with directories. Invariant: synced bytes are durable. Bytes of a failed sync are durable
//! only after they are written again, as with Linux.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};

use integration::harness::Random;
use journal::{Disk, DiskFile};

/// Bytes of a sector: a write of several sectors may land in part.
const SECTOR_BYTES: usize = 64;

/// Bytes that a new file takes.
const FILE_BYTES: usize = 200;

/// A disk; clones share its state.
#[derive(Clone, Debug)]
pub(crate) struct MemoryDisk(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    random: Random,
    files: Vec<Inode>,
    /// Names as programs see them; `durable_names` as they are after a crash.
    names: BTreeMap<PathBuf, usize>,
    durable_names: BTreeMap<PathBuf, usize>,
    name_changes: Vec<NameChange>,
    /// Bytes that the disk holds at most.
    capacity: usize,
    fail_next_sync: bool,
    /// The number of calls after which the machine stops.
    stop_in_calls: Option<u32>,
    stopped: bool,
    seen: BTreeSet<&'static str>,
}

#[derive(Clone, Debug, Default)]
struct Inode {
    content: Vec<u8>,
    durable: Vec<u8>,
    unsynced: Vec<Change>,
}

#[derive(Clone, Debug)]
enum Change {
    Write(usize, Vec<u8>),
    Length(usize),
}

#[derive(Clone, Debug)]
enum NameChange {
    Create(PathBuf, usize),
    Rename(PathBuf, PathBuf, usize),
    Remove(PathBuf),
}

#[derive(Debug)]
struct Handle {
    disk: MemoryDisk,
    file: usize,
}

impl Change {
    fn apply(&self, bytes: &mut Vec<u8>) {
        match self {
            Self::Length(length) => bytes.resize(*length, 0),
            Self::Write(offset, written) => {
                let end = offset + written.len();
                bytes.resize(bytes.len().max(end), 0);
                bytes[*offset..end].copy_from_slice(written);
            }
        }
    }

    /// The sectors of a write that have reached the disk: any of them.
    fn torn(&self, random: &mut Random) -> Vec<Self> {
        let Self::Write(offset, written) = self else { return vec![self.clone()] };
        let pieces = written.chunks(SECTOR_BYTES).enumerate();
        let kept = pieces.filter(|_| random.below(2) == 0);
        kept.map(|(at, piece)| Self::Write(offset + at * SECTOR_BYTES, piece.to_vec())).collect()
    }
}

impl NameChange {
    fn apply(&self, names: &mut BTreeMap<PathBuf, usize>) {
        match self {
            Self::Create(path, file) => drop(names.insert(path.clone(), *file)),
            Self::Rename(from, to, file) => {
                names.remove(from);
                names.insert(to.clone(), *file);
            }
            Self::Remove(path) => drop(names.remove(path)),
        }
    }
}

impl MemoryDisk {
    pub(crate) fn new(seed: u64) -> Self {
        Self(Arc::new(Mutex::new(State {
            random: Random::from_seed(seed ^ 0xd15c),
            files: Vec::new(),
            names: BTreeMap::new(),
            durable_names: BTreeMap::new(),
            name_changes: Vec::new(),
            capacity: usize::MAX,
            fail_next_sync: false,
            stop_in_calls: None,
            stopped: false,
            seen: BTreeSet::new(),
        })))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().expect("no holder panics")
    }

    /// Limits the disk to its present bytes and so many more.
    pub(crate) fn leave_room(&self, bytes: usize) {
        let mut state = self.lock();
        state.capacity = state.used() + bytes;
    }

    pub(crate) fn enlarge(&self) {
        let mut state = self.lock();
        state.capacity = usize::MAX;
        state.fail_next_sync = false;
    }

    pub(crate) fn fail_next_sync(&self) {
        self.lock().fail_next_sync = true;
    }

    /// Stops the machine in the middle of a later call.
    pub(crate) fn stop_in_calls(&self, calls: u32) {
        self.lock().stop_in_calls = Some(calls);
    }

    /// Revokes a stop.
    pub(crate) fn stay_up(&self) {
        self.lock().stop_in_calls = None;
    }

    pub(crate) fn has_stopped(&self) -> bool {
        self.lock().stopped
    }

    /// The names of the events so far.
    pub(crate) fn seen(&self) -> BTreeSet<&'static str> {
        self.lock().seen.clone()
    }

    /// Stops the machine, if it runs, and starts it again: the seed decides which unsynced writes are left.
    pub(crate) fn crash(&self) {
        self.lock().crash();
    }
}

impl State {
    fn used(&self) -> usize {
        self.names.values().map(|file| self.files[*file].content.len()).sum()
    }

    /// Counts a call, and fails when the machine has stopped.
    fn call(&mut self) -> io::Result<()> {
        if let Some(calls) = self.stop_in_calls.as_mut() {
            self.stopped |= *calls == 0;
            *calls = calls.saturating_sub(1);
        }
        if self.stopped { Err(io::Error::other("the machine has stopped")) } else { Ok(()) }
    }

    fn sync(&mut self, file: usize) -> io::Result<()> {
        if let Err(stopped) = self.call() {
            self.seen.insert("stop before a sync");
            return Err(stopped);
        }
        let inode = &mut self.files[file];
        let unsynced = std::mem::take(&mut inode.unsynced);
        if std::mem::take(&mut self.fail_next_sync) {
            self.seen.insert("failed sync");
            return Err(io::Error::other("the disk failed"));
        }
        unsynced.iter().for_each(|change| change.apply(&mut inode.durable));
        Ok(())
    }

    fn crash(&mut self) {
        // Which unsynced changes are kept: all, none, the first ones, or any.
        let mode = self.random.below(4);
        for inode in &mut self.files {
            let unsynced = std::mem::take(&mut inode.unsynced);
            let first = self.random.below(unsynced.len() as u32 + 1) as usize;
            for (at, change) in unsynced.iter().enumerate() {
                let kept = match mode {
                    0 => vec![change.clone()],
                    1 => Vec::new(),
                    2 if at < first => vec![change.clone()],
                    2 if at == first => change.torn(&mut self.random),
                    2 => Vec::new(),
                    _ => change.torn(&mut self.random),
                };
                kept.iter().for_each(|change| change.apply(&mut inode.durable));
                self.seen.insert(["kept", "lost", "kept in order", "torn"][mode as usize]);
            }
            inode.content = inode.durable.clone();
        }
        for change in std::mem::take(&mut self.name_changes) {
            if mode == 0 || mode > 1 && self.random.below(2) == 0 {
                change.apply(&mut self.durable_names);
            }
        }
        self.names = self.durable_names.clone();
        (self.stop_in_calls, self.stopped, self.fail_next_sync) = (None, false, false);
    }

    fn find(&self, path: &Path) -> io::Result<usize> {
        self.names.get(path).copied().ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn rename_in(&mut self, change: NameChange) {
        change.apply(&mut self.names);
        self.name_changes.push(change);
    }
}

impl Disk for MemoryDisk {
    fn list(&self, _: &Path) -> io::Result<Vec<PathBuf>> {
        Ok(self.lock().names.keys().cloned().collect())
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let state = self.lock();
        Ok(state.files[state.find(path)?].content.clone())
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        let mut state = self.lock();
        state.call()?;
        if state.used().saturating_add(FILE_BYTES) > state.capacity {
            state.seen.insert("no room for a file");
            return Err(io::ErrorKind::StorageFull.into());
        }
        let file = state.files.len();
        state.files.push(Inode::default());
        state.rename_in(NameChange::Create(path.to_owned(), file));
        Ok(Box::new(Handle { disk: self.clone(), file }))
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        let file = self.lock().find(path)?;
        Ok(Box::new(Handle { disk: self.clone(), file }))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut state = self.lock();
        state.call()?;
        let file = state.find(from)?;
        state.rename_in(NameChange::Rename(from.to_owned(), to.to_owned(), file));
        Ok(())
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        let mut state = self.lock();
        state.call()?;
        state.find(path)?;
        state.rename_in(NameChange::Remove(path.to_owned()));
        state.seen.insert("segment deleted");
        Ok(())
    }

    fn sync_dir(&self, _: &Path) -> io::Result<()> {
        let mut state = self.lock();
        state.call()?;
        state.name_changes.clear();
        state.durable_names = state.names.clone();
        Ok(())
    }
}

impl DiskFile for Handle {
    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        let mut state = self.disk.lock();
        let stops = state.call();
        let offset = offset as usize;
        let length = state.files[self.file].content.len();
        let room = state.capacity.saturating_sub(state.used()) + length;
        let fits = bytes.len().min(room.saturating_sub(offset));
        let written = match &stops {
            Ok(()) => fits,
            Err(_) => {
                state.seen.insert("stop in a write");
                state.random.below(fits as u32 + 1) as usize
            }
        };
        let change = Change::Write(offset, bytes[..written].to_vec());
        change.apply(&mut state.files[self.file].content);
        state.files[self.file].unsynced.push(change);
        stops?;
        if fits < bytes.len() {
            state.seen.insert("full disk");
            return Err(io::ErrorKind::StorageFull.into());
        }
        Ok(())
    }

    fn set_len(&self, bytes: u64) -> io::Result<()> {
        let mut state = self.disk.lock();
        state.call()?;
        let change = Change::Length(bytes as usize);
        change.apply(&mut state.files[self.file].content);
        state.files[self.file].unsynced.push(change);
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        self.disk.lock().sync(self.file)
    }

    fn sync_all(&self) -> io::Result<()> {
        self.disk.lock().sync(self.file)
    }
}
