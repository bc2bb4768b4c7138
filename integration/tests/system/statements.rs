//! Calls whose answer and time may not show whether an address has an account: they run the same statements.
//!
//! Not the answers (`resets`, `letters`, `sharing`). Invariant: a statement before the answer is the same for both.

use client::{Client, Error};
use gridloom::v1::Role;
use integration::harness::{PASSWORD, Server, Statements, new_sheet};
use tonic::Code;

use crate::sign_up::admin;

const KNOWN: &str = "known@example.org";
const UNKNOWN: &str = "unknown@example.org";
/// What statements on accounts and addresses name.
const TABLES: [&str; 7] = [
    "accounts",
    "attempts",
    "known_networks",
    "mailed_links",
    "shares",
    "insert into jobs",
    "pg_advisory_xact_lock",
];

/// Letters wait, so that no statement of their jobs is among those of a call.
async fn hold_letters(server: &Server) {
    let sql = server.sql().await;
    let later = "create function later() returns trigger language plpgsql as $$ begin
            new.run_at := now() + interval '1 day';
            return new;
        end $$;
        create trigger later before insert on jobs for each row
        when (new.secret is not null) execute function later()";
    sql.batch_execute(later).await.expect("is made");
}

/// A refusal for what the request says, as one without a mail server, is an answer, too.
fn answered<T>(answer: Result<T, Error>) {
    if let Err(Error::Refused(refusal)) = answer {
        let expected = [Code::Unauthenticated, Code::FailedPrecondition];
        assert!(expected.contains(&refusal.code), "{refusal:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_statements_of_a_call_are_the_same_for_an_address_without_an_account() {
    // Nothing listens there: no letter is sent.
    let server =
        Server::start_with(&["--smtp-url=smtp://127.0.0.1:9", "--mail-from=g@example.org"]);
    let someone = Client::connect(server.url()).await.expect("the server is there");
    let mut clients = Vec::new();
    for email in ["ada@example.org", KNOWN] {
        let link = admin(&server, &["invite", email]).success();
        let made = someone.sign_up_invited(email, PASSWORD, "", link.trim()).await;
        clients.push(made.expect("is invited").0);
    }
    let ada = &clients[0];
    let sheets = [new_sheet(ada, "Stock", 6).await, new_sheet(ada, "Other", 6).await];
    hold_letters(&server).await;
    let log = Statements::of(server.home().data(), &server.sql().await).await;
    let mut all = Vec::new();
    for (email, sheet) in [(KNOWN, &sheets[0]), (UNKNOWN, &sheets[1])] {
        all.push([
            log.during(&TABLES, async {
                answered(someone.request_password_reset(email).await);
            })
            .await,
            log.during(&TABLES, async {
                ada.share(sheet, email, Role::Viewer).await.expect("is shared");
            })
            .await,
            log.during(&TABLES, async {
                answered(ada.transfer_sheet(sheet, email).await);
            })
            .await,
            // After the calls before it, as it makes the account.
            log.during(&TABLES, async {
                let made = someone.sign_up(email, "a quite new password", "").await;
                assert!(matches!(made, Err(Error::Unconfirmed)), "{made:?}");
            })
            .await,
            log.during(&TABLES, async {
                let other = format!("no.{email}");
                let email = if email == KNOWN { email } else { &other };
                answered(someone.sign_in(email, "another password").await);
            })
            .await,
            // With the password of the sign-up before.
            log.during(&TABLES, async {
                answered(someone.sign_in(email, "a quite new password").await);
            })
            .await,
        ]);
    }
    for (known, unknown) in all[0].iter().zip(&all[1]) {
        assert_eq!(known, unknown);
        assert!(!known.is_empty(), "a call on an address asks Postgres");
    }
}
