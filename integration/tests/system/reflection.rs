//! Generic tools work through reflection: `buf curl`, and Python's grpcio.
//!
//! Not a client of the project. Invariant: the tools get no `.proto` file.

use std::path::PathBuf;
use std::process::Command;

use integration::harness::{DEADLINE, Server, binaries::repository, run};
use serde_json::{Value, json};

#[test]
fn python_works_through_reflection() {
    let server = Server::start();
    let python = std::env::var_os("GRIDLOOM_PYTHON")
        .map_or_else(|| repository().join("target/tools/python/bin/python"), PathBuf::from);
    let mut command = Command::new(python);
    command.arg(repository().join("integration/tests/system/reflection.py"));
    command.arg(server.authority());
    assert_eq!(run(command, DEADLINE).success().trim(), "ok");
}

#[test]
fn buf_curl_works_through_reflection() {
    let server = Server::start();
    let services = buf(&server, "", &["--list-services"]);
    assert!(services.lines().any(|line| line.trim() == "gridloom.v1.SheetService"), "{services}");

    let account = json!({"email": "buf@example.org", "password": "correct horse"});
    let session = call(&server, "AccountService/SignUp", None, &account);
    let token = session["session"]["token"].as_str().expect("a token");
    let new = json!({"name": "From buf", "rowCount": 2});
    let sheet = call(&server, "SheetService/CreateSheet", Some(token), &new);
    let id = &sheet["sheet"]["id"];
    let set = json!({"setCells": {"row": {"at": 1}, "col": {"at": 2}, "values": [{"text": "hi"}]}});
    let edit = json!({"sheetId": id, "commands": {"commands": [set]}});
    let applied = call(&server, "SheetService/ApplyEdits", Some(token), &edit);
    assert_eq!(applied["revision"], "1");
    let read = call(&server, "SheetService/ReadCells", Some(token), &json!({"sheetId": id}));
    assert_eq!(read["rows"][1]["values"], json!([{}, {}, {"text": "hi"}]));
}

fn call(server: &Server, method: &str, token: Option<&str>, request: &Value) -> Value {
    let header = format!("authorization: Bearer {}", token.unwrap_or_default());
    let request = request.to_string();
    let mut arguments = vec!["--data", &request];
    if token.is_some() {
        arguments.extend(["--header", &header]);
    }
    let answer = buf(server, &format!("/gridloom.v1.{method}"), &arguments);
    serde_json::from_str(&answer).expect("buf prints JSON")
}

fn buf(server: &Server, path: &str, arguments: &[&str]) -> String {
    let mut command = Command::new(repository().join("web-client/node_modules/.bin/buf"));
    command.args(["curl", "--protocol", "grpc", "--http2-prior-knowledge"]).args(arguments);
    command.arg(format!("{}{path}", server.url()));
    run(command, DEADLINE).success()
}
