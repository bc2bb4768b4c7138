//! The secrets of an enrichment: its headers and the query of its address.
//!
//! Invariant: they reach the origin of the address alone; neither the log nor an ended job has them.

use std::fs;

use gridloom::v1;
use integration::harness::Server;
use tonic::Code;
use uuid::Uuid;

use super::api::{Answer, Api, content, header, json, path_of, status};
use super::{Tables, of_file, per_key, taken};
use crate::files::refused;

const SECRET: &str = "Bearer hunter2-of-the-header";

fn with_secrets(url: &str) -> v1::Enrichment {
    let header = v1::RequestHeader { name: "Authorization".to_owned(), value: SECRET.to_owned() };
    let take = vec![taken("name", "")];
    v1::Enrichment { take, headers: vec![header], ..per_key(url.to_owned()) }
}

#[tokio::test(flavor = "multi_thread")]
async fn neither_the_log_nor_an_ended_job_has_a_secret() {
    let api = Api::start(|request, _| match path_of(request) {
        "/1?token=hunter3" => json("{\"name\":\"Bolt\"}"),
        // An API that answers with what it was asked.
        _ => content("200 OK", "text/html", &format!("<pre>{}", request.replace("\r\n", " "))),
    })
    .await;
    let server = Server::start_with(&["--log", "trace", &api.allowed()]);
    let tables = Tables::sign_up(&server).await;
    let file = tables.stock("gtin,pieces\n1,x\n2,y\n").await;
    let request = of_file(&file, with_secrets(&api.url("/{gtin}?token=hunter3")));
    let (done, text) = tables.enriched_text(&server, request.clone()).await;
    assert_eq!(text, "gtin,pieces,name\n1,x,Bolt\n2,y,\n");
    assert!(!done.is_retryable, "its secrets are gone");
    assert!(api.requests().iter().all(|it| header(it, "authorization") == Some(SECRET)));
    let none = tables.stock("gtin,pieces\n2,y\n").await;
    let failed = tables.enriched(&server, of_file(&none, with_secrets(&api.url("/{gtin}")))).await;
    assert_eq!(failed.state(), v1::JobState::Failed, "{failed:?}");
    let sql = server.sql().await;
    for job in [done, failed] {
        let id: Uuid = job.id.parse().expect("an id");
        let row = "select row_to_json(jobs)::text from jobs where id = $1";
        let row: String = sql.query_one(row, &[&id]).await.expect("is there").get(0);
        assert!(!row.contains("hunter") && !format!("{job:?}").contains("hunter"), "{row} {job:?}");
    }
    let (stopped, _) = server.stop();
    let log = fs::read_to_string(stopped.home().log()).expect("is there");
    assert!(log.contains(" TRACE "), "the log is as asked for");
    for secret in ["hunter2", "hunter3"] {
        assert_eq!(log.lines().find(|line| line.contains(secret)), None);
    }
}

/// The reason of an enrichment with secrets that fails.
async fn reason_of(
    change: impl FnOnce(v1::Enrichment) -> v1::Enrichment,
    answer: impl Fn(&str, usize) -> Answer + Send + Sync + 'static,
) -> String {
    let api = Api::start(answer).await;
    let server = Server::start_with(&[&api.allowed()]);
    let tables = Tables::sign_up(&server).await;
    let file = tables.stock("gtin,pieces\n1,x\n").await;
    let enrichment = change(with_secrets(&api.url("/{gtin}?kk=qsecret77")));
    let shown = tables.enrich_preview(&server, &file, enrichment.clone()).await;
    let failed = tables.enriched(&server, of_file(&file, enrichment)).await;
    assert_eq!(failed.state(), v1::JobState::Failed, "{failed:?}");
    let shown = shown.map_or_else(|status| status.message().to_owned(), |it| format!("{it:?}"));
    format!("{} {shown}", failed.error)
}

#[tokio::test(flavor = "multi_thread")]
async fn no_reason_has_a_text_of_an_answer_to_a_request_with_secrets() {
    let same = |enrichment: v1::Enrichment| enrichment;
    let by_type = reason_of(same, |_, _| content("200 OK", "text/hunter2-of-the-header", "no"));
    let by_part = reason_of(same, |_, _| content("200 OK", "text/plain", "bad key HUNTER2"));
    let list =
        |enrichment: v1::Enrichment| v1::Enrichment { list_path: "items".to_owned(), ..enrichment };
    let by_member = reason_of(list, |_, _| json("{\"Qkk=qsecret77\":2}"));
    let to = "location: http://127.0.0.77:1/\r\n";
    let by_host = reason_of(same, move |_, _| status("302 Found", to));
    for (reason, words) in [
        (by_type.await, "is no JSON"),
        (by_part.await, "it has 15 bytes"),
        (by_member.await, "its member is not shown"),
        (by_host.await, "the place to which 127.0.0.1 redirects"),
    ] {
        assert!(reason.contains(words), "{reason}");
        let lower = reason.to_lowercase();
        for secret in ["hunter2", "qsecret77", "127.0.0.77"] {
            assert!(!lower.contains(secret), "{reason}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_to_another_origin_has_no_header() {
    let other = Api::start(|_, _| json("{\"name\":\"Bolt\"}")).await;
    let to = format!("location: {}\r\n", other.url("/moved"));
    let first = Api::start(move |_, _| status("307 Temporary Redirect", &to)).await;
    let server = Server::start_with(&[&first.allowed(), &other.allowed()]);
    let tables = Tables::sign_up(&server).await;
    let file = tables.stock("gtin,pieces\n1,x\n").await;
    let request = of_file(&file, with_secrets(&first.url("/{gtin}")));
    let (_, text) = tables.enriched_text(&server, request).await;
    assert_eq!(text, "gtin,pieces,name\n1,x,Bolt\n");
    assert!(first.requests().concat().contains(SECRET));
    let moved = other.requests().concat();
    assert!(!moved.contains("hunter2") && header(&moved, "authorization").is_none(), "{moved}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_enrichment_is_refused_by_its_field() {
    let server = Server::start();
    let tables = Tables::sign_up(&server).await;
    let file = tables.stock("gtin,pieces\n1,x\n").await;
    let good = || with_secrets("https://192.0.2.1/{gtin}");
    let header = |name: &str, value: &str| {
        vec![v1::RequestHeader { name: name.to_owned(), value: value.to_owned() }]
    };
    for (enrichment, field) in [
        (v1::Enrichment { url: String::new(), ..good() }, "enrichment.url"),
        (v1::Enrichment { url: "https://a.org/x".to_owned(), ..good() }, "enrichment.remote_key"),
        (
            v1::Enrichment { url: "https://me:hunter2@a.org/".to_owned(), ..good() },
            "enrichment.url",
        ),
        (v1::Enrichment { key: None, ..good() }, "enrichment.key"),
        (v1::Enrichment { take: Vec::new(), ..good() }, "enrichment.take"),
        (v1::Enrichment { take: vec![taken("a", "gtin")], ..good() }, "enrichment.take[0].name"),
        (v1::Enrichment { take: vec![taken("a..b", "")], ..good() }, "enrichment.take[0].path"),
        (v1::Enrichment { list_path: ".".to_owned(), ..good() }, "enrichment.list_path"),
        (v1::Enrichment { requests_per_second: 51, ..good() }, "enrichment.requests_per_second"),
        (v1::Enrichment { headers: header("host", "hunter2"), ..good() }, "enrichment.headers[0]"),
        (v1::Enrichment { headers: header("a", "hunter2\r\n"), ..good() }, "enrichment.headers[0]"),
        (
            v1::Enrichment { headers: vec![header("a", "x").remove(0); 17], ..good() },
            "enrichment.headers",
        ),
        (good(), "enrichment.url"),
    ] {
        let call = tables.enrich(&server, of_file(&file, enrichment)).await;
        let message = call.as_ref().map(|_| ()).map_err(|status| status.message().to_owned());
        assert!(message.is_err_and(|text| !text.contains("hunter2")), "{field}");
        assert_eq!(refused(call), (Code::InvalidArgument, field.to_owned()));
    }
    let none = v1::EnrichTableRequest { enrichment: None, ..of_file(&file, good()) };
    let none = refused(tables.enrich(&server, none).await);
    assert_eq!(none, (Code::InvalidArgument, "enrichment".to_owned()));
}
