//! The recurring job that deletes what no file needs: abandoned uploads, ended links, files that were removed long ago, unused
//! views, and their contents in the place of the files. One runs in the cluster.
//!
//! Not what counts as unused (the store). The pieces of a content are deleted before its row, so a run that ends in the
//! middle leaves a row by which the next one continues. Invariants: a step has a bound, and a run a time limit; the place is
//! read only while it has the marker of this database, so the contents of another database are never looked through.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use files::{Vault, VaultError};
use futures_util::future::BoxFuture;
use jobs::{Failure, Job, Kind, Outcome};
use serde_json::json;

use crate::service::files::CheckedPlace;
use model::limits::files::{CONTENT_KEPT, REMOVED_KEPT, UNKNOWN_CONTENT_KEPT, UPLOAD_KEPT};
use model::limits::tables::VIEW_KEPT;
use model::{ContentId, now_micros};
use store::{Store, StoreError};

/// Between the end of one run and the beginning of the next.
const EVERY: Duration = Duration::from_secs(10 * 60);
/// What a run leaves is the next one's.
const WITHIN: Duration = Duration::from_secs(30 * 60);
/// Rows that one statement deletes.
const ROWS: u32 = 500;
/// Steps of one kind in a run.
const STEPS: usize = 200;
/// Contents that are deleted in one step.
const CONTENTS: u32 = 50;
/// Contents whose pieces may fail to be deleted before a run gives up.
const FAILURES_MOST: u32 = 3;
/// Contents of the place that are looked up at once.
const LISTED: usize = 500;
/// Such steps of one run.
const LISTED_STEPS: usize = 20;

/// Deletes what no file needs.
pub(crate) struct FileSweep {
    store: Store,
    place: Arc<CheckedPlace>,
    /// The content up to which the last run of this node has looked through the place.
    looked_at: Mutex<Option<ContentId>>,
}

impl FileSweep {
    pub(crate) fn new(store: Store, place: Arc<CheckedPlace>) -> Self {
        Self { store, place, looked_at: Mutex::default() }
    }

    async fn sweep(&self) -> Outcome {
        let store = &self.store;
        let uploads = steps(|| store.end_stale_uploads(UPLOAD_KEPT, ROWS)).await?;
        let links = steps(|| store.delete_ended_file_links(ROWS)).await?;
        let files = steps(|| store.delete_removed_files(REMOVED_KEPT, ROWS)).await?;
        let views = steps(|| store.end_unused_views(VIEW_KEPT, ROWS)).await?;
        // The reason is in the log.
        let vault = self.place.ready().await.map_err(|_| {
            Failure::Later("the place of the files is not available; see the server's log".into())
        })?;
        let contents = self.delete_unused(vault).await?;
        let unknown = self.delete_unknown(vault).await?;
        if contents + unknown > 0 {
            tracing::info!(uploads, files, views, contents, unknown, "contents of files deleted");
        }
        Ok(json!({
            "uploads": uploads,
            "links": links,
            "files": files,
            "views": views,
            "contents": contents,
            "unknown": unknown,
        }))
    }

    /// Deletes contents that nothing names.
    async fn delete_unused(&self, vault: &Vault) -> Result<u64, Failure> {
        let (mut deleted, mut failed) = (0, 0);
        for _ in 0..STEPS {
            let unused = self.store.unused_contents(CONTENT_KEPT, CONTENTS).await?;
            if unused.is_empty() {
                break;
            }
            for content in unused {
                if let Err(error) = vault.delete(content).await {
                    // It may be a large content, of which a part is deleted: the store returns it again later.
                    tracing::warn!(%content, %error, "content of a file not deleted; a later sweep tries it again");
                    failed += 1;
                    if failed >= FAILURES_MOST {
                        return Err(later(&error));
                    }
                    continue;
                }
                self.store.delete_content(content).await?;
                deleted += 1;
            }
        }
        Ok(deleted)
    }

    /// Deletes contents of the place that have no row for long. A content has its row before its first piece, so the look-up
    /// of one that was listed before finds its row, if it has one.
    async fn delete_unknown(&self, vault: &Vault) -> Result<u64, Failure> {
        let mut deleted = 0;
        for _ in 0..LISTED_STEPS {
            let after = *self.looked_at();
            let listed =
                vault.contents_after(after, LISTED).await.map_err(|error| later(&error))?;
            let old: Vec<ContentId> =
                listed.iter().copied().filter(|content| is_old(*content, now_micros())).collect();
            for content in self.store.stray_contents(&old, UNKNOWN_CONTENT_KEPT).await? {
                vault.delete(content).await.map_err(|error| later(&error))?;
                self.store.forget_stray(content).await?;
                deleted += 1;
            }
            // After the last one the next run begins again.
            *self.looked_at() = listed.last().copied().filter(|_| listed.len() >= LISTED);
            if listed.len() < LISTED {
                break;
            }
        }
        Ok(deleted)
    }

    fn looked_at(&self) -> std::sync::MutexGuard<'_, Option<ContentId>> {
        // One value: after a panic elsewhere it is still valid.
        self.looked_at.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kind for FileSweep {
    fn name(&self) -> &'static str {
        "files"
    }

    fn at_once(&self) -> usize {
        1
    }

    fn time_limit(&self) -> Duration {
        WITHIN
    }

    fn every(&self) -> Option<Duration> {
        Some(EVERY)
    }

    fn run<'a>(&'a self, _: &'a Job) -> BoxFuture<'a, Outcome> {
        Box::pin(self.sweep())
    }
}

/// Repeats a step that deletes up to [`ROWS`] rows while it finds any; how many it has deleted.
async fn steps<F>(step: impl Fn() -> F) -> Result<u64, StoreError>
where
    F: Future<Output = Result<u64, StoreError>>,
{
    let mut deleted = 0;
    for _ in 0..STEPS {
        let now = step().await?;
        deleted += now;
        if now == 0 {
            break;
        }
    }
    Ok(deleted)
}

fn later(error: &VaultError) -> Failure {
    Failure::Later(error.to_string())
}

/// Whether a content was made so long ago that a place need not keep it without a row. Its id has the time.
fn is_old(content: ContentId, now_micros: i64) -> bool {
    let Some(made) = content.0.get_timestamp() else { return false };
    let now = Duration::from_micros(u64::try_from(now_micros).unwrap_or(0));
    now.saturating_sub(UNKNOWN_CONTENT_KEPT).as_secs() > made.to_unix().0
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use uuid::Uuid;

    use super::*;

    #[tokio::test]
    async fn a_step_is_repeated_while_it_deletes_something_and_not_without_end() {
        let left = AtomicU64::new(3);
        let step = || async {
            let now = left.load(Ordering::Relaxed).min(2);
            left.fetch_sub(now, Ordering::Relaxed);
            Ok(now)
        };
        assert_eq!(steps(step).await.ok(), Some(3));
        assert_eq!(steps(|| async { Ok(1) }).await.ok(), Some(STEPS as u64));
    }

    #[test]
    fn a_content_is_old_by_the_time_in_its_id() {
        let content = ContentId::generate();
        let kept = i64::try_from(UNKNOWN_CONTENT_KEPT.as_micros()).expect("is short");
        let hour = 3_600 * 1_000_000;
        assert!(!is_old(content, now_micros() + kept - hour));
        assert!(is_old(content, now_micros() + kept + hour));
        assert!(!is_old(ContentId(Uuid::nil()), i64::MAX), "not an id of this server");
    }
}
