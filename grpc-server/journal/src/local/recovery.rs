//! Reads what a former server left in the directory.
//!
//! A crash leaves a torn tail of the last segment: no append in it was answered with `Ok`, so it is
//! cut off and reported. Anything else that does not read is damage and an error that names file
//! and offset: to continue without it would lose accepted edits silently.
//!
//! Not a writer: the writer cuts the torn tail when it reopens the segment. Invariant: what is read is exactly what
//! was acknowledged, with any later appends that are whole.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use ot_engine::Revision;
use rustc_hash::FxHashMap;

use super::disk::Disk;
use crate::OpenJournalError;
use crate::encoding::frame::{self, End, Header};
use crate::encoding::record::{self, Record};
use crate::tail::{self, Tail};
use model::SheetId;

/// The number of the first frame of a new journal.
const FIRST_FRAME: u64 = 1;

/// For each sheet, the newest revision in a file that is not known to be committed.
pub(super) type Newest = FxHashMap<SheetId, Revision>;

/// The counts of an opened journal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RecoveryReport {
    /// Segment files that were read.
    pub segments: usize,
    /// Entries that are not known to be committed.
    pub entries: usize,
    /// Sheets that they belong to.
    pub sheets: usize,
    /// Bytes of an unfinished write that were cut off the end.
    pub torn_bytes: u64,
    /// The file that they stood in.
    pub torn_file: Option<PathBuf>,
}

/// A segment file that was read.
#[derive(Debug)]
pub(super) struct FoundFile {
    pub(super) path: PathBuf,
    /// The number of its first frame.
    pub(super) first: u64,
    /// Where its frames end, in bytes.
    pub(super) used: u64,
    pub(super) newest: Newest,
}

/// All that was found.
#[derive(Debug)]
pub(super) struct Recovered {
    /// In order; the writer appends to the last one.
    pub(super) files: Vec<FoundFile>,
    pub(super) tails: FxHashMap<SheetId, Tail>,
    pub(super) next_frame: u64,
    pub(super) report: RecoveryReport,
}

/// Reads all segments in `dir`, and removes what was never finished.
pub(super) fn recover(disk: &dyn Disk, dir: &Path) -> Result<Recovered, OpenJournalError> {
    for draft in files(disk, dir, "new")? {
        disk.remove(&draft).map_err(|error| OpenJournalError::io(&draft, &error))?;
    }
    read(disk, dir)
}

/// Reads all segments in `dir` and touches nothing.
pub(super) fn read(disk: &dyn Disk, dir: &Path) -> Result<Recovered, OpenJournalError> {
    let paths = files(disk, dir, "log")?;
    let mut found = Recovered {
        files: Vec::with_capacity(paths.len()),
        tails: FxHashMap::default(),
        next_frame: FIRST_FRAME,
        report: RecoveryReport { segments: paths.len(), ..RecoveryReport::default() },
    };
    for (index, path) in paths.iter().enumerate() {
        let bytes = disk.read(path).map_err(|error| OpenJournalError::io(path, &error))?;
        found.read_file(path, &bytes, index + 1 == paths.len())?;
    }
    found.report.sheets = found.tails.len();
    found.report.entries = found.tails.values().map(Tail::len).sum();
    Ok(found)
}

impl Recovered {
    fn read_file(&mut self, path: &Path, bytes: &[u8], last: bool) -> Result<(), OpenJournalError> {
        let first = match frame::parse_header(bytes) {
            // Segments in between may have been deleted, so numbers may jump, but never go back.
            Header::Segment(first) if first >= self.next_frame => first,
            Header::Segment(_) => {
                return Err(OpenJournalError::damaged(path, 8, "its frames are out of order"));
            }
            Header::Foreign => {
                return Err(OpenJournalError::damaged(path, 0, "not a journal file"));
            }
        };
        let frames = frame::scan(bytes, first);
        match frames.tail {
            End::Clean => {}
            End::Torn { bytes } if last => {
                self.report.torn_bytes = bytes;
                self.report.torn_file = Some(path.to_owned());
            }
            End::Torn { .. } | End::Damaged => {
                let reason = "the checksum of a frame is wrong";
                return Err(OpenJournalError::damaged(path, frames.end, reason));
            }
        }
        let used = frames.end as u64;
        self.files.push(FoundFile {
            path: path.to_owned(),
            first,
            used,
            newest: Newest::default(),
        });
        self.next_frame = first + frames.records.len() as u64;
        for range in frames.records {
            let start = range.start;
            self.read_records(&bytes[range])
                .map_err(|reason| OpenJournalError::damaged(path, start, reason))?;
        }
        Ok(())
    }

    fn read_records(&mut self, records: &[u8]) -> Result<(), String> {
        for payload in frame::payloads(records) {
            let payload = payload.ok_or("a record is longer than its frame")?;
            self.take(record::decode(payload).map_err(|error| error.to_string())?)?;
        }
        Ok(())
    }

    fn take(&mut self, record: Record) -> Result<(), String> {
        let entry = match record {
            Record::Entry(entry) => entry,
            Record::Mark(sheet, revision) => {
                self.forget(sheet, revision);
                return Ok(());
            }
        };
        let (sheet, revision) = (entry.sheet, entry.revision);
        let newest = self.tails.get(&sheet).and_then(Tail::back).map(|entry| entry.revision);
        if newest.is_some_and(|newest| revision <= newest) {
            return Err(format!("revision {revision} of sheet {sheet} comes twice"));
        }
        if newest.is_some_and(|newest| revision > newest.next()) {
            // A segment in between is missing, and only committed ones are deleted: so the entries before the
            // gap are committed too. (If the file was removed by hand, the sheet does not open, because its tail
            // does not follow its committed head.)
            self.forget(sheet, Revision(revision.0 - 1));
        }
        self.tails.entry(sheet).or_default().push_back(entry);
        if let Some(file) = self.files.last_mut() {
            file.newest.insert(sheet, revision);
        }
        Ok(())
    }

    fn forget(&mut self, sheet: SheetId, revision: Revision) {
        if let Some(entries) = self.tails.get_mut(&sheet) {
            tail::forget(entries, revision);
            if entries.is_empty() {
                self.tails.remove(&sheet);
            }
        }
        for file in &mut self.files {
            forget(&mut file.newest, sheet, revision);
        }
    }
}

/// Notes that a sheet is committed up to `revision`.
pub(super) fn forget(newest: &mut Newest, sheet: SheetId, revision: Revision) {
    if newest.get(&sheet).is_some_and(|newest| *newest <= revision) {
        newest.remove(&sheet);
    }
}

/// The files of one kind, in order: segments (`log`), or drafts of such (`new`), which a crash may
/// leave.
fn files(disk: &dyn Disk, dir: &Path, extension: &str) -> Result<Vec<PathBuf>, OpenJournalError> {
    let listed = disk.list(dir).map_err(|error| OpenJournalError::io(dir, &error))?;
    let is_one = |path: &PathBuf| path.extension().and_then(OsStr::to_str) == Some(extension);
    let mut paths: Vec<PathBuf> = listed.into_iter().filter(is_one).collect();
    paths.sort();
    Ok(paths)
}
