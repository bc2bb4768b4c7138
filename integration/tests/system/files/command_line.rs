//! `gridctl files`, end to end: a file to the server and back, and an upload that is interrupted on either side.
//!
//! Not the protocol. Invariant: each command is a process of its own.

use std::fs;
use std::path::Path;

use integration::harness::{DEADLINE, Gridctl, Process, Server, eventually};
use serde_json::{Value, json};

use super::{PIECE, content};

/// Pieces of a file whose upload is interrupted.
const PIECES: usize = 24;

/// The lines that a command prints, each an object of JSON.
fn listed(gridctl: &Gridctl, arguments: &[&str]) -> Vec<Value> {
    let lines = gridctl.run(arguments).success();
    lines.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

/// A file beside the server's data.
fn file(server: &Server, name: &str, content: &[u8]) -> String {
    let path = server.home().file(name);
    fs::write(&path, content).expect("is written");
    path.to_string_lossy().into_owned()
}

/// Downloads a file by its name or id and compares it.
fn is_downloaded(gridctl: &Gridctl, name: &str, to: &Path, expected: &[u8]) {
    let _ = gridctl.run(&["files", "download", name, "-o", &to.to_string_lossy()]).success();
    assert!(fs::read(to).expect("is there") == expected, "{name} differs");
    fs::remove_file(to).expect("is there");
}

#[test]
fn a_file_goes_to_the_server_and_back() {
    let server = Server::start();
    let gridctl = Gridctl::sign_up(&server, "clerk@example.org");
    let (plan, text) = (content(1, 2 * PIECE + 17), b"a small one");
    let path_of_plan = file(&server, "plan.bin", &plan);
    let path_of_text = file(&server, "text.txt", text);
    let target = server.home().file("downloaded");
    let uploaded = gridctl.run(&["files", "upload", &path_of_plan]).success();
    let id = uploaded.split_whitespace().next().expect("the line begins with the id").to_owned();
    let _ = gridctl.run(&["files", "upload", &path_of_text]).success();
    let files = listed(&gridctl, &["files", "--sort", "size:desc", "--json"]);
    let found: Vec<[&Value; 2]> =
        files.iter().map(|file| [&file["name"], &file["bytes"]]).collect();
    assert_eq!(found, [[&json!("plan.bin"), &json!(plan.len())], [&json!("text.txt"), &json!(11)]]);
    assert_eq!(files[0]["id"], json!(id));
    assert_eq!(listed(&gridctl, &["files", "--filter", "PLAN", "--json"]), files[..1]);
    is_downloaded(&gridctl, "plan.bin", &target, &plan);
    is_downloaded(&gridctl, &id, &target, &plan);

    let _ = gridctl.run(&["files", "rename", "plan.bin", "final.bin"]).success();
    let _ = gridctl.run(&["files", "remove", "final.bin"]).success();
    let gone = gridctl.run(&["files", "download", "final.bin", "-o", &target.to_string_lossy()]);
    assert!(!gone.status.success() && gone.stderr.contains("final.bin"), "{gone:?}");
    assert!(!target.exists(), "a refused download leaves no file");
    let names = |arguments: &[&str]| -> Vec<Value> {
        listed(&gridctl, arguments).into_iter().map(|file| file["name"].clone()).collect()
    };
    assert_eq!(names(&["files", "--json"]), [json!("text.txt")]);
    assert_eq!(names(&["files", "--removed", "--json"]), [json!("final.bin")]);
    let _ = gridctl.run(&["files", "restore", "final.bin"]).success();
    is_downloaded(&gridctl, "final.bin", &target, &plan);

    let usage = &listed(&gridctl, &["files", "usage", "--json"])[0];
    assert_eq!((&usage["files"], &usage["bytes"]), (&json!(2), &json!(plan.len() + text.len())));
    let _ = gridctl.run(&["files", "remove", &id, "--for-good"]).success();
    let usage = &listed(&gridctl, &["files", "usage", "--json"])[0];
    assert_eq!((&usage["files"], &usage["bytes"]), (&json!(1), &json!(plan.len() + text.len())));
    assert_eq!(usage["leaving_bytes"], json!(plan.len()), "its pieces are still there");
}

/// Starts an upload and waits until a part of it has arrived.
async fn begun(server: &Server, gridctl: &Gridctl, path: &str) -> Process {
    let uploading = gridctl.start(&["files", "upload", path]);
    let sql = server.sql().await;
    eventually("the first pieces arrive", async || {
        let received = sql.query_opt("select received from file_uploads", &[]).await;
        let received: i64 = received.expect("is read")?.get(0);
        (received >= 2 * PIECE as i64).then_some(())
    })
    .await;
    uploading
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_whose_program_was_killed_is_continued_by_the_same_command() {
    let server = Server::start();
    let gridctl = Gridctl::sign_up(&server, "clerk@example.org");
    let content = content(2, PIECES * PIECE + 1);
    let path = file(&server, "large.bin", &content);
    begun(&server, &gridctl, &path).await.kill();
    let uploads = listed(&gridctl, &["files", "uploads", "--json"]);
    let [upload] = uploads.as_slice() else { panic!("not one upload: {uploads:?}") };
    let received = upload["received"].as_u64().expect("a number");
    assert!(received >= 2 * PIECE as u64 && received < content.len() as u64, "{upload}");

    let sent = &listed(&gridctl, &["files", "upload", &path, "--json"])[0];
    assert_eq!(sent["id"], upload["id"], "the same upload");
    assert!(sent["resumed_bytes"].as_u64() >= Some(received), "{sent}");
    let again = &listed(&gridctl, &["files", "upload", &path, "--json"])[0];
    assert_eq!((&again["id"], &again["uploaded_before"]), (&upload["id"], &json!(true)));
    assert!(listed(&gridctl, &["files", "uploads", "--json"]).is_empty());
    assert_eq!(listed(&gridctl, &["files", "--json"]).len(), 1);
    is_downloaded(&gridctl, "large.bin", &server.home().file("downloaded"), &content);
}

/// Gives a file another content, and the time of change that it had.
fn replaced(path: &str, content: &[u8]) {
    let time = fs::metadata(path).and_then(|it| it.modified()).expect("has a time");
    fs::write(path, content).expect("is written");
    let file = fs::OpenOptions::new().write(true).open(path).expect("is opened");
    file.set_modified(time).expect("is set");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_content_of_the_same_path_size_and_time_is_never_mixed_with_an_earlier_one() {
    let server = Server::start();
    let gridctl = Gridctl::sign_up(&server, "clerk@example.org");
    let [first, second] = [4, 5].map(|seed| content(seed, PIECES * PIECE + 1));
    let path = file(&server, "large.bin", &first);
    let target = server.home().file("downloaded");
    begun(&server, &gridctl, &path).await.kill();
    replaced(&path, &second);
    let mixed = gridctl.run(&["files", "upload", &path]);
    assert!(!mixed.status.success() && mixed.stderr.contains("large.bin"), "{mixed:?}");
    assert!(listed(&gridctl, &["files", "--json"]).is_empty());
    let sent = &listed(&gridctl, &["files", "upload", &path, "--json"])[0];
    assert_eq!(sent["resumed_bytes"], json!(0));
    is_downloaded(&gridctl, "large.bin", &target, &second);

    replaced(&path, &first);
    let other = &listed(&gridctl, &["files", "upload", &path, "--json"])[0];
    assert_eq!(other["uploaded_before"], json!(false));
    let id = other["id"].as_str().expect("a text");
    is_downloaded(&gridctl, id, &target, &first);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_outlives_a_killed_server() {
    let server = Server::start();
    let gridctl = Gridctl::sign_up(&server, "clerk@example.org");
    let content = content(3, PIECES * PIECE + 1);
    let path = file(&server, "large.bin", &content);
    let mut uploading = begun(&server, &gridctl, &path).await;
    let server = server.kill().restart();
    let status = uploading.wait(DEADLINE).expect("ends");
    assert!(status.success(), "{status}");
    assert_eq!(listed(&gridctl, &["files", "--json"]).len(), 1);
    is_downloaded(&gridctl, "large.bin", &server.home().file("downloaded"), &content);
}

#[test]
fn a_file_is_shared_listed_left_and_kept_as_tables() {
    let server = Server::start();
    let ada = Gridctl::sign_up(&server, "ada.files@example.org");
    let ben = Gridctl::sign_up(&server, "ben.files@example.org");
    let path = file(&server, "cities.csv", b"city,n\na,1\nb,2\n");
    let _ = ada.run(&["files", "upload", &path]).success();
    let share = ["files", "share", "cities.csv", "ben.files@example.org", "--role", "viewer"];
    let _ = ada.run(&share).success();
    let shared = listed(&ben, &["files", "--scope", "shared", "--json"]);
    let shown: Vec<[&Value; 2]> = shared.iter().map(|it| [&it["name"], &it["role"]]).collect();
    assert_eq!(shown, [[&json!("cities.csv"), &json!("viewer")]]);
    assert!(listed(&ben, &["files", "--scope", "own", "--json"]).is_empty());
    let rows = ben.run(&["files", "rows", "cities.csv"]).success();
    assert!(rows.contains('b'), "{rows}");
    let refused = ben.run(&["files", "rename", "cities.csv", "mine.csv"]);
    assert!(!refused.status.success() && refused.stderr.contains("viewer"), "{}", refused.stderr);
    let roles = listed(&ada, &["files", "shares", "cities.csv", "--json"]);
    assert_eq!(roles.iter().map(|it| &it["role"]).collect::<Vec<_>>(), ["owner", "viewer"]);

    let unasked = ada.run(&["files", "delete-original", "cities.csv"]);
    assert!(unasked.stderr.contains("--yes"), "{}", unasked.stderr);
    let _ = ada.run(&["files", "delete-original", "cities.csv", "--yes"]).success();
    let gone = ben.run(&["files", "download", "cities.csv"]);
    assert!(gone.stderr.contains("only its tables are kept"), "{}", gone.stderr);
    let _ = ben.run(&["files", "leave", "cities.csv"]).success();
    assert!(listed(&ben, &["files", "--json"]).is_empty());
    let none = ada.run(&["files", "unshare", "cities.csv", "ben.files@example.org"]);
    assert!(!none.status.success(), "it is not shared any more");
}
