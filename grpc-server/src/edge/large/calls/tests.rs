//! Where a call runs, and what it reads, by the size of its request and of its answer.

use axum::{Router, middleware};
use gridloom::codec::LeanCodec;
use gridloom::v1;
use prost::Message as _;
use tonic::server::Grpc;
use tower::{ServiceExt as _, service_fn};

use futures_util::StreamExt as _;

use super::*;
use crate::edge::large::answer;

const HEAVY: &str = "heavy-work";
const LIMIT: usize = 50 * LIGHT_BYTES;

/// Answers with the name of the request's sheet repeated, and the thread of the call in the metadata.
async fn serve(request: Request) -> Response {
    let service = service_fn(|request: tonic::Request<v1::GetSheetRequest>| async move {
        let id = request.into_inner().sheet_id;
        let times = id.rsplit_once(' ').and_then(|(_, times)| times.parse().ok()).unwrap_or(0);
        let sheet = v1::Sheet { name: "n".repeat(times), ..v1::Sheet::default() };
        let mut answer = answer(v1::GetSheetResponse { sheet: Some(sheet) });
        let thread = std::thread::current().name().unwrap_or_default().parse();
        answer.metadata_mut().insert("thread", thread.expect("a name of letters"));
        answer.metadata_mut().insert("bytes", id.len().into());
        Ok::<_, Status>(answer)
    });
    let mut grpc = Grpc::new(LeanCodec::<v1::GetSheetResponse, _>::default());
    grpc.unary(service, request).await.map(Body::new)
}

/// Calls with a request of so many bytes for an answer of so many; the thread of the call, the bytes of the request, and
/// the answer.
async fn call(bytes: usize, answered: usize) -> (String, usize, Vec<u8>) {
    let sheet_id = format!("{} {answered}", "s".repeat(bytes));
    let message = v1::GetSheetRequest { sheet_id }.encode_to_vec();
    let length = u32::try_from(message.len()).expect("it is short").to_be_bytes();
    let parts: Vec<_> =
        [&[0][..], &length, &message].concat().chunks(1_000).map(Bytes::copy_from_slice).collect();
    let parts = parts.into_iter().map(Ok::<_, axum::Error>);
    let mut request = Request::new(Body::from_stream(tokio_stream::iter(parts)));
    *request.uri_mut() = "/gridloom.v1.SheetService/GetSheet".parse().expect("a path");
    request.extensions_mut().insert(Identity::sample(1));
    let router = Router::new().fallback(serve).layer(middleware::from_fn_with_state(LIMIT, carry));
    let response = router.oneshot(request).await.expect("answers");
    let text = |name: &str| response.headers()[name].to_str().expect("a text").to_owned();
    let (thread, bytes) = (text("thread"), text("bytes").parse().expect("a number"));
    let body = axum::body::to_bytes(response.into_body(), usize::MAX).await.expect("a message");
    (thread, bytes, body.to_vec())
}

#[tokio::test]
async fn a_call_with_a_large_request_is_heavy_work_and_reads_all_of_it() {
    for bytes in [0, 10, LIGHT_BYTES / 2, LIGHT_BYTES + 100, 40 * LIGHT_BYTES] {
        let (thread, read, answer) = call(bytes, 5).await;
        assert_eq!(thread.starts_with(HEAVY), bytes > LIGHT_BYTES, "{bytes} bytes: {thread}");
        assert_eq!(read, bytes + 2);
        assert!(answer.ends_with(b"nnnnn"));
    }
}

#[tokio::test]
async fn a_large_answer_arrives_whole() {
    for answered in [0, 100, LIGHT_BYTES, 100 * LIGHT_BYTES] {
        let (thread, _, answer) = call(10, answered).await;
        assert!(!thread.starts_with(HEAVY), "{thread}");
        let message = v1::GetSheetResponse::decode(&answer[5..]).expect("a message");
        assert_eq!(message.sheet.expect("a sheet").name.len(), answered);
    }
}

#[test]
fn the_services_of_small_messages_have_the_smaller_limit() {
    let limit = |path: &str| limit_of(path, LIMIT);
    assert_eq!(limit("/gridloom.v1.SheetService/ApplyEdits"), LIMIT);
    assert_eq!(limit("/gridloom.v1.SharingService/Share"), ACCOUNT_MESSAGE_BYTES);
    assert_eq!(limit("/gridloom.v1.FileService/UploadPiece"), PIECE_MESSAGE_BYTES);
    for call in
        ["DerivationService/DeriveTable", "TableService/MakeView", "TransferService/SaveTable"]
    {
        assert_eq!(
            limit(&format!("/gridloom.v1.{call}")),
            LIMIT.min(TABLE_MESSAGE_BYTES),
            "{call}"
        );
    }
}

/// A part that is kept alone takes a hundred bytes beside its own.
#[tokio::test]
async fn the_parts_of_a_request_are_kept_in_pieces() {
    let (length, head) = (150_000_u32, 5);
    let message = [&[0][..], &length.to_be_bytes(), &vec![7; length as usize]].concat();
    let parts = message.iter().map(|byte| Ok::<_, axum::Error>(Bytes::copy_from_slice(&[*byte])));
    let parts: Vec<_> = parts.collect();
    let (mut body, _) = begun(Body::from_stream(tokio_stream::iter(parts)), LIMIT).await;
    let mut pieces = Vec::new();
    while let Some(piece) = next_frame(&mut body).await {
        pieces.push(piece.expect("is whole").into_data().expect("are bytes").len());
    }
    assert_eq!(pieces, [PIECE_BYTES, PIECE_BYTES, length as usize + head - 2 * PIECE_BYTES]);
}

/// Its length is refused where it is decoded, so the rest of its bytes need not arrive.
#[tokio::test]
async fn a_request_is_read_to_its_end_and_no_further_than_its_limit() {
    // The head of a message that is as long as all parts.
    let part = |at: usize, parts: usize| {
        let mut part = vec![0; LIGHT_BYTES];
        let length = u32::try_from(parts * LIGHT_BYTES - 5).expect("is short").to_be_bytes();
        if at == 0 {
            part[1..5].copy_from_slice(&length);
        }
        Ok::<_, axum::Error>(Bytes::from(part))
    };
    for (parts, expected) in [(2, 2), (50, 50), (100, 1)] {
        let taken = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
        let counted = std::sync::Arc::clone(&taken);
        let body = tokio_stream::iter(0..parts).map(move |at| {
            counted.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            part(at, parts)
        });
        let (_, is_large) = begun(Body::from_stream(body), LIMIT).await;
        assert_eq!(is_large, expected > 1);
        assert_eq!(taken.load(std::sync::atomic::Ordering::Relaxed), expected);
    }
}

#[tokio::test]
async fn a_request_that_breaks_off_ends_with_its_error() {
    let part = Ok(Bytes::from_static(&[0, 0, 0, 0, 9, 1]));
    let parts = [part, Err(axum::Error::new(Status::data_loss("broken off")))];
    let body = Body::from_stream(tokio_stream::iter(parts));
    let (body, is_large) = begun(body, LIMIT).await;
    assert!(!is_large);
    let error = axum::body::to_bytes(body, usize::MAX).await.expect_err("it breaks off");
    assert!(format!("{error:?}").contains("broken off"), "{error:?}");
}
