//! The bounds of an append: its size, its revision, and the room in the queue.

use super::super::disk;
use super::*;

#[test]
fn an_append_that_does_not_follow_on_is_refused_and_others_continue() {
    let dir = tempfile::tempdir().unwrap();
    let (journal, _) = open(dir.path(), SMALL);
    block_on(journal.open_stream(sheet(1), Revision(4), Vec::new())).unwrap();
    for astray in [4, 6, 51] {
        assert_eq!(append(&journal, sheet(1), astray), Err(JournalError::Gap), "{astray} after 4");
    }
    // Entries of one append, and appends that wait together, follow on each other.
    let torn = journal.append(StreamId::LOCAL, vec![entry(sheet(1), 5), entry(sheet(1), 7)]);
    let (first, other) =
        (journal.append(StreamId::LOCAL, vec![entry(sheet(1), 5)]), append(&journal, sheet(2), 9));
    assert_eq!(block_on(torn), Err(JournalError::Gap));
    assert_eq!((block_on(first), other), (Ok(()), Ok(())));
    // That it is committed does not make it forgotten.
    block_on(journal.committed(sheet(1), Revision(5)));
    assert_eq!(append(&journal, sheet(1), 7), Err(JournalError::Gap));
    append(&journal, sheet(1), 6).unwrap();
    assert_eq!(revisions(&journal, sheet(1)), [6]);
}

#[test]
fn after_a_restart_an_append_follows_on_what_was_found() {
    let dir = tempfile::tempdir().unwrap();
    let (journal, _) = open(dir.path(), SMALL);
    append(&journal, sheet(1), 1).unwrap();
    let (again, _) = open(crashed(dir.path()).path(), SMALL);
    assert_eq!(append(&again, sheet(1), 3), Err(JournalError::Gap));
    append(&again, sheet(1), 2).unwrap();
}

/// An entry of so many bytes and some.
fn large(sheet: SheetId, bytes: usize) -> Arc<Entry> {
    let mut large = (*entry(sheet, 1)).clone();
    large.delta = ot_engine::SharedDelta::new(Delta::set_cell(0, 0, "x".repeat(bytes).as_str()));
    Arc::new(large)
}

#[test]
fn appends_of_many_sheets_wait_for_room_and_are_all_taken() {
    let dir = tempfile::tempdir().unwrap();
    let (journal, mut attendant, _) =
        Journal::open_attended(Arc::new(disk::SystemDisk), dir.path(), SMALL).unwrap();
    let each = ENTRY_BYTES;
    let many = 2 * model::sizes::APPEND_QUEUE_BYTES / each;
    let appends: Vec<_> = (0..many)
        .map(|number| journal.append(StreamId::LOCAL, vec![large(sheet(number as u128), each)]))
        .collect();
    let taken = block_on(async {
        let attend = async {
            loop {
                tokio::task::yield_now().await;
                attendant.attend();
            }
        };
        tokio::select! {
            () = attend => Vec::new(),
            taken = futures_util::future::join_all(appends) => taken,
        }
    });
    assert_eq!(taken, vec![Ok(()); many]);
    assert_eq!(journal.uncommitted_entries(), many);
}

#[test]
fn the_largest_append_is_written_and_read_again() {
    let dir = tempfile::tempdir().unwrap();
    let (journal, _) = open(dir.path(), SMALL);
    let mut entries = vec![
        (*large(sheet(1), BATCH_BYTES - 256)).clone(),
        (*large(sheet(1), ENTRY_BYTES - 256)).clone(),
    ];
    entries[1].revision = Revision(2);
    let entries: Vec<_> = entries.into_iter().map(Arc::new).collect();
    block_on(journal.append(StreamId::LOCAL, entries)).unwrap();
    let (again, _) = open(crashed(dir.path()).path(), SMALL);
    assert_eq!(revisions(&again, sheet(1)), [1, 2]);
}

#[test]
fn what_an_entry_takes_is_counted_before_it_is_written() {
    for revision in 1..=8 {
        let entry = entry(sheet(1), revision);
        let mut written = Vec::new();
        crate::encode_entry(&entry, &mut written);
        let counted = entry_bytes(&entry);
        assert!(
            (written.len()..written.len() + 128).contains(&counted),
            "{counted} for {written:?}"
        );
    }
}
