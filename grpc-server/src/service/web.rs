//! The browser application: its files, with headers that keep it safe and quick.
//!
//! Knows nothing of the application but its form: hashed files below `assets/` never change, every
//! path that is no file is the application's own (its router shows the page). Files are read on
//! each request, so a new build is served at once; the operating system caches them.

use std::io;
use std::path::{Component, Path, PathBuf};

use axum::body::Body;
use http::header::{self, HeaderName, HeaderValue};
use http::request::Parts;
use http::{Method, Response, StatusCode};

const INDEX: &str = "index.html";
/// Files below this folder carry a hash of their content in their name.
const HASHED: &str = "assets";
const FOREVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const REVALIDATE: HeaderValue = HeaderValue::from_static("no-cache");

/// What the page may do: everything from here and nothing from elsewhere. `wasm-unsafe-eval` lets
/// the engine compile and allows no eval of scripts; styles are set inline by the grid; images and
/// workers may be made by the page itself.
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
    build</code> in <code>web-client</code>, or give its files with <code>--web-dir</code>. \
    gRPC clients can connect to this address as it is.</p></html>";

/// Serves the application's files.
#[derive(Clone, Debug)]
pub(crate) struct WebFiles {
    root: Option<PathBuf>,
}

impl WebFiles {
    /// Takes the given directory, or the first that is found beside the program.
    pub(crate) fn find(given: Option<&Path>) -> Self {
        let beside = || {
            let program = std::env::current_exe().ok()?;
            let folder = program.parent()?;
            let places = [folder.join("web"), folder.join("../../web-client/dist")];
            places.into_iter().find(|place| place.join(INDEX).is_file())
        };
        Self { root: given.map(Path::to_owned).or_else(beside) }
    }

    /// The directory, where there is one.
    pub(crate) fn root(&self) -> Option<&Path> {
        self.root.as_deref()
    }

    /// Answers a request for a path that is no rpc.
    pub(crate) async fn serve(&self, request: &Parts) -> Response<Body> {
        let mut response = match (&request.method, &self.root) {
            (&Method::GET | &Method::HEAD, Some(root)) => file(root, request.uri.path()).await,
            (&Method::GET | &Method::HEAD, None) => {
                page(StatusCode::OK, "text/html; charset=utf-8", NOT_BUILT.into())
            }
            _ => plain(StatusCode::METHOD_NOT_ALLOWED, "only GET and HEAD are answered here"),
        };
        if request.method == Method::HEAD {
            *response.body_mut() = Body::empty();
        }
        for (name, value) in SECURITY {
            response.headers_mut().insert(name, value);
        }
        response
    }
}

async fn file(root: &Path, path: &str) -> Response<Body> {
    let Some(path) = relative(path) else {
        return plain(StatusCode::BAD_REQUEST, "no such path");
    };
    let hashed = path.starts_with(HASHED);
    let name = if path.as_os_str().is_empty() { PathBuf::from(INDEX) } else { path };
    let (name, content) = match read(root, &name).await {
        Ok(content) => (name, content),
        // A missing asset must not be answered with the page: the browser would keep it for ever.
        Err(_) if hashed => return plain(StatusCode::NOT_FOUND, "no such file"),
        Err(_) => match read(root, Path::new(INDEX)).await {
            Ok(content) => (PathBuf::from(INDEX), content),
            Err(error) => {
                tracing::warn!(%error, root = %root.display(), "the browser application is unreadable");
                return plain(StatusCode::NOT_FOUND, "the browser application is not there");
            }
        },
    };
    let mut response = page(StatusCode::OK, media_type(&name), content.into());
    let cache = if hashed { FOREVER } else { REVALIDATE };
    response.headers_mut().insert(header::CACHE_CONTROL, cache);
    response
}

/// Reads a file that really lies below `root`, also after symbolic links are followed.
async fn read(root: &Path, name: &Path) -> io::Result<Vec<u8>> {
    let (root, wanted) =
        (tokio::fs::canonicalize(root).await?, tokio::fs::canonicalize(root.join(name)).await?);
    if !wanted.starts_with(&root) {
        return Err(io::ErrorKind::NotFound.into());
    }
    tokio::fs::read(wanted).await
}

/// The path below the root; `None` for one that tries to leave it. Percent signs are not decoded:
/// no file of a build has one in its name.
fn relative(path: &str) -> Option<PathBuf> {
    let path = Path::new(path.trim_start_matches('/'));
    let plain = path.components().all(|part| matches!(part, Component::Normal(_)));
    (plain && !path.as_os_str().as_encoded_bytes().contains(&b'\\')).then(|| path.to_owned())
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

fn page(status: StatusCode, media_type: &'static str, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    response
}

fn plain(status: StatusCode, text: &'static str) -> Response<Body> {
    page(status, "text/plain; charset=utf-8", text.into())
}

#[cfg(test)]
mod tests;
