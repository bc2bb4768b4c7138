//! `gridctl files enrich`: a new file by the names of columns, headers of a file, and a preview.
//!
//! Not the protocol. Invariant: no secret is an argument of the command.

use std::fs;

use integration::harness::{Gridctl, Server};
use serde_json::Value;

use super::api::{header, path_of};
use super::{STOCK, items};

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_enriched_by_names_with_headers_of_a_file() {
    let api = items().await;
    let server = Server::start_with(&[&api.allowed()]);
    tokio::task::block_in_place(|| {
        let gridctl = Gridctl::sign_up(&server, "clerk@example.org");
        let path = server.home().file("stock.csv");
        fs::write(&path, STOCK).expect("is written");
        let _ = gridctl.run(&["files", "upload", &path.to_string_lossy(), "--read"]).success();
        let headers = server.home().file("headers");
        fs::write(&headers, "X-Api-Key: hunter2\n").expect("is written");
        let (url, headers) = (api.url("/items/{gtin}"), headers.to_string_lossy().into_owned());
        let take = ["--take", "name", "--take", "price.amount=price"];
        let enrich = ["files", "enrich", "stock.csv", "--url", &url, "--key", "gtin"];
        let command = [&enrich[..], &take, &["--header-file", &headers, "--rate", "50"]].concat();
        let shown = gridctl.run(&[&command[..], &["--preview"]].concat()).success();
        assert!(shown.contains("Nut, large") && shown.contains("12.5"), "{shown}");
        let bare = [&enrich[..], &take, &["--header", "hunter2", "--preview"]].concat();
        let refused = gridctl.run(&bare);
        assert!(refused.stderr.contains("line 1 is no header"), "{refused:?}");
        assert!(!refused.status.success() && !refused.stderr.contains("hunter2"), "{refused:?}");
        let further = ["--where", "pieces < 3", "--as", "csv", "--json"];
        let line = gridctl.run(&[&command[..], &further].concat()).success();
        let file: Value = serde_json::from_str(line.trim()).expect("JSON");
        let id = file["id"].as_str().expect("an id");
        let text = gridctl.run(&["files", "download", id, "-o", "-"]).success();
        assert_eq!(text, "gtin,pieces,name,price\n4001,1,Bolt,12.5\n4002,2,\"Nut, large\",\n");
    });
    let requests = api.requests();
    assert!(requests.iter().all(|it| header(it, "x-api-key") == Some("hunter2")));
    assert!(requests.iter().all(|it| path_of(it).starts_with("/items/")));
}
