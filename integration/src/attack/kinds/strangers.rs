//! Calls without an account.

use std::sync::atomic::{AtomicU64, Ordering};

use gridloom::v1;
use tonic::Request;

use super::super::field::Field;

/// Different for each call of an attack.
static NUMBER: AtomicU64 = AtomicU64::new(0);

fn number() -> u64 {
    NUMBER.fetch_add(1, Ordering::Relaxed)
}

pub(in super::super) async fn sign_ups(field: Field) {
    let once = |field: Field, _| async move {
        let message = v1::SignUpRequest {
            email: format!("made{}@example.org", number()),
            password: "correct horse battery".into(),
            ..v1::SignUpRequest::default()
        };
        field.accounts().await?.sign_up(field.request(message)).await.map(drop)
    };
    field.flood(32, once).await;
}

pub(in super::super) async fn guesses(field: Field) {
    let once = |field: Field, _| async move {
        let email = field.victim().to_owned();
        let password = format!("a guess {}", number());
        let message = v1::SignInRequest { email, password };
        field.accounts().await?.sign_in(field.request(message)).await.map(drop)
    };
    field.flood(16, once).await;
}

pub(in super::super) async fn made_up_tokens(field: Field) {
    let once = |field: Field, _| async move {
        let mut request = Request::new(v1::WhoAmIRequest::default());
        let token = format!("Bearer glt_{:0>43}", number());
        request.metadata_mut().insert("authorization", token.parse().expect("is ASCII"));
        field.sent(60);
        field.accounts().await?.who_am_i(request).await.map(drop)
    };
    field.flood(32, once).await;
}
