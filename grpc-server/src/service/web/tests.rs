//! The answers to a browser that requests a page, a file, or a file that does not exist.

use axum::body::Body;
use http::{Method, Request, Response, StatusCode, header};

use super::WebFiles;

fn site() -> (tempfile::TempDir, WebFiles) {
    let folder = tempfile::tempdir().expect("a place for files");
    let root = folder.path().join("dist");
    std::fs::create_dir_all(root.join("assets")).expect("writable");
    for (name, content) in
        [("dist/index.html", "page"), ("dist/assets/app-1.js", "code"), ("secret", "no")]
    {
        std::fs::write(folder.path().join(name), content).expect("writable");
    }
    let web = WebFiles::find(Some(&root));
    (folder, web)
}

fn answer(web: &WebFiles, method: Method, path: &str) -> Response<Body> {
    let request = Request::builder().method(method).uri(path).body(Body::empty()).expect("valid");
    web.serve(&request.into_parts().0)
}

async fn get(web: &WebFiles, method: Method, path: &str) -> (StatusCode, String, String) {
    let response = answer(web, method, path);
    let cache = response.headers().get(header::CACHE_CONTROL);
    let cache = cache.map_or("", |value| value.to_str().expect("text")).to_owned();
    let status = response.status();
    let body = axum::body::to_bytes(response.into_body(), 10_000).await.expect("in memory");
    (status, cache, String::from_utf8(body.to_vec()).expect("text"))
}

#[tokio::test]
async fn files_are_served_and_every_other_path_is_the_page() {
    let (_folder, web) = site();
    for path in ["/", "/index.html", "/sheets/42", "/favicon.ico?x=1"] {
        let (status, cache, body) = get(&web, Method::GET, path).await;
        assert_eq!((status, &*cache, &*body), (StatusCode::OK, "no-cache", "page"), "{path}");
    }
    let (_, cache, body) = get(&web, Method::GET, "/assets/app-1.js").await;
    assert_eq!((&*body, cache.contains("immutable")), ("code", true));
    assert_eq!(get(&web, Method::HEAD, "/").await.2, "");
}

#[tokio::test]
async fn what_is_not_there_is_not_served() {
    let (_folder, web) = site();
    assert_eq!(get(&web, Method::GET, "/assets/old.js").await.0, StatusCode::NOT_FOUND);
    assert_eq!(get(&web, Method::POST, "/").await.0, StatusCode::METHOD_NOT_ALLOWED);
    for path in ["/../secret", "/assets/../../secret", "/%2e%2e/secret", "//../secret"] {
        assert_ne!(get(&web, Method::GET, path).await.2, "no", "{path}");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn links_do_not_lead_out_of_the_folder() {
    let (folder, _) = site();
    let root = folder.path().join("dist");
    for (target, link) in
        [("secret", "assets/link"), ("dist/index.html", "inside"), ("dist", "loop")]
    {
        std::os::unix::fs::symlink(folder.path().join(target), root.join(link))
            .expect("links work");
    }
    let web = WebFiles::find(Some(&root));
    assert_eq!(get(&web, Method::GET, "/inside").await.2, "page");
    assert_eq!(get(&web, Method::GET, "/assets/link").await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn without_a_build_a_page_says_how_to_make_one() {
    let (status, _, body) = get(&not_built(), Method::GET, "/sheets").await;
    assert!(status == StatusCode::OK && body.contains("npm run build"));
}

fn not_built() -> WebFiles {
    WebFiles { root: None, files: std::sync::Arc::default() }
}

#[tokio::test]
async fn all_answers_share_one_copy_and_a_head_holds_its_length() {
    let (folder, web) = site();
    // The files are those of the start.
    std::fs::write(folder.path().join("dist/index.html"), "another page").expect("writable");
    let one = web.files.get("index.html").expect("is there");
    let cost = allocation_counter::measure(|| {
        for _ in 0..100 {
            let again = web.files.get("index.html").expect("is there");
            assert_eq!(again.as_ptr(), one.as_ptr());
        }
    });
    assert_eq!(cost.bytes_total, 0);
    for web in [web, not_built()] {
        let lengths = [Method::HEAD, Method::GET]
            .map(|method| answer(&web, method, "/").headers().get(header::CONTENT_LENGTH).cloned());
        assert!(lengths[0].is_some() && lengths[0] == lengths[1], "{lengths:?}");
        let body = get(&web, Method::GET, "/").await.2;
        assert_eq!(
            lengths[0].as_ref().map(|it| it.as_bytes()),
            Some(body.len().to_string().as_bytes())
        );
    }
}

#[test]
fn a_folder_that_is_no_build_is_refused_by_its_size() {
    let (folder, _) = site();
    let root = folder.path().join("dist");
    assert!(super::Files::read(&root, 8).is_ok());
    let refused = super::Files::read(&root, 7).expect_err("is too large").to_string();
    assert!(refused.contains("--web-dir"), "{refused}");
}
