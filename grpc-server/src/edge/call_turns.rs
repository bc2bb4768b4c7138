//! Turns for the calls of one account: a caller that sends many at once waits for its own calls, not others for it.
//!
//! Not here: how often an account may call (`auth`), what its large requests cost (`call_items`), and the room of edits
//! (`sheet::memory`). A turn is taken before the
//! request is read, so that a call that waits occupies no memory for it.
//!
//! Invariants: an account has at most [`CALLS_AT_ONCE`] calls that ask Postgres, [`EDITS_AT_ONCE`] that edit and
//! [`PIECES_AT_ONCE`] that send a piece of a file under way; a caller that leaves before the turn of its call makes no
//! call; a call that ends, also because its caller left, gives its turn back, and one that runs on without its caller
//! (`rights::invalidation::announced`) keeps it to its end.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::edge::auth::Identity;
use model::AccountId;
use model::budget::PerAccount;
use model::limits::edge::{CALLS_AT_ONCE, EDITS_AT_ONCE};
use model::limits::files::PIECES_AT_ONCE;

const SHEETS: &str = "/gridloom.v1.SheetService/";
const FILES: &str = "/gridloom.v1.FileService/";
/// Services whose calls all ask Postgres, but for streams.
const SERVICES: [&str; 11] = [
    "/gridloom.v1.AccountService/",
    "/gridloom.v1.ChatService/",
    "/gridloom.v1.CommentService/",
    "/gridloom.v1.DerivationService/",
    "/gridloom.v1.JobService/",
    "/gridloom.v1.NoticeService/",
    "/gridloom.v1.OperatorService/",
    "/gridloom.v1.PeopleService/",
    "/gridloom.v1.SharingService/",
    "/gridloom.v1.TableService/",
    "/gridloom.v1.TransferService/",
];
/// The streams: they wait without a turn.
const WATCHES: [&str; 2] = ["Watch", "WatchJobs"];

/// Calls that edit: they wait for the journal, not for Postgres.
const EDITS: [&str; 1] = ["ApplyEdits"];
/// Calls with turns of their own: they last long, or belong to an import that has one.
const APART: [&str; 6] =
    ["ConvertColumn", "ExportSheet", "StartImport", "ImportChunk", "FinishImport", "CancelImport"];
/// The call that sends a piece of a file: it waits for the place of the files.
const PIECE: &str = "UploadPiece";
/// The stream of a file, which has turns of its own.
const DOWNLOAD: &str = "DownloadFile";

/// The turns of all accounts.
#[derive(Debug)]
pub(crate) struct CallTurns {
    calls: PerAccount<Semaphore>,
    edits: PerAccount<Semaphore>,
    pieces: PerAccount<Semaphore>,
}

impl CallTurns {
    pub(crate) fn new() -> Self {
        Self {
            calls: PerAccount::new(CALLS_AT_ONCE, Semaphore::new),
            edits: PerAccount::new(EDITS_AT_ONCE, Semaphore::new),
            pieces: PerAccount::new(PIECES_AT_ONCE, Semaphore::new),
        }
    }

    /// The turns that a call needs; `None` for one that needs none.
    fn of(&self, path: &str, account: AccountId) -> Option<Arc<Semaphore>> {
        if let Some(name) = SERVICES.iter().find_map(|service| path.strip_prefix(service)) {
            return (!WATCHES.contains(&name)).then(|| self.calls.of(account));
        }
        if let Some(name) = path.strip_prefix(FILES) {
            return match name {
                DOWNLOAD => None,
                PIECE => Some(self.pieces.of(account)),
                _ => Some(self.calls.of(account)),
            };
        }
        let name = path.strip_prefix(SHEETS)?;
        match name {
            _ if APART.contains(&name) => None,
            _ if EDITS.contains(&name) => Some(self.edits.of(account)),
            _ => Some(self.calls.of(account)),
        }
    }
}

/// The turn of a call. A part of the call that outlives its caller keeps a clone.
#[derive(Clone, Debug)]
pub(crate) struct Turn {
    /// The permit keeps the semaphore in the table.
    _permit: Arc<OwnedSemaphorePermit>,
}

/// Waits for the turn of a call, and carries the call out.
pub(crate) async fn wait(
    State(turns): State<Arc<CallTurns>>,
    mut request: Request,
    next: Next,
) -> Response {
    let account = request.extensions().get::<Identity>().map(|identity| identity.account);
    let turns = account.and_then(|account| turns.of(request.uri().path(), account));
    let permit = match turns {
        // The semaphore is never closed.
        Some(turns) => turns.acquire_owned().await.ok(),
        None => None,
    };
    let turn = permit.map(|permit| Turn { _permit: Arc::new(permit) });
    if let Some(turn) = &turn {
        request.extensions_mut().insert(turn.clone());
    }
    let answer = next.run(request).await;
    drop(turn);
    answer
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::pin::pin;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use axum::body::Body;
    use axum::{Router, middleware};
    use futures_util::poll;
    use prost::Message as _;
    use prost_types::FileDescriptorSet;
    use tower::ServiceExt as _;
    use uuid::Uuid;

    use super::*;

    /// The names of the calls of a service.
    fn calls(service: &str) -> BTreeSet<String> {
        let files =
            FileDescriptorSet::decode(gridloom::FILE_DESCRIPTOR_SET).expect("is compiled in");
        let services = files.file.iter().flat_map(|file| &file.service);
        let found = services.filter(|found| found.name() == service);
        found.flat_map(|found| &found.method).map(|call| call.name().to_owned()).collect()
    }

    /// A call of an account to a router whose handler waits until it is let go.
    async fn call(router: Router, account: u128) -> Response {
        let mut request = Request::new(Body::empty());
        *request.uri_mut() = format!("{SHEETS}QueryRows").parse().expect("a path");
        request.extensions_mut().insert(Identity::sample(account));
        router.oneshot(request).await.expect("answers")
    }

    #[tokio::test]
    async fn calls_of_one_account_wait_for_each_other_alone() {
        let (begun, release) = (Arc::new(AtomicUsize::new(0)), Arc::new(Semaphore::new(0)));
        let (counted, released) = (Arc::clone(&begun), Arc::clone(&release));
        let handler = move || {
            counted.fetch_add(1, Ordering::Relaxed);
            let released = Arc::clone(&released);
            async move { drop(released.acquire().await) }
        };
        let router = Router::new().fallback(handler);
        let layer = middleware::from_fn_with_state(Arc::new(CallTurns::new()), wait);
        let router = router.layer(layer);
        let mut calls: Vec<_> =
            (0..CALLS_AT_ONCE + 5).map(|_| Box::pin(call(router.clone(), 1))).collect();
        for call in &mut calls {
            assert!(poll!(call).is_pending());
        }
        assert_eq!(begun.load(Ordering::Relaxed), CALLS_AT_ONCE);
        let mut other = pin!(call(router.clone(), 2));
        assert!(poll!(&mut other).is_pending());
        assert_eq!(begun.load(Ordering::Relaxed), CALLS_AT_ONCE + 1, "another account's begins");
        // A caller that leaves gives its turn to the next.
        drop(calls.swap_remove(0));
        for call in &mut calls {
            assert!(poll!(call).is_pending());
        }
        assert_eq!(begun.load(Ordering::Relaxed), CALLS_AT_ONCE + 2);
        release.close();
        assert!(poll!(&mut other).is_ready());
    }

    #[test]
    fn each_call_needs_a_turn_or_is_named() {
        let (turns, account) = (CallTurns::new(), AccountId(Uuid::nil()));
        let (calls, of_files) = (calls("SheetService"), calls("FileService"));
        for name in EDITS.iter().chain(&APART) {
            assert!(calls.contains(*name), "{name} is a call");
        }
        for name in &calls {
            let turn = turns.of(&format!("{SHEETS}{name}"), account);
            assert_eq!(turn.is_none(), APART.contains(&name.as_str()), "{name}");
        }
        assert!(of_files.contains(PIECE) && of_files.contains(DOWNLOAD));
        for name in &of_files {
            let turn = turns.of(&format!("{FILES}{name}"), account);
            assert_eq!(turn.is_none(), name == DOWNLOAD, "{name}");
            let free = turn.map_or(0, |turn| turn.available_permits());
            assert!(name != PIECE || free == PIECES_AT_ONCE, "{free}");
        }
        assert!(turns.of("/gridloom.v1.LiveService/Send", account).is_none());
        assert!(turns.of("/gridloom.v1.NoticeService/Watch", account).is_none());
        assert!(turns.of("/gridloom.v1.JobService/WatchJobs", account).is_none());
        for call in [
            "ChatService/SendMessage",
            "DerivationService/DeriveTable",
            "JobService/RetryJob",
            "OperatorService/ListAllJobs",
            "PeopleService/SearchPeople",
            "SharingService/Share",
            "TableService/ReadTableRows",
            "TransferService/SaveTable",
            "AccountService/DeleteAccount",
        ] {
            assert!(turns.of(&format!("/gridloom.v1.{call}"), account).is_some(), "{call}");
        }
    }
}
