//! What all accounts share: places of transfers, sessions, presence.

use std::time::Duration;

use gridloom::v1;
use gridloom::v1::client_frame::Frame;
use gridloom::v1::connect_response::Frame as Connected;
use ot_engine::Size;
use tonic::Status;

use super::super::field::Field;
use super::reads::fat_sheet;
use super::{numbers, prepare, sheet};

const EXPORTED: Size = Size { rows: 20_000, cols: 5 };
/// Sessions of one connection.
const ATTACHED: u32 = 64;
/// The pause of a slow reader between two pieces.
const READ_EVERY: Duration = Duration::from_secs(1);

/// Frames for one slowed session.
const SENDS: u64 = 300;

/// Large frames for sessions whose next frames wait, because they have looked too much.
pub(in super::super) async fn unread_sends(field: Field) {
    let sheet_id = sheet(&field, 1, 1).await;
    let looks = Frame::Look(v1::Look {
        fetch: vec![v1::Range { start: 0, count: 1 }; 1_000],
        ..v1::Look::default()
    });
    let refresh = Frame::Refresh(v1::Refresh { token: "x".repeat(4_000_000) });
    let once = move |field: Field, _| {
        let hello = v1::Hello { sheet_id: sheet_id.clone(), ..v1::Hello::default() };
        let (looks, refresh) = (looks.clone(), refresh.clone());
        async move {
            let mut live = field.live().await?;
            let watch = field.request(v1::WatchRequest { hello: Some(hello) });
            let mut answers = live.watch(watch).await?.into_inner();
            let first = answers.message().await?.and_then(|answer| answer.frame?.frame);
            let Some(v1::server_frame::Frame::Welcome(welcome)) = first else { return Ok(()) };
            let send = |first_frame, frames: Vec<Frame>| {
                let frames = frames.into_iter().map(|frame| v1::ClientFrame { frame: Some(frame) });
                let (session_id, frames) = (welcome.session_id.clone(), frames.collect());
                let (mut live, field) = (live.clone(), field.clone());
                async move {
                    let message = v1::SendRequest { session_id, first_frame, frames };
                    live.send(field.request(message)).await
                }
            };
            send(1, vec![looks; 128]).await?;
            for number in 0..SENDS {
                send(129 + number, vec![refresh.clone()]).await?;
            }
            drop(answers);
            Ok(())
        }
    };
    field.flood(16, once).await;
}

/// Exports that are not read, and imports that are not continued.
pub(in super::super) async fn transfers(field: Field) {
    let id = sheet(&field, EXPORTED.rows, EXPORTED.cols).await;
    prepare(&field, &id, 0, &numbers(EXPORTED, 0.123_456_789)).await;
    let once = move |field: Field, lane| {
        let sheet_id = id.clone();
        async move {
            let mut calls = field.sheets().await?;
            if lane % 2 == 0 {
                let message = v1::ExportSheetRequest { sheet_id, ..Default::default() };
                let answers = calls.export_sheet(field.request(message)).await?;
                field.over().await;
                drop(answers);
                return Ok(());
            }
            let name = "Begun".to_owned();
            let message = v1::StartImportRequest { name, ..v1::StartImportRequest::default() };
            calls.start_import(field.request(message)).await.map(drop)
        }
    };
    field.flood(16, once).await;
}

/// Exports of rows that are each more than a piece, read a piece a second.
pub(in super::super) async fn fat_exports(field: Field) {
    let id = fat_sheet(&field).await;
    let once = move |field: Field, _| {
        let sheet_id = id.clone();
        async move {
            let mut calls = field.sheets().await?;
            let message = v1::ExportSheetRequest { sheet_id, ..Default::default() };
            let mut pieces = calls.export_sheet(field.request(message)).await?.into_inner();
            while pieces.message().await?.is_some() {
                tokio::time::sleep(READ_EVERY).await;
            }
            Ok(())
        }
    };
    field.flood(16, once).await;
}

pub(in super::super) async fn sessions(field: Field) {
    let id = sheet(&field, 10, 5).await;
    let once = move |field: Field, _| {
        let id = id.clone();
        async move {
            let hello = v1::Hello { sheet_id: id, ..v1::Hello::default() };
            let message = v1::WatchRequest { hello: Some(hello) };
            let mut answers = field.live().await?.watch(field.request(message)).await?.into_inner();
            answers.message().await.map(drop)
        }
    };
    field.flood(16, once).await;
}

/// Sessions that are attached to one connection of each lane and detached again.
pub(in super::super) async fn attaches(field: Field) {
    let id = sheet(&field, 10, 5).await;
    let once = move |field: Field, _| {
        let id = id.clone();
        async move {
            let mut live = field.live().await?;
            let connect = field.request(v1::ConnectRequest {});
            let mut answers = live.connect(connect).await?.into_inner();
            let first = answers.message().await?.and_then(|it| it.frame);
            let Some(Connected::Opened(opened)) = first else { return Ok(()) };
            let connection_id = opened.connection_id;
            for session in 0..ATTACHED {
                let hello = Some(v1::Hello { sheet_id: id.clone(), ..v1::Hello::default() });
                let connection_id = connection_id.clone();
                let attach = v1::AttachRequest { connection_id, session, hello };
                let mut live = live.clone();
                live.attach(field.request(attach)).await?;
            }
            for session in 0..ATTACHED / 2 {
                let detach = v1::DetachRequest { connection_id: connection_id.clone(), session };
                live.detach(field.request(detach)).await?;
            }
            Ok(())
        }
    };
    field.flood(16, once).await;
}

/// Sessions that select, look and ping as fast as the server reads.
pub(in super::super) async fn presence(field: Field) {
    let id = sheet(&field, 5_000, 20).await;
    let once = move |field: Field, _| {
        let id = id.clone();
        async move {
            let range = |start, count| Some(v1::Range { start, count });
            let window = move |at: u32| v1::Window { rows: range(at, 50), cols: range(0, 20) };
            let frame = move |number: u64| {
                let at = (number % 4_000) as u32;
                match number % 3 {
                    0 => Frame::Ping(v1::Ping { nonce: number }),
                    1 => Frame::Look(v1::Look {
                        revision: 0,
                        window: Some(window(at)),
                        fetch: range(at, 50).into_iter().collect(),
                    }),
                    _ => Frame::Presence(v1::Presence {
                        revision: 0,
                        cursor: Some(v1::CellPosition { row: at, col: 1 }),
                        selections: (0..16).map(window).collect(),
                        ..v1::Presence::default()
                    }),
                }
            };
            watched(&field, id, frame).await
        }
    };
    field.flood(20, once).await;
}

/// A session that sends frames without an end, and reads all.
async fn watched(
    field: &Field,
    sheet_id: String,
    frame: impl Fn(u64) -> Frame + Send + 'static,
) -> Result<(), Status> {
    let hello = Frame::Hello(v1::Hello { sheet_id, ..v1::Hello::default() });
    let counted = field.clone();
    let frames = (0..).map(move |number| {
        let frame = if number == 0 { hello.clone() } else { frame(number) };
        let message =
            v1::CollaborateRequest { frame: Some(v1::ClientFrame { frame: Some(frame) }) };
        counted.sent(prost::Message::encoded_len(&message));
        message
    });
    let mut live = field.live().await?;
    let request = field.with_token(tokio_stream::iter(frames));
    let mut answers = live.collaborate(request).await?.into_inner();
    while answers.message().await?.is_some() {}
    Err(Status::cancelled("the session has ended"))
}
