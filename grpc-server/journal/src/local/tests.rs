//! The local journal as a whole: every acknowledged append is there after a crash.
//!
//! A crash is simulated by copying the directory while the journal is open, and cutting the copy: the
//! files of an open journal are what the disk would hold.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use ot_engine::{ClientId, Delta, Revision, Sequence};
use tempfile::TempDir;
use uuid::Uuid;

use crate::encoding::frame;
use crate::*;
use model::{AccountId, EditGroup, Origin};

mod room;
mod sizes;

const SMALL: JournalOptions = JournalOptions {
    segment_bytes: 1000,
    prefill_bytes: 300,
    limit_bytes: None,
    memory_bytes: usize::MAX,
};

pub(super) fn sheet(number: u128) -> SheetId {
    SheetId(Uuid::from_u128(number))
}

pub(super) fn entry(sheet: SheetId, revision: u64) -> Arc<Entry> {
    Arc::new(Entry {
        sheet,
        revision: Revision(revision),
        client: ClientId(7),
        sequence: Sequence(revision),
        base: Revision(revision - 1),
        account: AccountId(Uuid::from_u128(9)),
        at_micros: -5,
        // Where an undo has its target.
        group: EditGroup(if revision % 4 == 3 { u64::MAX - revision } else { 0 }),
        origin: match revision % 4 {
            0 => Origin::Undo(Revision(revision - 1)),
            1 => Origin::Redo(Revision(revision - 1)),
            2 => Origin::Restore,
            _ => Origin::Edit,
        },
        delta: ot_engine::SharedDelta::new(Delta::set_cell(revision as u32, 3, "text")),
        texts: Default::default(),
        conflicts: Default::default(),
    })
}

fn open(dir: &Path, options: JournalOptions) -> (Journal, RecoveryReport) {
    Journal::open(dir, options).unwrap()
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

/// Appends one entry alone.
fn append(journal: &Journal, sheet: SheetId, revision: u64) -> Result<(), JournalError> {
    block_on(journal.append(StreamId::LOCAL, vec![entry(sheet, revision)]))
}

fn revisions(journal: &Journal, sheet: SheetId) -> Vec<u64> {
    journal.tail(sheet).iter().map(|entry| entry.revision.0).collect()
}

/// The segment files, in order.
fn files(dir: &Path) -> Vec<PathBuf> {
    let mut files: Vec<_> = std::fs::read_dir(dir)
        .unwrap()
        .map(|file| file.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "log"))
        .collect();
    files.sort();
    files
}

/// The directory as a crash leaves it now.
fn crashed(dir: &Path) -> TempDir {
    let copy = tempfile::tempdir().unwrap();
    for file in files(dir) {
        std::fs::copy(&file, copy.path().join(file.file_name().unwrap())).unwrap();
    }
    copy
}

#[test]
fn entries_come_back_whole_and_in_order() {
    let dir = tempfile::tempdir().unwrap();
    let (journal, report) = open(dir.path(), SMALL);
    assert_eq!(report, RecoveryReport::default());
    for revision in 1..=40 {
        append(&journal, sheet(1), revision).unwrap();
        append(&journal, sheet(2), revision + 100).unwrap();
    }
    assert!(files(dir.path()).len() > 3, "several segments");
    let copy = crashed(dir.path());
    let (again, report) = open(copy.path(), SMALL);
    assert_eq!((report.entries, report.sheets, report.torn_bytes), (80, 2, 0));
    assert_eq!(again.tail(sheet(1)), journal.tail(sheet(1)));
    assert_eq!(again.tail(sheet(1))[4], entry(sheet(1), 5));
    assert_eq!(revisions(&again, sheet(2)), (101..=140).collect::<Vec<_>>());
    append(&again, sheet(1), 41).unwrap();
    assert_eq!(revisions(&again, sheet(1)).len(), 41);
}

#[test]
fn a_crash_at_any_byte_loses_only_what_was_not_acknowledged() {
    let dir = tempfile::tempdir().unwrap();
    let options = JournalOptions {
        segment_bytes: 1 << 20,
        prefill_bytes: 0,
        limit_bytes: None,
        memory_bytes: usize::MAX,
    };
    let (journal, _) = open(dir.path(), options);
    let file = files(dir.path()).pop().unwrap();
    let mut lengths = Vec::new();
    for revision in 1..=3 {
        append(&journal, sheet(1), revision).unwrap();
        lengths.push(std::fs::metadata(&file).unwrap().len());
    }
    let bytes = std::fs::read(&file).unwrap();
    for cut in frame::HEADER_BYTES..bytes.len() {
        let copy = tempfile::tempdir().unwrap();
        let mut torn = bytes[..cut].to_vec();
        // Every other time as a zero-filled file would look.
        torn.resize(cut + 50 * (cut % 2), 0);
        // A frame whose last bytes are zero anyway is whole before its end is written.
        let is_whole = |end: usize| torn.get(..end) == bytes.get(..end);
        let whole = lengths.iter().filter(|&&length| is_whole(length as usize)).count() as u64;
        std::fs::write(copy.path().join(file.file_name().unwrap()), torn).unwrap();
        let (again, report) = open(copy.path(), options);
        assert_eq!(revisions(&again, sheet(1)), (1..=whole).collect::<Vec<_>>(), "cut at {cut}");
        assert!(report.torn_bytes <= bytes.len() as u64);
        // Later appends must not meet the remains of the cut frame.
        append(&again, sheet(1), whole + 1).unwrap();
        let (after, _) = open(crashed(copy.path()).path(), options);
        assert_eq!(revisions(&after, sheet(1)), (1..=whole + 1).collect::<Vec<_>>());
    }
}

#[test]
fn a_flipped_bit_is_named_by_file_and_offset() {
    let dir = tempfile::tempdir().unwrap();
    let (journal, _) = open(dir.path(), SMALL);
    for revision in 1..=20 {
        append(&journal, sheet(1), revision).unwrap();
    }
    let damage = |which: usize, at: usize| {
        let copy = crashed(dir.path());
        let path = files(copy.path())[which].clone();
        let mut bytes = std::fs::read(&path).unwrap();
        bytes[at] ^= 4;
        std::fs::write(&path, bytes).unwrap();
        (Journal::open(copy.path(), SMALL).map(|_| ()).unwrap_err(), path)
    };
    let reason = "the checksum of a frame is wrong".to_owned();
    let (error, path) = damage(0, 60);
    let offset = frame::HEADER_BYTES as u64;
    assert_eq!(error, OpenJournalError::Damaged { path, offset, reason: reason.clone() });
    // In the last segment too, as long as it is not the last frame.
    let (error, path) = damage(files(dir.path()).len() - 1, 60);
    assert_eq!(error, OpenJournalError::Damaged { path, offset, reason });
    let (error, _) = damage(1, 3);
    assert!(matches!(error, OpenJournalError::Damaged { offset: 0, .. }), "{error}");
}

#[test]
fn what_is_committed_is_forgotten_and_its_files_deleted() {
    let dir = tempfile::tempdir().unwrap();
    let (journal, _) = open(dir.path(), SMALL);
    for revision in 1..=40 {
        append(&journal, sheet(1), revision).unwrap();
    }
    append(&journal, sheet(2), 1).unwrap();
    block_on(journal.committed(sheet(1), Revision(40)));
    // The writer deletes after it has answered; closing waits for it.
    append(&journal, sheet(2), 2).unwrap();
    assert_eq!(block_on(journal.waiting_sheets()).unwrap(), [sheet(2)]);
    assert_eq!(journal.uncommitted_entries(), 2);
    drop(journal);
    assert!(files(dir.path()).len() <= 2, "{:?}", files(dir.path()));
    let (journal, report) = open(dir.path(), SMALL);
    assert_eq!((report.entries, report.sheets), (2, 1));
    block_on(journal.committed(sheet(2), Revision(2)));
    drop(journal);
    assert_eq!(files(dir.path()), Vec::<PathBuf>::new());
}

#[test]
fn a_stuck_sheet_keeps_only_its_own_files() {
    let dir = tempfile::tempdir().unwrap();
    let (journal, _) = open(dir.path(), SMALL);
    append(&journal, sheet(9), 1).unwrap();
    for revision in 1..=100 {
        append(&journal, sheet(1), revision).unwrap();
        block_on(journal.committed(sheet(1), Revision(revision)));
    }
    append(&journal, sheet(9), 2).unwrap();
    // The writer deletes when it has nothing else to do; closing waits for it.
    drop(journal);
    assert!(files(dir.path()).len() <= 3, "{:?}", files(dir.path()));
    let (again, _) = open(dir.path(), SMALL);
    assert_eq!(revisions(&again, sheet(9)), [1, 2]);
}

#[test]
fn a_gap_that_deleted_files_leave_means_that_what_came_before_is_committed() {
    let dir = tempfile::tempdir().unwrap();
    let (journal, _) = open(dir.path(), SMALL);
    for revision in 1..=40 {
        append(&journal, sheet(1), revision).unwrap();
    }
    let copy = crashed(dir.path());
    std::fs::remove_file(&files(copy.path())[1]).unwrap();
    let (again, _) = open(copy.path(), SMALL);
    let left = revisions(&again, sheet(1));
    assert_eq!(left.last(), Some(&40));
    assert!(left[0] > 5 && left.windows(2).all(|pair| pair[0] + 1 == pair[1]), "{left:?}");
}

#[test]
fn a_trim_that_a_crash_interrupts_loses_nothing_that_is_not_committed() {
    let dir = tempfile::tempdir().unwrap();
    let (journal, _) = open(dir.path(), SMALL);
    for revision in 1..=40 {
        append(&journal, sheet(1), revision).unwrap();
        append(&journal, sheet(2), revision).unwrap();
    }
    let before = crashed(dir.path());
    let all = files(before.path());
    // Only committed entries are missing. Files are deleted in any order, and the mark of the commit may be lost.
    for gone in 0..1_u32 << (all.len() - 1).min(8) {
        let copy = crashed(before.path());
        for (number, file) in files(copy.path()).iter().enumerate() {
            if gone >> number & 1 == 1 {
                std::fs::remove_file(file).unwrap();
            }
        }
        std::fs::write(copy.path().join("00000000000000009999.new"), b"half a head").unwrap();
        let (again, report) = open(copy.path(), SMALL);
        assert_eq!((report.torn_bytes, report.torn_file), (0, None));
        for number in 1..=2 {
            let left = revisions(&again, sheet(number));
            assert_eq!(left.last(), Some(&40), "{gone:b}");
            assert!(left.windows(2).all(|pair| pair[0] + 1 == pair[1]), "{gone:b}: {left:?}");
            append(&again, sheet(number), 41).unwrap();
        }
        assert!(!copy.path().join("00000000000000009999.new").exists());
    }
}

#[test]
fn what_was_cut_off_is_reported_with_its_file() {
    let dir = tempfile::tempdir().unwrap();
    let (journal, _) = open(dir.path(), SMALL);
    append(&journal, sheet(1), 1).unwrap();
    let copy = crashed(dir.path());
    let file = files(copy.path()).pop().unwrap();
    let length = std::fs::metadata(&file).unwrap().len();
    let mut bytes = std::fs::read(&file).unwrap();
    bytes.truncate(bytes.iter().rposition(|byte| *byte != 0).unwrap());
    std::fs::write(&file, &bytes).unwrap();
    let seen = inspect(copy.path()).unwrap().unwrap();
    assert_eq!(std::fs::read(&file).unwrap(), bytes, "{length}: an inspection cuts nothing off");
    let (_, report) = open(copy.path(), SMALL);
    assert_eq!(seen.report, report);
    assert_eq!((report.entries, report.torn_file), (0, Some(file)));
    assert!(report.torn_bytes > 0);
}

#[test]
fn a_full_journal_refuses_keeps_what_it_has_and_works_again() {
    let dir = tempfile::tempdir().unwrap();
    let options = JournalOptions::limited(Some(8000));
    let (journal, _) = open(dir.path(), options);
    let mut taken = 0;
    while append(&journal, sheet(1), taken + 1).is_ok() {
        taken += 1;
    }
    assert_eq!(append(&journal, sheet(1), taken + 1), Err(JournalError::ShareFull));
    assert!((25..80).contains(&taken), "{taken}");
    let total: u64 = files(dir.path()).iter().map(|f| f.metadata().unwrap().len()).sum();
    assert!(total <= 8000, "{total}");
    let (again, _) = open(crashed(dir.path()).path(), options);
    assert_eq!(revisions(&again, sheet(1)), (1..=taken).collect::<Vec<_>>());
    block_on(journal.committed(sheet(1), Revision(taken)));
    for revision in taken + 1..taken + 20 {
        append(&journal, sheet(1), revision).unwrap();
    }
}

#[test]
fn what_was_freed_in_place_stays_gone_and_what_follows_is_found() {
    let dir = tempfile::tempdir().unwrap();
    // One segment: there is never a whole file to delete.
    let options = JournalOptions {
        segment_bytes: 1 << 20,
        prefill_bytes: 0,
        limit_bytes: Some(2000),
        memory_bytes: usize::MAX,
    };
    let (journal, _) = open(dir.path(), options);
    let mut revision = 0;
    for round in 0..3 {
        let first = revision + 1;
        while append(&journal, sheet(1), revision + 1).is_ok() {
            revision += 1;
        }
        assert!(revision > first, "round {round}: there was no room again");
        let (again, report) = open(crashed(dir.path()).path(), options);
        assert_eq!(revisions(&again, sheet(1)), (first..=revision).collect::<Vec<_>>());
        assert_eq!(report.torn_bytes, 0);
        block_on(journal.committed(sheet(1), Revision(revision)));
    }
    assert_eq!(files(dir.path()).len(), 1);
}

#[test]
fn one_directory_has_one_server() {
    let dir = tempfile::tempdir().unwrap();
    let (journal, _) = open(dir.path(), SMALL);
    let refused = Journal::open(dir.path(), SMALL).map(|_| ()).unwrap_err();
    assert_eq!(refused, OpenJournalError::InUse(dir.path().to_owned()));
    assert!(refused.to_string().starts_with("data directory in use by another server"));
    drop(journal);
    open(dir.path(), SMALL);
}

#[test]
fn an_append_that_is_too_large_is_refused_and_others_continue() {
    let dir = tempfile::tempdir().unwrap();
    let (journal, _) = open(dir.path(), JournalOptions::default());
    let mut large = (*entry(sheet(1), 1)).clone();
    large.delta = ot_engine::SharedDelta::new(Delta::set_cell(
        0,
        0,
        "x".repeat(model::sizes::JOURNAL_FRAME_BYTES).as_str(),
    ));
    let refused = block_on(journal.append(StreamId::LOCAL, vec![Arc::new(large)]));
    assert!(matches!(refused, Err(JournalError::TooLarge { .. })));
    append(&journal, sheet(1), 1).unwrap();
    assert_eq!(block_on(journal.append(StreamId::LOCAL, Vec::new())), Ok(()));
}

#[test]
fn appends_that_are_not_awaited_keep_their_order() {
    let dir = tempfile::tempdir().unwrap();
    let (journal, _) = open(dir.path(), SMALL);
    let waiting: Vec<_> = (1..=200)
        .map(|revision| journal.append(StreamId::LOCAL, vec![entry(sheet(1), revision)]))
        .collect();
    for append in waiting {
        block_on(append).unwrap();
    }
    let (again, _) = open(crashed(dir.path()).path(), SMALL);
    assert_eq!(revisions(&again, sheet(1)), (1..=200).collect::<Vec<_>>());
}
