//! Every rpc as a caller without a token uses it to hold what it can: each has a bound of calls, bytes and time.
//!
//! Not single rpcs. Invariant: an rpc that is new is among them, since the list is the server's own description.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use bytes::Bytes;
use gridloom::FILE_DESCRIPTOR_SET;
use integration::harness::{Server, sign_up_with_token};
use prost::Message as _;
use prost_types::FileDescriptorSet;
use tokio::task::JoinSet;
use tonic::Code;

use super::stuck::{end_of, h2, post};

/// Calls of one connection, more than it may have without a token.
const CALLS: usize = 70;
/// Those that it may have.
const ALLOWED: usize = 64;
/// More than the server waits for the rest of a message.
const ENDS_WITHIN: Duration = Duration::from_secs(60);
/// What each call sends, more than it may.
const FLOOD_BYTES: usize = 200 * 1024;
const GROWTH_BYTES: u64 = 100 * 1024 * 1024;
/// The rpcs that need no token, and of them those whose requests are streams.
const PUBLIC: [&str; 13] = [
    "gridloom.v1.AccountService/SignUp",
    "gridloom.v1.AccountService/SignIn",
    "gridloom.v1.AccountService/RequestPasswordReset",
    "gridloom.v1.AccountService/ResetPassword",
    "gridloom.v1.AccountService/ConfirmEmail",
    "gridloom.v1.AccountService/GetServerSettings",
    "gridloom.v1.AccountService/BeginProviderSignIn",
    "gridloom.v1.AccountService/FinishProviderSignIn",
    "gridloom.v1.SharingService/EnterAsGuest",
    "grpc.health.v1.Health/Check",
    "grpc.health.v1.Health/Watch",
    REFLECTION[0],
    REFLECTION[1],
];
const REFLECTION: [&str; 2] = [
    "grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
    "grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
];

/// Every rpc of the server.
fn rpcs() -> BTreeSet<String> {
    let mut paths: BTreeSet<String> = REFLECTION.map(str::to_owned).into();
    for set in [FILE_DESCRIPTOR_SET, tonic_health::pb::FILE_DESCRIPTOR_SET] {
        let set = FileDescriptorSet::decode(set).expect("is a set of descriptors");
        for file in set.file {
            for service in &file.service {
                let path = |method: &str| format!("{}.{}/{method}", file.package(), service.name());
                paths.extend(service.method.iter().map(|method| path(method.name())));
            }
        }
    }
    // The health service may list another one that this server lacks.
    paths.retain(|path| !path.ends_with("Health/List"));
    paths
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_whose_request_does_not_come_ends_and_there_are_few_of_them() {
    let server = Server::start();
    let (client, _) = sign_up_with_token(&server).await;
    let before = server.resident_bytes();
    let mut ends = JoinSet::new();
    let mut connections = Vec::new();
    for path in rpcs() {
        let mut requests = h2(&server, 65_535).await;
        for _ in 0..CALLS {
            let (response, body) = post(&mut requests, &path, "");
            let path = path.clone();
            ends.spawn(async move {
                let begun = Instant::now();
                let ended = tokio::time::timeout(ENDS_WITHIN, end_of(response)).await;
                drop(body);
                (path, ended.ok(), begun.elapsed())
            });
        }
        connections.push(requests);
    }
    let mut codes: std::collections::BTreeMap<String, Vec<Option<i32>>> = Default::default();
    while let Some(ended) = ends.join_next().await {
        let (path, code, _) = ended.expect("is counted");
        codes.entry(path).or_default().push(code);
    }
    let grown = server.resident_bytes().saturating_sub(before);
    assert!(grown < GROWTH_BYTES, "{grown} bytes more");
    for (path, codes) in codes {
        let count = |code: Option<Code>| {
            codes.iter().filter(|it| **it == code.map(|code| code as i32)).count()
        };
        let expected = match &*path {
            // Its stream may wait for a message; another test has its end, by a played clock.
            _ if REFLECTION.contains(&&*path) => (count(None), ALLOWED),
            _ if PUBLIC.contains(&&*path) => (count(Some(Code::DeadlineExceeded)), ALLOWED),
            _ => (count(Some(Code::Unauthenticated)), CALLS),
        };
        assert_eq!(expected.0, expected.1, "{path}: {codes:?}");
        let others = count(Some(Code::ResourceExhausted));
        assert_eq!(others, CALLS - expected.1, "{path}: {codes:?}");
    }
    client.who_am_i().await.expect("other connections continue");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_never_stops_sending_ends() {
    let server = Server::start();
    let (client, _) = sign_up_with_token(&server).await;
    let before = server.resident_bytes();
    let mut ends = JoinSet::new();
    for path in rpcs() {
        let mut requests = h2(&server, 65_535).await;
        let (response, mut body) = post(&mut requests, &path, "");
        // Zeros are empty messages, one after the other.
        body.send_data(Bytes::from(vec![0; FLOOD_BYTES]), false).expect("is open");
        ends.spawn(async move {
            let ended = tokio::time::timeout(ENDS_WITHIN, end_of(response)).await;
            drop((body, requests));
            (path, ended.is_ok())
        });
    }
    while let Some(ended) = ends.join_next().await {
        let (path, has_ended) = ended.expect("is counted");
        assert!(has_ended, "{path} takes {FLOOD_BYTES} bytes and more");
    }
    let grown = server.resident_bytes().saturating_sub(before);
    assert!(grown < GROWTH_BYTES, "{grown} bytes more");
    client.who_am_i().await.expect("other connections continue");
}
