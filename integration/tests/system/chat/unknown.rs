//! Threads and accounts that a caller may not know of, beside ids that name nothing.
//!
//! Invariant: the two have one answer, to the last letter, in every call and with every page token.

use client::Client;
use client::net::{Error, Thread};
use gridloom::v1;
use gridloom::v1::Role;
use gridloom::v1::comment_service_client::CommentServiceClient;
use integration::harness::{Server, authorized, new_sheet, sign_up, sign_up_with_token};
use tonic::{Code, Status};
use uuid::Uuid;

use super::{id_of, refused, shared};

fn id() -> String {
    Uuid::new_v4().to_string()
}

/// A refusal with its text.
fn text<T>(outcome: Result<T, Error>) -> String {
    let Err(error) = outcome else { panic!("not refused") };
    assert_eq!(error.code(), Some(Code::NotFound), "{error}");
    format!("{error} {error:?}")
}

/// The answers to all calls on a thread.
async fn answers(client: &Client, id: &str) -> Vec<String> {
    let thread = Thread::Id(id.to_owned());
    vec![
        text(client.messages(&thread, 0, "").await),
        text(client.messages(&thread, 0, "7").await),
        text(client.messages(&thread, 0, "no token").await),
        text(client.say(&thread, "x", &[]).await),
        text(client.say(&thread, "", &[]).await),
        text(client.edit_message(id, 1, "x").await),
        text(client.edit_message(id, 9, "").await),
        text(client.delete_message(id, 1).await),
        text(client.mark_read(&thread, 1).await),
        text(client.typing(&thread).await),
        text(client.resolve_comment(id, true).await),
        text(client.delete_comment(id).await),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thread_without_access_and_no_thread_are_the_same() {
    let server = Server::start();
    let (ada, ben, eve) = (sign_up(&server).await, sign_up(&server).await, sign_up(&server).await);
    let sheet = shared(&ada, &ben, Role::Commenter).await;
    let sent = async |thread| {
        let answer = ada.say(&thread, "x", &[]).await.expect("is sent");
        answer.message.expect("a message").thread_id
    };
    let comment = ada.add_comment(&sheet, (1, "1"), "x", &id()).await.expect("is made").thread_id;
    let of_sheet = sent(Thread::Sheet(sheet.clone())).await;
    let of_persons = sent(Thread::Person(id_of(&ben).await)).await;
    let unknown = answers(&eve, &id()).await;
    for thread in [of_sheet, comment, of_persons] {
        assert_eq!(answers(&eve, &thread).await, unknown);
    }
    assert_eq!(answers(&eve, "no id").await, unknown);
    let missing = text(eve.messages(&Thread::Sheet(id()), 0, "").await);
    assert_eq!(text(eve.messages(&Thread::Sheet(sheet), 0, "").await), missing);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_token_shows_nothing_of_what_it_names() {
    let server = Server::start_with(&["--people-page", "1"]);
    let (ada, ben) = (sign_up(&server).await, sign_up(&server).await);
    let (eve, token) = sign_up_with_token(&server).await;
    let (foreign, own) = (new_sheet(&ada, "Hidden", 6).await, new_sheet(&eve, "Own", 6).await);
    let hidden = ada.add_comment(&foreign, (1, "1"), "x", &id()).await.expect("is made").thread_id;
    for text in ["one", "two"] {
        eve.add_comment(&own, (1, "1"), text, &id()).await.expect("is made");
    }
    let channel = tonic::transport::Channel::from_shared(server.url().to_owned());
    let channel = channel.expect("an address").connect().await.expect("the server is there");
    let page = async |page_token: String| {
        let sheet_id = own.clone();
        let request = v1::ListCommentsRequest { sheet_id, page_token, ..Default::default() };
        let mut comments = CommentServiceClient::new(channel.clone());
        let answer = comments.list_comments(authorized(request, &token)).await;
        answer.map(tonic::Response::into_inner)
    };
    let first = page(String::new()).await.expect("is hers");
    let second = page(first.next_page_token.clone()).await.expect("is hers");
    assert_eq!((second.comments.len(), &*second.next_page_token), (1, ""));
    let status = |answer: Result<v1::ListCommentsResponse, Status>| {
        answer.map_err(|status| (status.code(), status.message().to_owned()))
    };
    // The id of a comment on another sheet, and of none.
    let [there, nowhere] = [hidden.clone(), id()].map(&page);
    assert_eq!(status(there.await), status(nowhere.await));
    let bad = status(page(hidden).await).expect_err("is no token");
    assert_eq!(bad.0, Code::InvalidArgument);

    // The id of an account without anything in common is no token either.
    let stranger = refused(eve.search_people("", "", &id_of(&ben).await).await);
    assert_eq!(stranger, refused(eve.search_people("", "", &id()).await));
    assert_eq!(stranger, (Code::InvalidArgument, "page_token".into()));
}
