//! Mail over TLS: the certificate of the mail server is checked, and a login is sent to no other.

use integration::harness::{MailServer, Server, eventually, sign_up_with_token};

use super::authority::Authority;

#[tokio::test(flavor = "multi_thread")]
async fn mail_is_sent_to_a_server_whose_authority_is_trusted_and_to_no_other() {
    let (authority, other) = (Authority::new(), Authority::new());
    let files = authority.issue(&["localhost"]);
    let login = ["--login", "grid", "secret"];
    let tls = ["--cert", &files.certificate, "--key", &files.key];
    let mut mail = MailServer::start(&[&tls[..], &login].concat());
    let url = format!("smtps://grid:secret@localhost:{}", mail.port());
    for trusted in [&other, &authority] {
        let flags =
            ["--smtp-url", &url, "--mail-from", "grid@example.org", "--confirm-email=false"];
        let server = Server::start_with(&[&flags[..], &["--tls-ca", trusted.path()]].concat());
        let (client, _) = sign_up_with_token(&server).await;
        let account = client.who_am_i().await.expect("is signed in").account.expect("an account");
        client.request_password_reset(&account.email).await.expect("is taken");
        if trusted.path() == authority.path() {
            let letter = mail.letter();
            assert!(letter.encrypted && letter.recipients == [account.email], "{letter:?}");
            continue;
        }
        let sql = server.sql().await;
        let waits = "select error from jobs where kind = 'password-reset' and error is not null";
        let error = eventually("the certificate is refused", async || {
            let row = sql.query_opt(waits, &[]).await.expect("answers")?;
            Some(row.get::<_, String>(0))
        });
        let error = error.await;
        assert!(error.contains("certificate"), "{error}");
    }
}
