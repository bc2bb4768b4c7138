//! Faults of an API: too many requests, pages, broken and endless answers, redirects, and an API that hangs or is down.
//!
//! Invariant: a job ends with a reason for a person, and makes no file then.

use gridloom::v1;
use integration::harness::{Server, authorized};
use model::limits::outbound::{ENRICH_FAILURES_IN_A_ROW, OUTBOUND_ANSWER_BYTES};
use tonic::Code;

use super::api::{Answer, Api, content, header, json, path_of, status};
use super::{Tables, of_file, per_key, taken};
use crate::files::refused;

/// The keys 1 to 100.
fn many() -> String {
    let rows: String = (1..=100).map(|at| format!("{at},x\n")).collect();
    format!("gtin,pieces\n{rows}")
}

/// The end of an enrichment of a few rows by an API with this answer.
async fn end_of(
    flags: &[&str],
    content: &str,
    answer: impl Fn(&str, usize) -> Answer + Send + Sync + 'static,
) -> (v1::Job, Api) {
    let api = Api::start(answer).await;
    let server = Server::start_with(&[&[&*api.allowed()], flags].concat());
    let tables = Tables::sign_up(&server).await;
    let file = tables.stock(content).await;
    let take = vec![taken("name", "")];
    let enrichment = v1::Enrichment { take, ..per_key(api.url("/items/{gtin}")) };
    let ended = tables.enriched(&server, of_file(&file, enrichment)).await;
    if ended.state() != v1::JobState::Done {
        assert_eq!(tables.files.usage().await.files, 1, "no file is made");
    }
    (ended, api)
}

/// The reason of an enrichment that fails.
async fn reason_of(answer: impl Fn(&str, usize) -> Answer + Send + Sync + 'static) -> String {
    let (ended, _api) = end_of(&[], "gtin,pieces\n1,x\n", answer).await;
    assert_eq!((ended.state(), ended.attempt), (v1::JobState::Failed, 1), "{ended:?}");
    ended.error
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_is_sent_again_after_what_may_pass_under_one_name() {
    let answer = |_: &str, before: usize| match before {
        0 => status("429 Too Many Requests", "retry-after: 0\r\n"),
        1 => status("503 Service Unavailable", "retry-after: 0\r\n"),
        // The answer breaks off.
        2 => Some(b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{".to_vec()),
        _ => json("{\"name\":\"Bolt\"}"),
    };
    let (ended, api) = end_of(&[], "gtin,pieces\n1,x\n2,y\n", answer).await;
    assert_eq!((ended.state(), ended.notes.len()), (v1::JobState::Done, 0), "{ended:?}");
    for path in ["/items/1", "/items/2"] {
        assert_eq!(api.count(path), 4);
        let requests = api.requests();
        let of = requests.iter().filter(|request| path_of(request) == path);
        let mut names: Vec<_> = of.map(|request| header(request, "idempotency-key")).collect();
        names.dedup();
        assert_eq!(names.len(), 1, "{names:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_api_that_is_down_ends_the_job_and_a_single_fault_does_not() {
    let answer = |_: &str, _: usize| status("500 Internal Server Error", "retry-after: 0\r\n");
    let (ended, api) = end_of(&[], &many(), answer).await;
    assert_eq!((ended.state(), ended.attempt), (v1::JobState::Failed, 1), "{ended:?}");
    assert!(ended.error.contains("500") && ended.error.contains("in a row"), "{ended:?}");
    assert!(ended.progress_done < 2 * u64::from(ENRICH_FAILURES_IN_A_ROW), "{ended:?}");
    assert!(api.requests().len() < 100 * 5);

    let answer = |request: &str, _: usize| match path_of(request) {
        "/items/7" => status("400 Bad Request", ""),
        _ => json("{\"name\":\"x\"}"),
    };
    let (ended, _api) = end_of(&[], &many(), answer).await;
    assert_eq!(ended.state(), v1::JobState::Done, "{ended:?}");
    assert_eq!(ended.notes[0], "1 of 100 keys had no answer, and their columns are empty");
    assert!(ended.notes[1].starts_with("7: ") && ended.notes[1].contains("400"), "{ended:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_login_ends_the_job_at_once() {
    let (ended, api) = end_of(&[], &many(), |_, _| status("401 Unauthorized", "")).await;
    assert_eq!((ended.state(), ended.attempt), (v1::JobState::Failed, 1), "{ended:?}");
    assert!(ended.error.contains("401") && ended.error.contains("headers"), "{ended:?}");
    assert!(api.requests().len() <= 8, "{}", api.requests().len());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_no_json_is_shown_by_its_type_and_its_begin() {
    let page = "<!doctype html><title>Sign in</title>";
    let error = reason_of(move |_, _| content("200 OK", "text/html; charset=utf-8", page)).await;
    assert!(error.contains("a page (text/html)"), "{error}");
    assert!(error.contains("<!doctype html><title>Sign in"), "{error}");
    let error = reason_of(|_, _| content("200 OK", "text/plain", "{\"name\":")).await;
    assert!(error.contains("(text/plain) is no JSON"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_beyond_the_bound_is_refused_whatever_it_states() {
    let states = OUTBOUND_ANSWER_BYTES + 1;
    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {states}\r\n\r\n").into_bytes();
    let error = reason_of(move |_, _| Some(head.clone())).await;
    assert!(error.contains(&OUTBOUND_ANSWER_BYTES.to_string()), "{error}");
    let mut endless = b"HTTP/1.1 200 OK\r\n\r\n".to_vec();
    endless.resize(endless.len() + states, b' ');
    let error = reason_of(move |_, _| Some(endless.clone())).await;
    assert!(error.contains(&OUTBOUND_ANSWER_BYTES.to_string()), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_of_the_own_network_is_refused_at_the_call_and_behind_a_redirect() {
    let inner = Api::start(|_, _| json("{\"name\":\"secret of the network\"}")).await;
    let to = format!("location: {}\r\n", inner.url("/"));
    let outer = Api::start(move |_, _| status("302 Found", &to)).await;
    let server = Server::start_with(&[&outer.allowed()]);
    let tables = Tables::sign_up(&server).await;
    let file = tables.stock("gtin,pieces\n1,x\n").await;
    for host in ["127.0.0.1", "localhost", "0x7f.1", "[::1]", "169.254.169.254"] {
        let url = format!("http://{host}:1/{{gtin}}?key=hunter2");
        let call = tables.enrich(&server, of_file(&file, per_key(url.clone()))).await;
        let message = call.as_ref().map(|_| ()).map_err(|status| status.message().to_owned());
        assert!(message.is_err_and(|text| !text.contains("hunter2")), "{host}");
        assert_eq!(refused(call), (Code::InvalidArgument, "enrichment.url".to_owned()), "{host}");
        let shown = tables.enrich_preview(&server, &file, per_key(url)).await;
        assert_eq!(refused(shown), (Code::InvalidArgument, "enrichment.url".to_owned()), "{host}");
    }
    let request = of_file(&file, per_key(outer.url("/{gtin}")));
    let ended = tables.enriched(&server, request).await;
    assert_eq!(ended.state(), v1::JobState::Failed, "{ended:?}");
    assert!(ended.error.contains("is refused"), "{ended:?}");
    assert!(inner.requests().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_enrichment_whose_file_is_deleted_for_good_is_not_retried() {
    let api = Api::start(|_, _| status("401 Unauthorized", "")).await;
    let server = Server::start_with(&[&api.allowed()]);
    let tables = Tables::sign_up(&server).await;
    let file = tables.stock("gtin,pieces\n1,x\n").await;
    let request = of_file(&file, per_key(api.url("/{gtin}")));
    let failed = tables.enriched(&server, request).await;
    assert_eq!((failed.state(), failed.is_retryable), (v1::JobState::Failed, true), "{failed:?}");
    tables.files.remove(&file, true).await.expect("is deleted");
    assert!(!tables.job(&failed.id).await.is_retryable);
    let retry = v1::RetryJobRequest { job_id: failed.id };
    let refused_now = tables.jobs.clone().retry_job(authorized(retry, tables.token())).await;
    assert_eq!(refused(refused_now), (Code::FailedPrecondition, "JOB_NOT_RETRYABLE".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn texts_with_half_of_a_character_are_kept_and_counted() {
    let answer = |request: &str, _: usize| match path_of(request) {
        "/items/1" => json("{\"name\":\"abc\\ud83d\",\"b\":1}"),
        _ => json("{\"name\":\"abc\",\"b\":1,\"x\\ud83d\":2}"),
    };
    let (ended, _api) = end_of(&[], "gtin,pieces\n1,x\n2,y\n", answer).await;
    let expected =
        ["1 value has half of a character, or a NUL character; U+FFFD stands in its place"];
    assert_eq!(
        (ended.state(), &ended.notes[..]),
        (v1::JobState::Done, &expected.map(String::from)[..])
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_with_apis_that_hang_keep_no_other_account_waiting() {
    let api = Api::start(|request, _| match path_of(request) {
        "/items/1" => json("{\"name\":\"Bolt\"}"),
        _ => None,
    })
    .await;
    let server = Server::start_with(&[&api.allowed()]);
    let take = || vec![taken("name", "")];
    for account in 1..=3 {
        let tables = Tables::sign_up(&server).await;
        let file = tables.stock("gtin,pieces\n1,x\n").await;
        for number in 1..=2 {
            let url = api.url(&format!("/hang/{account}/{number}/{{gtin}}"));
            let enrichment = v1::Enrichment { take: take(), ..per_key(url) };
            tables.enrich(&server, of_file(&file, enrichment)).await.expect("begins");
        }
    }
    integration::harness::eventually("a request of each", async || {
        (1..=3).all(|account| hangs(&api, account)).then_some(())
    })
    .await;
    let tables = Tables::sign_up(&server).await;
    let file = tables.stock("gtin,pieces\n1,x\n").await;
    let enrichment = v1::Enrichment { take: take(), ..per_key(api.url("/items/{gtin}")) };
    let (_, text) = tables.enriched_text(&server, of_file(&file, enrichment)).await;
    assert_eq!(text, "gtin,pieces,name\n1,x,Bolt\n");
}

/// Whether both enrichments of an account have asked.
fn hangs(api: &Api, account: u32) -> bool {
    (1..=2).all(|number| api.count(&format!("/hang/{account}/{number}/1")) > 0)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_api_that_hangs_keeps_neither_a_preview_nor_a_cancelled_job() {
    let api = Api::start(|_, _| None).await;
    let server = Server::start_with(&[&api.allowed(), "--outbound-seconds", "1"]);
    let tables = Tables::sign_up(&server).await;
    let file = tables.stock("gtin,pieces\n1,x\n").await;
    let enrichment = per_key(api.url("/{gtin}"));
    let shown = tables.enrich_preview(&server, &file, enrichment.clone()).await;
    assert_eq!(refused(shown), (Code::FailedPrecondition, "API_FAILED".to_owned()));
    let before = api.requests().len();
    let job = tables.enrich(&server, of_file(&file, enrichment)).await.expect("begins");
    integration::harness::eventually("a request", async || {
        (api.requests().len() > before).then_some(())
    })
    .await;
    tables.cancel(&job.id).await;
    let ended = tables.ended(&job.id).await;
    assert_eq!(ended.state(), v1::JobState::Cancelled, "{ended:?}");
}
