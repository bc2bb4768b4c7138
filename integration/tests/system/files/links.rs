//! Links to downloads, as a browser, a download manager and a stranger use them: over HTTP/1.1 and HTTP/2.
//!
//! Not the pages. Invariant: an answer has all bytes that its head promises, or its connection breaks.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;

use gridloom::v1;
use http::Request;
use integration::harness::{DEADLINE, Gridctl, OwnPostgres, OwnRedis, Server, within};
use model::limits::files::DOWNLOAD_LINKS;
use model::now_micros;
use tonic::Code;
use uuid::Uuid;

use super::place::piece;
use super::{Files, PIECE, content, digest, digest_of_pieces, refused};

/// An answer over HTTP/1.1, with the bytes that came before its connection ended.
#[derive(Debug)]
struct Answer {
    code: u16,
    headers: BTreeMap<String, String>,
    body: Vec<u8>,
}

impl Answer {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    /// Whether all bytes came that the head promises.
    fn is_whole(&self) -> bool {
        self.header("content-length") == self.body.len().to_string()
    }
}

fn ask(server: &Server, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
    let authority = server.authority();
    let mut request = format!("{method} {path} HTTP/1.1\r\nhost: {authority}\r\n");
    for (name, value) in headers {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    request.push_str("connection: close\r\n\r\n");
    let mut stream = TcpStream::connect(authority).expect("connects");
    stream.set_read_timeout(Some(DEADLINE)).expect("can be set");
    stream.write_all(request.as_bytes()).expect("is sent");
    let mut bytes = Vec::new();
    // A connection that breaks is an error after what came before.
    let _ = stream.read_to_end(&mut bytes);
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").expect("a head");
    let head = String::from_utf8(bytes[..end].to_vec()).expect("a head of text");
    let mut lines = head.lines();
    let code = lines.next().and_then(|line| line.split(' ').nth(1)?.parse().ok());
    let headers = lines.filter_map(|line| line.split_once(": "));
    Answer {
        code: code.expect("a code"),
        headers: headers.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
        body: bytes[end + 4..].to_vec(),
    }
}

fn get(server: &Server, path: &str, headers: &[(&str, &str)]) -> Answer {
    ask(server, "GET", path, headers)
}

/// The path of a new link.
async fn link(files: &Files, file: &v1::File) -> String {
    files.link(&file.id).await.expect("is made").path
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_gives_the_whole_file_its_head_and_each_part() {
    let server = Server::start();
    let files = Files::sign_up(&server).await;
    let content = content(1, 2 * PIECE + 5);
    let file = files.upload("Table 1.csv", &content).await.expect("is uploaded");
    let path = link(&files, &file).await;
    assert!(path.ends_with("/Table%201.csv"), "{path}");
    let whole = get(&server, &path, &[]);
    assert!(whole.code == 200 && whole.body == content, "{:?}", whole.headers);
    let hex: String = digest_of_pieces(&content).iter().map(|byte| format!("{byte:02x}")).collect();
    let etag = format!("\"{hex}\"");
    for (name, value) in [
        ("content-length", content.len().to_string().as_str()),
        ("etag", etag.as_str()),
        ("accept-ranges", "bytes"),
        ("cache-control", "no-store"),
        ("content-type", "application/octet-stream"),
        ("x-content-type-options", "nosniff"),
        ("content-security-policy", "default-src 'none'; sandbox"),
        (
            "content-disposition",
            "attachment; filename=\"Table 1.csv\"; filename*=UTF-8''Table%201.csv",
        ),
    ] {
        assert_eq!(whole.header(name), value, "{name}");
    }
    let head = ask(&server, "HEAD", &path, &[("range", "bytes=0-0")]);
    assert_eq!((head.code, head.body.len()), (200, 0));
    for name in ["content-length", "etag", "content-disposition"] {
        assert_eq!(head.header(name), whole.header(name), "{name}");
    }
    let size = content.len();
    for (range, from, to) in [
        ("bytes=0-0".to_owned(), 0, 1),
        (format!("bytes={}-{}", PIECE - 1, PIECE), PIECE - 1, PIECE + 1),
        (format!("bytes={PIECE}-"), PIECE, size),
        (format!("bytes={}-{}", size - 1, size + 9), size - 1, size),
        ("bytes=-7".to_owned(), size - 7, size),
        (format!("bytes=-{}", size + 1), 0, size),
    ] {
        let part = get(&server, &path, &[("range", range.as_str())]);
        assert_eq!(part.code, 206, "{range}");
        assert!(part.body == content[from..to] && part.is_whole(), "{range}: {:?}", part.headers);
        let expected = format!("bytes {from}-{}/{size}", to - 1);
        assert_eq!(part.header("content-range"), expected, "{range}");
        let unchanged =
            get(&server, &path, &[("range", range.as_str()), ("if-range", etag.as_str())]);
        assert!(unchanged.code == 206 && unchanged.body == content[from..to], "{range}");
    }
    let other = get(&server, &path, &[("range", "bytes=1-2"), ("if-range", "\"00\"")]);
    assert!(other.code == 200 && other.body == content, "another content is whole");
    let several = get(&server, &path, &[("range", "bytes=0-1,4-5")]);
    assert!(several.code == 200 && several.body == content);
    let behind = get(&server, &path, &[("range", format!("bytes={size}-").as_str())]);
    let expected = format!("bytes */{size}");
    assert_eq!((behind.code, behind.header("content-range")), (416, &*expected));
    assert_eq!(get(&server, &path, &[("if-none-match", etag.as_str())]).code, 304);
    assert_eq!(get(&server, &path, &[("if-match", "\"00\"")]).code, 412);
    assert_eq!(ask(&server, "POST", &path, &[]).code, 405);
}

#[tokio::test(flavor = "multi_thread")]
async fn any_name_stays_in_its_place() {
    let server = Server::start();
    let files = Files::sign_up(&server).await;
    for (name, plain, escaped) in [
        ("a \"b\".csv", "a _b_.csv", "a%20%22b%22.csv"),
        ("Übersicht; x=1.csv", "_bersicht; x=1.csv", "%C3%9Cbersicht%3B%20x%3D1.csv"),
        ("../a\\b%41.csv", ".._a_b_41.csv", "..%2Fa%5Cb%2541.csv"),
        ("表.csv", "_.csv", "%E8%A1%A8.csv"),
    ] {
        let file = files.upload(name, name.as_bytes()).await.expect("is uploaded");
        let path = link(&files, &file).await;
        assert!(path.ends_with(&format!("/{escaped}")), "{path}");
        let answer = get(&server, &path, &[]);
        assert_eq!((answer.code, &*answer.body), (200, name.as_bytes()), "{name}");
        let expected = format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{escaped}");
        assert_eq!(answer.header("content-disposition"), expected, "{name}");
    }
    let empty = files.upload("..", b"").await.expect("is uploaded");
    let path = link(&files, &empty).await;
    assert!(path.ends_with("/file"), "{path}: a client would leave the folder");
    let answer = get(&server, &path, &[]);
    assert!(answer.code == 200 && answer.is_whole() && answer.body.is_empty(), "{answer:?}");
    assert_eq!(get(&server, &path, &[("range", "bytes=0-")]).code, 416);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_ends_with_its_time_its_file_or_a_wrong_letter() {
    let server = Server::start_with(&["--log", "trace"]);
    let files = Files::sign_up(&server).await;
    let file = files.upload("a.csv", b"text").await.expect("is uploaded");
    let made = files.link(&file.id).await.expect("is made");
    let minutes = (made.ends_at_micros - now_micros()) / 60_000_000;
    assert!((58..=60).contains(&minutes), "{minutes} minutes");
    let (first, second) = (made.path, link(&files, &file).await);
    assert_ne!(first, second);
    let code = |path: &str| get(&server, path, &[]).code;
    let secret = first.split('/').nth(2).expect("a secret").to_owned();
    assert_eq!((code(&first), code(&second)), (200, 200));
    assert_eq!(over_http_2(&server, &first).await, (200, Ok(b"text".to_vec())));
    assert_eq!(code(&format!("/download/{secret}/another%20name")), 200, "the name is for people");
    for at in [0, secret.len() / 2, secret.len() - 1] {
        let letter = if secret.as_bytes()[at] == b'A' { "B" } else { "A" };
        let mut wrong = secret.clone();
        wrong.replace_range(at..=at, letter);
        assert_eq!(code(&format!("/download/{wrong}/a.csv")), 404, "{at}");
    }
    let longer = format!("/download/{secret}x/a.csv");
    for path in ["/download/a", "/download/%ff/a.csv", &longer] {
        let answer = get(&server, path, &[]);
        assert!(answer.code == 404 && answer.is_whole(), "{path}: {answer:?}");
    }

    files.remove(&file.id, false).await.expect("is removed");
    assert_eq!((code(&first), code(&second)), (404, 404));
    assert_eq!(refused(files.link(&file.id).await).0, Code::NotFound);
    files.restore(&file.id).await.expect("is restored");
    assert_eq!(code(&first), 200);
    let sql = server.sql().await;
    let hash = digest(secret.as_bytes());
    let end = "update file_links set ends_at = now() where secret = $1";
    assert_eq!(sql.execute(end, &[&hash]).await.expect("ends"), 1);
    assert_eq!((code(&first), code(&second)), (404, 200), "each ends alone");
    files.remove(&file.id, true).await.expect("is deleted");
    assert_eq!(code(&second), 404);
    let log = fs::read_to_string(server.home().log()).expect("a log");
    for path in [&first, &second] {
        let secret = path.split('/').nth(2).expect("a secret");
        assert!(!log.contains(secret), "a secret is in the log");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_has_a_number_of_links() {
    let server = Server::start();
    let files = Files::sign_up(&server).await;
    let file = files.upload("a.csv", b"text").await.expect("is uploaded");
    for _ in 0..DOWNLOAD_LINKS {
        files.link(&file.id).await.expect("is made");
    }
    let exceeded = (Code::ResourceExhausted, "LINKS_EXCEEDED".to_owned());
    assert_eq!(refused(files.link(&file.id).await), exceeded);
    let sql = server.sql().await;
    let id: Uuid = file.id.parse().expect("an id");
    let end = "update file_links set ends_at = now() where file = $1";
    assert_eq!(sql.execute(end, &[&id]).await.expect("end"), u64::from(DOWNLOAD_LINKS));
    files.link(&file.id).await.expect("is made again");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_piece_breaks_the_answer() {
    let server = Server::start();
    let files = Files::sign_up(&server).await;
    let content = content(3, 2 * PIECE);
    let file = files.upload("Hurt", &content).await.expect("is uploaded");
    let path = link(&files, &file).await;
    fs::remove_file(piece(&server, 1)).expect("is deleted");
    let broken = get(&server, &path, &[]);
    assert!(broken.code == 200 && !broken.is_whole(), "{:?}", broken.headers);
    assert!(content.starts_with(&broken.body), "what came is whole");
    let first = get(&server, &path, &[("range", format!("bytes=0-{}", PIECE - 1).as_str())]);
    assert!(first.code == 206 && first.body == content[..PIECE]);
    let lost = get(&server, &path, &[("range", format!("bytes={PIECE}-").as_str())]);
    assert!(lost.code == 500 && lost.is_whole(), "{lost:?}");
    let (code, received) = over_http_2(&server, &path).await;
    let received = received.expect_err("is reset");
    assert!(code == 200 && content.starts_with(&received), "{} bytes", received.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn no_link_is_answered_while_the_place_is_another_one() {
    let server = Server::start();
    let files = Files::sign_up(&server).await;
    let file = files.upload("a.csv", b"text").await.expect("is uploaded");
    let path = link(&files, &file).await;
    let (stopped, _) = server.stop();
    let folder = stopped.home().data().join("files");
    fs::rename(&folder, folder.with_file_name("files-aside")).expect("is moved");
    fs::create_dir(&folder).expect("is made");
    let server = stopped.restart();
    for method in ["GET", "HEAD"] {
        assert_eq!(ask(&server, method, &path, &[]).code, 503, "{method}");
    }
}

/// The code of an answer and its bytes; the error has those that came before the stream broke.
async fn over_http_2(server: &Server, path: &str) -> (u16, Result<Vec<u8>, Vec<u8>>) {
    let stream = tokio::net::TcpStream::connect(server.authority()).await.expect("connects");
    let (requests, connection) = h2::client::handshake(stream).await.expect("answers over HTTP/2");
    tokio::spawn(connection);
    let mut requests = requests.ready().await.expect("is open");
    let request = Request::get(format!("{}{path}", server.url())).body(()).expect("is valid");
    let (response, _) = requests.send_request(request, true).expect("is sent");
    let response = within("the head", response).await.expect("is answered");
    let (code, mut body) = (response.status().as_u16(), response.into_body());
    let mut received = Vec::new();
    while let Some(data) = within("the next bytes", body.data()).await {
        let Ok(data) = data else { return (code, Err(received)) };
        received.extend_from_slice(&data);
        let _ = body.flow_control().release_capacity(data.len());
    }
    (code, Ok(received))
}

#[tokio::test(flavor = "multi_thread")]
async fn each_server_answers_each_link_over_each_protocol() {
    let folder = tempfile::tempdir().expect("can make a temporary directory");
    let flags = ["--files", &folder.path().to_string_lossy()];
    let (postgres, redis) = (OwnPostgres::start().await, OwnRedis::start().await);
    let (database, journal) = (postgres.tcp_url(), redis.url());
    let start = || Server::start_sharing(&database, &journal, &flags);
    let (one, other) = (start(), start());
    let files = Files::sign_up(&one).await;
    let content = content(2, PIECE + 1);
    let file = files.upload("Shared", &content).await.expect("is uploaded");
    let path = link(&files, &file).await;
    for server in [&one, &other] {
        let answer = get(server, &path, &[]);
        assert!(answer.code == 200 && answer.body == content, "{:?}", answer.headers);
        let (code, received) = over_http_2(server, &path).await;
        assert!(code == 200 && received.is_ok_and(|received| received == content));
    }
}

#[test]
fn a_command_prints_a_link() {
    let server = Server::start();
    let gridctl = Gridctl::sign_up(&server, "clerk@example.org");
    let path = server.home().file("a b.txt");
    fs::write(&path, b"text").expect("is written");
    let _ = gridctl.run(&["files", "upload", &path.to_string_lossy()]).success();
    let printed = gridctl.run(&["files", "link", "a b.txt"]).success();
    let printed = printed.trim();
    let path = printed.strip_prefix(server.url()).expect("begins with the address");
    assert!(path.starts_with("/download/") && path.ends_with("/a%20b.txt"), "{printed}");
    let answer = get(&server, path, &[]);
    assert_eq!((answer.code, &*answer.body), (200, b"text".as_slice()));
}
