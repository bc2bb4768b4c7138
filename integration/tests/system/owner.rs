//! What the owner of an account changes, from outside: password, name, and the programs that are signed in.
//!
//! Not forgotten passwords: see `resets`. Invariant: each test has a server of its own.

use std::time::{Duration, Instant};

use client::{Client, Error};
use gridloom::v1::account_service_client::AccountServiceClient;
use gridloom::v1::{AccountColor, Role, Share, UpdateAccountRequest};
use integration::harness::{
    Gridctl, PASSWORD, Server, authorized, email_of, new_sheet, sign_up_with_token,
};
use tonic::Code;

const NEW: &str = "a quite new password";

/// The code and the refused field of a refusal.
fn refused<T: std::fmt::Debug>(answer: Result<T, Error>) -> (Code, String) {
    match answer.expect_err("is refused") {
        Error::Refused(refusal) => {
            let field = refusal.violations.first().map(|it| it.field.clone());
            (refusal.code, field.unwrap_or_default())
        }
        other => panic!("{other}"),
    }
}

async fn signed_in_again(server: &Server, client: &Client, password: &str) -> Client {
    let email = email_of(client).await;
    let again = Client::connect(server.url()).await.expect("the server is there");
    again.sign_in(&email, password).await.expect("signs in").0
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_password_needs_the_old_one_and_ends_the_other_tokens() {
    let server = Server::start();
    let (ada, _) = sign_up_with_token(&server).await;
    let other = signed_in_again(&server, &ada, PASSWORD).await;
    for (old, new, field) in [
        ("another password", NEW, "old_password"),
        (PASSWORD, "short", "new_password"),
        (PASSWORD, PASSWORD, "new_password"),
    ] {
        let refused = refused(ada.change_password(old, new).await);
        assert_eq!(refused, (Code::InvalidArgument, field.to_owned()));
    }
    other.who_am_i().await.expect("a refusal ends nothing");
    ada.change_password(PASSWORD, NEW).await.expect("is changed");
    ada.who_am_i().await.expect("its own token stays");
    assert_eq!(refused(other.who_am_i().await).0, Code::Unauthenticated);
    signed_in_again(&server, &ada, NEW).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_old_passwords_are_slowed_down_as_sign_ins_are() {
    let server = Server::start();
    let (ada, _) = sign_up_with_token(&server).await;
    let wrong = async || {
        let refused = refused(ada.change_password("another password", NEW).await);
        assert_eq!(refused, (Code::InvalidArgument, "old_password".to_owned()));
    };
    for _ in 0..10 {
        wrong().await;
    }
    let begun = Instant::now();
    wrong().await;
    assert!(begun.elapsed() >= Duration::from_secs(3), "the network is the owner's own");
    ada.change_password(PASSWORD, NEW).await.expect("the owner is not kept out");
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_are_listed_and_revoked_one_by_one_or_all() {
    let server = Server::start();
    let (ada, _) = sign_up_with_token(&server).await;
    let (stranger, _) = sign_up_with_token(&server).await;
    let other = signed_in_again(&server, &ada, PASSWORD).await;
    let tokens = ada.tokens().await.expect("is signed in");
    assert_eq!(tokens.len(), 2, "{tokens:?}");
    assert!(
        tokens.iter().all(|it| it.device.contains("tonic") && it.used_micros >= it.created_micros)
    );
    let (own, others): (Vec<_>, Vec<_>) = tokens.into_iter().partition(|token| token.current);
    assert_eq!(refused(ada.revoke_token(&own[0].id).await), (Code::InvalidArgument, "id".into()));
    assert_eq!(refused(stranger.revoke_token(&others[0].id).await).0, Code::NotFound);
    other.who_am_i().await.expect("a stranger revokes nothing");
    ada.revoke_token(&others[0].id).await.expect("is revoked");
    assert_eq!(refused(other.who_am_i().await).0, Code::Unauthenticated);
    let again = signed_in_again(&server, &ada, PASSWORD).await;
    ada.sign_out_everywhere().await.expect("signs out");
    for client in [&ada, &again] {
        assert_eq!(refused(client.who_am_i().await).0, Code::Unauthenticated);
    }
    stranger.who_am_i().await.expect("others continue");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_is_changed_and_bad_ones_are_refused() {
    let server = Server::start();
    let (ada, _) = sign_up_with_token(&server).await;
    let long = "x".repeat(5_000);
    for bad in ["a\nb", "a\u{202e}b", long.as_str()] {
        let refused = refused(ada.rename_account(bad).await);
        assert_eq!(refused, (Code::InvalidArgument, "display_name".to_owned()), "{bad:?}");
    }
    assert_eq!(ada.rename_account(" Ada L ").await.expect("is set").display_name, "Ada L");
    let account = ada.who_am_i().await.expect("is signed in").account;
    assert_eq!(account.expect("an account").display_name, "Ada L");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_color_is_chosen_beside_the_name_and_shown_to_those_who_share_a_sheet() {
    let server = Server::start();
    let (ada, _) = sign_up_with_token(&server).await;
    let (ben, _) = sign_up_with_token(&server).await;
    ada.rename_account("Ada L").await.expect("is set");
    let account = ada.set_account_color(AccountColor::Cyan).await.expect("is set");
    assert_eq!((&*account.display_name, account.color()), ("Ada L", AccountColor::Cyan));
    let account = ada.rename_account("Ada K").await.expect("is set");
    assert_eq!((&*account.display_name, account.color()), ("Ada K", AccountColor::Cyan));
    let account = ada.who_am_i().await.expect("is signed in").account.expect("an account");
    assert_eq!(account.color(), AccountColor::Cyan);
    let again = signed_in_again(&server, &ada, PASSWORD).await;
    let sheet = new_sheet(&again, "Stock", 6).await;
    ada.share_with(&sheet, &email_of(&ben).await, Role::Viewer).await.expect("is shared");
    ben.set_account_color(AccountColor::Red).await.expect("is set");
    let colors = async || {
        let shares = ben.shares(&sheet).await.expect("is shared").shares;
        shares.iter().map(Share::color).collect::<Vec<_>>()
    };
    ben.sheet(&sheet).await.expect("is shared");
    assert_eq!(colors().await, [AccountColor::Cyan, AccountColor::Red]);
    ben.set_account_color(AccountColor::Unspecified).await.expect("is set");
    assert_eq!(colors().await, [AccountColor::Cyan, AccountColor::Unspecified]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_color_that_no_palette_has_is_refused_at_its_field() {
    let server = Server::start();
    let (_, token) = sign_up_with_token(&server).await;
    let channel = tonic::transport::Channel::from_shared(server.url().to_owned());
    let channel = channel.expect("an address").connect().await.expect("the server is there");
    let mut accounts = AccountServiceClient::new(channel);
    for number in [-1, 13, i32::MAX] {
        let request = UpdateAccountRequest { color: Some(number), ..Default::default() };
        let refused = accounts.update_account(authorized(request, &token)).await;
        let refused = refused.expect_err("there is no such color");
        assert_eq!(refused.code(), Code::InvalidArgument);
        assert!(refused.message().contains("color"), "{refused}");
    }
}

#[test]
fn the_command_line_lists_programs_and_signs_them_out() {
    let server = Server::start();
    let gridctl = Gridctl::sign_up(&server, "clerk@example.org");
    let other = Gridctl::at(&server);
    let _ = other.run(&["sign-in", "clerk@example.org"]).success();
    let listed = gridctl.run(&["tokens"]).success();
    assert_eq!(listed.lines().count(), 2, "{listed}");
    let line = listed.lines().find(|line| !line.contains("this program")).expect("the other");
    let _ = gridctl.run(&["revoke", line.split('\t').next().expect("an id")]).success();
    assert!(!other.run(&["whoami"]).status.success());
    let _ = gridctl.run(&["rename", "The clerk"]).success();
    assert!(gridctl.run(&["whoami"]).success().contains("The clerk"));
    let _ = gridctl.run(&["color", "teal"]).success();
    assert!(gridctl.run(&["account"]).success().contains("locale\tnot chosen"));
    assert!(gridctl.run(&["account", "--locale", "de-AT"]).success().contains("locale\tde-AT"));
    let refused = gridctl.run(&["account", "--locale", "german"]);
    assert!(!refused.status.success() && refused.stderr.contains("must be empty, or the tag"));
    let account = gridctl.run(&["account"]).success();
    assert!(account.contains("The clerk") && account.contains("locale\tde-AT"), "{account}");
    let refused = gridctl.run(&["color", "plaid"]);
    assert!(!refused.status.success() && refused.stderr.contains("no such colour"));
    let _ = gridctl.run(&["sign-out", "--everywhere"]).success();
    assert!(!gridctl.run(&["whoami"]).status.success());
}
