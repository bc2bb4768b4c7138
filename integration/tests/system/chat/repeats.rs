//! Messages that are sent again, and messages that are refused.
//!
//! Not calls beside each other: see `chat`. Invariant: a refused message leaves nothing, and a sent one is found again.

use client::net::Thread;
use gridloom::v1;
use gridloom::v1::Role;
use integration::harness::{Server, new_sheet, sign_up};
use tonic::Code;
use uuid::Uuid;

use super::{id_of, refused, request, shared};

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_call_finds_its_message_when_the_quota_is_used_up() {
    let server = Server::start_with(&["--limit-account-bytes", "400000"]);
    let ada = sign_up(&server).await;
    let sheet = new_sheet(&ada, "Stock", 6).await;
    let (id, comment) = (Uuid::new_v4().to_string(), Uuid::new_v4().to_string());
    let first = ada.send_message(request(&sheet, &id, "first")).await.expect("is sent").message;
    let cell = (1, "1");
    let made = ada.add_comment(&sheet, cell, "why?", &comment).await.expect("is made");
    let (thread, text) = (Thread::Sheet(sheet.clone()), "x".repeat(8 * 1024));
    let full = loop {
        if let Err(full) = ada.say(&thread, &text, &[]).await {
            break refused::<()>(Err(full));
        }
    };
    assert_eq!(full.0, Code::ResourceExhausted, "{full:?}");
    let again = ada.send_message(request(&sheet, &id, "first")).await.expect("is sent already");
    assert_eq!(again.message, first);
    let again = ada.add_comment(&sheet, cell, "why?", &comment).await.expect("is made already");
    assert_eq!(again.thread_id, made.thread_id);
    for used in [&id, &comment] {
        let other = refused(ada.send_message(request(&sheet, used, "other")).await);
        assert_eq!(other, (Code::InvalidArgument, "client_id".into()));
        let other = refused(ada.add_comment(&sheet, cell, "other", used).await);
        assert_eq!(other, (Code::InvalidArgument, "client_id".into()));
    }
    let new = ada.send_message(request(&sheet, &Uuid::new_v4().to_string(), "new")).await;
    assert_eq!(refused(new).0, Code::ResourceExhausted);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_is_refused_makes_no_thread() {
    let server = Server::start();
    let (ada, ben) = (sign_up(&server).await, sign_up(&server).await);
    let sheet = shared(&ada, &ben, Role::Viewer).await;
    let id = Uuid::new_v4().to_string();
    let first = ada.send_message(request(&sheet, &id, "first")).await.expect("is sent").message;
    let other = new_sheet(&ada, "Empty", 6).await;
    let (to_ben, to_sheet) = (Thread::Person(id_of(&ben).await), Thread::Sheet(other.clone()));
    let new = || Uuid::new_v4().to_string();
    let unknown = v1::CellLink { sheet_id: new(), row_id: 1, column_id: "1".into() };
    let person = v1::SendMessageRequest {
        sheet_id: String::new(),
        person_id: id_of(&ben).await,
        ..request("", &new(), "text")
    };
    let sheet = request(&other, &new(), "text");
    for good in [person, sheet] {
        for (bad, field) in [
            (v1::SendMessageRequest { client_id: "7".into(), ..good.clone() }, "client_id"),
            (v1::SendMessageRequest { client_id: id.clone(), ..good.clone() }, "client_id"),
            (
                v1::SendMessageRequest { link: Some(unknown.clone()), ..good.clone() },
                "link.sheet_id",
            ),
        ] {
            let outcome = refused(ada.send_message(bad.clone()).await);
            assert_eq!(outcome, (Code::InvalidArgument, field.to_owned()), "{bad:?}");
        }
    }
    for thread in [&to_ben, &to_sheet] {
        assert_eq!(ada.messages(thread, 0, "").await.expect("is empty").thread_id, "");
    }
    assert!(first.is_some());
}
