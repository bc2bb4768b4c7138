//! The list of files: pages, orders, a filter; and new names.
//!
//! Not removed files (`removal`). Invariant: the pages of each order have each file once.

use gridloom::v1::{self, FileOrder};
use integration::harness::Server;
use tonic::Code;

use super::{Files, content, refused};

/// Names with sizes, in the order of their uploads.
const FILES: [(&str, usize); 7] = [
    ("gamma", 30),
    ("Alpha", 10),
    ("émile", 20),
    ("beta 10", 20),
    ("Beta 9", 20),
    ("alphabet", 40),
    ("Zoë 100%_\\", 20),
];

fn by(order: FileOrder, descending: bool) -> v1::ListFilesRequest {
    v1::ListFilesRequest { order: order.into(), descending, ..v1::ListFilesRequest::default() }
}

/// The names on all pages of so many files each.
async fn walk(files: &Files, request: &v1::ListFilesRequest, page_size: u32) -> Vec<String> {
    let mut request = v1::ListFilesRequest { page_size, ..request.clone() };
    let mut names = Vec::new();
    loop {
        let page = files.page(request.clone()).await.expect("is a page");
        assert!(page.files.len() <= page_size as usize, "{} on a page", page.files.len());
        names.extend(page.files.into_iter().map(|file| file.name));
        if page.next_page_token.is_empty() {
            return names;
        }
        request.page_token = page.next_page_token;
        assert!(names.len() <= FILES.len(), "without end: {names:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_each_order_have_each_file_once() {
    let server = Server::start();
    let files = Files::sign_up(&server).await;
    assert!(files.names().await.is_empty());
    for (seed, (name, size)) in (0..).zip(FILES) {
        files.upload(name, &content(seed, size)).await.expect("is uploaded");
    }
    let uploaded: Vec<&str> = FILES.iter().map(|(name, _)| *name).collect();
    let by_name = ["Alpha", "alphabet", "beta 10", "Beta 9", "émile", "gamma", "Zoë 100%_\\"];
    let size = |name: &str| FILES.iter().find(|file| file.0 == name).expect("is one").1;
    for page_size in [1, 2, 3, 7, 8] {
        let created = walk(&files, &by(FileOrder::Created, false), page_size).await;
        assert_eq!(created, uploaded, "pages of {page_size}");
        assert_eq!(walk(&files, &by(FileOrder::Name, false), page_size).await, by_name);
        let sizes = walk(&files, &by(FileOrder::Size, false), page_size).await;
        assert!(sizes.is_sorted_by_key(|name| size(name)), "{sizes:?}");
        for order in [FileOrder::Created, FileOrder::Name, FileOrder::Size] {
            let mut there = walk(&files, &by(order, false), page_size).await;
            let back = walk(&files, &by(order, true), page_size).await;
            there.reverse();
            assert_eq!(there, back, "{order:?}, pages of {page_size}");
        }
    }
    // The order without a choice is the newest first, and has no other way round.
    let newest: Vec<&str> = uploaded.iter().rev().copied().collect();
    assert_eq!(walk(&files, &by(FileOrder::Unspecified, false), 3).await, newest);
    assert_eq!(walk(&files, &by(FileOrder::Unspecified, true), 3).await, newest);

    let first = v1::ListFilesRequest { page_size: 2, ..by(FileOrder::Name, false) };
    let token = files.page(first.clone()).await.expect("is a page").next_page_token;
    let bad = (Code::InvalidArgument, "page_token".to_owned());
    for (page_token, request) in [
        ("x".to_owned(), first.clone()),
        (token.clone(), by(FileOrder::Size, false)),
        (token.clone(), by(FileOrder::Name, true)),
        (token.clone(), v1::ListFilesRequest { filter: "a".into(), ..first.clone() }),
        (token.clone(), v1::ListFilesRequest { removed: true, ..first }),
    ] {
        let request = v1::ListFilesRequest { page_token, ..request };
        assert_eq!(refused(files.page(request.clone()).await), bad, "{request:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_finds_a_part_of_a_name_in_any_letter_case() {
    let server = Server::start();
    let files = Files::sign_up(&server).await;
    for (seed, (name, size)) in (0..).zip(FILES) {
        files.upload(name, &content(seed, size)).await.expect("is uploaded");
    }
    let found = async |text: &str| {
        let filter = text.to_owned();
        walk(&files, &v1::ListFilesRequest { filter, ..by(FileOrder::Name, false) }, 2).await
    };
    assert_eq!(found("ALPHA").await, ["Alpha", "alphabet"]);
    assert_eq!(found("É").await, ["émile"]);
    assert_eq!(found("beta 9").await, ["Beta 9"]);
    // The signs of a pattern are text.
    for text in ["%", "_", "\\", "100%_"] {
        assert_eq!(found(text).await, ["Zoë 100%_\\"], "{text}");
    }
    assert!(found("nothing").await.is_empty());
    assert_eq!(found("").await.len(), FILES.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_name_is_given_once_for_each_etag() {
    let server = Server::start();
    let files = Files::sign_up(&server).await;
    let file = files.upload("Draft", b"text").await.expect("is uploaded");
    let named = files.rename(&file.id, "Report", &file.etag).await.expect("is as read");
    assert_eq!((&*named.name, &named.digest), ("Report", &file.digest));
    assert_ne!(named.etag, file.etag);
    let late = refused(files.rename(&file.id, "Other", &file.etag).await);
    assert_eq!(late, (Code::Aborted, "ETAG_MISMATCH".to_owned()));
    let named = files.rename(&file.id, "Final", "").await.expect("in any case");
    assert_eq!(files.file(&file.id).await.expect("is there"), named);
    let bad = (Code::InvalidArgument, "name".to_owned());
    for name in ["", "a\tb", &"x".repeat(201)] {
        assert_eq!(refused(files.rename(&file.id, name, "").await), bad, "{name:?}");
    }
    let twin = files.upload("Final", b"other text").await.expect("names may be equal");
    assert_eq!(files.names().await, ["Final", "Final"]);
    assert_eq!(files.download(&twin.id, 0, 0).await.expect("is its own"), b"other text");

    let removed = files.remove(&file.id, false).await.expect("is removed").expect("a file");
    assert_ne!(removed.etag, named.etag);
    let outcome = refused(files.rename(&file.id, "Again", "").await);
    assert_eq!(outcome, (Code::FailedPrecondition, "FILE_REMOVED".to_owned()));
}
