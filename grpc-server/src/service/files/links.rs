//! Links to downloads: how one is made, and what `GET` and `HEAD` of one answer.
//!
//! | file | holds |
//! | --- | --- |
//! | `names` | the name of the file in the path, and in the head of an answer |
//! | `wanted` | which bytes a request wants: ranges, and their conditions |
//!
//! Not the reading of a content (`downloads`). Invariants: a link leads to its file and nothing else; an answer has all
//! bytes that its head promises, or its connection breaks; no line of the log has a path, whose secret would be in it.

mod names;
mod wanted;

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::routing::get;
use futures_util::stream::{self, BoxStream, TryStreamExt as _};
use futures_util::{FutureExt as _, StreamExt as _};
use gridloom::v1;
use http::header::{self, HeaderMap, HeaderValue};
use http::request::Parts;
use http::{Method, Request, Response, StatusCode};
use tasks::Tasks;
use tokio::time::timeout;
use tokio_util::task::AbortOnDropHandle;
use tonic::{Code, Status};

use self::wanted::{Wanted, wanted};
use super::Files;
use super::wire::file_to_wire;
use crate::edge::auth::Identity;
use crate::edge::errors::{FileRefusal, OriginalRefusal, ServiceError};
use crate::edge::keys::download_links;
use model::limits::files::{DOWNLOAD_LINK_LASTS, DOWNLOAD_LINKS};
use model::{FileRecord, FoundFile, Role};
use store::{LinkedFile, MadeLink};

/// The paths of links: a secret follows, and a name that only its reader reads.
const PATH: &str = "/download/";
const ROUTE: &str = "/download/{*link}";

/// After this time the head of an answer is sent without its first bytes, which wait for their turn: many a client waits for
/// a head no longer than a minute.
const HEAD_WITHIN: Duration = Duration::from_secs(10);
/// The longest wait for a turn, in which other downloads of the account end.
const TURN_WITHIN: Duration = Duration::from_secs(15 * 60);

/// A content that a browser saves and never shows, whatever it is.
const POLICY: HeaderValue = HeaderValue::from_static("default-src 'none'; sandbox");
const NO_LINK: &str = "this link has ended, or its file is removed; ask its owner for another one";

/// The answers to links.
pub(crate) fn routes(files: Arc<Files>) -> Router {
    Router::new().route(ROUTE, get(answer)).with_state(files)
}

async fn answer(State(files): State<Arc<Files>>, request: Request<Body>) -> Response<Body> {
    let head = request.into_parts().0;
    let linked = files.linked(head.uri.path()).await;
    let mut response = match linked {
        Ok(Some(linked)) => files.serve(linked, &head).await,
        Ok(None) => plain(StatusCode::NOT_FOUND, NO_LINK),
        Err(error) => refused(&error.into()),
    };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::CONTENT_SECURITY_POLICY, POLICY);
    response
}

impl Files {
    pub(super) async fn make_link(
        &self,
        identity: &Identity,
        request: &v1::CreateDownloadLinkRequest,
    ) -> Result<v1::CreateDownloadLinkResponse, ServiceError> {
        let FoundFile { file, .. } = self.file(identity, &request.file_id, Role::Viewer).await?;
        if file.removed_micros.is_some() {
            return Err(FileRefusal::WhileRemoved.into());
        }
        if file.original.is_none() {
            return Err(FileRefusal::Original(OriginalRefusal::Deleted).into());
        }
        let (secret, hash) = download_links::generate(&self.key).map_err(ServiceError::internal)?;
        let (lasts, most) = (DOWNLOAD_LINK_LASTS, DOWNLOAD_LINKS);
        match self.store.make_file_link(identity.account, file.id, &hash, lasts, most).await? {
            MadeLink::Link { ends_micros } => Ok(v1::CreateDownloadLinkResponse {
                path: format!("{PATH}{secret}/{}", names::segment(&file.name)),
                ends_at_micros: ends_micros,
            }),
            MadeLink::NoFile => Err(FileRefusal::NoFile.into()),
            MadeLink::TooMany => Err(FileRefusal::TooManyLinks(most).into()),
        }
    }

    /// The file to which a path leads. A secret that no server of this database made costs no query.
    async fn linked(&self, path: &str) -> Result<Option<LinkedFile>, ServiceError> {
        let secret = path.strip_prefix(PATH).and_then(|rest| rest.split('/').next());
        let hash = secret.and_then(|secret| download_links::read(&self.key, secret));
        let Some(hash) = hash else { return Ok(None) };
        let found = {
            let _turn = self.queries.turn().await?;
            self.store.linked_file(&hash).await?
        };
        if found.is_some() {
            // A caller without a link learns nothing of the place.
            self.place.ready().await?;
        }
        Ok(found)
    }

    /// The answer to a request for a file.
    async fn serve(self: Arc<Self>, linked: LinkedFile, request: &Parts) -> Response<Body> {
        let (etag, bytes) = (etag(&linked.file), linked.file.pieces.bytes);
        let (status, range) = match wanted(&request.method, &request.headers, &etag, bytes) {
            Wanted::Whole => (StatusCode::OK, 0..bytes),
            Wanted::Part(range) => (StatusCode::PARTIAL_CONTENT, range),
            Wanted::Nothing => return unchanged(&etag),
            Wanted::Another => {
                return plain(StatusCode::PRECONDITION_FAILED, "the file has another ETag");
            }
            Wanted::BehindEnd => return behind_end(bytes),
        };
        let mut head = head(&linked.file, &etag);
        head.insert(header::CONTENT_LENGTH, HeaderValue::from(range.end - range.start));
        if status == StatusCode::PARTIAL_CONTENT {
            let last = range.end.saturating_sub(1);
            let part = format!("bytes {}-{last}/{bytes}", range.start);
            insert(&mut head, header::CONTENT_RANGE, &part);
        }
        let has_body = request.method != Method::HEAD && !range.is_empty();
        let body = if has_body { self.body(linked, range).await } else { Ok(Body::empty()) };
        match body {
            Ok(body) => {
                let mut response = Response::new(body);
                (*response.status_mut(), *response.headers_mut()) = (status, head);
                response
            }
            Err(status) => refused(&status),
        }
    }

    /// Bytes of a file. What keeps the first of them away is the error, unless they wait for their turn.
    async fn body(self: Arc<Self>, linked: LinkedFile, range: Range<u64>) -> Result<Body, Status> {
        let tasks = self.store.tasks().clone();
        let opened = async move {
            let LinkedFile { file, account } = linked;
            // No reader of a link sees it.
            let first = file_to_wire(&FoundFile::own(file.clone()));
            let opened = self.stream((account, &file), first, range);
            let opened = timeout(TURN_WITHIN, opened).await;
            let opened = opened.unwrap_or(Err(ServiceError::Busy("downloads")));
            opened.map_err(Status::from)
        };
        let answers = driven(&tasks, opened).try_flatten();
        let mut content = answers.map_ok(|answer: v1::DownloadFileResponse| answer.data).boxed();
        match timeout(HEAD_WITHIN, content.next()).await {
            Ok(first) => {
                let first = first.unwrap_or_else(|| Err(ServiceError::Internal.into()))?;
                let whole = stream::once(std::future::ready(Ok(first))).chain(content);
                Ok(Body::from_stream(whole))
            }
            Err(_) => Ok(Body::from_stream(content)),
        }
    }
}

/// What a future gives, driven by a task that ends with the stream. An answer is asked for nothing while its connection holds
/// too much: a turn that came meanwhile would be neither free nor at the pace of downloads.
fn driven<T: Send + 'static>(
    tasks: &Tasks,
    opened: impl Future<Output = Result<T, Status>> + Send + 'static,
) -> BoxStream<'static, Result<T, Status>> {
    let opened = AbortOnDropHandle::new(tasks.spawn(opened));
    let opened = opened.map(|opened| match opened {
        Ok(opened) => opened,
        Err(error) => Err(ServiceError::internal(error).into()),
    });
    stream::once(opened).boxed()
}

/// Equal for equal contents; the name is no part of it.
fn etag(file: &FileRecord) -> String {
    let digest = file.original.iter().flat_map(|original| original.digest.0);
    let digits = digest.map(|byte| format!("{byte:02x}"));
    format!("\"{}\"", digits.collect::<String>())
}

fn head(file: &FileRecord, etag: &str) -> HeaderMap {
    let mut head = HeaderMap::new();
    head.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    head.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    insert(&mut head, header::ETAG, etag);
    insert(&mut head, header::CONTENT_DISPOSITION, &names::disposition(&file.name));
    head
}

/// Sets a header to a text of visible characters of ASCII; any other text is left out.
fn insert(head: &mut HeaderMap, name: header::HeaderName, text: &str) {
    if let Ok(value) = HeaderValue::from_str(text) {
        head.insert(name, value);
    }
}

fn unchanged(etag: &str) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NOT_MODIFIED;
    insert(response.headers_mut(), header::ETAG, etag);
    response
}

fn behind_end(bytes: u64) -> Response<Body> {
    let mut response = plain(
        StatusCode::RANGE_NOT_SATISFIABLE,
        "the file ends before the range; its size is in Content-Range",
    );
    insert(response.headers_mut(), header::CONTENT_RANGE, &format!("bytes */{bytes}"));
    response
}

/// A refusal in a caller's form.
fn refused(status: &Status) -> Response<Body> {
    let code = match status.code() {
        Code::NotFound => return plain(StatusCode::NOT_FOUND, NO_LINK),
        Code::Unavailable | Code::ResourceExhausted | Code::DeadlineExceeded => {
            StatusCode::SERVICE_UNAVAILABLE
        }
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    };
    let mut response = plain(code, status.message());
    if code == StatusCode::SERVICE_UNAVAILABLE {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("10"));
    }
    response
}

fn plain(code: StatusCode, text: &str) -> Response<Body> {
    let line = format!("{text}\n");
    let (bytes, plain) = (line.len(), HeaderValue::from_static("text/plain; charset=utf-8"));
    let mut response = Response::new(Body::from(line));
    *response.status_mut() = code;
    response.headers_mut().insert(header::CONTENT_TYPE, plain);
    response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(bytes));
    response
}

#[cfg(test)]
mod tests {
    use tokio::sync::oneshot;

    use super::*;

    const SOON: Duration = Duration::from_secs(60);

    #[tokio::test(start_paused = true)]
    async fn a_turn_is_taken_though_its_reader_asks_for_nothing_and_given_up_when_that_leaves() {
        let tasks = Tasks::new();
        let (take, taken) = oneshot::channel();
        let opened = async move {
            take.send(()).expect("the test waits");
            Ok(7)
        };
        let mut unread = driven(&tasks, opened);
        timeout(SOON, taken).await.expect("nothing has asked").expect("is taken");
        assert!(matches!(unread.next().await, Some(Ok(7))));
        assert!(unread.next().await.is_none());

        let waits = driven(&tasks, std::future::pending::<Result<(), Status>>());
        assert_eq!(tasks.running(), 1);
        drop(waits);
        timeout(SOON, tasks.ended()).await.expect("it ends with its reader");
    }
}
