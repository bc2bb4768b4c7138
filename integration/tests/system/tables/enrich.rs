//! Tables that are enriched by an API of HTTP: joins by key, lists, previews, faults of the API, and secrets.
//!
//! Here: the calls of one account, and what comes right. Not the addresses that are refused (the crate `outbound`). Invariant: a row
//! has the values of its own key.

#[path = "enrich/api.rs"]
mod api;
#[path = "enrich/command_line.rs"]
mod command_line;
#[path = "enrich/faults.rs"]
mod faults;
#[path = "enrich/secrets.rs"]
mod secrets;

use std::collections::BTreeSet;

use gridloom::v1;
use gridloom::v1::derivation_service_client::DerivationServiceClient;
use integration::harness::{Server, authorized};
use tonic::Status;
use tonic::transport::{Channel, Endpoint};

use self::api::{Api, header, json, path_of, status};
use super::plans::{plan, rows_of};
use super::saves::source;
use super::{Tables, guesses, named};

const STOCK: &str = "gtin,pieces\n4001,1\n4002,2\n4001,3\n,4\n4404,5\n";

async fn calls(server: &Server) -> DerivationServiceClient<Channel> {
    let endpoint = Endpoint::from_shared(server.url().to_owned()).expect("an address");
    DerivationServiceClient::new(endpoint.connect().await.expect("the server is there"))
}

/// A column that is taken under another name.
fn taken(path: &str, name: &str) -> v1::TakenMember {
    v1::TakenMember { path: path.to_owned(), name: name.to_owned() }
}

/// Each key has a request of its own.
fn per_key(url: String) -> v1::Enrichment {
    v1::Enrichment {
        url,
        key: named("gtin"),
        take: vec![taken("name", ""), taken("price.amount", "price")],
        requests_per_second: 50,
        ..Default::default()
    }
}

fn of_file(file: &str, enrichment: v1::Enrichment) -> v1::EnrichTableRequest {
    let saved = v1::SavedForm { format: v1::SavedFormat::Csv.into(), ..Default::default() };
    v1::EnrichTableRequest {
        source: Some(source(file)),
        enrichment: Some(enrichment),
        saved: Some(saved),
        ..Default::default()
    }
}

impl Tables {
    async fn enrich(
        &self,
        server: &Server,
        request: v1::EnrichTableRequest,
    ) -> Result<v1::Job, Status> {
        let answer = calls(server).await.enrich_table(authorized(request, self.token())).await?;
        Ok(answer.into_inner().job.expect("a job"))
    }

    /// The end of an enrichment.
    async fn enriched(&self, server: &Server, request: v1::EnrichTableRequest) -> v1::Job {
        let job = self.enrich(server, request).await.expect("begins");
        self.ended(&job.id).await
    }

    /// The job and the text of a file that is made.
    async fn enriched_text(
        &self,
        server: &Server,
        request: v1::EnrichTableRequest,
    ) -> (v1::Job, String) {
        let done = self.enriched(server, request).await;
        assert_eq!((done.state(), &*done.error), (v1::JobState::Done, ""), "{done:?}");
        let bytes = self.files.download(&done.made_file_id, 0, 0).await.expect("is downloaded");
        (done, String::from_utf8(bytes).expect("is text"))
    }

    async fn enrich_preview(
        &self,
        server: &Server,
        file: &str,
        enrichment: v1::Enrichment,
    ) -> Result<v1::PreviewEnrichmentResponse, Status> {
        let (source, enrichment) = (Some(source(file)), Some(enrichment));
        let request = v1::PreviewEnrichmentRequest { source, enrichment };
        let mut calls = calls(server).await;
        Ok(calls.preview_enrichment(authorized(request, self.token())).await?.into_inner())
    }

    /// A file that is read as a table.
    async fn stock(&self, content: &str) -> String {
        let file = self.files.upload("stock.csv", content.as_bytes()).await.expect("is there").id;
        self.read(&file, guesses()).await;
        file
    }
}

/// An API that knows the items 4001 and 4002.
async fn items() -> Api {
    Api::start(|request, _| match path_of(request) {
        "/items/4001" => json("{\"name\":\"Bolt\",\"price\":{\"amount\":12.50}}"),
        "/items/4002" => json("[{\"name\":\"Nut, large\",\"price\":null}]"),
        "/all" => json(
            "{\"data\":{\"items\":[{\"id\":4002,\"name\":\"Nut\"},{\"id\":\"4001\",\"name\":\"Bolt\",\
             \"price\":{\"amount\":9007199254740993}},{\"id\":4002,\"name\":\"another\"}]}}",
        ),
        _ => status("404 Not Found", ""),
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn each_row_has_the_values_of_its_key() {
    let api = items().await;
    let server = Server::start_with(&[&api.allowed()]);
    let tables = Tables::sign_up(&server).await;
    let file = tables.stock(STOCK).await;
    let request = of_file(&file, per_key(api.url("/items/{gtin}")));
    let (done, text) = tables.enriched_text(&server, request).await;
    let expected = "gtin,pieces,name,price\n4001,1,Bolt,12.5\n4002,2,\"Nut, large\",\n4001,3,Bolt,12.5\n,4,,\n4404,5,,\n";
    assert_eq!(text, expected);
    assert_eq!((done.rows, done.progress_done, done.progress_total), (5, 3, 3));
    assert_eq!(
        done.notes,
        ["1 row has no key, and its new columns are empty", "1 of 3 keys was not found: 4404"]
    );
    assert_eq!((&*done.kind, &*done.file_id), ("enrich-file", &*file));
    assert!(done.is_retryable, "it has no secret");
    let requests = api.requests();
    let paths: BTreeSet<&str> = requests.iter().map(|request| path_of(request)).collect();
    assert_eq!(paths, BTreeSet::from(["/items/4001", "/items/4002", "/items/4404"]));
    let names: BTreeSet<_> = requests
        .iter()
        .map(|request| header(request, "idempotency-key").expect("is there"))
        .collect();
    assert_eq!((requests.len(), names.len()), (3, 3), "each key is asked for once");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_steps_of_an_enrichment_have_its_keys_and_its_rows() {
    let api = items().await;
    let server = Server::start_with(&[&api.allowed()]);
    let tables = Tables::sign_up(&server).await;
    let file = tables.stock(STOCK).await;
    let request = of_file(&file, per_key(api.url("/items/{gtin}")));
    let (done, text) = tables.enriched_text(&server, request).await;
    let steps = plan(&tables, &done.id).await.expect("is shown").steps;
    let expected = [("read keys", 5), ("ask", 3), ("read", 5), ("join", 5), ("write", 5)];
    assert_eq!(rows_of(&steps), expected);
    assert!(steps.iter().all(|step| step.tasks_done == step.tasks), "{steps:?}");
    let answers = "{\"name\":\"Bolt\",\"price\":{\"amount\":12.50}}[{\"name\":\"Nut, large\",\"price\":null}]";
    assert_eq!(steps[1].bytes, answers.len() as u64);
    assert_eq!(steps[4].bytes, text.len() as u64);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_answer_has_all_objects() {
    let api = items().await;
    let server = Server::start_with(&[&api.allowed()]);
    let tables = Tables::sign_up(&server).await;
    let file = tables.stock(STOCK).await;
    let list = v1::Enrichment {
        list_path: "data.items".to_owned(),
        remote_key: "id".to_owned(),
        ..per_key(api.url("/all"))
    };
    let (done, text) = tables.enriched_text(&server, of_file(&file, list)).await;
    let expected = "gtin,pieces,name,price\n4001,1,Bolt,9007199254740993\n4002,2,Nut,\n4001,3,Bolt,9007199254740993\n,4,,\n4404,5,,\n";
    // A text of digits may stand in quotes.
    assert_eq!(text.replace('"', ""), expected);
    assert_eq!(api.requests().len(), 1);
    assert!(
        done.notes.iter().any(|note| note.contains("1 object of the API has the key of another"))
    );
    assert!(done.notes.iter().any(|note| note.ends_with("not found: 4404")), "{done:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_with_one_normal_form_have_the_same_object() {
    let api = Api::start(|_, _| json("[{\"id\":\"caf\u{e9}\",\"name\":\"Coffee\"}]")).await;
    let server = Server::start_with(&[&api.allowed()]);
    let tables = Tables::sign_up(&server).await;
    let file = tables.stock("gtin,pieces\ncaf\u{e9},1\ncafe\u{301},2\n").await;
    let take = vec![taken("name", "")];
    let list = v1::Enrichment { remote_key: "id".to_owned(), take, ..per_key(api.url("/all")) };
    let (done, text) = tables.enriched_text(&server, of_file(&file, list)).await;
    assert_eq!(text.matches(",Coffee\n").count(), 2, "{text}");
    assert!(done.notes.is_empty(), "{done:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_preview_has_the_rows_of_the_first_ten_keys_and_makes_nothing() {
    let api = Api::start(|request, _| match path_of(request) {
        "/items/3" => status("404 Not Found", ""),
        path => json(&format!("{{\"name\":\"item {}\"}}", path.trim_start_matches("/items/"))),
    })
    .await;
    let server = Server::start_with(&[&api.allowed()]);
    let tables = Tables::sign_up(&server).await;
    let rows: String = (0..40).map(|at| format!("{},{at}\n", at / 2)).collect();
    let file = tables.stock(&format!("gtin,pieces\n{rows}")).await;
    let take = vec![taken("name", "")];
    let enrichment = v1::Enrichment { take, ..per_key(api.url("/items/{gtin}")) };
    let before = tables.files.usage().await;
    let shown = tables.enrich_preview(&server, &file, enrichment).await.expect("is shown");
    let names: Vec<&str> = shown.columns.iter().map(|column| &*column.name).collect();
    assert_eq!(names, ["gtin", "pieces", "name"]);
    assert_eq!((shown.rows.len(), api.requests().len()), (10, 10));
    assert_eq!(shown.notes, ["1 of 10 keys was not found: 3"]);
    let name = |row: &v1::PreviewRow| row.values.get(2).and_then(|value| value.kind.clone());
    let text = v1::value::Kind::Text("item 9".to_owned());
    assert_eq!(shown.rows.iter().map(name).next_back().flatten(), Some(text));
    assert_eq!(tables.files.usage().await, before);
}
