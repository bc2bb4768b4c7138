//! The deadlines of calls: the client's own (`grpc-timeout`), and a ceiling of the server.
//!
//! Not the time that a message or an answer may stand still (`unfinished`, `outlet`). Invariant: at a deadline the
//! caller receives DEADLINE_EXCEEDED and the call is dropped, with all that it started; one that announces a change runs
//! to its end (`edge::rights::invalidation::announced`).

use std::time::Duration;

use axum::body::Body;
use axum::middleware::Next;
use http::{HeaderMap, Request, Response};
use tokio::time::{Instant, sleep_until, timeout};
use tonic::{Code, Status};

use crate::edge::auth;
use crate::edge::auth::ending::Ending;
use crate::edge::errors::StatusBuilder;
use model::limits::edge::{CALL_WITHIN, STRANGER_STREAM_WITHIN, STREAM_OPENS_WITHIN};

const GRPC_TIMEOUT: &str = "grpc-timeout";
/// The rpcs whose answers are streams: the ceiling holds until their first answer.
const STREAMS: [&str; 10] = [
    "/gridloom.v1.FileService/DownloadFile",
    "/gridloom.v1.JobService/WatchJobs",
    "/gridloom.v1.LiveService/Collaborate",
    "/gridloom.v1.LiveService/Watch",
    "/gridloom.v1.LiveService/Connect",
    "/gridloom.v1.NoticeService/Watch",
    "/gridloom.v1.SheetService/ExportSheet",
    "/grpc.health.v1.Health/Watch",
    "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
    "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
];

/// Whether the answer of an rpc is a stream.
pub(in crate::serve) fn is_stream(path: &str) -> bool {
    STREAMS.contains(&path)
}

/// Ends a call at its deadline.
pub(in crate::serve) async fn keep(request: Request<Body>, next: Next) -> Response<Body> {
    let begun = Instant::now();
    let asked = match asked(request.headers()) {
        Ok(asked) => asked,
        Err(status) => return status.into_http(),
    };
    let path = request.uri().path();
    let (is_stream, is_public) = (is_stream(path), auth::is_public(path));
    let ceiling = if is_stream { STREAM_OPENS_WITHIN } else { CALL_WITHIN };
    let within = asked.map_or(ceiling, |asked| asked.min(ceiling));
    let Ok(response) = timeout(within, next.run(request)).await else {
        return exceeded(within).into_http();
    };
    // A stream without a token ends in any case, and its client begins another.
    let most = (is_stream && is_public).then_some(STRANGER_STREAM_WITHIN);
    let asked = asked.into_iter().chain(most).min();
    // Beyond the years that a clock holds, there is no end.
    let end = asked.and_then(|asked| Some((asked, begun.checked_add(asked)?)));
    match end {
        Some((asked, end)) => response.map(|body| {
            Body::new(Ending::new(body, async move {
                sleep_until(end).await;
                exceeded(asked)
            }))
        }),
        None => response,
    }
}

fn exceeded(within: Duration) -> Status {
    let message = format!("the call did not end within {within:?}; the server has stopped it");
    StatusBuilder::new(Code::DeadlineExceeded, "DEADLINE_EXCEEDED", message)
        .with("milliseconds", within.as_millis())
        .into()
}

/// The client's deadline.
fn asked(headers: &HeaderMap) -> Result<Option<Duration>, Status> {
    let Some(value) = headers.get(GRPC_TIMEOUT) else { return Ok(None) };
    let read = value.to_str().ok().and_then(read);
    read.map(Some).ok_or_else(|| {
        let rule = "must be 1 to 8 digits and a unit: H, M, S, m, u or n".to_owned();
        let field = GRPC_TIMEOUT.to_owned();
        StatusBuilder::field(Code::InvalidArgument, "MALFORMED", field, rule).into()
    })
}

fn read(text: &str) -> Option<Duration> {
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    if !(1..=8).contains(&digits.len()) || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let count: u64 = digits.parse().ok()?;
    Some(match unit {
        "H" => Duration::from_secs(count * 60 * 60),
        "M" => Duration::from_secs(count * 60),
        "S" => Duration::from_secs(count),
        "m" => Duration::from_millis(count),
        "u" => Duration::from_micros(count),
        "n" => Duration::from_nanos(count),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::middleware;
    use tokio::sync::oneshot;
    use tower::ServiceExt as _;

    use super::*;

    #[test]
    fn a_timeout_is_read_or_refused() {
        for (text, millis) in [("1S", 1_000), ("99999999m", 99_999_999), ("2M", 120_000), ("0S", 0)]
        {
            assert_eq!(read(text), Some(Duration::from_millis(millis)), "{text}");
        }
        assert!(read("99999999H").is_some_and(|long| long > CALL_WITHIN));
        for text in ["", "S", "1", "1s", "-1S", "+1S", "1.5S", "123456789S", "1 S", "1é", "é"] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    /// Calls a handler that never answers; how long the call took, once its work was dropped.
    async fn stopped_after(path: &str, timeout: Option<&str>) -> Duration {
        let (held, dropped) = oneshot::channel::<()>();
        let held = std::sync::Arc::new(std::sync::Mutex::new(Some(held)));
        let handler = move || {
            let held = held.lock().expect("whole").take();
            async move {
                std::future::pending::<()>().await;
                drop(held);
            }
        };
        let router = Router::new().fallback(handler).layer(middleware::from_fn(keep));
        let mut request = Request::builder().uri(path);
        if let Some(timeout) = timeout {
            request = request.header(GRPC_TIMEOUT, timeout);
        }
        let begun = Instant::now();
        let response = router.oneshot(request.body(Body::empty()).expect("valid")).await;
        let status = response.expect("answers").headers().get("grpc-status").cloned();
        assert_eq!(status.expect("a status"), "4");
        dropped.await.expect_err("the work has ended");
        begun.elapsed()
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_ends_at_its_deadline_and_at_the_ceiling() {
        let unary = "/gridloom.v1.SheetService/QueryRows";
        assert_eq!(stopped_after(unary, Some("2S")).await, Duration::from_secs(2));
        assert_eq!(stopped_after(unary, Some("0S")).await, Duration::ZERO);
        assert_eq!(stopped_after(unary, Some("99999999H")).await, CALL_WITHIN);
        assert_eq!(stopped_after(unary, None).await, CALL_WITHIN);
        for stream in STREAMS {
            assert_eq!(stopped_after(stream, Some("3m")).await, Duration::from_millis(3));
            assert_eq!(stopped_after(stream, None).await, STREAM_OPENS_WITHIN, "{stream}");
        }
    }

    /// How long a stream lives whose answer has no end; `None` for longer than any deadline.
    async fn stream_lives(path: &str, timeout: Option<&str>) -> Option<Duration> {
        let endless = || {
            std::future::ready(Body::from_stream(tokio_stream::pending::<
                Result<bytes::Bytes, axum::Error>,
            >()))
        };
        let router = Router::new().fallback(endless).layer(middleware::from_fn(keep));
        let mut request = Request::builder().uri(path);
        if let Some(timeout) = timeout {
            request = request.header(GRPC_TIMEOUT, timeout);
        }
        let response = router.oneshot(request.body(Body::empty()).expect("valid")).await;
        let body = response.expect("answers").into_body();
        let (begun, whole) = (Instant::now(), axum::body::to_bytes(body, 1_000));
        let ended = tokio::time::timeout(CALL_WITHIN * 100, whole).await.is_ok();
        ended.then(|| begun.elapsed())
    }

    #[tokio::test(start_paused = true)]
    async fn a_stream_ends_at_its_clients_deadline_and_one_without_a_token_in_any_case() {
        for path in STREAMS {
            assert_eq!(stream_lives(path, Some("90S")).await, Some(Duration::from_secs(90)));
            let alone = stream_lives(path, None).await;
            let expected = auth::is_public(path).then_some(STRANGER_STREAM_WITHIN);
            assert_eq!(alone, expected, "{path}");
            assert_eq!(stream_lives(path, Some("99999H")).await.is_some(), expected.is_some());
        }
    }
}
