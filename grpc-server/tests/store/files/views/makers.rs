//! Which view goes when a table has as many as it may: one of the account that has made most, and the owner's last.
//!
//! Not the use of views. Invariant: each test has accounts and a file of its own.

use model::limits::tables::{VIEWS_OF_TABLE, VIEWS_OF_TABLE_BY_OTHER};
use model::{AccountId, ContentId, FileId, Role, ViewId};
use serde_json::json;
use store::{CommittedView, Store};
use uuid::Uuid;

use super::{attempt, by_id, table, written};
use crate::support::{Fixture, Outcome, account};

/// A file with a table.
struct Shared {
    store: Store,
    owner: AccountId,
    file: FileId,
    table: ContentId,
}

impl Shared {
    async fn new() -> Self {
        let Fixture { store, owner, .. } = Fixture::new().await;
        let (file, table) = table(&store, owner).await;
        Self { store, owner, file, table }
    }

    /// An account that looks at the file.
    async fn viewer(&self) -> AccountId {
        let account = account(&format!("{}@example.com", Uuid::new_v4()));
        self.store.create_account(&account).await.expect("an account");
        let given = (&*account.email, Role::Viewer);
        let shared = self.store.share_file(self.file, given, 9, self.owner).await;
        assert!(shared.expect("an answer"));
        account.id
    }

    /// Makes so many views by jobs of an account.
    async fn make(&self, maker: AccountId, count: u32) -> Vec<ViewId> {
        let Self { store, owner, file, table } = self;
        let mut views = Vec::new();
        for _ in 0..count {
            let hold = attempt(store, maker).await;
            let question = Uuid::new_v4().to_string();
            let view = written(store, (hold, *owner), *table, &question).await;
            let committed = store.commit_view(hold, (*owner, *file), &view).await;
            assert_eq!(committed.expect("an answer"), CommittedView::View);
            assert!(store.finish_job(hold, &json!({})).await.expect("an answer"));
            views.push(ViewId(hold.job.0));
        }
        views
    }

    /// Those of the views that are there.
    async fn left(&self, views: &[ViewId]) -> Vec<ViewId> {
        let mut left = Vec::new();
        for view in views {
            left.extend(by_id(&self.store, self.owner, self.file, *view).await.map(|it| it.id));
        }
        left
    }
}

/// The newest of so many views.
fn newest(views: &[ViewId], count: u32) -> &[ViewId] {
    let count = usize::try_from(count).expect("is small");
    &views[views.len() - count..]
}

#[tokio::test]
async fn a_person_replaces_views_of_its_own_once_it_has_its_part() -> Outcome {
    let shared = Shared::new().await;
    let viewer = shared.viewer().await;
    let own = shared.make(shared.owner, VIEWS_OF_TABLE - VIEWS_OF_TABLE_BY_OTHER - 1).await;
    let others = shared.make(viewer, VIEWS_OF_TABLE_BY_OTHER + 2).await;
    assert_eq!(shared.left(&own).await, own, "the table is not full");
    assert_eq!(shared.left(&others).await, newest(&others, VIEWS_OF_TABLE_BY_OTHER));
    Ok(())
}

#[tokio::test]
async fn a_full_table_loses_the_oldest_view_of_the_account_that_has_most() -> Outcome {
    let shared = Shared::new().await;
    let part = VIEWS_OF_TABLE_BY_OTHER;
    let own = shared.make(shared.owner, VIEWS_OF_TABLE).await;
    let mut others = Vec::new();
    for number in 1..VIEWS_OF_TABLE / part {
        let viewer = shared.viewer().await;
        others.extend(shared.make(viewer, part).await);
        let kept = newest(&own, VIEWS_OF_TABLE - number * part);
        assert_eq!(shared.left(&own).await, kept, "the owner has most");
    }
    assert_eq!(shared.left(&others).await, others);
    // All have as many: the owner's stay, and the oldest one of the others goes.
    let late = shared.viewer().await;
    let further = shared.make(late, 1).await;
    assert_eq!(shared.left(&own).await, newest(&own, part));
    assert_eq!(shared.left(&others).await, others[1..]);
    // The owner replaces its own, as it has most with the further one.
    let again = shared.make(shared.owner, 1).await;
    assert_eq!(shared.left(&own).await, newest(&own, part - 1));
    assert_eq!(shared.left(&others).await, others[1..]);
    assert_eq!(shared.left(&[further, again].concat()).await.len(), 2);
    Ok(())
}
