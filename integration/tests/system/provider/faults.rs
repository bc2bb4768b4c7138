//! A provider that is away, changes its keys, or answers what is not to be believed.
//!
//! Not the accounts that follow from a right answer. Invariant: after a refusal there is no account and no person.

use super::*;

/// The accounts and the persons of a server.
async fn count(server: &Server) -> i64 {
    let sql = server.sql().await;
    let sum = "select (select count(*) from accounts) + (select count(*) from oidc_identities)";
    sql.query_one(sum, &[]).await.expect("is read").get(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_not_to_be_believed_makes_nothing() {
    let (provider, server) = served(&[]);
    let mut ada = browser(&server).await;
    for (fault, expected, line) in [
        ("issuer", "PROVIDER_REFUSED", "another issuer made it"),
        ("audience", "PROVIDER_REFUSED", "it is for another client"),
        ("nonce", "PROVIDER_REFUSED", "its nonce is another one"),
        ("expired", "PROVIDER_REFUSED", "it has expired"),
        ("early", "PROVIDER_REFUSED", "it is from the future"),
        ("signature", "PROVIDER_REFUSED", "its signature is wrong"),
        ("refuse", "PROVIDER_REFUSED", "invalid_client"),
        ("broken", "PROVIDER_AWAY", "500"),
    ] {
        provider.fault(fault);
        assert_eq!(reason(ada.sign_in(&provider, "ada").await), expected, "{fault}");
        assert!(log(&server).contains(line), "{fault}");
    }
    assert_eq!(count(&server).await, 0);
    provider.fault("userinfo");
    let ended = ada.sign_in(&provider, "ada").await.expect("the claims are at the other endpoint");
    assert_eq!(account(&ended).email, "ada@example.org");
    assert_eq!(count(&server).await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_that_found_no_provider_and_no_place_is_not_used_up() {
    let (provider, server) = served(&[]);
    let mut ada = browser(&server).await;
    // Of several first sign-ins of one person, one makes the account.
    ada.sign_in(&provider, "ada").await.expect("is new");
    let returned = provider.agree(&ada.begin(false).await.expect("begins"), "ada");
    provider.fault("broken");
    assert_eq!(reason(ada.finish(&returned).await), "PROVIDER_AWAY");
    provider.fault("hold");
    let mut others = Vec::new();
    for _ in 0..8 {
        let mut other = browser(&server).await;
        let returned = provider.agree(&other.begin(false).await.expect("begins"), "ada");
        others.push(tokio::spawn(async move { other.finish(&returned).await.map(drop) }));
    }
    provider.held(8);
    let busy = ada.finish(&returned).await.expect_err("its network has no place");
    assert_eq!(busy.code(), Code::ResourceExhausted);
    assert!(busy.get_error_details().retry_info().is_some(), "{busy}");
    provider.fault("none");
    for other in others {
        other.await.expect("is no panic").expect("has waited");
    }
    ada.finish(&returned).await.expect("the same code does");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_that_is_too_long_is_refused_at_its_field_and_uses_nothing_up() {
    let (provider, server) = served(&[]);
    let mut ada = browser(&server).await;
    let returned = provider.agree(&ada.begin(false).await.expect("begins"), "ada");
    let (state, code) = (returned.state.clone(), "x".repeat(8_193));
    let request = v1::FinishProviderSignInRequest { code, state, ..Default::default() };
    let refused = ada.send(request).await.expect_err("no provider gives one as long");
    assert_eq!(refused.code(), Code::InvalidArgument);
    assert!(refused.message().starts_with("code: "), "{refused}");
    ada.finish(&returned).await.expect("its own code does");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_key_of_the_provider_is_found_without_a_restart() {
    let (provider, server) = served(&[]);
    let mut ada = browser(&server).await;
    for _ in 0..3 {
        ada.sign_in(&provider, "ada").await.expect("signs in");
        provider.rotate();
    }
    ada.sign_in(&provider, "ada").await.expect("signs in");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_starts_and_serves_while_the_provider_is_away() {
    let (port, flags) = {
        let early = OidcProvider::start();
        (early.port(), early.flags())
    };
    let secret = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(secret.path(), "a-secret-of-tests").expect("is written");
    let secret = format!("--oidc-client-secret-file={}", secret.path().display());
    let server = Server::start_with(&[&flags[0], &flags[1], &secret]);
    let mut ada = Browser::at(&server).await;
    let away = ada.begin(false).await.expect_err("is away");
    assert_eq!(away.code(), Code::Unavailable);
    assert_eq!(reason::<()>(Err(away)), "PROVIDER_AWAY");
    let bob = sign_up(&server).await;
    let settings = bob.server_settings().await.expect("needs no token");
    assert_eq!(settings.provider_name, "127.0.0.1", "the host, without --oidc-name");
    let line = "OpenID provider not found";
    eventually(line, async || log(&server).contains(line).then_some(())).await;

    let provider = OidcProvider::start_with(&["--port", &port.to_string()]);
    provider.person("ada", &person("ada@example.org"));
    let mut ada = browser(&server).await;
    ada.sign_in(&provider, "ada").await.expect("signs in");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_without_a_provider_refuses_and_names_none() {
    let server = Server::start();
    let mut ada = Browser::at(&server).await;
    assert_eq!(reason(ada.begin(false).await), "PROVIDER_NONE");
    assert_eq!(reason(ada.finish(&Returned::default()).await), "PROVIDER_NONE");
    let settings = sign_up(&server).await.server_settings().await.expect("needs no token");
    assert_eq!(settings.provider_name, "");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_level_of_the_log_shows_a_secret_of_a_sign_in() {
    let (provider, server) = served(&["--log", "trace"]);
    let mut ada = browser(&server).await;
    let returned = provider.agree(&ada.begin(false).await.expect("begins"), "ada");
    let cookie = ada.cookie.clone().expect("a cookie");
    let (_, secret) = cookie.split_once('=').expect("a name and a value");
    let token = ada.finish(&returned).await.expect("signs in").session.expect("has one").token;
    provider.fault("refuse");
    let _ = ada.sign_in(&provider, "ada").await.expect_err("is refused");
    let log = log(&server);
    assert!(log.contains(" TRACE "), "the log is as asked for");
    for secret in ["a-secret-of-tests", secret, &returned.code, &returned.state, &token] {
        let line = log.lines().find(|line| line.contains(secret));
        assert_eq!(line, None, "{secret}");
    }
}
