//! Which account a person of the provider gets, and what an account without a password can do.
//!
//! Not the provider's faults. Invariant: an account that may be another person's is linked with its password alone.

use super::*;
use crate::sign_up::admin;

const NEW: &str = "a quite new password";

/// A password link for an address, from the log of a server without mail.
async fn link_for(server: &Server, email: &str) -> String {
    eventually("a link in the log", async || {
        let log = log(server);
        let line = log.lines().rfind(|line| line.contains(email) && line.contains("#glr_"))?;
        let (_, token) = line.split_once("#glr_")?;
        let end = token.find(|it: char| !it.is_ascii_alphanumeric() && !"-_".contains(it));
        Some(format!("glr_{}", &token[..end.unwrap_or(token.len())]))
    })
    .await
}

fn with_password(returned: &Returned, password: &str) -> v1::FinishProviderSignInRequest {
    let (state, password) = (returned.state.clone(), password.to_owned());
    v1::FinishProviderSignInRequest { state, password, ..Default::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_made_with_the_address_before_is_linked_with_its_password_alone() {
    let (provider, server) = served(&[]);
    let early = sign_up(&server).await;
    let email = email_of(&early).await;
    provider.person("ada", &person(&email));
    let mut ada = browser(&server).await;
    let returned = provider.agree(&ada.begin(false).await.expect("begins"), "ada");
    assert_eq!(reason(ada.finish(&returned).await), "PROVIDER_PASSWORD");
    let wrong = ada.send(with_password(&returned, "another password")).await;
    let wrong = wrong.expect_err("is refused");
    let details = wrong.get_error_details();
    let fields = &details.bad_request().expect("names the field").field_violations;
    assert_eq!(fields[0].field, "password");
    let linked = ada.send(with_password(&returned, PASSWORD)).await.expect("is linked");
    assert!(!linked.is_new);
    assert_eq!(account(&linked).email, email);
    let used = ada.send(with_password(&returned, PASSWORD)).await;
    assert_eq!(reason(used), "PROVIDER_OTHER_BROWSER", "the cookie has ended");
    let straight = ada.sign_in(&provider, "ada").await.expect("is linked already");
    assert_eq!(account(&straight), account(&linked));

    // The provider gives the address to another person, who is not the owner of the account.
    provider.person("new", &person(&email));
    assert_eq!(reason(ada.sign_in(&provider, "new").await), "PROVIDER_PASSWORD");
    ada.sign_in(&provider, "ada").await.expect("is linked still");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_that_takes_the_place_of_another_ends_the_tokens_of_the_other() {
    let (provider, server) = served(&[]);
    let owner = sign_up(&server).await;
    let email = email_of(&owner).await;
    let mut browser = browser(&server).await;
    let mut link = async |subject: &str| {
        provider.person(subject, &person(&email));
        let returned = provider.agree(&browser.begin(false).await.expect("begins"), subject);
        assert_eq!(reason(browser.finish(&returned).await), "PROVIDER_PASSWORD");
        let linked = browser.send(with_password(&returned, PASSWORD)).await;
        browser.client(linked).await
    };
    let former = link("former").await;
    for client in [&former, &owner] {
        client.who_am_i().await.expect("a first link ends nothing");
    }
    let next = link("next").await;
    for client in [&former, &owner] {
        assert!(client.who_am_i().await.is_err(), "may be the former person's");
    }
    next.who_am_i().await.expect("is signed in");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_beside_the_change_of_the_person_keeps_no_token() {
    let (provider, server) = served(&[]);
    let mut ada = browser(&server).await;
    ada.sign_in(&provider, "ada").await.expect("is new");
    let (holder, looker) = (server.sql().await, server.sql().await);
    let change =
        "begin; update accounts set color = color; update oidc_identities set subject = 'next'";
    holder.batch_execute(change).await.expect("is changed");
    let returned = provider.agree(&ada.begin(false).await.expect("begins"), "ada");
    let late = tokio::spawn(async move { ada.finish(&returned).await });
    let waits = "select from pg_stat_activity
        where wait_event_type = 'Lock' and query like '%insert into tokens%' limit 1";
    eventually("a sign-in that waits", async || {
        looker.query_opt(waits, &[]).await.expect("an answer").map(drop)
    })
    .await;
    holder.batch_execute("commit").await.expect("is committed");
    let refused = late.await.expect("is no panic").expect_err("the account is another person's");
    assert_eq!(refused.code(), Code::ResourceExhausted);
    let tokens = looker.query("select 1 from tokens", &[]).await.expect("is read");
    assert_eq!(tokens.len(), 1, "that of the first sign-in");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_is_not_confirmed_leaves_its_address_to_the_person_of_the_provider() {
    let (provider, server) = served(&["--confirm-email"]);
    let someone = Client::connect(server.url()).await.expect("is there");
    let email = "ada@example.org";
    let waits = someone.sign_up(email, PASSWORD, "Not Ada").await.map(drop);
    assert!(waits.is_err(), "has no session");
    let mut ada = browser(&server).await;
    let signed = ada.sign_in(&provider, "ada").await.expect("owns the address");
    let made = account(&signed);
    assert_eq!((&*made.email, &*made.display_name, signed.is_new), (email, "Ada Lovelace", true));
    let client = ada.client(Ok(signed)).await;
    assert!(!client.who_am_i().await.expect("is signed in").has_password);
    assert!(someone.sign_in(email, PASSWORD).await.is_err(), "the password has ended");
    let again = ada.sign_in(&provider, "ada").await.expect("is linked");
    assert_eq!(account(&again), made);
    let sql = server.sql().await;
    let links = sql.query("select 1 from mailed_links", &[]).await.expect("is read");
    assert!(links.is_empty(), "a link that confirms the address has ended");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_with_a_proven_address_is_linked_without_a_word() {
    let (provider, server) = served(&[]);
    let thief = sign_up(&server).await;
    let email = email_of(&thief).await;
    provider.person("ada", &person(&email));
    let mut ada = browser(&server).await;
    assert_eq!(reason(ada.sign_in(&provider, "ada").await), "PROVIDER_PASSWORD");
    let _ = thief.request_password_reset(&email).await.expect("is taken");
    thief
        .reset_password(&link_for(&server, &email).await, NEW)
        .await
        .expect("the owner sets a password");
    let linked = ada.sign_in(&provider, "ada").await.expect("the address is proven");
    assert_eq!((account(&linked).email, linked.is_new), (email, false));
    assert!(thief.who_am_i().await.is_err(), "the link has ended the earlier tokens");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_the_provider_has_not_confirmed_gets_no_account() {
    let (provider, server) = served(&[]);
    let mut ada = browser(&server).await;
    for claims in [
        json!({"email": "ada@example.org", "email_verified": false}),
        json!({"email": "ada@example.org"}),
        json!({"email": "no address", "email_verified": true}),
        json!({}),
    ] {
        provider.person("ada", &claims);
        assert_eq!(reason(ada.sign_in(&provider, "ada").await), "PROVIDER_EMAIL", "{claims}");
    }
    let trusting = {
        let flags = provider.flags();
        let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
        Server::start_with(&[&flags[..], &["--oidc-trust-email"]].concat())
    };
    let mut ada = browser(&trusting).await;
    provider.person("ada", &json!({"email": "ada@example.org", "email_verified": false}));
    assert_eq!(reason(ada.sign_in(&provider, "ada").await), "PROVIDER_EMAIL");
    provider.person("ada", &json!({"email": "ada@example.org", "name": "Ada\u{202e}"}));
    let made = ada.sign_in(&provider, "ada").await.expect("the operator trusts the provider");
    assert_eq!(account(&made).display_name, "ada", "a name that turns text is left out");
}

#[tokio::test(flavor = "multi_thread")]
async fn new_persons_keep_the_rule_for_new_accounts_and_disabled_ones_stay_out() {
    let (provider, server) = served(&["--sign-up", "closed", "--confirm-email"]);
    let mut ada = browser(&server).await;
    assert_eq!(reason(ada.sign_in(&provider, "ada").await), "SIGN_UP_CLOSED");
    let link = admin(&server, &["invite", "ada@example.org"]).success();
    let returned = provider.agree(&ada.begin(false).await.expect("begins"), "ada");
    let Returned { code, state, .. } = returned;
    let invitation = link.trim().to_owned();
    let request = v1::FinishProviderSignInRequest { code, state, invitation, ..Default::default() };
    let made = ada.send(request).await.expect("is invited, and needs no further confirmation");
    assert!(made.is_new);
    let _ = admin(&server, &["disable", "ada@example.org"]).success();
    assert_eq!(reason(ada.sign_in(&provider, "ada").await), "ACCOUNT_DISABLED");
    let _ = admin(&server, &["enable", "ada@example.org"]).success();
    ada.sign_in(&provider, "ada").await.expect("is enabled");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_without_a_password_sets_one_or_is_deleted_after_a_further_sign_in() {
    let (provider, server) = served(&[]);
    let mut ada = browser(&server).await;
    let signed = ada.sign_in(&provider, "ada").await;
    let client = ada.client(signed).await;
    let (email, someone) =
        ("ada@example.org", Client::connect(server.url()).await.expect("is there"));
    let refused = |answer: Result<(), client::Error>| match answer.expect_err("is refused") {
        client::Error::Refused(refusal) => (refusal.reason.unwrap_or_default(), refusal.violations),
        other => panic!("{other}"),
    };
    let by_password = someone.sign_in(email, PASSWORD).await.map(drop);
    assert_eq!(refused(by_password).0, "BAD_CREDENTIALS");
    let changed = refused(client.change_password(PASSWORD, NEW).await.map(drop));
    assert_eq!(changed.1[0].field, "old_password");
    assert_eq!(refused(client.delete_account("", true, "").await).0, "SIGN_IN_AGAIN");

    // An earlier sign-in at the provider is not a further one, and another person's is not the owner's.
    let again = async |ada: &mut Browser, subject: &str, account_id: &str| {
        let returned = provider.agree(&ada.begin(true).await.expect("begins"), subject);
        let Returned { code, state, .. } = returned;
        let account_id = account_id.to_owned();
        let request =
            v1::FinishProviderSignInRequest { code, state, account_id, ..Default::default() };
        ada.send(request).await
    };
    assert!(ada.begin(true).await.expect("begins").contains("&prompt=login&max_age=0"));
    let id = client.who_am_i().await.expect("is signed in").account.expect("an account").id;
    provider.person("bob", &person("bob@example.org"));
    assert_eq!(reason(again(&mut ada, "bob", &id).await), "PROVIDER_ACCOUNT");
    provider.fault("stale");
    assert_eq!(reason(again(&mut ada, "ada", &id).await), "SIGN_IN_AGAIN");
    provider.fault("none");
    let proven = again(&mut ada, "ada", &id).await;
    let proven = ada.client(proven).await;
    assert_eq!(refused(client.delete_account("", true, "").await).0, "SIGN_IN_AGAIN");

    let _ = someone.request_password_reset(email).await.expect("is taken");
    someone
        .reset_password(&link_for(&server, email).await, NEW)
        .await
        .expect("sets a first password");
    let (signed, _) = someone.sign_in(email, NEW).await.expect("has a password");
    assert!(signed.who_am_i().await.expect("is signed in").has_password);
    assert!(proven.who_am_i().await.is_err(), "the new password has ended the token");
    signed.delete_account(NEW, true, "").await.expect("is deleted");

    let later = ada.sign_in(&provider, "ada").await.expect("signs in");
    assert!(later.is_new, "the deleted account has left no person");
    let id = account(&later).id;
    let proven = again(&mut ada, "ada", &id).await;
    ada.client(proven).await.delete_account("", true, "").await.expect("is deleted");
}
