//! With the smallest limit of a message no answer is larger: pages end earlier, answers count the conflicts
//! that they leave out, and the server refuses the rest by field. The client here refuses larger messages.
//!
//! Not the default limit: see `large`. Invariant: no page leaves a row out.

use gridloom::pieces::Joiner;
use gridloom::v1::live_service_client::LiveServiceClient;
use gridloom::v1::server_frame::Frame;
use gridloom::v1::sheet_service_client::SheetServiceClient;
use gridloom::{convert, v1};
use integration::harness::{Server, sign_up_with_token, within};
use ot_engine::{AxisDelta, CellEdit, ColumnEdit, Delta, Edit, TextDelta, TextRun, Value};
use prost::Message as _;
use tonic::service::Interceptor;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Request, Status};

const MESSAGE_BYTES: usize = 16 * 1024;
/// Rows with a text in the first column.
const FILLED_ROWS: u32 = 20;
const TEXT_BYTES: usize = 3_000;
const COLUMNS: u32 = 24;

#[derive(Clone)]
struct Token(String);

impl Interceptor for Token {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        let authorization = format!("Bearer {}", self.0).parse().expect("a token is ASCII");
        request.metadata_mut().insert("authorization", authorization);
        Ok(request)
    }
}

struct Calls {
    sheets: SheetServiceClient<InterceptedService<Channel, Token>>,
    live: LiveServiceClient<InterceptedService<Channel, Token>>,
    sheet_id: String,
    /// The newest revision.
    revision: u64,
}

impl Calls {
    /// A sheet with 24 long names and 20 long texts.
    async fn to_a_sheet(server: &Server) -> Self {
        let (client, token) = sign_up_with_token(server).await;
        let sheet = client.create_sheet("Small", client::net::NewSheet::default()).await;
        let channel = Endpoint::from_shared(server.url().to_owned()).expect("is an address");
        let channel = channel.connect().await.expect("the server is there");
        let token = Token(token);
        let sheets = SheetServiceClient::with_interceptor(channel.clone(), token.clone());
        let live = LiveServiceClient::with_interceptor(channel, token);
        let mut calls = Self {
            sheets: sheets.max_decoding_message_size(MESSAGE_BYTES),
            live: live.max_decoding_message_size(MESSAGE_BYTES),
            sheet_id: sheet.expect("is made").id,
            revision: 0,
        };
        calls.edit(0, &Delta::cols(AxisDelta::insert(5, COLUMNS - 5))).await;
        for first in (0..COLUMNS).step_by(8) {
            let name = "n".repeat(1_000);
            let edit = |col| ColumnEdit {
                col,
                name: Some(name.as_str().into()),
                kind: None,
                width: None,
                settings: None,
            };
            let columns = (first..first + 8).map(edit).collect();
            calls.edit(calls.revision, &Delta { columns, ..Delta::identity() }).await;
        }
        for first in (0..FILLED_ROWS).step_by(4) {
            let text = Value::from("x".repeat(TEXT_BYTES).as_str());
            let cells = (first..first + 4).map(|row| (row, 0, text.clone()));
            calls.edit(calls.revision, &Delta::set_cells(cells)).await;
        }
        calls
    }

    async fn edit(&mut self, base: u64, delta: &Delta) -> v1::ApplyEditsResponse {
        let delta = convert::delta_to_wire(delta);
        let request = v1::ApplyEditsRequest {
            sheet_id: self.sheet_id.clone(),
            base_revision: base,
            change: Some(v1::apply_edits_request::Change::Delta(delta)),
            ..v1::ApplyEditsRequest::default()
        };
        let answer = within("an edit", self.sheets.apply_edits(request)).await;
        let answer = answer.expect("is accepted").into_inner();
        self.revision = answer.revision;
        answer
    }

    async fn read(&mut self, rows: u32, cols: u32) -> Result<v1::ReadCellsResponse, Status> {
        let request = v1::ReadCellsRequest {
            sheet_id: self.sheet_id.clone(),
            rows: Some(v1::Range { start: 0, count: rows }),
            cols: Some(v1::Range { start: 0, count: cols }),
            ..v1::ReadCellsRequest::default()
        };
        within("a read", self.sheets.read_cells(request)).await.map(tonic::Response::into_inner)
    }
}

fn is_named(refused: &Status, field: &str) {
    assert_eq!(refused.code(), Code::ResourceExhausted, "{refused:?}");
    assert!(refused.message().starts_with(field), "{refused:?}");
    assert!(refused.message().contains("16384 bytes"), "{refused:?}");
}

fn small_server() -> Server {
    Server::start_with(&["--limit-message-bytes", &MESSAGE_BYTES.to_string()])
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_of_calls_fit() {
    let server = small_server();
    let mut calls = Calls::to_a_sheet(&server).await;
    let sheet_id = calls.sheet_id.clone();

    let get = v1::GetSheetRequest { sheet_id: sheet_id.clone() };
    let sheet = calls.sheets.get_sheet(get).await.expect("is answered").into_inner().sheet;
    let sheet = sheet.expect("has a sheet");
    assert!(sheet.columns_left_out && sheet.columns.is_empty());
    assert_eq!(sheet.column_count, COLUMNS);

    is_named(&calls.read(100, COLUMNS).await.expect_err("has too many names"), "cols.count");
    is_named(&calls.read(1, COLUMNS).await.expect_err("has too many names"), "cols.count");
    assert_eq!(calls.read(3, 4).await.expect("fits").columns.len(), 4);

    let export = v1::ExportSheetRequest { sheet_id, ..Default::default() };
    let mut export = calls.sheets.export_sheet(export).await.expect("begins").into_inner();
    let (mut bytes, mut rows) = (0, 0);
    while let Some(piece) = within("a piece", export.message()).await.expect("each fits") {
        (bytes, rows) = (bytes + piece.data.len(), piece.rows_sent);
    }
    assert!(bytes > FILLED_ROWS as usize * TEXT_BYTES + COLUMNS as usize * 1_000, "{bytes}");
    assert_eq!(rows, 100);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_fit_and_leave_nothing_out() {
    let server = small_server();
    let mut calls = Calls::to_a_sheet(&server).await;
    let mut rows = Vec::new();
    let mut query = v1::QueryRowsRequest {
        sheet_id: calls.sheet_id.clone(),
        columns: vec![v1::ColumnRef { column: Some(v1::column_ref::Column::At(0)) }],
        page_size: 1_000,
        ..v1::QueryRowsRequest::default()
    };
    loop {
        let page = within("a page", calls.sheets.query_rows(query.clone())).await;
        let page = page.expect("fits").into_inner();
        rows.extend(page.rows.iter().map(|row| row.position));
        query.page_token = page.next_page_token;
        if query.page_token.is_empty() {
            break;
        }
    }
    assert_eq!(rows, (0..100).collect::<Vec<_>>());
    query.columns.clear();
    let refused = calls.sheets.query_rows(query).await.expect_err("names too many columns");
    is_named(&refused, "columns");

    let mut changes = Vec::new();
    let mut list = v1::ListChangesRequest {
        sheet_id: calls.sheet_id.clone(),
        include_deltas: true,
        ..v1::ListChangesRequest::default()
    };
    loop {
        let page = within("a page", calls.sheets.list_changes(list.clone())).await;
        let page = page.expect("fits").into_inner();
        changes.extend(page.changes.iter().map(|change| change.revision));
        list.page_token = page.next_page_token;
        if list.page_token.is_empty() {
            break;
        }
    }
    assert_eq!(changes, (1..=calls.revision).rev().collect::<Vec<_>>());

    let name = "\u{1f600}".repeat(200);
    for _ in 0..20 {
        let request = v1::CreateSheetRequest { name: name.clone(), ..Default::default() };
        calls.sheets.create_sheet(request).await.expect("is made");
    }
    let (mut sheets, mut list) =
        (0, v1::ListSheetsRequest { page_size: 500, ..Default::default() });
    loop {
        let page = within("a page", calls.sheets.list_sheets(list.clone())).await;
        let page = page.expect("fits").into_inner();
        sheets += page.sheets.len();
        list.page_token = page.next_page_token;
        if list.page_token.is_empty() {
            break;
        }
    }
    assert_eq!(sheets, 21);
}

#[tokio::test(flavor = "multi_thread")]
async fn conflicts_without_room_are_counted() {
    let server = small_server();
    let mut calls = Calls::to_a_sheet(&server).await;
    let base = calls.revision;
    calls.edit(base, &Delta::rows(AxisDelta::delete(50, 10))).await;
    let text = TextDelta::from_runs([TextRun::Insert("x".repeat(6_000).as_str().into())]);
    let edits = (50..52).map(|row| CellEdit { row, col: 0, edit: Edit::Text(text.clone()) });
    let answer = calls.edit(base, &Delta { cells: edits.collect(), ..Delta::identity() }).await;
    assert_eq!((answer.conflicts.len(), answer.conflicts_left_out), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_receives_all_changes_in_messages_that_fit() {
    let server = small_server();
    let mut calls = Calls::to_a_sheet(&server).await;
    let resume = Some(v1::ResumePoint { epoch: epoch(&mut calls).await, revision: 0 });
    let hello = v1::Hello { sheet_id: calls.sheet_id.clone(), resume, ..Default::default() };
    let mut received = Vec::new();
    let (mut stream, mut joiner) = (watch(&mut calls, hello).await, Joiner::default());
    while received.last() != Some(&calls.revision) {
        let answer =
            within("a message", stream.message()).await.expect("fits").expect("stays open");
        let frame = joiner.take(answer.frame.expect("is not empty")).expect("is in order");
        if let Some(Frame::Changes(changes)) = frame.and_then(|frame| frame.frame) {
            let change = |bytes| v1::Change::decode(bytes).expect("is a change").revision;
            received.extend(changes.changes.into_iter().map(change));
        }
    }
    assert_eq!(received, (1..=calls.revision).collect::<Vec<_>>());
}

async fn watch(calls: &mut Calls, hello: v1::Hello) -> tonic::Streaming<v1::WatchResponse> {
    let request = v1::WatchRequest { hello: Some(hello) };
    within("a session", calls.live.watch(request)).await.expect("opens").into_inner()
}

/// The epoch, from a welcome that is larger than a message.
async fn epoch(calls: &mut Calls) -> u64 {
    let hello = v1::Hello { sheet_id: calls.sheet_id.clone(), ..Default::default() };
    let (mut stream, mut joiner) = (watch(calls, hello).await, Joiner::default());
    loop {
        let answer =
            within("a message", stream.message()).await.expect("fits").expect("stays open");
        let frame = joiner.take(answer.frame.expect("is not empty")).expect("is in order");
        if let Some(Frame::Welcome(welcome)) = frame.and_then(|frame| frame.frame) {
            assert_eq!(welcome.columns.len(), COLUMNS as usize);
            return welcome.epoch;
        }
    }
}
