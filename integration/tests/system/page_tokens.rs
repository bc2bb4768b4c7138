//! Every rpc whose answer has pages: each page fits a message and has items of its own, and other tokens are refused by their field.
//!
//! Not the order of items, nor items that change: see `query_pages`. Invariant: an rpc that is new is among them, since
//! the list is the server's own description. The items of each rpc are larger than a message together.

#[path = "page_tokens/operated.rs"]
mod operated;

use std::collections::BTreeSet;
use std::fmt::Debug;

use client::Client;
use client::net::{NewSheet, Thread};
use gridloom::v1::file_service_client::FileServiceClient;
use gridloom::{FILE_DESCRIPTOR_SET, v1};
use integration::harness::{Server, authorized, email_of, sign_up_with_token, within};
use ot_engine::{Delta, Revision, Value};
use prost::Message;
use prost_types::FileDescriptorSet;
use tonic::transport::Channel;
use tonic::{Code, Status};
use tonic_prost::ProstCodec;
use tonic_types::StatusExt as _;
use uuid::Uuid;

use crate::chat::id_of;

const MESSAGE_BYTES: usize = 16 * 1024;
/// More than any page may have.
const PAGE_SIZE: u32 = 100_000;
const SHEETS: usize = 21;
const PEOPLE: usize = 40;
const ITEMS: usize = 8;
const ROWS: u32 = 24;
/// Of a message; more of them than one fit an answer.
const TEXT_BYTES: usize = 4_000;
/// Of a sheet or a file, and of a person.
const NAME_LETTERS: [usize; 2] = [200, 100];

/// A request whose answer has pages.
trait Paged: Message + Clone + Default + 'static {
    type Answer: Message + Default + Debug + 'static;
    const RPC: &'static str;

    fn with_token(&self, token: &str) -> Self;
    /// The items of an answer, each by what is its own, and the token of the next page.
    fn items(answer: &Self::Answer) -> (Vec<String>, String);
}

macro_rules! paged {
    ($($rpc:literal $request:ident $answer:ident $items:ident $id:ident;)*) => {
        /// The rpcs that this file knows.
        const KNOWN: &[&str] = &[$($rpc,)* v1::ListAllJobsRequest::RPC];

        $(impl Paged for v1::$request {
            type Answer = v1::$answer;
            const RPC: &'static str = $rpc;

            fn with_token(&self, token: &str) -> Self {
                Self { page_token: token.to_owned(), ..self.clone() }
            }

            fn items(answer: &v1::$answer) -> (Vec<String>, String) {
                let items = answer.$items.iter().map(|item| item.$id.to_string());
                (items.collect(), answer.next_page_token.clone())
            }
        })*
    };
}

paged! {
    "ChatService/ListMessages" ListMessagesRequest ListMessagesResponse messages number;
    "ChatService/ListThreads" ListThreadsRequest ListThreadsResponse threads id;
    "CommentService/ListComments" ListCommentsRequest ListCommentsResponse comments thread_id;
    "FileService/ListFiles" ListFilesRequest ListFilesResponse files id;
    "JobService/ListJobs" ListJobsRequest ListJobsResponse jobs id;
    "NoticeService/ListNotices" ListNoticesRequest ListNoticesResponse notices number;
    "PeopleService/SearchPeople" SearchPeopleRequest SearchPeopleResponse people account_id;
    "SheetService/GetRevision" GetRevisionRequest GetRevisionResponse rows id;
    "SheetService/ListChanges" ListChangesRequest ListChangesResponse changes revision;
    "SheetService/ListSheets" ListSheetsRequest ListSheetsResponse sheets id;
    "SheetService/QueryRows" QueryRowsRequest QueryRowsResponse rows id;
    "SheetService/ReadCells" ReadCellsRequest ReadCellsResponse rows id;
}

#[test]
fn every_rpc_with_pages_is_among_them() {
    let set = FileDescriptorSet::decode(FILE_DESCRIPTOR_SET).expect("is a set of descriptors");
    let ours = || set.file.iter().filter(|file| file.package() == "gridloom.v1");
    let paged: BTreeSet<String> = ours()
        .flat_map(|file| &file.message_type)
        .filter(|message| message.field.iter().any(|field| field.name() == "page_token"))
        .map(|message| format!(".gridloom.v1.{}", message.name()))
        .collect();
    let rpcs = ours().flat_map(|file| &file.service).flat_map(|service| {
        let paged = service.method.iter().filter(|method| paged.contains(method.input_type()));
        paged.map(|method| format!("{}/{}", service.name(), method.name()))
    });
    let known: BTreeSet<String> = KNOWN.iter().map(|&rpc| rpc.to_owned()).collect();
    assert_eq!(rpcs.collect::<BTreeSet<_>>(), known);
}

/// The calls of one account.
struct Caller {
    channel: Channel,
    token: String,
}

impl Caller {
    async fn call<P: Paged>(&self, request: P) -> Result<P::Answer, Status> {
        let mut grpc = tonic::client::Grpc::new(self.channel.clone());
        grpc = grpc.max_decoding_message_size(MESSAGE_BYTES);
        grpc.ready().await.expect("the server is there");
        let path = format!("/gridloom.v1.{}", P::RPC).parse().expect("a path");
        let codec = ProstCodec::<P, P::Answer>::default();
        let answer = grpc.unary(authorized(request, &self.token), path, codec);
        within("an answer", answer).await.map(tonic::Response::into_inner)
    }

    /// Follows the pages of a request, whose items are so many. Its tokens are none of another request.
    async fn walk<P: Paged>(&self, request: P, other: P, count: usize) {
        let (items, tokens) = self.pages(request).await;
        assert_eq!(items, count, "{}", P::RPC);
        for token in tokens {
            self.refuses(&other, &token).await;
        }
    }

    /// The number of the items of a request, and the tokens of its pages.
    async fn pages<P: Paged>(&self, request: P) -> (usize, Vec<String>) {
        let (mut items, mut tokens) = (Vec::new(), Vec::new());
        let mut token = String::new();
        loop {
            let page = self.call(request.with_token(&token)).await;
            let page = page.unwrap_or_else(|status| panic!("{}: {status:?}", P::RPC));
            let (given, next) = P::items(&page);
            assert!(page.encoded_len() <= MESSAGE_BYTES, "{}", P::RPC);
            items.extend(given);
            if next.is_empty() {
                break;
            }
            tokens.push(next.clone());
            token = next;
        }
        assert!(!tokens.is_empty(), "{} has one page", P::RPC);
        let distinct: BTreeSet<_> = items.iter().collect();
        assert_eq!(items.len(), distinct.len(), "{}", P::RPC);
        let digest = token.split('-').next().expect("a digest");
        for bad in
            ["x", "-1", digest, &format!("{digest}-"), &format!("{digest}-\u{e9}"), &token[1..]]
        {
            self.refuses(&request, bad).await;
        }
        (items.len(), tokens)
    }

    /// The request for the second page.
    async fn second<P: Paged>(&self, request: P) -> P {
        let first = self.call(request.clone()).await.expect("is answered");
        let (_, token) = P::items(&first);
        assert!(!token.is_empty(), "{} has one page", P::RPC);
        request.with_token(&token)
    }

    async fn refuses<P: Paged>(&self, request: &P, token: &str) {
        let answer = self.call(request.with_token(token)).await;
        let refused = answer.err().unwrap_or_else(|| panic!("{} takes {token:?}", P::RPC));
        assert_eq!(refused.code(), Code::InvalidArgument, "{}: {refused:?}", P::RPC);
        assert!(refused.message().starts_with("page_token: "), "{}: {refused:?}", P::RPC);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_fit_messages_and_tokens_belong_to_their_requests() {
    let server = Server::start_with(&["--limit-message-bytes", &MESSAGE_BYTES.to_string()]);
    let (ada, token) = sign_up_with_token(&server).await;
    let channel = Channel::from_shared(server.url().to_owned()).expect("an address");
    let channel = channel.connect().await.expect("the server is there");
    let caller = Caller { channel: channel.clone(), token };
    let (sheet_id, revision) = filled_sheet(&ada).await;
    rows(&caller, &sheet_id, revision).await;
    places_that_are_gone(&server, &ada, &caller, (&sheet_id, revision)).await;
    sheets(&ada, &caller, &sheet_id).await;
    files(&caller).await;
    jobs(&server, &ada, &caller).await;

    let (ben, ben_token) = sign_up_with_token(&server).await;
    ada.share(&sheet_id, &email_of(&ben).await, v1::Role::Editor).await.expect("is shared");
    let sheet = ben.sheet(&sheet_id).await.expect("is shared");
    talk(&ada, &ben, &sheet).await;
    let of_ben = Caller { channel, token: ben_token };
    messages(&caller, &of_ben, &sheet_id).await;
    people(&server, &ada, &caller, &sheet_id).await;
}

/// A sheet of long texts, a change for each two rows; its newest revision.
async fn filled_sheet(ada: &Client) -> (String, u64) {
    let columns = ["A", "B"].map(|name| v1::Column { name: name.to_owned(), ..Default::default() });
    let new = NewSheet { columns: columns.into(), rows: Some(ROWS) };
    let sheet_id = ada.create_sheet("Long", new).await.expect("is made").id;
    let text = Value::from("x".repeat(TEXT_BYTES / 2).as_str());
    let mut revision = 0;
    for row in (0..ROWS).step_by(2) {
        let cells = (row..row + 2).map(|row| (row, 1, text.clone()));
        let delta = Delta::set_cells(cells);
        let applied = ada
            .apply_delta(&sheet_id, Revision(revision), &delta, v1::WaitFor::Committed, "")
            .await;
        revision = applied.expect("is accepted").revision;
    }
    (sheet_id, revision)
}

async fn rows(caller: &Caller, sheet_id: &str, revision: u64) {
    let sheet_id = sheet_id.to_owned();
    let all = Some(v1::Range { start: 0, count: ROWS });
    let fewer = Some(v1::Range { start: 0, count: ROWS - 1 });
    let read = v1::ReadCellsRequest { sheet_id, rows: all, ..Default::default() };
    let other = v1::ReadCellsRequest { rows: fewer, ..read.clone() };
    caller.walk(read.clone(), other, ROWS as usize).await;

    let at = Some(v1::get_revision_request::At::Revision(revision));
    let old = v1::GetRevisionRequest {
        sheet_id: read.sheet_id.clone(),
        rows: all,
        at,
        ..Default::default()
    };
    let other = v1::GetRevisionRequest { rows: fewer, ..old.clone() };
    caller.walk(old, other, ROWS as usize).await;

    let (sheet_id, page_size) = (read.sheet_id.clone(), PAGE_SIZE);
    let order = v1::RowOrder { column: Some(v1::ColumnRef::default()), descending: true };
    let sorted = vec![order];
    let query = v1::QueryRowsRequest { sheet_id, page_size, ..Default::default() };
    let other = v1::QueryRowsRequest { order_by: sorted, ..query.clone() };
    caller.walk(query.clone(), other.clone(), ROWS as usize).await;
    caller.walk(other, query, ROWS as usize).await;

    let list = v1::ListChangesRequest {
        sheet_id: read.sheet_id,
        page_size,
        include_deltas: true,
        ..Default::default()
    };
    let other = v1::ListChangesRequest { rows: fewer, ..list.clone() };
    caller.walk(list, other, ROWS as usize / 2).await;
}

/// Tokens of a history that was replaced, and of one that is deleted.
async fn places_that_are_gone(
    server: &Server,
    ada: &Client,
    caller: &Caller,
    (sheet_id, head): (&str, u64),
) {
    let sheet_id = sheet_id.to_owned();
    let rows = Some(v1::Range { start: 0, count: ROWS });
    let at = Some(v1::get_revision_request::At::Revision(head));
    let read = v1::ReadCellsRequest { sheet_id: sheet_id.clone(), rows, ..Default::default() };
    let old = v1::GetRevisionRequest { sheet_id: sheet_id.clone(), rows, at, ..Default::default() };
    let query = v1::QueryRowsRequest { sheet_id: sheet_id.clone(), ..Default::default() };
    let read = caller.second(read).await;
    let old = caller.second(old).await;
    let query = caller.second(query).await;
    let changes =
        v1::ListChangesRequest { sheet_id: sheet_id.clone(), page_size: 5, ..Default::default() };
    let changes = caller.second(changes).await;
    let sql = server.sql().await;
    let id: Uuid = sheet_id.parse().expect("an id");
    for (change, rule) in [
        ("update sheets set epoch = epoch + 1 where id = $1", "was replaced"),
        ("update sheets set epoch = epoch - 1 where id = $1", ""),
    ] {
        sql.execute(change, &[&id]).await.expect("an answer");
        for refused in [
            caller.call(read.clone()).await.err(),
            caller.call(old.clone()).await.err(),
            caller.call(query.clone()).await.err(),
            caller.call(changes.clone()).await.err(),
        ] {
            assert_eq!(refused.is_some(), !rule.is_empty(), "{refused:?}");
            let Some(refused) = refused else { continue };
            assert_eq!(refused.code(), Code::OutOfRange, "{refused:?}");
            let message = refused.message();
            assert!(message.starts_with("page_token: ") && message.contains(rule), "{refused:?}");
            let reason = refused.get_details_error_info().expect("a reason").reason;
            assert_eq!(reason, "HISTORY_REPLACED");
        }
    }
    let delta = Delta::set_cells([(0, 0, Value::from("later"))]);
    let wait = v1::WaitFor::Committed;
    let later = ada.apply_delta(&sheet_id, Revision(head), &delta, wait, "").await;
    assert_eq!(later.expect("is accepted").revision, head + 1);
    // The order of lines is the same at each revision.
    let floor = "update checkpoints set revision = (select head from sheets where id = $1)
        where sheet = $1";
    sql.execute(floor, &[&id]).await.expect("an answer");
    for refused in [caller.call(read).await.err(), caller.call(old).await.err()] {
        let refused = refused.expect("its history is deleted");
        assert_eq!(refused.code(), Code::OutOfRange, "{refused:?}");
        assert!(refused.message().contains("no longer kept"), "{refused:?}");
    }
    let refused = caller.call(query).await.expect_err("its history is deleted");
    assert_eq!(refused.code(), Code::OutOfRange, "{refused:?}");
    assert!(refused.message().starts_with("page_token: is too old"), "{refused:?}");
}

async fn sheets(ada: &Client, caller: &Caller, sheet_id: &str) {
    let name = "\u{1f600}".repeat(NAME_LETTERS[0]);
    ada.rename_sheet(sheet_id, &name, None).await.expect("is renamed");
    let new = || NewSheet { columns: Vec::new(), rows: Some(1) };
    for _ in 1..SHEETS {
        ada.create_sheet(&name, new()).await.expect("is made");
    }
    let list = v1::ListSheetsRequest { page_size: PAGE_SIZE, ..Default::default() };
    let other = v1::ListSheetsRequest { filter: "x".to_owned(), ..list.clone() };
    caller.walk(list, other, SHEETS).await;
}

/// Files without a byte.
async fn files(caller: &Caller) {
    let mut calls = FileServiceClient::new(caller.channel.clone());
    let name = "\u{1f600}".repeat(NAME_LETTERS[0]);
    for _ in 0..SHEETS {
        let start = v1::StartUploadRequest { name: name.clone(), ..Default::default() };
        let begun = calls.start_upload(authorized(start, &caller.token)).await.expect("begins");
        let upload_id = begun.into_inner().upload.expect("is under way").id;
        let finish = v1::FinishUploadRequest { upload_id };
        calls.finish_upload(authorized(finish, &caller.token)).await.expect("is whole");
    }
    let list = v1::ListFilesRequest { page_size: PAGE_SIZE, ..Default::default() };
    let other = v1::ListFilesRequest { order: v1::FileOrder::Name.into(), ..list.clone() };
    caller.walk(list.clone(), other.clone(), SHEETS).await;
    caller.walk(other, list, SHEETS).await;
}

/// Jobs with long errors.
async fn jobs(server: &Server, ada: &Client, caller: &Caller) {
    let failed = "insert into jobs (id, kind, account, parameters, state, error, ended_at)
        select gen_random_uuid(), 'none', $1, '{\"title\": \"Read\"}', 'failed', repeat('e', 4000), now()
        from generate_series(1, $2::bigint)";
    let (account, count) = (id_of(ada).await.parse::<Uuid>().expect("an id"), ITEMS as i64);
    server.sql().await.execute(failed, &[&account, &count]).await.expect("are made");
    let list = v1::ListJobsRequest { page_size: PAGE_SIZE, ..Default::default() };
    let other = v1::ListJobsRequest { states: vec![v1::JobState::Failed.into()], ..list.clone() };
    caller.walk(list, other, ITEMS).await;
}

/// Messages in threads of several sheets, with mentions, and comments.
async fn talk(ada: &Client, ben: &Client, sheet: &v1::Sheet) {
    let (text, ben_id) = ("t".repeat(TEXT_BYTES), id_of(ben).await);
    let column = &sheet.columns[0].id;
    let row_ids = ada.read_cells(&sheet.id, 0..ROWS).await.expect("is read").rows;
    for row in row_ids.iter().take(ITEMS) {
        let thread = Thread::Sheet(sheet.id.clone());
        ada.say(&thread, &text, std::slice::from_ref(&ben_id)).await.expect("is sent");
        let id = Uuid::new_v4().to_string();
        ada.add_comment(&sheet.id, (row.id, column), &text, &id).await.expect("is made");
    }
    for sheet in ada.sheets(&Default::default()).await.expect("are listed").iter().take(ITEMS) {
        ada.say(&Thread::Sheet(sheet.id.clone()), &text, &[]).await.expect("is sent");
    }
}

async fn messages(caller: &Caller, of_ben: &Caller, sheet_id: &str) {
    let (sheet_id, page_size) = (sheet_id.to_owned(), PAGE_SIZE);
    let comments = v1::ListCommentsRequest { sheet_id, page_size, ..Default::default() };
    let other = v1::ListCommentsRequest { resolved: true, ..comments.clone() };
    caller.walk(comments.clone(), other, ITEMS).await;
    let sheet_id = comments.sheet_id;
    let list = v1::ListMessagesRequest { sheet_id, page_size, ..Default::default() };
    let of_thread = within("the thread", caller.call(list.clone())).await.expect("is read");
    let thread_id = of_thread.thread_id;
    let other = v1::ListMessagesRequest { thread_id, page_size, ..Default::default() };
    of_ben.walk(list, other, ITEMS).await;
    let threads = v1::ListThreadsRequest { page_size, ..Default::default() };
    let notices = v1::ListNoticesRequest { page_size, ..Default::default() };
    // These requests have nothing but their pages: a token of one rpc is none of the other.
    let (count, of_threads) = caller.pages(threads.clone()).await;
    assert_eq!(count, ITEMS + 1);
    let (count, of_notices) = of_ben.pages(notices.clone()).await;
    assert!(count >= ITEMS, "{count}");
    of_ben.refuses(&notices, &of_threads[0]).await;
    caller.refuses(&threads, &of_notices[0]).await;
}

async fn people(server: &Server, ada: &Client, caller: &Caller, sheet_id: &str) {
    let name = "\u{1f600}".repeat(NAME_LETTERS[1]);
    for _ in 1..PEOPLE {
        let (person, _) = sign_up_with_token(server).await;
        ada.share(sheet_id, &email_of(&person).await, v1::Role::Viewer).await.expect("is shared");
        person.sheet(sheet_id).await.expect("is shared");
        person.rename_account(&name).await.expect("is renamed");
    }
    let (sheet_id, page_size) = (sheet_id.to_owned(), PAGE_SIZE);
    let search = v1::SearchPeopleRequest { page_size, ..Default::default() };
    let other = v1::SearchPeopleRequest { sheet_id, ..search.clone() };
    caller.walk(search, other, PEOPLE).await;
}
