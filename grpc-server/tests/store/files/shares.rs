//! Roles on files: given to addresses, decided, listed, ended; and what their persons can write.
//!
//! Not what a call allows. Invariants: each test has accounts of its own; a role that has ended gives nothing.

use model::limits::files::{DOWNLOAD_LINK_LASTS, SHARES_OF_FILE};
use model::{AccountId, FileId, FileOrder, FoundFile, Role, now_micros};
use serde_json::json;
use store::{CommittedView, FileFilter, FileScope, LinkFor, MadeLink, NewView, Store};
use uuid::Uuid;

use super::pages::all;
use super::tables::{attempt, commit, draft};
use super::{SWEEPS, file, unique_digest};
use crate::support::{Fixture, Outcome, account};

/// An account, and its address.
async fn person(store: &Store) -> (AccountId, String) {
    let email = format!("{}@example.com", Uuid::new_v4());
    let account = account(&email);
    store.create_account(&account).await.expect("an account");
    (account.id, email)
}

/// The file of an id and the role, as an account finds it.
async fn found(store: &Store, file: FileId, account: AccountId) -> Option<FoundFile> {
    store.found_file(file, account).await.expect("an answer").map(|(found, _)| found)
}

async fn role(store: &Store, file: FileId, account: AccountId) -> Option<Role> {
    found(store, file, account).await.map(|found| found.role)
}

#[tokio::test]
async fn a_role_belongs_to_an_address_and_ends_with_the_removal_and_the_account() -> Outcome {
    let Fixture { store, owner, .. } = Fixture::new().await;
    let _guard = SWEEPS.lock().await;
    let (made, _) = file(&store, owner, "a.csv", 10, unique_digest()).await;
    let id = made.id;
    let (ben, email) = person(&store).await;
    assert_eq!(role(&store, id, owner).await, Some(Role::Owner));
    assert_eq!(role(&store, id, ben).await, None);

    assert!(!store.share_file(id, (&email, Role::Viewer), 9, ben).await?, "not the owner");
    assert!(store.share_file(id, (&email, Role::Viewer), 9, owner).await?);
    let (shared, is_first) = store.found_file(id, ben).await?.ok_or("a file")?;
    assert_eq!((shared.role, shared.file.shared_with, is_first), (Role::Viewer, 1, true));
    assert!(shared.owner_name.is_some());
    store.note_first_use_of_file(id, ben).await?;
    assert!(!store.found_file(id, ben).await?.ok_or("a file")?.1);
    assert!(store.share_file(id, (&email, Role::Editor), 9, owner).await?);
    assert_eq!(store.file_role_of(id, &email).await?, Some(Role::Editor));

    store.remove_file(owner, id).await?;
    assert_eq!(role(&store, id, ben).await, None);
    assert_eq!(role(&store, id, owner).await, Some(Role::Owner));
    assert!(!store.share_file(id, (&email, Role::Viewer), 9, owner).await?, "it is removed");
    store.restore_file(owner, id).await?;
    assert_eq!(role(&store, id, ben).await, Some(Role::Editor));

    let late = format!("{}@example.com", Uuid::new_v4());
    assert!(store.share_file(id, (&late, Role::Viewer), 9, owner).await?);
    let account = account(&late);
    store.create_account(&account).await?;
    assert_eq!(role(&store, id, account.id).await, Some(Role::Viewer));
    store.leave_file(id, account.id).await?;
    assert_eq!(role(&store, id, account.id).await, None);

    assert!(store.end_account(ben, "$argon2id$").await?.is_some());
    assert_eq!(store.file_role_of(id, &email).await?, None, "the role goes with the address");
    let (eve, email) = person(&store).await;
    assert!(store.share_file(id, (&email, Role::Viewer), 9, owner).await?);
    assert!(store.end_account(owner, "$argon2id$").await?.is_some());
    assert_eq!(role(&store, id, eve).await, None, "the owner has ended");
    Ok(())
}

#[tokio::test]
async fn a_file_is_shared_with_so_many_addresses_and_each_role_makes_one_notice() -> Outcome {
    let Fixture { store, owner, .. } = Fixture::new().await;
    let (made, _) = file(&store, owner, "a.csv", 10, unique_digest()).await;
    let (ben, email) = person(&store).await;
    let given = (email.as_str(), Role::Viewer);
    for _ in 0..2 {
        assert!(store.share_file(made.id, given, 1, owner).await?, "once more changes nothing");
    }
    let other = format!("{}@example.com", Uuid::new_v4());
    assert!(!store.share_file(made.id, (&other, Role::Viewer), 1, owner).await?, "it is full");
    assert!(store.share_file(made.id, (&other, Role::Viewer), SHARES_OF_FILE, owner).await?);
    let link = unique_digest().0;
    let expires = now_micros() + 60_000_000;
    store.put_link(&link, LinkFor::Invite(&other, Some(owner)), expires).await?;
    assert!(store.invited(&link, now_micros()).await?.is_some());
    assert!(store.invitation_to_file(made.id, owner, &other).await?.is_some());
    assert_eq!(store.invitation_to_file(made.id, ben, &other).await?, None, "not the owner");
    let shares = store.file_shares(made.id).await?;
    let roles: Vec<Role> = shares.iter().map(|share| share.role).collect();
    assert_eq!(roles, [Role::Owner, Role::Viewer, Role::Viewer]);
    assert!(shares[1].account.is_none(), "not before it has used the file");
    store.note_first_use_of_file(made.id, ben).await?;
    let share = store.file_share_of(made.id, &email).await?.ok_or("a role")?;
    assert_eq!(share.account.map(|(account, _)| account), Some(ben));

    let (notices, _) = store.notices(ben, 0, 10).await?;
    let files: Vec<_> = notices.iter().map(|it| it.file.clone().map(|(id, _)| id)).collect();
    assert_eq!(files, [Some(made.id)]);
    assert_eq!(store.notice_head(ben).await?.unread, 1);
    assert!(store.unshare_file(made.id, &email, owner).await?);
    assert!(!store.unshare_file(made.id, &email, owner).await?, "it has ended");
    assert!(store.unshare_file(made.id, &other, owner).await?);
    assert_eq!(store.invited(&link, now_micros()).await?, None, "it ends with the share");
    let (notices, _) = store.notices(ben, 0, 10).await?;
    let roles: Vec<_> = notices.iter().map(|it| (it.file.is_some(), it.role)).collect();
    assert_eq!(roles, [(true, None)], "the share is not shown without the role");
    assert_eq!(store.notice_head(ben).await?.unread, 1);
    Ok(())
}

#[tokio::test]
async fn a_list_has_own_and_shared_files_in_one_order() -> Outcome {
    let Fixture { store, owner, .. } = Fixture::new().await;
    let (ben, email) = person(&store).await;
    for at in 0..12_u8 {
        let (name, of) = (char::from(b'a' + at).to_string(), if at % 2 == 0 { owner } else { ben });
        let (made, _) = file(&store, of, &name, u64::from(at), unique_digest()).await;
        if at % 4 == 0 {
            assert!(store.share_file(made.id, (&email, Role::Viewer), 9, owner).await?);
        }
    }
    let expected =
        [(FileScope::Own, "bdfhjl"), (FileScope::Shared, "aei"), (FileScope::All, "abdefhijl")];
    for (scope, letters) in expected {
        for order in [FileOrder::Name, FileOrder::Size, FileOrder::Created] {
            for descending in [false, true] {
                let filter = FileFilter { scope, order, descending, ..all(ben) };
                let (mut names, mut after) = (String::new(), None);
                loop {
                    let page = store.files(&filter, after.as_ref(), 2).await?;
                    let Some((_, last)) = page.last().cloned() else { break };
                    for (found, _) in &page {
                        let is_own = found.file.owner == ben;
                        assert_eq!(found.role == Role::Owner, is_own);
                        assert_eq!(found.owner_name.is_none(), is_own);
                        names.push_str(&found.file.name);
                    }
                    after = Some(last);
                }
                let listed: String = match descending {
                    false => names,
                    true => names.chars().rev().collect(),
                };
                assert_eq!(listed, letters, "{scope:?} {order:?} {descending}");
            }
        }
    }
    let shared = FileFilter { scope: FileScope::Shared, removed: true, ..all(ben) };
    assert!(store.files(&shared, None, 9).await?.is_empty());
    Ok(())
}

#[tokio::test]
async fn a_role_that_has_ended_commits_no_view_and_its_link_leads_nowhere() -> Outcome {
    let Fixture { store, owner, .. } = Fixture::new().await;
    let (made, _) = file(&store, owner, "a.csv", 10, unique_digest()).await;
    let table = commit(&store, attempt(&store, owner).await, owner, made.id).await;
    let (ben, email) = person(&store).await;
    let secret = unique_digest().0;
    assert_eq!(secret_link(&store, ben, made.id, secret).await, MadeLink::NoFile);
    assert!(store.share_file(made.id, (&email, Role::Viewer), 9, owner).await?);
    assert!(matches!(secret_link(&store, ben, made.id, secret).await, MadeLink::Link { .. }));
    let linked = store.linked_file(&secret).await?.ok_or("a file")?;
    assert_eq!((linked.file.id, linked.account), (made.id, ben));

    let hold = attempt(&store, ben).await;
    let content = draft(&store, hold, owner).await;
    let view = NewView { number: 0, table, content, question: "a".to_owned(), rows: 7 };
    assert!(store.unshare_file(made.id, &email, owner).await?);
    let refused = store.commit_view(hold, (owner, made.id), &view).await?;
    assert_eq!(refused, CommittedView::NoRole);
    assert_eq!(store.linked_file(&secret).await?, None);
    assert!(store.share_file(made.id, (&email, Role::Viewer), 9, owner).await?);
    let committed = store.commit_view(hold, (owner, made.id), &view).await?;
    assert_eq!(committed, CommittedView::View);
    assert!(store.finish_job(hold, &json!({})).await?);
    assert_eq!(store.file_usage(ben).await?.used, 0, "the view is the owner's");
    Ok(())
}

async fn secret_link(
    store: &Store,
    account: AccountId,
    file: FileId,
    secret: [u8; 32],
) -> MadeLink {
    let made = store.make_file_link(account, file, &secret, DOWNLOAD_LINK_LASTS, 9).await;
    made.expect("an answer")
}
