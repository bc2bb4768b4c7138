//! Forgotten passwords from outside: the mail with its link, the new password, and what answers show.
//!
//! Not the statements of a call: see `statements`. Invariant: each link is one that the server has sent or logged.

use std::fs;

use client::{Client, Error};
use integration::harness::{
    DEADLINE, Gridctl, MailServer, OwnPostgres, OwnRedis, PASSWORD, Server, binaries, email_of,
    eventually, run, sign_up_with_token,
};
use tonic::Code;

const NEW: &str = "a quite new password";

fn with_mail(mail: &MailServer, flags: &[&str]) -> Server {
    let [url, from] = mail.flags();
    Server::start_with(&[&[url.as_str(), &from, "--confirm-email=false"], flags].concat())
}

async fn stranger(server: &Server) -> Client {
    Client::connect(server.url()).await.expect("the server is there")
}

/// The code, the reason and the refused fields of a refusal.
fn refused<T: std::fmt::Debug>(answer: Result<T, Error>) -> (Code, String, String) {
    match answer.expect_err("is refused") {
        Error::Refused(refusal) => {
            let fields: Vec<_> = refusal.violations.iter().map(|it| it.field.as_str()).collect();
            (refusal.code, refusal.reason.unwrap_or_default(), fields.join(","))
        }
        other => panic!("{other}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mailed_link_sets_a_password_once_and_ends_every_session() {
    let mut mail = MailServer::start(&[]);
    let server = with_mail(&mail, &["--host", "grid.example.org"]);
    let (ada, token) = sign_up_with_token(&server).await;
    let (address, someone) = (email_of(&ada).await, stranger(&server).await);
    let (again, _) = someone.sign_in(&address, PASSWORD).await.expect("signs in");
    let answer = someone.request_password_reset(&address.to_uppercase()).await.expect("is taken");
    assert!(answer.sends_mail && answer.valid_seconds == 3_600, "{answer:?}");
    let letter = mail.letter();
    assert_eq!((&letter.recipients, &*letter.sender), (&vec![address.clone()], "grid@example.org"));
    let link = letter.link();
    assert!(link.starts_with("https://grid.example.org/reset-password#glr_"), "{link}");

    let weak = someone.reset_password(link, "short").await;
    assert_eq!(refused(weak).2, "new_password");
    let same = someone.reset_password(link, PASSWORD).await.expect_err("is the old one");
    assert!(same.to_string().contains("must differ from the old one"), "{same}");
    assert_eq!(refused::<()>(Err(same)).2, "new_password");
    someone.reset_password(link, NEW).await.expect("the link is valid still");
    for ended in [&ada, &again] {
        assert_eq!(refused(ended.who_am_i().await).1, "TOKEN_INVALID");
    }
    assert_eq!(refused(someone.sign_in(&address, PASSWORD).await).1, "BAD_CREDENTIALS");
    let (signed_in, _) = someone.sign_in(&address, NEW).await.expect("the new password");
    let used = refused(someone.reset_password(link, NEW).await);
    assert_eq!(used, (Code::InvalidArgument, "LINK_REFUSED".into(), "token".into()));
    let made_up = someone.reset_password(&link.replace("glr_", "glr_A"), NEW).await;
    assert_eq!(refused(made_up).2, "token");
    signed_in.who_am_i().await.expect("a refused link ends nothing");
    drop((token, server));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_password_by_a_link_forgets_the_wrong_ones_from_its_network() {
    let mut mail = MailServer::start(&[]);
    let server = with_mail(&mail, &[]);
    let (ada, _) = sign_up_with_token(&server).await;
    let (address, someone) = (email_of(&ada).await, stranger(&server).await);
    for _ in 0..10 {
        let wrong = someone.sign_in(&address, "forgotten word").await;
        assert_eq!(refused(wrong).1, "BAD_CREDENTIALS");
    }
    let sql = server.sql().await;
    let used_up = async || -> i64 {
        let rows = "select count(*) from attempts where full_at > now() + interval '4 minutes'
            and full_at < now() + interval '6 minutes'";
        sql.query_one(rows, &[]).await.expect("answers").get(0)
    };
    assert_eq!(used_up().await, 2, "of the address with this network, and with all");
    someone.request_password_reset(&address).await.expect("is taken");
    someone.reset_password(mail.letter().link(), NEW).await.expect("the link is valid");
    assert_eq!(used_up().await, 1, "of the address with all networks");
    someone.sign_in(&address, NEW).await.expect("the new password");
}

/// Neither the answer, nor the record of the job, nor a letter shows that an address has no account.
#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_address_has_the_same_answer_and_the_same_record() {
    let mut mail = MailServer::start(&[]);
    let server = with_mail(&mail, &[]);
    let (ada, _) = sign_up_with_token(&server).await;
    let (known, someone) = (email_of(&ada).await, stranger(&server).await);
    let unknown = someone.request_password_reset("no.account@example.org").await.expect("is taken");
    assert_eq!(someone.request_password_reset(&known).await.expect("is taken"), unknown);
    assert_eq!(mail.letter().recipients, [known], "the first letter is the known one's");
    let sql = server.sql().await;
    let rows =
        "select (to_jsonb(jobs) - '{id,fence,created_at,run_at,started_at,ended_at,changed_at}'::text[])::text
        from jobs where kind = 'password-reset' and state = 'done'";
    let records = eventually("both jobs are done", async || {
        let rows = sql.query(rows, &[]).await.expect("answers");
        let rows: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
        (rows.len() == 2).then_some(rows)
    });
    let records = records.await;
    assert_eq!(records[0], records[1]);
    let malformed = someone.request_password_reset("nobody").await;
    assert_eq!(refused(malformed).2, "email");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_busy_mail_server_receives_the_same_letter_later() {
    let mut mail = MailServer::start(&["--busy", "1"]);
    let server = with_mail(&mail, &[]);
    let (ada, _) = sign_up_with_token(&server).await;
    let someone = stranger(&server).await;
    someone.request_password_reset(&email_of(&ada).await).await.expect("is taken");
    let sql = server.sql().await;
    let waits =
        "select error, run_at > now() from jobs where kind = 'password-reset' and state = 'waiting'
        and attempt = 1";
    let (error, later) = eventually("the job waits again", async || {
        let row = sql.query_opt(waits, &[]).await.expect("answers")?;
        Some((row.get::<_, String>(0), row.get::<_, bool>(1)))
    })
    .await;
    assert!(later && error.contains("451") && error.contains("come back later"), "{error}");
    let due = "update jobs set run_at = now() where state = 'waiting'";
    sql.execute(due, &[]).await.expect("the pause is over");
    let letter = mail.letter();
    let id: String = sql
        .query_one("select id::text from jobs where kind = 'password-reset'", &[])
        .await
        .expect("one job")
        .get(0);
    assert_eq!(letter.message_id, format!("<{id}@example.org>"));
    let kept = "select count(*) from mailed_links where account is not null";
    let kept: i64 = sql.query_one(kept, &[]).await.expect("answers").get(0);
    assert_eq!(kept, 2, "the link of the first attempt may have arrived, and stays valid");
    someone.reset_password(letter.link(), NEW).await.expect("the link is valid");
    let kept = "select count(*) from mailed_links";
    assert_eq!(sql.query_one(kept, &[]).await.expect("answers").get::<_, i64>(0), 0);
}

/// A server without mail in a cluster takes no letter that is to be mailed, and each letter names the server that was
/// asked.
#[tokio::test(flavor = "multi_thread")]
async fn a_letter_is_sent_by_a_server_with_mail_and_names_the_server_that_was_asked() {
    let (postgres, redis) = (OwnPostgres::start().await, OwnRedis::start().await);
    let (database, journal) = (postgres.tcp_url(), redis.url());
    let mut mail = MailServer::start(&[]);
    let [url, from] = mail.flags();
    let with = ["--public-url", "https://with.example.org", &url, &from, "--confirm-email=false"];
    let with = Server::start_sharing(&database, &journal, &with);
    let without = ["--public-url", "https://without.example.org"];
    let without = Server::start_sharing(&database, &journal, &without);
    let mut addresses = Vec::new();
    for _ in 0..8 {
        addresses.push(email_of(&sign_up_with_token(&with).await.0).await);
    }
    let (asked, other) = (stranger(&with).await, stranger(&without).await);
    for address in &addresses {
        assert!(asked.request_password_reset(address).await.expect("is taken").sends_mail);
    }
    for _ in &addresses {
        let letter = mail.letter();
        assert!(letter.link().starts_with("https://with.example.org/"), "{}", letter.link());
    }
    let answer = other.request_password_reset(&addresses[0]).await.expect("is taken");
    assert!(!answer.sends_mail);
    eventually("a log has the link of the server that was asked", async || {
        let log = |server: &Server| fs::read_to_string(server.home().log()).expect("is there");
        let logs = [log(&with), log(&without)].concat();
        logs.contains("https://without.example.org/reset-password#glr_").then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_of_the_mail_server_is_in_the_record_and_in_the_log_without_the_address() {
    let mail = MailServer::start(&["--refuse", "550 no such mailbox here: <{address}>"]);
    let server = with_mail(&mail, &[]);
    let (ada, _) = sign_up_with_token(&server).await;
    let (address, someone) = (email_of(&ada).await, stranger(&server).await);
    someone.request_password_reset(&address).await.expect("is taken");
    let sql = server.sql().await;
    let failed = "select error, attempt, secret is null from jobs where state = 'failed'";
    let (error, attempts, is_empty) = eventually("the job fails for good", async || {
        let row = sql.query_opt(failed, &[]).await.expect("answers")?;
        Some((row.get::<_, String>(0), row.get::<_, i32>(1), row.get::<_, bool>(2)))
    })
    .await;
    assert!(error.contains("550") && error.contains("no such mailbox here"), "{error}");
    assert!(attempts == 1 && is_empty);
    let log = eventually("the log has a line", async || {
        let log = fs::read_to_string(server.home().log()).expect("is there");
        log.contains("job failed for good").then_some(log)
    });
    let log = log.await;
    assert!(log.contains("no such mailbox here"));
    for text in [&error, &log] {
        assert!(!text.contains(&address), "{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_for_one_address_are_limited_and_the_mailed_links_stay_valid() {
    let mut mail = MailServer::start(&[]);
    let server = with_mail(&mail, &[]);
    let (ada, _) = sign_up_with_token(&server).await;
    let (address, someone) = (email_of(&ada).await, stranger(&server).await);
    for address in [address.as_str(), "no.account@example.org"] {
        for _ in 0..3 {
            someone.request_password_reset(address).await.expect("is taken");
        }
        let limited = refused(someone.request_password_reset(address).await);
        assert_eq!((limited.0, &*limited.1), (Code::ResourceExhausted, "TOO_MANY_ATTEMPTS"));
    }
    let letters: Vec<_> = (0..3).map(|_| mail.letter()).collect();
    someone.reset_password(letters[0].link(), NEW).await.expect("the first link is valid");
    for later in &letters[1..] {
        assert_eq!(refused(someone.reset_password(later.link(), NEW).await).1, "LINK_REFUSED");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_mail_the_link_is_in_the_log_and_the_command_line_names_the_operator() {
    let server = Server::start_with(&["--operator-contact", "ops@example.org"]);
    let gridctl = Gridctl::sign_up(&server, "clerk@example.org");
    // The harness gives the password by environment, and a link sets no password that the account has.
    let clerk = stranger(&server).await.sign_in("clerk@example.org", PASSWORD).await;
    let (clerk, _) = clerk.expect("signs in");
    clerk.change_password(PASSWORD, NEW).await.expect("is changed");
    let asked = gridctl.run(&["forgot", "clerk@example.org"]);
    assert!(asked.status.success() && asked.stderr.contains("ops@example.org"), "{}", asked.stderr);
    let link = eventually("the log has the link", async || {
        let log = fs::read_to_string(server.home().log()).expect("is there");
        let at = log.find("http://")?;
        let link = log.match_indices("http://").map(|(at, _)| &log[at..]);
        let link =
            link.filter_map(|rest| rest.split([' ', '"']).next()).find(|it| it.contains("#glr_"));
        link.map(str::to_owned).filter(|_| at > 0)
    });
    let link = link.await;
    let _ = gridctl.run(&["reset-password", &link]).success();
    let used = gridctl.run(&["reset-password", &link]);
    assert!(!used.status.success() && used.stderr.contains("ask for a new one"), "{}", used.stderr);
    let out = gridctl.run(&["whoami"]);
    assert!(!out.status.success(), "{}", out.stdout);
    let _ = gridctl.run(&["sign-in", "clerk@example.org"]).success();
    let unknown = Gridctl::at(&server).run(&["forgot", "no.account@example.org"]);
    let same = asked.stderr.replace("clerk@", "no.account@");
    assert_eq!(unknown.stderr, same, "the answer shows no account");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_makes_a_link_beside_a_running_server() {
    let server = Server::start();
    let (ada, _) = sign_up_with_token(&server).await;
    let address = email_of(&ada).await;
    let admin = |email: &str| {
        let mut command = std::process::Command::new(binaries::gridloom());
        command.args(["admin", "reset", email, "--public-url", "https://grid.example.org"]);
        command.args(["--data-dir", &server.home().data().to_string_lossy()]);
        run(command, DEADLINE)
    };
    let link = admin(&address).success();
    assert!(link.starts_with("https://grid.example.org/reset-password#glr_"), "{link}");
    let unknown = admin("no.account@example.org");
    assert!(unknown.stderr.contains("no account has the address"), "{}", unknown.stderr);
    stranger(&server).await.reset_password(link.trim(), NEW).await.expect("the link is valid");
    assert_eq!(refused(ada.who_am_i().await).1, "TOKEN_INVALID");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_level_of_the_log_shows_a_mailed_link_or_the_password_of_the_mail_server() {
    let mut mail = MailServer::start(&["--login", "grid", "mail secret"]);
    let url = format!("smtp://grid:mail%20secret@127.0.0.1:{}", mail.port());
    let flags = ["--smtp-url", &url, "--mail-from", "Grid <grid@example.org>", "--log", "trace"];
    let server = Server::start_with(&[&flags[..], &["--confirm-email=false"]].concat());
    let (ada, _) = sign_up_with_token(&server).await;
    let someone = stranger(&server).await;
    someone.request_password_reset(&email_of(&ada).await).await.expect("is taken");
    let letter = mail.letter();
    let (_, token) = letter.link().split_once('#').expect("a token");
    someone.reset_password(token, NEW).await.expect("the token alone does, too");
    let (stopped, _) = server.stop();
    let log = fs::read_to_string(stopped.home().log()).expect("is there");
    assert!(log.contains(" TRACE "), "the log is as asked for");
    for secret in [token, NEW, "mail secret", "mail%20secret"] {
        let line = log.lines().find(|line| line.contains(secret));
        assert_eq!(line, None, "{secret}");
    }
}
