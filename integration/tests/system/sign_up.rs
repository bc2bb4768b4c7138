//! New accounts from outside: the rules of a server on them, invitations, confirmed addresses, strong passwords; and
//! accounts that the operator disables.
//!
//! Not forgotten passwords: see `resets`. Invariant: each link is one that the server has sent or printed.

use client::{Client, Error};
use gridloom::v1::{Role, SignUpRule};
use integration::harness::{
    DEADLINE, Finished, Gridctl, MailServer, NativeSession, PASSWORD, Server, binaries, email_of,
    new_sheet, run, sign_up, sign_up_with_token, within,
};
use tonic::Code;

use crate::two_servers::Two;

const NEW: &str = "a quite new password";

fn with_mail(mail: &MailServer, flags: &[&str]) -> Server {
    let [url, from] = mail.flags();
    Server::start_with(&[&[url.as_str(), &from], flags].concat())
}

async fn stranger(server: &Server) -> Client {
    Client::connect(server.url()).await.expect("the server is there")
}

/// The code, the reason and the refused field of a refusal.
fn refused<T: std::fmt::Debug>(answer: Result<T, Error>) -> (Code, String, String) {
    match answer.expect_err("is refused") {
        Error::Refused(refusal) => {
            let field = refusal.violations.first().map(|it| it.field.clone());
            (refusal.code, refusal.reason.unwrap_or_default(), field.unwrap_or_default())
        }
        other => panic!("{other}"),
    }
}

fn reason<T: std::fmt::Debug>(answer: Result<T, Error>) -> String {
    refused(answer).1
}

/// A command of the operator on the data directory of a server.
pub(crate) fn admin(server: &Server, arguments: &[&str]) -> Finished {
    let mut command = std::process::Command::new(binaries::gridloom());
    command.arg("admin").args(arguments);
    command.args(["--data-dir", &server.home().data().to_string_lossy()]);
    run(command, DEADLINE)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invited_address_makes_an_account_by_its_letter_alone() {
    let mut mail = MailServer::start(&[]);
    let server = with_mail(&mail, &["--sign-up", "invited", "--host", "grid.example.org"]);
    let someone = stranger(&server).await;
    let settings = someone.server_settings().await.expect("needs no token");
    assert_eq!((settings.sign_up(), settings.sends_mail), (SignUpRule::Invited, true));
    let alone = someone.sign_up("ada@example.org", PASSWORD, "Ada").await;
    assert_eq!((refused(alone).0, ()), (Code::PermissionDenied, ()));
    let link = admin(&server, &["invite", "ada@example.org"]).success();
    let (ada, _) = someone
        .sign_up_invited("ada@example.org", PASSWORD, "Ada", link.trim())
        .await
        .expect("the operator invites her");

    let sheet = new_sheet(&ada, "Stock of May", 6).await;
    let share = ada.share_with(&sheet, "cy@example.org", Role::Editor).await.expect("is shared");
    assert!(share.invites);
    let letter = mail.letter();
    assert_eq!(letter.recipients, ["cy@example.org"]);
    assert!(letter.text.contains("\u{201c}Ada\u{201d}") && letter.text.contains("Stock of May"));
    let link = letter.link();
    assert!(link.starts_with("https://grid.example.org/sign-up#gli_"), "{link}");
    let other = someone.sign_up_invited("dan@example.org", PASSWORD, "", link).await;
    assert_eq!(refused(other), (Code::InvalidArgument, "MALFORMED".into(), "invitation".into()));
    let made_up = someone.sign_up_invited("cy@example.org", PASSWORD, "", "gli_AAAA").await;
    assert_eq!(refused(made_up).2, "invitation");
    let (cy, _) =
        someone.sign_up_invited("cy@example.org", PASSWORD, "Cy", link).await.expect("is invited");
    assert_eq!(cy.sheet(&sheet).await.expect("is shared").role(), Role::Editor);
    assert_eq!(reason(someone.sign_up("eve@example.org", PASSWORD, "").await), "SIGN_UP_INVITED");

    // An address with an account has the same answer, and no letter: the next one is that of another request.
    let again = new_sheet(&ada, "Other", 6).await;
    let share = ada.share_with(&again, "cy@example.org", Role::Viewer).await.expect("is shared");
    assert!(share.invites, "the answer does not show the account");
    let share = ada.share_with(&again, "cy@example.org", Role::Editor).await.expect("is changed");
    assert!(!share.invites, "it is not new");
    someone.request_password_reset("ada@example.org").await.expect("is taken");
    assert_eq!(mail.letter().recipients, ["ada@example.org"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_server_takes_accounts_of_its_operator_alone() {
    let server =
        Server::start_with(&["--sign-up", "closed", "--operator-contact", "ops@example.org"]);
    let someone = stranger(&server).await;
    let settings = someone.server_settings().await.expect("needs no token");
    assert_eq!(settings.sign_up(), SignUpRule::Closed);
    let closed = someone.sign_up("ada@example.org", PASSWORD, "").await.expect_err("is closed");
    assert!(closed.to_string().contains("ops@example.org"), "{closed}");
    assert_eq!(reason::<()>(Err(closed)), "SIGN_UP_CLOSED");
    let link = admin(&server, &["invite", "ada@example.org"]).success();
    let (ada, _) = someone
        .sign_up_invited("ada@example.org", PASSWORD, "", link.trim())
        .await
        .expect("is invited");
    let sheet = new_sheet(&ada, "Stock", 6).await;
    let share = ada.share_with(&sheet, "ben@example.org", Role::Viewer).await.expect("is shared");
    assert!(!share.invites, "ben could not sign up by a letter");
    let known = admin(&server, &["invite", "ada@example.org"]);
    assert!(known.stderr.contains("has an account"), "{}", known.stderr);
    let gridctl = Gridctl::at(&server);
    let link = admin(&server, &["invite", "cy@example.org"]).success();
    drop(gridctl.run(&["sign-up", "cy@example.org", "--invitation", link.trim()]).success());
    assert!(gridctl.run(&["whoami"]).success().contains("cy@example.org"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_server_refuses_an_invitation_that_does_not_fit() {
    let server = Server::start();
    let someone = stranger(&server).await;
    let link = admin(&server, &["invite", "ada@example.org"]).success();
    let sign_up = |email: &'static str, link: String| {
        let someone = &someone;
        async move { someone.sign_up_invited(email, PASSWORD, "", &link).await }
    };
    let link = link.trim().to_owned();
    for foreign in [link.clone(), "gli_AAAA".to_owned()] {
        let refused = refused(sign_up("ben@example.org", foreign).await);
        assert_eq!(refused, (Code::InvalidArgument, "MALFORMED".into(), "invitation".into()));
    }
    sign_up("ben@example.org", String::new()).await.expect("needs no invitation");
    sign_up("ada@example.org", link.clone()).await.expect("is invited");
    let ended = sign_up("cy@example.org", link).await.expect_err("was used");
    assert!(ended.to_string().contains("was used, or has ended"), "{ended}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_is_confirmed_before_its_account_is_used() {
    let mut mail = MailServer::start(&[]);
    let server = with_mail(&mail, &["--confirm-email"]);
    let someone = stranger(&server).await;
    assert!(someone.server_settings().await.expect("needs no token").confirms_email);
    let made = someone.sign_up("ada@example.org", PASSWORD, "Ada").await;
    assert!(matches!(made, Err(Error::Unconfirmed)), "{made:?}");
    let first = mail.letter();
    assert_eq!(first.recipients, ["ada@example.org"]);
    for password in ["another password", PASSWORD] {
        let early = someone.sign_in("ada@example.org", password).await;
        assert_eq!(reason(early), "BAD_CREDENTIALS", "the right password shows nothing either");
    }
    let again = someone.sign_up("ada@example.org", NEW, "Ada").await;
    assert!(matches!(again, Err(Error::Unconfirmed)), "{again:?}");
    let second = mail.letter();
    assert!(second.link().contains("/confirm-email#glc_") && second.link() != first.link());
    let wrong = someone.confirm_email(second.link(), NEW).await.expect_err("is that of the second");
    assert!(wrong.to_string().contains("the first one's counts"), "{wrong}");
    let wrong = refused::<()>(Err(wrong));
    assert_eq!(wrong, (Code::InvalidArgument, "MALFORMED".into(), "password".into()));
    someone.confirm_email(first.link(), PASSWORD).await.expect("the earlier link is valid");
    someone.sign_in("ada@example.org", PASSWORD).await.expect("is confirmed");
    for used in [first.link(), second.link(), "glc_AAAA"] {
        let refused = refused(someone.confirm_email(used, PASSWORD).await);
        assert_eq!(refused, (Code::InvalidArgument, "LINK_REFUSED".into(), "token".into()));
    }
    // The owner of an address takes an account that another person has made with it.
    let squatted = someone.sign_up("ben@example.org", "the password of another", "").await;
    assert!(matches!(squatted, Err(Error::Unconfirmed)), "{squatted:?}");
    let letter = mail.letter();
    let opened = someone.confirm_email(letter.link(), NEW).await.expect_err("it is not his");
    assert!(opened.to_string().contains("did not make this account"), "{opened}");
    let kept_out = someone.sign_in("ben@example.org", "the password of another").await;
    assert_eq!(reason(kept_out), "BAD_CREDENTIALS", "the link alone confirms nothing");
    someone.request_password_reset("ben@example.org").await.expect("is taken");
    someone.reset_password(mail.letter().link(), NEW).await.expect("the owner has the letter");
    someone.sign_in("ben@example.org", NEW).await.expect("the letter confirms the address");
    let gridctl = Gridctl::at(&server);
    let made = gridctl.run(&["sign-up", "cy@example.org"]);
    assert!(made.status.success() && made.stderr.contains("confirm-email"), "{}", made.stderr);
    drop(gridctl.run(&["confirm-email", mail.letter().link()]).success());
    drop(gridctl.run(&["sign-in", "cy@example.org"]).success());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invited_owner_takes_the_place_of_an_account_that_another_person_made() {
    let mut mail = MailServer::start(&[]);
    let server = with_mail(&mail, &["--confirm-email"]);
    let someone = stranger(&server).await;
    let link = admin(&server, &["invite", "ada@example.org"]).success();
    let (ada, _) = someone
        .sign_up_invited("ada@example.org", PASSWORD, "Ada", link.trim())
        .await
        .expect("the operator invites her");
    let sheet = new_sheet(&ada, "Stock", 6).await;
    for squatted_first in [true, false] {
        let email = format!("owner.{squatted_first}@example.org");
        let squat = || someone.sign_up(&email, "the password of another", "Squatter");
        if squatted_first {
            assert!(matches!(squat().await, Err(Error::Unconfirmed)));
            drop(mail.letter());
        }
        ada.share_with(&sheet, &email, Role::Editor).await.expect("is shared");
        let invitation = mail.letter();
        assert!(invitation.link().contains("#gli_"), "{}", invitation.link());
        if !squatted_first {
            assert!(matches!(squat().await, Err(Error::Unconfirmed)));
            drop(mail.letter());
        }
        let (owner, session) = someone
            .sign_up_invited(&email, NEW, "Owner", invitation.link())
            .await
            .expect("the invitation is valid");
        assert_eq!(session.account.expect("an account").display_name, "Owner");
        assert_eq!(owner.sheet(&sheet).await.expect("is shared").role(), Role::Editor);
        let out = someone.sign_in(&email, "the password of another").await;
        assert_eq!(reason(out), "BAD_CREDENTIALS");
        someone.sign_in(&email, NEW).await.expect("is the password of the owner");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disabled_account_is_out_at_each_server_and_its_owner_reads_why_after_the_password() {
    let two = Two::start().await;
    let (ada, token) = sign_up_with_token(&two.here).await;
    let (email, sheet) = (email_of(&ada).await, new_sheet(&ada, "Stock", 6).await);
    let (mut here, _) = NativeSession::join(two.here.url(), &token, &sheet).await;
    let (mut there, _) = NativeSession::join(two.there.url(), &token, &sheet).await;
    let operator = |arguments: &[&str]| {
        let mut command = std::process::Command::new(binaries::gridloom());
        command.arg("admin").args(arguments);
        command.args(["--database-url", &two.database()]);
        run(command, DEADLINE)
    };
    assert!(operator(&["users"]).success().contains(&email));
    drop(operator(&["disable", &email.to_uppercase()]).success());
    for session in [&mut here, &mut there] {
        loop {
            if let Err(status) = within("the end", session.next()).await {
                assert_eq!(status.code(), Code::Unauthenticated, "{status}");
                break;
            }
        }
    }
    assert_eq!(reason(ada.who_am_i().await), "TOKEN_INVALID");
    let someone = stranger(&two.there).await;
    assert_eq!(reason(someone.sign_in(&email, "another password").await), "BAD_CREDENTIALS");
    assert_eq!(reason(someone.sign_in(&email, PASSWORD).await), "ACCOUNT_DISABLED");
    assert!(operator(&["users", "--disabled"]).success().contains("disabled"));
    let link = operator(&["reset", &email]);
    assert!(link.stderr.contains("admin enable"), "{}", link.stderr);
    drop(operator(&["enable", &email]).success());
    assert!(operator(&["enable", &email]).success().contains("nothing has changed"));
    assert!(!operator(&["disable", "no.account@example.org"]).status.success());
    someone.sign_in(&email, PASSWORD).await.expect("is enabled");
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_are_listed_page_by_page() {
    let server = Server::start();
    let mut emails = Vec::new();
    for _ in 0..5 {
        emails.push(email_of(&sign_up(&server).await).await);
    }
    emails.sort();
    let page = admin(&server, &["users", "--limit", "3", "--json"]).success();
    let lines: Vec<serde_json::Value> =
        page.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let listed = lines.iter().filter_map(|line| line["email"].as_str()).collect::<Vec<_>>();
    assert_eq!(listed, emails[..3]);
    assert!(lines[3]["what"].as_str().expect("a note").contains("--after"));
    let rest = admin(&server, &["users", "--after", &emails[2]]).success();
    assert_eq!(rest.lines().count(), 2, "{rest}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_with_a_look_alike_letter_is_refused_at_its_field_and_is_no_other_one() {
    let server = Server::start();
    let someone = stranger(&server).await;
    let (kim, _) = someone.sign_up("kim@example.org", PASSWORD, "Kim").await.expect("is new");
    // The Kelvin sign, which Unicode folds to the letter k.
    let other = "\u{212a}im@example.org";
    let sheet = new_sheet(&kim, "Stock", 3).await;
    for answer in [
        someone.sign_in(other, PASSWORD).await.map(drop),
        someone.sign_up(other, PASSWORD, "").await.map(drop),
        someone.request_password_reset(other).await.map(drop),
        kim.share(&sheet, other, Role::Viewer).await.map(drop),
    ] {
        let refused = refused(answer);
        assert_eq!((refused.0, &*refused.2), (Code::InvalidArgument, "email"));
    }
    let other = sign_up(&server).await;
    for (query, count) in [("\u{212a}im@example.org", 0), ("Kim@Example.org", 1)] {
        let found = other.search_people(query, "", "").await.expect("may search").people;
        assert_eq!(found.len(), 0, "shares nothing: {query}");
        kim.share(&sheet, &email_of(&other).await, Role::Viewer).await.expect("is shared");
        other.sheet(&sheet).await.expect("is shared");
        let found = other.search_people(query, "", "").await.expect("may search").people;
        assert_eq!(found.len(), count, "{query}");
        let own = email_of(&other).await;
        kim.unshare(&sheet, &own).await.expect("is the owner");
    }
    someone.sign_up("zo\u{eb}@example.org", PASSWORD, "").await.expect("is in lower case");
    someone.sign_in(" ZO\u{eb}@Example.org", PASSWORD).await.expect("A to Z are folded");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_that_is_easy_to_guess_is_refused_at_its_field_wherever_one_is_set() {
    let mut mail = MailServer::start(&[]);
    let server = with_mail(&mail, &["--confirm-email=false"]);
    let someone = stranger(&server).await;
    for weak in ["password", "qwertyuiop", "countess99", "aaaaaaaaaaaa"] {
        let signed = someone.sign_up("countess@example.org", weak, "The Countess").await;
        let (code, reason, field) = refused(signed);
        assert_eq!((code, &*reason, &*field), (Code::InvalidArgument, "MALFORMED", "password"));
    }
    let (ada, _) = sign_up_with_token(&server).await;
    assert_eq!(refused(ada.change_password(PASSWORD, "password1").await).2, "new_password");
    someone.request_password_reset(&email_of(&ada).await).await.expect("is taken");
    let letter = mail.letter();
    let weak = someone.reset_password(letter.link(), "password1").await.expect_err("is weak");
    assert!(weak.to_string().contains("easy to guess"), "{weak}");
    someone.reset_password(letter.link(), NEW).await.expect("the link is valid still");
}
