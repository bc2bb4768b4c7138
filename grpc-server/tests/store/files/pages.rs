//! Lists of files in pages, their filter, and changes of files.
//!
//! Not uploads. Invariant: a page's order is checked against a sort of this test's own.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use model::{AccountId, FileId, FileOrder, FileRecord};
use store::{FileFilter, FileKey, FilePlace, FileScope, Renamed, Store, StoreError};

use super::{file, unique_digest};
use crate::support::{Fixture, Outcome, connect};

const ORDERS: [FileOrder; 3] = [FileOrder::Name, FileOrder::Size, FileOrder::Created];

/// All files that an account finds, by name.
pub(super) fn all(owner: AccountId) -> FileFilter {
    FileFilter {
        account: owner,
        scope: FileScope::All,
        contains: None,
        order: FileOrder::Name,
        descending: false,
        removed: false,
    }
}

async fn names(store: &Store, filter: &FileFilter) -> Vec<String> {
    let files = store.files(filter, None, 100).await.expect("a list");
    files.into_iter().map(|(found, _)| found.file.name).collect()
}

async fn made(store: &Store, owner: AccountId, name: &str, bytes: u64) -> FileRecord {
    file(store, owner, name, bytes, unique_digest()).await.0
}

/// For names of small letters, which each order of languages sorts as bytes.
fn compared(order: FileOrder, one: &FileRecord, other: &FileRecord) -> Ordering {
    let by_key = match order {
        FileOrder::Name => one.name.cmp(&other.name),
        FileOrder::Size => one.pieces.bytes.cmp(&other.pieces.bytes),
        FileOrder::Created => one.created_micros.cmp(&other.created_micros),
    };
    by_key.then(one.id.cmp(&other.id))
}

/// Files of which some have equal names, sizes and times.
async fn many(fixture: &Fixture) -> Vec<FileRecord> {
    let (store, owner) = (&fixture.store, fixture.owner);
    for at in 0..40_u8 {
        let letters = [at % 11 * 7 % 11, at % 3, at / 30].map(|it| char::from(b'a' + it));
        let name: String = letters[..1 + usize::from(at % 3)].iter().collect();
        made(store, owner, &name, u64::from(at * 5 % 9)).await;
    }
    let times = "update files set created_at = to_timestamp(1700000000 + (bytes * 7) % 5)
        where owner = $1";
    connect(&fixture.config).await.execute(times, &[&owner.0]).await.expect("changed");
    let files = store.files(&all(owner), None, 100).await.expect("a list");
    files.into_iter().map(|(found, _)| found.file).collect()
}

#[tokio::test]
async fn pages_have_each_file_once_in_each_order() -> Outcome {
    let fixture = Fixture::new().await;
    let files = many(&fixture).await;
    assert_eq!(files.len(), 40);
    for order in ORDERS {
        for descending in [false, true] {
            let mut expected = files.clone();
            expected.sort_by(|one, other| compared(order, one, other));
            if descending {
                expected.reverse();
            }
            let filter = FileFilter { order, descending, ..all(fixture.owner) };
            let (mut listed, mut after): (Vec<FileRecord>, Option<FilePlace>) = (vec![], None);
            loop {
                let page = fixture.store.files(&filter, after.as_ref(), 7).await?;
                assert!(page.len() <= 7);
                let Some((_, last)) = page.last().cloned() else { break };
                listed.extend(page.into_iter().map(|(found, _)| found.file));
                after = Some(last);
            }
            assert_eq!(listed, expected, "{order:?} {descending}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn pages_neither_skip_nor_repeat_a_file_while_others_change() -> Outcome {
    for (order, descending) in ORDERS.into_iter().zip([false, true, true]) {
        let fixture = Fixture::new().await;
        let (store, owner) = (&fixture.store, fixture.owner);
        let mut expected = many(&fixture).await;
        expected.sort_by(|one, other| compared(order, one, other));
        if descending {
            expected.reverse();
        }
        let filter = FileFilter { order, descending, ..all(owner) };
        let (mut listed, mut after) = (Vec::new(), None);
        let mut changed = BTreeSet::new();
        loop {
            let page = store.files(&filter, after.as_ref(), 5).await?;
            let Some((end, place)) = page.last().cloned() else { break };
            listed.extend(page.into_iter().map(|(found, _)| found.file.id));
            after = Some(place);
            // The end of the page, a file of a later page, and new ones.
            store.remove_file(owner, end.file.id).await?;
            changed.insert(end.file.id);
            if let Some(later) = expected.iter().rev().find(|it| !changed.contains(&it.id)) {
                changed.insert(later.id);
                store.delete_file_for_good(owner, later.id).await?;
            }
            changed.insert(made(store, owner, "ccc", 3).await.id);
            if listed.len() > 100 {
                break;
            }
        }
        let unchanged = |ids: Vec<FileId>| -> Vec<FileId> {
            ids.into_iter().filter(|id| !changed.contains(id)).collect()
        };
        let expected = unchanged(expected.iter().map(|file| file.id).collect());
        assert!(expected.len() > 10, "{}", expected.len());
        assert_eq!(unchanged(listed), expected, "{order:?}");
    }
    Ok(())
}

#[tokio::test]
async fn names_are_in_the_order_of_languages_in_either_encoding() -> Outcome {
    let Fixture { store, owner, .. } = Fixture::new().await;
    let sorted = ["apfel", "Apfel", "a\u{308}pfel", "\u{c4}pfel", "zoo", "Zoo"];
    for name in ["Zoo", "\u{c4}pfel", "apfel", "zoo", "Apfel", "a\u{308}pfel"] {
        made(&store, owner, name, 1).await;
    }
    assert_eq!(names(&store, &all(owner)).await, sorted);
    let mut reverse = names(&store, &FileFilter { descending: true, ..all(owner) }).await;
    reverse.reverse();
    assert_eq!(reverse, sorted);
    let first = store.files(&all(owner), None, 3).await?;
    assert_eq!(first[2].1.key, FileKey::Name("\u{e4}pfel".into()));
    let rest = store.files(&all(owner), Some(&first[2].1), 9).await?;
    assert_eq!(rest.iter().map(|(found, _)| &*found.file.name).collect::<Vec<_>>(), sorted[3..]);
    Ok(())
}

#[tokio::test]
async fn a_filter_takes_each_character_as_it_is_and_in_any_letter_case() -> Outcome {
    let Fixture { store, owner, .. } = Fixture::new().await;
    let all_names = ["50 off", "50% off", "a_b", "axb", "Cafe\u{301}", "Stra\u{df}e"];
    for name in all_names {
        made(&store, owner, name, 1).await;
    }
    let cases: [(&str, &[&str]); 9] = [
        ("%", &["50% off"]),
        ("_", &["a_b"]),
        ("A_B", &["a_b"]),
        ("\\", &[]),
        ("50", &["50 off", "50% off"]),
        ("CAF\u{c9}", &["Cafe\u{301}"]),
        ("cafe\u{301}", &["Cafe\u{301}"]),
        ("STRASSE", &["Stra\u{df}e"]),
        ("", &all_names),
    ];
    for (contains, expected) in cases {
        let filter = FileFilter { contains: Some(contains.into()), ..all(owner) };
        let mut found = names(&store, &filter).await;
        found.sort_unstable();
        let mut expected = expected.to_vec();
        expected.sort_unstable();
        assert_eq!(found, expected, "{contains}");
    }
    let strange = FileFilter { contains: Some("a\0".into()), ..all(owner) };
    let refused = store.files(&strange, None, 9).await;
    assert!(matches!(refused, Err(StoreError::Invalid(_))), "{refused:?}");
    Ok(())
}

#[tokio::test]
async fn a_place_of_another_order_is_refused() -> Outcome {
    let Fixture { store, owner, .. } = Fixture::new().await;
    let id = FileId::generate();
    let (name, time) = (FileKey::Name("a".into()), FileKey::Created);
    for (order, key) in [
        (FileOrder::Size, name.clone()),
        (FileOrder::Created, name),
        (FileOrder::Name, FileKey::Size(1)),
        (FileOrder::Size, FileKey::Size(u64::MAX)),
        (FileOrder::Created, time(-1)),
        (FileOrder::Created, time(i64::MIN)),
        (FileOrder::Created, time(i64::MAX)),
        (FileOrder::Name, FileKey::Name("\0".into())),
    ] {
        let filter = FileFilter { order, ..all(owner) };
        let refused = store.files(&filter, Some(&FilePlace { key, id }), 9).await;
        assert!(matches!(refused, Err(StoreError::Invalid(_))), "{order:?}: {refused:?}");
    }
    let last = FilePlace { key: time(i64::MAX / 2), id };
    let filter = FileFilter { order: FileOrder::Created, ..all(owner) };
    assert!(store.files(&filter, Some(&last), 9).await?.is_empty());
    Ok(())
}

#[tokio::test]
async fn a_rename_overwrites_no_version_that_it_has_not_seen() -> Outcome {
    let Fixture { store, owner, .. } = Fixture::new().await;
    let first = made(&store, owner, "a", 1).await;
    let Renamed::File(second) = store.rename_file(owner, first.id, "b", Some(1)).await? else {
        panic!("not renamed")
    };
    assert_eq!((&*second.name, second.version), ("b", 2));
    let late = store.rename_file(owner, first.id, "c", Some(1)).await?;
    assert_eq!(late, Renamed::OtherVersion);
    let again = store.rename_file(owner, first.id, "b", Some(1)).await?;
    assert_eq!(again, Renamed::File(second), "the call that was sent again has succeeded");
    let any = store.rename_file(owner, first.id, "d", None).await?;
    assert!(matches!(&any, Renamed::File(file) if file.version == 3), "{any:?}");
    let foreign = store.rename_file(AccountId::generate(), first.id, "e", None).await?;
    assert_eq!(foreign, Renamed::NoFile);
    store.remove_file(owner, first.id).await?;
    assert_eq!(store.rename_file(owner, first.id, "e", None).await?, Renamed::Removed);
    store.delete_file_for_good(owner, first.id).await?;
    assert_eq!(store.rename_file(owner, first.id, "e", None).await?, Renamed::NoFile);
    Ok(())
}

#[tokio::test]
async fn a_removed_file_can_be_restored_until_it_is_deleted_for_good() -> Outcome {
    let Fixture { store, owner, .. } = Fixture::new().await;
    let (file, other) = (made(&store, owner, "a", 1).await, made(&store, owner, "b", 1).await);
    assert_eq!(store.restore_file(owner, file.id).await?, Some(file.clone()), "nothing to do");
    let removed = store.remove_file(owner, file.id).await?.ok_or("a file")?;
    assert!(removed.removed_micros.is_some() && removed.version == 2);
    assert_eq!(store.remove_file(owner, file.id).await?, Some(removed.clone()), "again");
    assert_eq!(store.file(owner, file.id).await?, Some(removed.clone()));
    let bin = FileFilter { removed: true, ..all(owner) };
    assert_eq!(names(&store, &bin).await, ["a"]);
    assert_eq!(names(&store, &all(owner)).await, ["b"]);
    let back = store.restore_file(owner, file.id).await?.ok_or("a file")?;
    assert_eq!((back.removed_micros, back.version), (None, 3));
    assert_eq!(names(&store, &all(owner)).await, ["a", "b"]);

    let stranger = AccountId::generate();
    assert_eq!(store.remove_file(stranger, file.id).await?, None);
    assert_eq!(store.restore_file(stranger, file.id).await?, None);
    assert!(!store.delete_file_for_good(stranger, file.id).await?);
    assert!(store.delete_file_for_good(owner, file.id).await?);
    assert_eq!(store.restore_file(owner, file.id).await?, None);
    assert_eq!(names(&store, &all(owner)).await, ["b"]);
    assert_eq!(store.file(owner, other.id).await?, Some(other));
    Ok(())
}
