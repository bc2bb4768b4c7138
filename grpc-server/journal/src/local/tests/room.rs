//! The room that one sheet and one account leave to the others, in memory and in the files.

use super::*;

fn by(account: u128, sheet: SheetId, revision: u64) -> Arc<Entry> {
    let account = AccountId(uuid::Uuid::from_u128(account));
    Arc::new(Entry { account, ..(*entry(sheet, revision)).clone() })
}

/// Little room in the files, and little in memory.
fn small() -> [JournalOptions; 2] {
    let memory = JournalOptions { memory_bytes: 160_000, ..SMALL };
    [JournalOptions::limited(Some(64_000)), memory]
}

#[test]
fn one_sheet_and_one_account_leave_room_for_the_others() {
    for options in small() {
        let dir = tempfile::tempdir().unwrap();
        let (journal, _) = open(dir.path(), options);
        let fill = |account: u128, sheets: std::ops::Range<u128>| {
            let mut taken = 0;
            for sheet in sheets.map(self::sheet) {
                let mut revision = 1;
                let append = |entry| block_on(journal.append(StreamId::LOCAL, vec![entry]));
                while append(by(account, sheet, revision)).is_ok() {
                    revision += 1;
                    taken += 1;
                }
            }
            taken
        };
        let of_one = fill(1, 1..20);
        let of_others: Vec<_> =
            (2..4).map(|account| fill(account, 20 * account..20 * account + 1)).collect();
        assert!(of_one > 10 && of_others.iter().all(|taken| *taken > 1), "{of_one} {of_others:?}");
    }
}

/// No account of the sheet comes to a share of its own.
#[test]
fn one_sheet_of_many_accounts_leaves_room_for_the_others() {
    for options in small() {
        let dir = tempfile::tempdir().unwrap();
        let (journal, _) = open(dir.path(), options);
        let append = |account: u64, number, revision| {
            let entry = by(account.into(), sheet(number), revision);
            block_on(journal.append(StreamId::LOCAL, vec![entry]))
        };
        let mut taken = 0;
        let refused = loop {
            match append(100 + taken, 1, taken + 1) {
                Ok(()) => taken += 1,
                Err(refused) => break refused,
            }
        };
        assert!(taken > 10 && refused == JournalError::ShareFull, "{taken}, then {refused}");
        for other in 2..4 {
            assert_eq!(append(other, other.into(), 1), Ok(()), "sheet {other}");
        }
    }
}

#[test]
fn appends_of_one_group_leave_room_for_the_others_and_so_do_their_writes() {
    let large = |revision: u64| {
        let delta = Delta::set_cells((0..200).map(|row| (row, 0, 1.0.into())));
        let delta = ot_engine::SharedDelta::new(delta);
        Arc::new(Entry { delta, ..(*entry(sheet(1), revision)).clone() })
    };
    let memory = 10 * (large(1).bytes() + large(1).written_bytes());
    let dir = tempfile::tempdir().unwrap();
    let (journal, _) = open(dir.path(), JournalOptions { memory_bytes: memory, ..SMALL });
    // Those that wait for the writer together are one group.
    let appends = (1..=40).map(|revision| journal.append(StreamId::LOCAL, vec![large(revision)]));
    let answers = block_on(futures_util::future::join_all(appends));
    let taken = answers.iter().take_while(|answer| answer.is_ok()).count();
    assert!((2..10).contains(&taken), "{taken}");
    for entry in journal.tail(sheet(1)) {
        journal.applied(entry.sheet, entry.revision, entry.written_bytes());
    }
    let other = AccountId(Uuid::from_u128(10));
    let small = Arc::new(Entry { account: other, ..(*entry(sheet(2), 1)).clone() });
    assert_eq!(block_on(journal.append(StreamId::LOCAL, vec![small])), Ok(()));
}
