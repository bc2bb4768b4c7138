//! Streams of notices on a connection: they begin, resume and end as those of `NoticeService.Watch`, beside sessions.
//!
//! Not what causes a notice: see `chat`. Invariant: each connection is one request over HTTP/1.1, as a browser makes it.

use client::Client;
use client::net::Thread;
use gridloom::v1;
use gridloom::v1::Role;
use gridloom::v1::notice_service_watch_response::Event;
use gridloom::v1::server_frame::Frame;
use integration::harness::{
    ConnectEvent, Grid, Server, WebConnection, email_of, eventually, sign_up, sign_up_with_token,
    within,
};
use model::limits::edge::NOTICE_STREAMS_OF_ACCOUNT;
use ot_engine::Value;
use tonic::Code;

use super::{accepted, edit, hello};
use crate::chat::{id_of, shared};
use crate::two_servers::Two;

/// More than all buffers hold between the server and a client that does not read, over all streams.
const TEXT_BYTES: usize = 8_000;
const MESSAGES: usize = 150;

/// Two persons with a sheet, the token of the second one, and their thread from the first one's side.
struct Pair {
    ada: Client,
    ben: Client,
    token: String,
    sheet: String,
    to_ben: Thread,
}

impl Pair {
    async fn sign_up(server: &Server) -> Self {
        let (ada, (ben, token)) = (sign_up(server).await, sign_up_with_token(server).await);
        let sheet = shared(&ada, &ben, Role::Editor).await;
        let to_ben = Thread::Person(id_of(&ben).await);
        Self { ada, ben, token, sheet, to_ben }
    }

    async fn say(&self, text: &str) -> v1::Message {
        let sent = self.ada.say(&self.to_ben, text, &[]).await.expect("is sent");
        sent.message.expect("a message")
    }
}

/// The next event of a stream of notices, with its number.
async fn next(connection: &mut WebConnection, stream: u32) -> (u64, Event) {
    let of_stream = |event| match event {
        ConnectEvent::Notices(number, answer) if number == stream => {
            Some((answer.number, answer.event.expect("no answer is without an event")))
        }
        ConnectEvent::End(number, status) if number == stream => panic!("{status:?}"),
        _ => None,
    };
    connection.until("an event", of_stream).await
}

/// Attaches a stream; the number of the last notice.
async fn attach(connection: &mut WebConnection, token: Option<&str>, stream: u32) -> u64 {
    connection.attach_notices(token, stream, None).await.expect("is attached");
    let (_, Event::Started(started)) = next(connection, stream).await else {
        panic!("not started")
    };
    started.last
}

async fn next_text(connection: &mut WebConnection, stream: u32) -> (u64, String) {
    loop {
        if let (number, Event::Message(changed)) = next(connection, stream).await {
            return (number, changed.message.expect("a message").text);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn notices_and_sessions_share_a_connection_and_its_numbers() {
    let server = Server::start();
    let pair = Pair::sign_up(&server).await;
    let mut connection = WebConnection::open(server.url(), &pair.token).await;
    connection.join(1, hello(&pair.sheet)).await;
    attach(&mut connection, None, 2).await;
    let used = connection.attach_notices(None, 1, None).await.expect_err("is a session's");
    assert_eq!(used.code(), Code::InvalidArgument);
    let used = connection.attach(2, hello(&pair.sheet)).await.expect_err("is a stream's");
    assert_eq!(used.code(), Code::InvalidArgument);
    pair.say("one").await;
    let (number, text) = next_text(&mut connection, 2).await;
    assert_eq!(text, "one");
    connection.send(1, vec![edit(1, 0, 0, 1.0)]).await.expect("is open");
    assert_eq!(accepted(&mut connection, 1).await, 1);

    // Detached, it carries nothing more, and its number is free.
    connection.detach(2).await.expect("is open");
    pair.say("two").await;
    pair.say("three").await;
    connection.answers(1, 1).await;
    within("the number is free", async {
        while connection.attach_notices(None, 2, Some(number)).await.is_err() {}
    })
    .await;
    assert!(matches!(next(&mut connection, 2).await.1, Event::Started(_)));
    // It resumes after the number.
    assert_eq!(next_text(&mut connection, 2).await.1, "two");
    assert_eq!(next_text(&mut connection, 2).await.1, "three");
    connection.opened.connection_id.push('0');
    let gone = connection.attach_notices(None, 3, None).await.expect_err("is unknown");
    assert_eq!(gone.code(), Code::NotFound);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_revoked_ends_its_own_notices() {
    let server = Server::start();
    let (pair, (eve, of_eve)) = (Pair::sign_up(&server).await, sign_up_with_token(&server).await);
    let mut connection = WebConnection::open(server.url(), &of_eve).await;
    attach(&mut connection, None, 1).await;
    attach(&mut connection, Some(&pair.token), 2).await;
    pair.say("for ben").await;
    assert_eq!(next_text(&mut connection, 2).await.1, "for ben");
    pair.ben.sign_out().await.expect("is signed in");
    let ended = connection.end_of(2).await;
    assert_eq!(Code::from_i32(ended.code), Code::Unauthenticated, "{ended:?}");
    pair.ada.share(&pair.sheet, &email_of(&eve).await, Role::Viewer).await.expect("is shared");
    assert!(matches!(next(&mut connection, 1).await.1, Event::Notice(_)));
}

#[tokio::test(flavor = "multi_thread")]
async fn streams_count_for_their_account_and_end_with_their_connection() {
    let server = Server::start();
    let pair = Pair::sign_up(&server).await;
    let most = u32::try_from(NOTICE_STREAMS_OF_ACCOUNT).expect("a small number");
    for _ in 0..2 {
        let mut connection = WebConnection::open(server.url(), &pair.token).await;
        for number in 0..most {
            within("there is a place", async {
                while connection.attach_notices(None, number, None).await.is_err() {}
            })
            .await;
        }
        let full = connection.attach_notices(None, most, None).await.expect_err("is full");
        assert_eq!(full.code(), Code::ResourceExhausted);
        assert!(full.message().contains("notice_streams"), "{full:?}");
    }
    let sql = server.sql().await;
    eventually("no account watches", async || {
        let watchers = "select count(*) from watchers";
        let left: i64 = sql.query_one(watchers, &[]).await.expect("can be read").get(0);
        (left == 0).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn notices_are_attached_at_any_server_and_come_from_any() {
    let two = Two::start().await;
    let pair = Pair::sign_up(&two.there).await;
    let mut connection = WebConnection::open(two.here.url(), &pair.token).await;
    connection.call_at(two.there.url());
    attach(&mut connection, None, 1).await;
    pair.say("from there").await;
    assert_eq!(next_text(&mut connection, 1).await.1, "from there");
    // The end of the token reaches the server of the connection, and ends both.
    pair.ben.sign_out().await.expect("is signed in");
    let end = loop {
        match connection.next().await {
            Ok(ConnectEvent::End(1, status)) => {
                assert_eq!(Code::from_i32(status.code), Code::Unauthenticated, "{status:?}");
            }
            Ok(_) => {}
            Err(status) => break status,
        }
    };
    assert_eq!(end.code(), Code::Unauthenticated);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_notices_that_is_not_read_delays_no_session_beside_it() {
    let server = Server::start();
    let pair = Pair::sign_up(&server).await;
    let mut connection = WebConnection::open(server.url(), &pair.token).await;
    connection.join(0, hello(&pair.sheet)).await;
    let streams = u32::try_from(NOTICE_STREAMS_OF_ACCOUNT).expect("a small number");
    for stream in 1..=streams {
        attach(&mut connection, None, stream).await;
    }
    let text = "x".repeat(TEXT_BYTES);
    for number in 0..MESSAGES {
        pair.say(&text).await;
        if number % 20 == 0 {
            connection.keep(1).await.expect("is open");
        }
    }
    // No frame is read; the edit of the session is taken all the same.
    connection.send(0, vec![edit(1, 0, 0, 5.0)]).await.expect("is open");
    eventually("the edit is there", async || {
        let grid = Grid::read(&pair.ada, &pair.sheet).await;
        (grid.rows[0][0] == Value::from(5.0)).then_some(())
    })
    .await;
    let (mut counts, mut before_answer) = (vec![0; streams as usize + 1], None);
    let all = |event| {
        match event {
            ConnectEvent::Notices(stream, answer) => {
                let is_message = matches!(answer.event, Some(Event::Message(_)));
                counts[stream as usize] += usize::from(is_message);
            }
            ConnectEvent::Frame(0, Frame::Accepted(_)) => {
                before_answer = Some(counts.iter().sum::<usize>());
            }
            ConnectEvent::End(number, status) => panic!("{number} ended: {status:?}"),
            _ => {}
        }
        (counts[1..].iter().all(|count| *count == MESSAGES)).then_some(())
    };
    connection.until("each message on each stream", all).await;
    let before = before_answer.expect("the edit was answered among them");
    assert!(before < MESSAGES * streams as usize * 9 / 10, "the answer came after {before}");
}
