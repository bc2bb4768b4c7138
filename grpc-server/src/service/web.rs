//! The files of the browser application, with their headers for caching and security.
//!
//! Not the application: only its form matters here. Hashed files below `assets/` never change, and every path that
//! is no file gets the page, whose router interprets it.
//!
//! Invariant: files are read once, at the start, and every answer shares their bytes, so a reader that
//! takes nothing holds no memory. A new build is served after a restart.

mod files;

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use axum::body::Body;
use bytes::Bytes;
use http::header::{self, HeaderName, HeaderValue};
use http::request::Parts;
use http::{HeaderMap, Method, Response, StatusCode};

use self::files::Files;
use model::limits::edge::WEB_FILES_BYTES;

const INDEX: &str = "index.html";
/// Files below this folder carry a hash of their content in their name.
const HASHED: &str = "assets";
const FOREVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const REVALIDATE: HeaderValue = HeaderValue::from_static("no-cache");

/// The policy of the page: everything from this server, nothing from others. `wasm-unsafe-eval` allows the engine
/// to compile and allows no eval of scripts; the grid sets styles inline; the page may create images and
/// workers.
const POLICY: &str = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; \
    style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; \
    connect-src 'self'; worker-src 'self' blob:; object-src 'none'; base-uri 'none'; \
    form-action 'self'; frame-ancestors 'none'";

const SECURITY: [(HeaderName, HeaderValue); 6] = [
    (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        HeaderValue::from_static("same-origin"),
    ),
    (
        HeaderName::from_static("permissions-policy"),
        HeaderValue::from_static("camera=(), geolocation=(), microphone=()"),
    ),
];

const NOT_BUILT: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">\
    <title>Gridloom</title><h1>Gridloom is running</h1>\
    <p>The browser application is not built. Build it with <code>npm ci &amp;&amp; npm run \
    build</code> in <code>web-client</code>, or give its files with <code>--web-dir</code>, and \
    start the server again. gRPC clients can connect to this address as it is.</p></html>";

/// The files that were read before the start of a server.
static EARLY: OnceLock<(Option<PathBuf>, WebFiles)> = OnceLock::new();

/// Adds the headers that every answer of the port has, where the answer has no stricter ones.
pub(crate) fn secure(headers: &mut HeaderMap) {
    for (name, value) in SECURITY {
        headers.entry(name).or_insert(value);
    }
}

/// Serves the application's files.
#[derive(Clone, Debug)]
pub(crate) struct WebFiles {
    root: Option<PathBuf>,
    files: Arc<Files>,
}

impl WebFiles {
    /// Reads the directory for a later [`Self::find`] of the same: a program may be unable to read it then.
    pub(crate) fn read_early(given: Option<&Path>) {
        let read = (given.map(Path::to_owned), Self::find(given));
        // A second call changes nothing.
        let _ = EARLY.set(read);
    }

    /// Reads the given directory, or the first that is found beside the program. Blocks.
    pub(crate) fn find(given: Option<&Path>) -> Self {
        if let Some((_, early)) = EARLY.get().filter(|(of, _)| of.as_deref() == given) {
            return early.clone();
        }
        let beside = || {
            let program = std::env::current_exe().ok()?;
            let folder = program.parent()?;
            let places = [folder.join("web"), folder.join("../../web-client/dist")];
            places.into_iter().find(|place| place.join(INDEX).is_file())
        };
        let Some(root) = given.map(Path::to_owned).or_else(beside) else {
            return Self { root: None, files: Arc::default() };
        };
        match Files::read(&root, WEB_FILES_BYTES) {
            Ok(files) => Self { root: Some(root), files: Arc::new(files) },
            Err(error) => {
                tracing::warn!(%error, "the browser application is not served");
                Self { root: None, files: Arc::default() }
            }
        }
    }

    /// The directory, where there is one.
    pub(crate) fn root(&self) -> Option<&Path> {
        self.root.as_deref()
    }

    /// Answers a request for a path that is no rpc.
    pub(crate) fn serve(&self, request: &Parts) -> Response<Body> {
        let response = match (&request.method, &self.root) {
            (&Method::GET | &Method::HEAD, Some(_)) => self.file(request.uri.path()),
            (&Method::GET | &Method::HEAD, None) => {
                page(StatusCode::OK, "text/html; charset=utf-8", NOT_BUILT.into())
            }
            _ => {
                let text = "only GET and HEAD are answered here";
                let mut refused = plain(StatusCode::METHOD_NOT_ALLOWED, text);
                refused.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
                refused
            }
        };
        let (mut head, body) = response.into_parts();
        head.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(body.len()));
        // The answer to HEAD has the length of the answer to GET.
        let body = if request.method == Method::HEAD { Body::empty() } else { body.into() };
        Response::from_parts(head, body)
    }

    fn file(&self, path: &str) -> Response<Bytes> {
        let path = path.trim_start_matches('/');
        let hashed = path.starts_with(HASHED);
        let name = if path.is_empty() { INDEX } else { path };
        let (name, content) = match (self.files.get(name), self.files.get(INDEX)) {
            (Some(content), _) => (name, content),
            // A missing asset must not be answered with the page: the browser would cache it without end.
            (None, _) if hashed => return plain(StatusCode::NOT_FOUND, "no such file"),
            (None, Some(index)) => (INDEX, index),
            (None, None) => {
                return plain(StatusCode::NOT_FOUND, "the browser application is not there");
            }
        };
        let mut response = page(StatusCode::OK, media_type(Path::new(name)), content);
        let cache = if hashed { FOREVER } else { REVALIDATE };
        response.headers_mut().insert(header::CACHE_CONTROL, cache);
        response
    }
}

fn media_type(name: &Path) -> &'static str {
    match name.extension().and_then(|extension| extension.to_str()).unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "wasm" => "application/wasm",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

fn page(status: StatusCode, media_type: &'static str, body: Bytes) -> Response<Bytes> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    response
}

fn plain(status: StatusCode, text: &'static str) -> Response<Bytes> {
    page(status, "text/plain; charset=utf-8", text.into())
}

#[cfg(test)]
mod tests;
