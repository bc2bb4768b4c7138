//! The answers to browsers on the same port: the application, health, preflights, grpc-web on HTTP/1.1.

use std::net::SocketAddr;

use gridloom::v1;
use prost::Message;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tonic_health::pb::health_client::HealthClient;
use tonic_health::pb::{HealthCheckRequest, health_check_response::ServingStatus};

use crate::harness::{PASSWORD, TestServer};

/// Sends a request as it is and reads the answer to its end.
pub(crate) async fn http1(addr: SocketAddr, head: &str, body: &[u8]) -> (String, Vec<u8>) {
    let mut stream = TcpStream::connect(addr).await.unwrap();
    let length = body.len();
    let request =
        format!("{head}\r\nhost: x\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    stream.write_all(body).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
    let head = String::from_utf8(answer[..end].to_vec()).unwrap().to_lowercase();
    (head, answer[end + 4..].to_vec())
}

pub(crate) fn grpc_web(message: &impl Message) -> Vec<u8> {
    let body = message.encode_to_vec();
    let mut frame = vec![0];
    frame.extend_from_slice(&u32::try_from(body.len()).unwrap().to_be_bytes());
    frame.extend_from_slice(&body);
    frame
}

#[tokio::test(flavor = "multi_thread")]
async fn the_application_and_health_are_served() {
    let site = tempfile::tempdir().unwrap();
    std::fs::write(site.path().join("index.html"), "the page").unwrap();
    let root = site.path().to_owned();
    let server = TestServer::start_with(|options| options.web_dir = Some(root)).await;
    let addr = server.running.addr();
    for path in ["/", "/sheets/1"] {
        let (head, body) = http1(addr, &format!("GET {path} HTTP/1.1"), b"").await;
        assert!(head.starts_with("http/1.1 200"), "{head}");
        assert!(head.contains("content-security-policy: default-src 'self'"), "{head}");
        assert!(head.contains("'wasm-unsafe-eval'") && head.contains("nosniff"), "{head}");
        assert!(String::from_utf8_lossy(&body).contains("the page"));
    }
    let (head, body) = http1(addr, "GET /healthz HTTP/1.1", b"").await;
    assert!(head.starts_with("http/1.1 200") && body == b"ok\n", "{head}");

    let mut health = HealthClient::new(server.channel.clone());
    for service in ["", "gridloom.v1.SheetService", "gridloom.v1.LiveService"] {
        let request = HealthCheckRequest { service: service.into() };
        let status = health.check(request).await.unwrap().into_inner().status();
        assert_eq!(status, ServingStatus::Serving, "{service}");
    }
    server.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn grpc_web_works_over_http_1_with_preflight() {
    let server = TestServer::start_with(|options| {
        options.origins.allow_origins = vec!["http://localhost:5173".into()];
    })
    .await;
    let addr = server.running.addr();
    let preflight = "OPTIONS /gridloom.v1.AccountService/SignUp HTTP/1.1\r\n\
        origin: http://localhost:5173\r\naccess-control-request-method: POST\r\n\
        access-control-request-headers: authorization,content-type,x-grpc-web";
    let (head, _) = http1(addr, preflight, b"").await;
    assert!(head.starts_with("http/1.1 200"), "{head}");
    assert!(head.contains("access-control-allow-origin: http://localhost:5173"), "{head}");
    assert!(head.contains("access-control-allow-headers: authorization,content-type"), "{head}");

    let post = |rpc: &str| {
        format!(
            "POST /gridloom.v1.{rpc} HTTP/1.1\r\norigin: http://localhost:5173\r\n\
             content-type: application/grpc-web+proto\r\nx-grpc-web: 1"
        )
    };
    let request = v1::SignUpRequest {
        email: "ada@example.org".into(),
        password: PASSWORD.into(),
        ..Default::default()
    };
    let (head, body) = http1(addr, &post("AccountService/SignUp"), &grpc_web(&request)).await;
    assert!(head.starts_with("http/1.1 200"), "{head}");
    for exposed in ["grpc-status", "grpc-message", "grpc-status-details-bin"] {
        assert!(head.contains("access-control-expose-headers") && head.contains(exposed), "{head}");
    }
    let text = String::from_utf8_lossy(&body);
    assert!(text.contains("glt_") && text.contains("grpc-status:0"), "{text}");

    // A refusal before the rpc itself still comes in the form that grpc-web knows.
    let list = v1::ListSheetsRequest::default();
    let (head, body) = http1(addr, &post("SheetService/ListSheets"), &grpc_web(&list)).await;
    let all = format!("{head}{}", String::from_utf8_lossy(&body));
    assert!(head.starts_with("http/1.1 200") && all.contains("grpc-status"), "{all}");
    assert!(all.contains("16") && all.contains("grpc-status-details-bin"), "{all}");
    let (head, body) = http1(addr, &post("NoSuchService/Rpc"), &[]).await;
    let all = format!("{head}{}", String::from_utf8_lossy(&body));
    assert!(all.contains("application/grpc-web+proto"), "{all}");
    assert!(all.replace(": ", ":").contains("grpc-status:12"), "{all}");
    server.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn reflection_lists_the_services_in_both_versions() {
    use tonic_reflection::pb::{v1, v1alpha};
    let server = TestServer::start().await;
    let services = [
        "gridloom.v1.AccountService",
        "gridloom.v1.LiveService",
        "gridloom.v1.SheetService",
        "grpc.health.v1.Health",
    ];
    let request = v1::ServerReflectionRequest {
        message_request: Some(v1::server_reflection_request::MessageRequest::ListServices(
            String::new(),
        )),
        ..Default::default()
    };
    let mut client =
        v1::server_reflection_client::ServerReflectionClient::new(server.channel.clone());
    let requests = tokio_stream::once(request);
    let mut answers = client.server_reflection_info(requests).await.unwrap().into_inner();
    let answer = format!("{:?}", answers.message().await.unwrap());
    assert!(services.iter().all(|service| answer.contains(service)), "{answer}");

    let request = v1alpha::ServerReflectionRequest {
        message_request: Some(
            v1alpha::server_reflection_request::MessageRequest::FileContainingSymbol(
                services[2].into(),
            ),
        ),
        ..Default::default()
    };
    let mut client =
        v1alpha::server_reflection_client::ServerReflectionClient::new(server.channel.clone());
    let requests = tokio_stream::once(request);
    let mut answers = client.server_reflection_info(requests).await.unwrap().into_inner();
    let answer = format!("{:?}", answers.message().await.unwrap());
    assert!(answer.contains("FileDescriptorResponse"), "{answer}");
    server.running.shutdown().await;
}
