//! A change that Postgres refuses permanently: all entries before it are committed, and the sheet is set aside.
//!
//! Not about an outage (the parent). Invariant: the reason of the sheet names the refused revision.

use super::*;

/// A committer for the entries that Postgres lacks, as after the sheet is loaded again.
fn reopen(postgres: &Postgres, quarantine: &Arc<Quarantine>, entries: &[Arc<Entry>]) -> Sheet {
    let mut sheet = Sheet::open_with(postgres, quarantine);
    let head = postgres.0.lock().unwrap().tables.head;
    for entry in entries {
        let writes = sheet.maker.apply(entry);
        if entry.revision > head {
            sheet.committer.push(entry.clone(), writes);
        }
    }
    sheet
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn entries_before_the_refused_one_are_committed_and_the_sheet_is_set_aside(
        places in prop::collection::vec(any::<u32>(), 1..20),
        poison in any::<prop::sample::Index>(),
        fates in prop::collection::vec(fate(), 0..6),
    ) {
        paused().block_on(async {
            let (postgres, quarantine) = (Postgres::default(), Arc::default());
            let poison = Revision(poison.index(places.len()) as u64 + 1);
            postgres.0.lock().unwrap().poison = Some(poison);
            postgres.0.lock().unwrap().fates = fates.into();
            let mut maker = Maker::default();
            let entries: Vec<_> = places.iter().map(|place| {
                let entry = maker.next(*place);
                maker.apply(&entry);
                entry
            }).collect();
            // One transaction would write them; it is refused, and so is the sheet that comes after.
            for _ in 0..2 {
                let sheet = reopen(&postgres, &quarantine, &entries);
                let mut committed = sheet.committer.watch_committed();
                while committed.changed().await.is_ok() {}
                if postgres.0.lock().unwrap().set_aside.is_some() {
                    break;
                }
                assert!(quarantine.until(SHEET).is_some());
            }
            let server = postgres.0.lock().unwrap();
            let before = Revision(poison.0 - 1);
            assert_eq!(server.tables.head, before);
            let (head, why) = server.set_aside.clone().expect("it is set aside");
            assert_eq!(head, before);
            assert!(why.contains(&poison.to_string()), "{why}");
        });
    }
}

#[test]
fn a_batch_that_is_refused_for_its_size_is_committed_entry_by_entry() {
    paused().block_on(async {
        let (postgres, quarantine) = (Postgres::default(), Arc::<Quarantine>::default());
        postgres.0.lock().unwrap().most_entries = Some(1);
        let mut maker = Maker::default();
        let entries: Vec<_> = (0..20)
            .map(|place| {
                let entry = maker.next(place);
                maker.apply(&entry);
                entry
            })
            .collect();
        let refused = reopen(&postgres, &quarantine, &entries);
        let mut committed = refused.committer.watch_committed();
        while committed.changed().await.is_ok() {}
        let sheet = reopen(&postgres, &quarantine, &entries);
        let mut committed = sheet.committer.watch_committed();
        committed.wait_for(|revision| *revision >= Revision(20)).await.unwrap();
        tokio::time::sleep(Duration::from_millis(1)).await;
        assert!(quarantine.until(SHEET).is_none(), "nothing is left to find");
        assert!(postgres.0.lock().unwrap().set_aside.is_none());
    });
}
