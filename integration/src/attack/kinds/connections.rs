//! Connections without a token, that are held open.

use bytes::Bytes;
use h2::client::SendRequest;
use http::Request;
use tokio::io::AsyncWriteExt;
use tokio::task::JoinSet;
use tonic::Status;

use super::super::field::Field;

const SILENT: usize = 3_000;
/// The first bytes of HTTP/2, with no settings.
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
const CONNECTIONS: usize = 40;
/// Calls on a connection.
const CALLS: usize = 100;

/// Connections that send their first bytes and nothing more; each that the server closes is replaced.
pub(in super::super) async fn silent(field: Field) {
    field
        .flood(SILENT, |field, _| async move {
            let mut stream = field.tcp().await.map_err(refused)?;
            field.sent(PREFACE.len());
            stream.write_all(PREFACE).await.map_err(refused)?;
            let mut rest = Vec::new();
            tokio::io::AsyncReadExt::read_to_end(&mut stream, &mut rest).await.map_err(refused)?;
            Err(Status::cancelled("the server has closed the connection"))
        })
        .await;
}

/// Sign-ups that announce more bytes than they send.
pub(in super::super) async fn unfinished(field: Field) {
    let once = |field: Field, _| async move {
        let requests = handshake(&field, 65_535).await?;
        let mut running = JoinSet::new();
        for _ in 0..CALLS {
            let mut requests = requests.clone().ready().await.map_err(broken)?;
            let field = field.clone();
            running.spawn(async move {
                let request = call("gridloom.v1.AccountService/SignUp", "");
                let (response, mut body) = requests.send_request(request, false).map_err(broken)?;
                let mut message = vec![0, 0, 0, 31, 64];
                message.resize(4_000, 0);
                field.sent(message.len());
                body.send_data(message.into(), false).map_err(broken)?;
                response.await.map_err(broken)?;
                Ok(())
            });
        }
        ended(&field, running).await
    };
    field.flood(CONNECTIONS, once).await;
}

/// Files in windows of no byte.
pub(in super::super) async fn unread_files(field: Field) {
    let once = |field: Field, _| async move {
        let requests = handshake(&field, 0).await?;
        let mut running = JoinSet::new();
        for _ in 0..CALLS {
            let mut requests = requests.clone().ready().await.map_err(broken)?;
            let request = Request::get("http://127.0.0.1/").body(()).expect("is valid");
            field.sent(13);
            let (response, _) = requests.send_request(request, true).map_err(broken)?;
            running.spawn(async move {
                let mut body = response.await.map_err(broken)?.into_body();
                while let Some(data) = body.data().await {
                    data.map_err(broken)?;
                }
                Ok(())
            });
        }
        ended(&field, running).await
    };
    field.flood(CONNECTIONS, once).await;
}

/// A connection whose peer opens windows of so many bytes and answers pings.
pub(super) async fn handshake(field: &Field, window: u32) -> Result<SendRequest<Bytes>, Status> {
    let stream = field.tcp().await.map_err(refused)?;
    let mut builder = h2::client::Builder::new();
    builder.initial_window_size(window);
    let (requests, connection) = builder.handshake(stream).await.map_err(broken)?;
    tokio::spawn(connection);
    Ok(requests)
}

/// The head of a gRPC call.
pub(super) fn call(path: &str, token: &str) -> Request<()> {
    let request = Request::post(format!("http://127.0.0.1/{path}"))
        .header("content-type", "application/grpc")
        .header("te", "trailers")
        .header("authorization", format!("Bearer {token}"));
    request.body(()).expect("is valid")
}

/// Waits until each call has ended, and counts the answers.
pub(super) async fn ended(
    field: &Field,
    mut running: JoinSet<Result<(), Status>>,
) -> Result<(), Status> {
    let mut last = Ok(());
    while let Some(joined) = running.join_next().await {
        last = joined.unwrap_or_else(|error| Err(Status::internal(error.to_string())));
        field.answered(last.clone());
    }
    last
}

pub(super) fn broken(error: h2::Error) -> Status {
    Status::cancelled(error.to_string())
}

fn refused(error: std::io::Error) -> Status {
    Status::unavailable(error.to_string())
}
