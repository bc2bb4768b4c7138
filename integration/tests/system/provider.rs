//! Sign-in with an OpenID provider from outside: a real provider, a browser's cookie, and the accounts that follow.
//!
//! Not the check of a token, which has tests in the crate `oidc`. Invariant: each code is one that the provider gave.

use client::Client;
use gridloom::v1;
use gridloom::v1::account_service_client::AccountServiceClient;
use integration::harness::{
    OidcProvider, OwnPostgres, OwnRedis, PASSWORD, Returned, Server, email_of, eventually,
    new_sheet, sign_up,
};
use serde_json::json;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Request, Response, Status};
use tonic_types::StatusExt as _;

#[path = "provider/accounts.rs"]
mod accounts;
#[path = "provider/faults.rs"]
mod faults;

/// A browser: it keeps the cookie that the server sets.
pub(crate) struct Browser {
    calls: AccountServiceClient<Channel>,
    url: String,
    cookie: Option<String>,
}

type Finished = Result<v1::FinishProviderSignInResponse, Status>;

impl Browser {
    pub(crate) async fn at(server: &Server) -> Self {
        Self::at_url(server.url()).await
    }

    pub(crate) async fn at_url(url: &str) -> Self {
        let endpoint = Endpoint::from_shared(url.to_owned()).expect("is an address");
        let calls = AccountServiceClient::new(endpoint.connect().await.expect("is there"));
        Self { calls, url: url.to_owned(), cookie: None }
    }

    /// Begins a sign-in. Gives the address of the provider.
    pub(crate) async fn begin(&mut self, again: bool) -> Result<String, Status> {
        let request = v1::BeginProviderSignInRequest { again };
        let answer = self.calls.begin_provider_sign_in(request).await?;
        self.keep(&answer);
        Ok(answer.into_inner().url)
    }

    fn keep<T>(&mut self, answer: &Response<T>) {
        let set = answer.metadata().get("set-cookie").expect("a cookie").to_str().expect("ASCII");
        for part in ["; Path=/", "; HttpOnly", "; SameSite=Lax"] {
            assert!(set.contains(part), "{set}");
        }
        let pair = set.split(';').next().expect("a name and a value");
        self.cookie = Some(pair.to_owned()).filter(|pair| !pair.ends_with('='));
        assert_eq!(self.cookie.is_none(), set.contains("Max-Age=0"), "{set}");
    }

    /// Ends a sign-in with what the provider gave.
    pub(crate) async fn finish(&mut self, returned: &Returned) -> Finished {
        let Returned { code, state, .. } = returned.clone();
        self.send(v1::FinishProviderSignInRequest { code, state, ..Default::default() }).await
    }

    async fn send(&mut self, request: v1::FinishProviderSignInRequest) -> Finished {
        let mut request = Request::new(request);
        if let Some(cookie) = &self.cookie {
            let sent = format!("theme=dark; {cookie}");
            request.metadata_mut().insert("cookie", sent.parse().expect("ASCII"));
        }
        let answer = self.calls.finish_provider_sign_in(request).await?;
        self.keep(&answer);
        Ok(answer.into_inner())
    }

    /// Signs in as a person of the provider.
    pub(crate) async fn sign_in(&mut self, provider: &OidcProvider, subject: &str) -> Finished {
        let url = self.begin(false).await.expect("the provider is there");
        let returned = provider.agree(&url, subject);
        self.finish(&returned).await
    }

    /// The client of a session that has begun.
    async fn client(&self, finished: Finished) -> Client {
        let session = finished.expect("signs in").session.expect("has a session");
        let client = Client::connect(self.url.clone()).await.expect("the server is there");
        client.with_token(&session.token).expect("a token can be sent")
    }
}

/// A server whose people sign in with a provider, which knows Ada.
fn served(flags: &[&str]) -> (OidcProvider, Server) {
    let provider = OidcProvider::start();
    provider.person("ada", &person("ada@example.org"));
    let own = provider.flags();
    let own: Vec<&str> = own.iter().map(String::as_str).collect();
    let server = Server::start_with(&[&own, flags].concat());
    (provider, server)
}

/// The claims of a person whose address is confirmed.
fn person(email: &str) -> serde_json::Value {
    json!({"email": email, "email_verified": true, "name": "Ada Lovelace"})
}

fn account(finished: &v1::FinishProviderSignInResponse) -> v1::Account {
    finished.session.clone().and_then(|session| session.account).expect("has an account")
}

/// The reason of a refusal.
fn reason<T: std::fmt::Debug>(answer: Result<T, Status>) -> String {
    let status = answer.expect_err("is refused");
    let details = status.get_error_details();
    details.error_info().map(|info| info.reason.clone()).unwrap_or_default()
}

/// The whole log of a server.
fn log(server: &Server) -> String {
    std::fs::read_to_string(server.home().log()).expect("is there")
}

/// A browser, once the server has found the provider.
async fn browser(server: &Server) -> Browser {
    let found = "OpenID provider found";
    eventually(found, async || log(server).contains(found).then_some(())).await;
    Browser::at(server).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_of_the_provider_has_one_account_whatever_the_address() {
    let (provider, server) = served(&[]);
    let mut ada = browser(&server).await;
    let first = ada.sign_in(&provider, "ada").await.expect("signs in");
    assert!(first.is_new);
    let made = account(&first);
    assert_eq!((&*made.email, &*made.display_name), ("ada@example.org", "Ada Lovelace"));
    let client = ada.client(Ok(first)).await;
    let who = client.who_am_i().await.expect("is signed in");
    assert!(!who.has_password);
    let _ = new_sheet(&client, "Stock", 3).await;

    provider.person("ada", &json!({"email": "ada@new.example", "email_verified": false}));
    let again = ada.sign_in(&provider, "ada").await.expect("signs in");
    assert!(!again.is_new);
    assert_eq!(account(&again), made, "the person decides, not the address");
    let settings = client.server_settings().await.expect("needs no token");
    assert_eq!(settings.provider_name, "Staff ID");
    // Nothing of the sign-ins is left but those that were begun and not ended.
    let sql = server.sql().await;
    let left = sql.query("select 1 from oidc_sign_ins where taken", &[]).await.expect("is read");
    assert_eq!(left.len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_belongs_to_its_browser_and_is_used_once() {
    let (provider, server) = served(&[]);
    let (mut ada, mut eve) = (browser(&server).await, browser(&server).await);
    let url = ada.begin(false).await.expect("begins");
    assert!(url.contains("&code_challenge_method=S256"), "{url}");
    let returned = provider.agree(&url, "ada");
    assert_eq!(returned.page, format!("{}/sign-in/callback", server.url()));
    let wrong = Returned { state: "another".into(), ..returned.clone() };
    assert_eq!(reason(ada.finish(&wrong).await), "PROVIDER_OTHER_BROWSER");
    assert_eq!(reason(eve.finish(&returned).await), "PROVIDER_OTHER_BROWSER");
    eve.cookie = None;
    assert_eq!(reason(eve.finish(&returned).await), "PROVIDER_OTHER_BROWSER");
    eve.cookie = Some("gridloom-sign-in=made-up".into());
    assert_eq!(reason(eve.finish(&returned).await), "PROVIDER_OTHER_BROWSER");
    let kept = ada.cookie.clone();
    ada.finish(&returned).await.expect("signs in: the others have used nothing up");
    ada.cookie = kept;
    assert_eq!(reason(ada.finish(&returned).await), "PROVIDER_USED");

    // A code of another sign-in does not fit the verifier of this one.
    let stolen = provider.agree(&eve.begin(false).await.expect("begins"), "ada");
    let own = provider.agree(&ada.begin(false).await.expect("begins"), "ada");
    let swapped = Returned { code: stolen.code, ..own };
    assert_eq!(reason(ada.finish(&swapped).await), "PROVIDER_USED");
    let denied = provider.deny(&ada.begin(false).await.expect("begins"));
    assert_eq!((&*denied.error, denied.code.is_empty()), ("access_denied", true));

    // A sign-in that has taken too long.
    let late = provider.agree(&ada.begin(false).await.expect("begins"), "ada");
    let sql = server.sql().await;
    let aged = "update oidc_sign_ins set expires_at = now() - interval '1 second'";
    sql.execute(aged, &[]).await.expect("is changed");
    assert_eq!(reason(ada.finish(&late).await), "PROVIDER_USED");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_network_has_a_limit_that_a_right_sign_in_does_not_count_to() {
    let (provider, server) = served(&[]);
    let mut ada = browser(&server).await;
    for _ in 0..3 {
        ada.sign_in(&provider, "ada").await.expect("signs in");
    }
    let refused = loop {
        match ada.begin(false).await {
            Ok(_) => {}
            Err(status) => break status,
        }
    };
    assert_eq!(refused.code(), Code::ResourceExhausted);
    assert!(refused.get_error_details().retry_info().is_some(), "{refused}");
    assert_eq!(reason::<()>(Err(refused)), "TOO_MANY_ATTEMPTS");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_begins_at_one_server_and_ends_at_another() {
    let provider = OidcProvider::start();
    provider.person("ada", &person("ada@example.org"));
    let (postgres, redis) = (OwnPostgres::start().await, OwnRedis::start().await);
    let mut flags = provider.flags();
    flags.push("--public-url=http://grid.example.org".to_owned());
    let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
    let start = || Server::start_sharing(&postgres.tcp_url(), &redis.url(), &flags);
    let (here, there) = (start(), start());
    let (mut begins, mut ends) = (browser(&here).await, browser(&there).await);
    let returned = provider.agree(&begins.begin(false).await.expect("begins"), "ada");
    assert_eq!(returned.page, "http://grid.example.org/sign-in/callback");
    ends.cookie = begins.cookie.clone();
    let ended = ends.finish(&returned).await.expect("signs in");
    assert!(ended.is_new);
    assert_eq!(reason(begins.finish(&returned).await), "PROVIDER_USED");
}
