//! The letters of sign-ups and invitations: what they show, whom they let in, and what follows when one is not sent.
//!
//! Not the rules of a server on new accounts (`sign_up`) and not password links (`resets`). Invariant: an address is its
//! owner's where the server can send a letter to it.

use client::{Client, Error};
use gridloom::v1::{NoticeKind, Role};
use integration::harness::{
    MailServer, PASSWORD, Server, email_of, eventually, new_sheet, sign_up,
};
use tonic::Code;

use crate::sign_up::admin;

const NEW: &str = "a quite new password";

fn with_mail(mail: &MailServer) -> Server {
    let [url, from] = mail.flags();
    Server::start_with(&[url.as_str(), &from])
}

async fn stranger(server: &Server) -> Client {
    Client::connect(server.url()).await.expect("the server is there")
}

/// The account that the operator invites: it has a session without a letter.
async fn invited(server: &Server, email: &str) -> Client {
    let link = admin(server, &["invite", email]).success();
    let someone = stranger(server).await;
    let (client, _) =
        someone.sign_up_invited(email, PASSWORD, "", link.trim()).await.expect("is invited");
    client
}

fn reason<T: std::fmt::Debug>(answer: Result<T, Error>) -> String {
    match answer.expect_err("is refused") {
        Error::Refused(refusal) => refusal.reason.unwrap_or_default(),
        other => panic!("{other}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_up_has_one_answer_whether_or_not_the_address_has_an_account() {
    let mut mail = MailServer::start(&[]);
    let server = with_mail(&mail);
    let ada = invited(&server, "ada@example.org").await;
    let someone = stranger(&server).await;
    for (email, password) in [("ada@example.org", "12345678"), ("ben@example.org", "12345678")] {
        let weak = someone.sign_up(email, password, "").await;
        assert_eq!(weak.expect_err("is weak").code(), Some(Code::InvalidArgument), "{email}");
    }
    for email in ["ada@example.org", "ben@example.org"] {
        let made = someone.sign_up(email, NEW, "Someone").await;
        assert!(matches!(made, Err(Error::Unconfirmed)), "{email}: {made:?}");
    }
    let letters = [mail.letter(), mail.letter()];
    let of = |email: &str| {
        letters.iter().find(|it| it.recipients == [email]).expect("each has a letter")
    };
    let known = of("ada@example.org");
    assert!(known.text.contains("has an account already") && !known.text.contains("#gl"));
    assert!(of("ben@example.org").link().contains("/confirm-email#glc_"));
    // Her account is as it was.
    assert_eq!(
        ada.who_am_i().await.expect("is signed in").account.expect("is").display_name,
        "ada"
    );
    assert_eq!(reason(someone.sign_in("ada@example.org", NEW).await), "BAD_CREDENTIALS");
    someone.sign_in("ada@example.org", PASSWORD).await.expect("her password");
    // A person whose answer was lost signs up again.
    let again = someone.sign_up("ben@example.org", NEW, "").await;
    assert!(matches!(again, Err(Error::Unconfirmed)), "{again:?}");
    let letter = mail.letter();
    assert_eq!(letter.recipients, ["ben@example.org"]);
    someone.confirm_email(letter.link(), NEW).await.expect("is his");
    let sql = server.sql().await;
    let records = "select count(distinct to_jsonb(jobs) - '{id,fence,created_at,run_at,started_at,ended_at,changed_at}'::text[])
        from jobs where kind = 'email-confirmation' and state = 'done'";
    eventually("the records of the letters are the same", async || {
        let count: i64 = sql.query_one(records, &[]).await.expect("answers").get(0);
        (count == 1).then_some(())
    })
    .await;
}

/// The refusals of many sign-ins with the password that a sign-up has chosen, without the seconds to wait.
async fn refusals(someone: &Client, email: &str) -> Vec<(Code, String, String)> {
    let mut refusals = Vec::new();
    for _ in 0..12 {
        match someone.sign_in(email, NEW).await.expect_err("is refused") {
            Error::Refused(it) => {
                let text = it.message.replace(|letter: char| letter.is_ascii_digit(), "");
                refusals.push((it.code, it.reason.unwrap_or_default(), text));
            }
            other => panic!("{other}"),
        }
    }
    refusals
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_after_a_sign_up_does_not_show_whether_the_address_was_new() {
    let mut mail = MailServer::start(&[]);
    let server = with_mail(&mail);
    drop(invited(&server, "ada@example.org").await);
    // Her networks have limits of their own.
    server.sql().await.execute("delete from known_networks", &[]).await.expect("are forgotten");
    let someone = stranger(&server).await;
    let mut answers = Vec::new();
    for email in ["ada@example.org", "ben@example.org"] {
        let made = someone.sign_up(email, NEW, "Someone").await;
        assert!(matches!(made, Err(Error::Unconfirmed)), "{email}: {made:?}");
        answers.push(refusals(&someone, email).await);
    }
    assert_eq!(answers[0], answers[1]);
    let (code, reason, text) = &answers[1][0];
    assert_eq!((*code, &**reason), (Code::Unauthenticated, "BAD_CREDENTIALS"));
    assert!(text.contains("not confirmed yet") && text.contains("letter"), "{text}");
    // A further sign-up has the next letter sent, and the links before it are valid still.
    let letters = [mail.letter(), mail.letter()];
    let again = someone.sign_up("ben@example.org", NEW, "").await;
    assert!(matches!(again, Err(Error::Unconfirmed)), "{again:?}");
    assert_eq!(mail.letter().recipients, ["ben@example.org"], "a sign-in sends none");
    let first = letters.iter().find(|it| it.recipients == ["ben@example.org"]);
    server.sql().await.execute("delete from attempts", &[]).await.expect("the wait is over");
    let link = first.expect("each has a letter").link();
    someone.confirm_email(link, NEW).await.expect("the first letter is valid still");
    someone.sign_in("ben@example.org", NEW).await.expect("is confirmed");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_with_an_account_gets_few_letters_and_the_answer_stays_the_same() {
    let mut mail = MailServer::start(&[]);
    let server = with_mail(&mail);
    drop(invited(&server, "ada@example.org").await);
    let someone = stranger(&server).await;
    for _ in 0..7 {
        let made = someone.sign_up("ada@example.org", NEW, "").await;
        assert!(matches!(made, Err(Error::Unconfirmed)), "{made:?}");
    }
    let made = someone.sign_up("ben@example.org", NEW, "").await;
    assert!(matches!(made, Err(Error::Unconfirmed)), "{made:?}");
    let recipients: Vec<_> = (0..6).flat_map(|_| mail.letter().recipients).collect();
    assert_eq!(recipients.iter().filter(|it| *it == "ada@example.org").count(), 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_is_that_of_the_owner_of_an_address_and_not_of_a_person_who_types_it() {
    let mut mail = MailServer::start(&[]);
    let server = with_mail(&mail);
    let ada = invited(&server, "ada@example.org").await;
    let sheet = new_sheet(&ada, "Stock", 6).await;
    ada.share(&sheet, "ben@example.org", Role::Editor).await.expect("is shared");
    drop(mail.letter());
    let someone = stranger(&server).await;
    let typed = someone.sign_up("ben@example.org", NEW, "Squatter").await;
    assert!(matches!(typed, Err(Error::Unconfirmed)), "{typed:?}");
    assert_eq!(reason(someone.sign_in("ben@example.org", NEW).await), "BAD_CREDENTIALS");
    let link = mail.letter();
    someone.confirm_email(link.link(), NEW).await.expect("the owner reads the letter");
    let (ben, _) = someone.sign_in("ben@example.org", NEW).await.expect("is confirmed");
    assert_eq!(ben.sheet(&sheet).await.expect("is shared").role(), Role::Editor);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_up_whose_letter_is_refused_makes_no_account() {
    let server = Server::start_with(&["--confirm-email"]);
    let sql = server.sql().await;
    let fill = "insert into jobs (id, kind, parameters, run_at)
        select gen_random_uuid(), 'email-confirmation-logged', '{}', now() + interval '1 day'
        from generate_series(1, 1000)";
    sql.execute(fill, &[]).await.expect("as many wait as may");
    let someone = stranger(&server).await;
    assert_eq!(reason(someone.sign_up("ada@example.org", PASSWORD, "").await), "TOO_MANY_JOBS");
    sql.execute("delete from jobs where kind = 'email-confirmation-logged'", &[])
        .await
        .expect("are gone");
    let again = someone.sign_up("ada@example.org", PASSWORD, "").await;
    assert!(matches!(again, Err(Error::Unconfirmed)), "the address is free: {again:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sender_of_an_invitation_that_can_not_be_sent_gets_a_notice_and_sends_it_again() {
    let mail = MailServer::start(&["--refuse", "550 no such mailbox here: <{address}>"]);
    let server = with_mail(&mail);
    let ada = invited(&server, "ada@example.org").await;
    let sheet = new_sheet(&ada, "Stock", 6).await;
    let share = async |role| {
        ada.share_with(&sheet, "ben@example.org", role).await.expect("is shared").invites
    };
    assert!(share(Role::Viewer).await);
    let notice = eventually("the notice is there", async || {
        ada.notices("").await.expect("is signed in").notices.into_iter().next()
    })
    .await;
    let job = notice.job.clone().expect("a job");
    assert_eq!(notice.kind(), NoticeKind::Job);
    assert_eq!((&*job.name, job.succeeded), ("The invitation of ben@example.org", false));
    let sql = server.sql().await;
    let records = "select parameters::text || coalesce(secret::text, '') || coalesce(error, '')
        from jobs where kind = 'invitation'";
    let record: String = sql.query_one(records, &[]).await.expect("one job").get(0);
    assert!(!record.contains("ben@example.org"), "{record}");
    assert!(!share(Role::Editor).await, "another role is no invitation");
    assert!(share(Role::Editor).await, "the same role again is one");
    let letters = "select count(*) from jobs where kind = 'invitation'";
    let letters: i64 = sql.query_one(letters, &[]).await.expect("answers").get(0);
    assert_eq!(letters, 2);
    for _ in 0..3 {
        assert!(share(Role::Editor).await);
    }
    assert!(!share(Role::Editor).await, "an address gets five letters");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_that_arrives_leads_to_no_notice_and_one_that_waits_is_tried_for_hours() {
    let mut mail = MailServer::start(&["--busy", "5"]);
    let server = with_mail(&mail);
    let ada = invited(&server, "ada@example.org").await;
    let sheet = new_sheet(&ada, "Stock", 6).await;
    ada.share(&sheet, "ben@example.org", Role::Viewer).await.expect("is shared");
    let sql = server.sql().await;
    let waits = "select extract(epoch from run_at - now())::float8 from jobs
        where kind = 'invitation' and state = 'waiting' and attempt = $1 and run_at > now()";
    let due = "update jobs set run_at = now() where kind = 'invitation' and state = 'waiting'";
    let mut together = 0.0;
    for attempt in 1..=5 {
        let pause: f64 = eventually("the job waits again", async || {
            Some(sql.query_opt(waits, &[&attempt]).await.expect("answers")?.get(0))
        })
        .await;
        together += pause;
        sql.execute(due, &[]).await.expect("the pause is over");
    }
    assert!(together > 12.0 * 3_600.0, "{together} seconds");
    assert_eq!(mail.letter().recipients, ["ben@example.org"]);
    eventually("the job is done", async || {
        let done = "select 1 from jobs where kind = 'invitation' and state = 'done'";
        sql.query_opt(done, &[]).await.expect("answers")
    })
    .await;
    assert_eq!(ada.notices("").await.expect("is signed in").notices, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_invitations_of_one_network_and_of_the_server_are_bounded() {
    let server = Server::start();
    let (ada, ben) = (sign_up(&server).await, sign_up(&server).await);
    let sheet = new_sheet(&ada, "Stock", 6).await;
    let share = async |number: u32| {
        let email = format!("person{number}@example.org");
        ada.share(&sheet, &email, Role::Viewer).await.expect("is shared");
    };
    for number in 1..=3 {
        share(number).await;
    }
    let sql = server.sql().await;
    // Each letter takes two seconds from the bucket of the server, and more from the others.
    let of_server = "update attempts set full_at = now() + interval '3 hours'
        where full_at < now() + interval '7 seconds'";
    assert_eq!(sql.execute(of_server, &[]).await.expect("is full"), 1);
    share(4).await;
    let letters = "select count(*) from jobs where kind = 'invitation-logged'";
    let letters: i64 = sql.query_one(letters, &[]).await.expect("answers").get(0);
    assert_eq!(letters, 3, "the role is given, and the letter is left out");
    // Another account of the same network. The bucket of a network is as full as this, that of the server is not.
    let full = "update attempts set full_at = now() + interval '9500 seconds'";
    sql.execute(full, &[]).await.expect("are full");
    let sheet = new_sheet(&ben, "Other", 6).await;
    let refused = ben.share(&sheet, "second@example.org", Role::Viewer).await;
    let refused = refused.expect_err("its network has sent too many");
    assert!(refused.to_string().contains("invitations from one network"), "{refused}");
    assert_eq!(reason::<()>(Err(refused)), "TOO_MANY_ATTEMPTS");
    assert_eq!(ben.shares(&sheet).await.expect("is the owner").shares.len(), 1, "no role");
    let own = email_of(&ben).await;
    ada.share(&new_sheet(&ada, "Third", 6).await, &own, Role::Viewer).await.expect_err("likewise");
}
