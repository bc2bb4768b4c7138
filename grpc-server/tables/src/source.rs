//! The bytes of a file: random access to them, and a cursor for readers that want one.
//!
//! Not where they are kept. Invariant: a read beyond the end is an error or empty, never a wait.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use crate::progress::Watch;

/// Random access to the bytes of a file. Blocking.
pub trait Bytes: Send + Sync {
    /// How many there are.
    fn len(&self) -> u64;

    /// Whether there are none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Fills the begin of `buffer` with the bytes from `offset` on; how many they are. None only at the end.
    ///
    /// # Errors
    /// Those of the place where the bytes are kept.
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize>;
}

impl Bytes for Vec<u8> {
    fn len(&self) -> u64 {
        self.as_slice().len() as u64
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let begin = usize::try_from(offset).unwrap_or(usize::MAX).min(self.as_slice().len());
        let rest = &self[begin..];
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        Ok(count)
    }
}

/// A file of this machine.
#[derive(Debug)]
pub struct FileBytes {
    file: File,
    len: u64,
}

impl FileBytes {
    /// Opens a file, whose length stays as it is.
    ///
    /// # Errors
    /// Those of the file system.
    pub fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let len = file.metadata()?.len();
        Ok(Self { file, len })
    }
}

impl Bytes for FileBytes {
    fn len(&self) -> u64 {
        self.len
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        std::os::unix::fs::FileExt::read_at(&self.file, buffer, offset)
    }
}

/// Fills the whole buffer.
pub(crate) fn read_exact_at(
    bytes: &dyn Bytes,
    mut offset: u64,
    mut buffer: &mut [u8],
) -> io::Result<()> {
    while !buffer.is_empty() {
        let count = bytes.read_at(offset, buffer)?;
        if count == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        offset += count as u64;
        buffer = &mut buffer[count..];
    }
    Ok(())
}

/// The first bytes of a file, at most so many.
pub(crate) fn begin(bytes: &dyn Bytes, most: usize) -> io::Result<Vec<u8>> {
    let count = usize::try_from(bytes.len()).unwrap_or(usize::MAX).min(most);
    let mut begin = vec![0; count];
    read_exact_at(bytes, 0, &mut begin)?;
    Ok(begin)
}

/// Bytes that a cursor reads behind a jump; on a way straight on they double ...
const WINDOW: usize = 4 * 1024;
/// ... up to so many.
const WINDOW_MOST: usize = 256 * 1024;

/// Reads a file from any place on, and reports what it reads.
pub(crate) struct Cursor<'a> {
    bytes: &'a dyn Bytes,
    watch: &'a Watch<'a>,
    at: u64,
    /// Bytes that were read, and where they begin.
    window: Vec<u8>,
    begin: u64,
    next: usize,
}

impl<'a> Cursor<'a> {
    pub(crate) fn new(bytes: &'a dyn Bytes, watch: &'a Watch<'a>) -> Self {
        Self { bytes, watch, at: 0, window: Vec::new(), begin: 0, next: WINDOW }
    }

    /// The bytes of the window from the place of the cursor on.
    fn rest(&self) -> &[u8] {
        let from = self.at.checked_sub(self.begin).and_then(|from| usize::try_from(from).ok());
        from.and_then(|from| self.window.get(from..)).unwrap_or_default()
    }

    fn fill(&mut self) -> io::Result<()> {
        let is_straight = self.at == self.begin + self.window.len() as u64;
        self.next = if is_straight { (self.next * 2).min(WINDOW_MOST) } else { WINDOW };
        let left = self.bytes.len().saturating_sub(self.at);
        let count = usize::try_from(left).unwrap_or(usize::MAX).min(self.next);
        self.window.resize(count, 0);
        self.begin = self.at;
        let read = read_exact_at(self.bytes, self.at, &mut self.window);
        if read.is_err() {
            self.window.clear();
        }
        self.watch.keep(read)?;
        self.watch.has_read(count)
    }
}

impl Read for Cursor<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.rest().is_empty() {
            self.fill()?;
        }
        let rest = self.rest();
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        self.at += count as u64;
        Ok(count)
    }
}

impl Seek for Cursor<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(from) => self.bytes.len().checked_add_signed(from),
            SeekFrom::Current(from) => self.at.checked_add_signed(from),
        };
        self.at = at.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}
