//! An OpenID Connect provider: oidc-provider-mock in the Python environment of the tests.
//!
//! Not a browser: a test follows the addresses itself. Invariant: the provider ends with its handle.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use serde_json::Value;
use tempfile::TempDir;

use super::python;
use crate::harness::programs::Process;

/// A running provider.
#[derive(Debug)]
pub struct OidcProvider {
    _process: Process,
    port: u16,
    directory: TempDir,
}

/// What a browser brings back from the provider.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Returned {
    /// Where it is sent to, without the query.
    pub page: String,
    /// Its code; empty for a refusal.
    pub code: String,
    /// The state of the sign-in.
    pub state: String,
    /// Why the provider refuses; empty when it does not.
    pub error: String,
}

impl OidcProvider {
    /// Starts one.
    ///
    /// # Panics
    /// When it does not start.
    #[must_use]
    pub fn start() -> Self {
        Self::start_with(&[])
    }

    /// The same; `oidc_provider.py` lists the flags.
    ///
    /// # Panics
    /// When it does not start.
    #[must_use]
    pub fn start_with(flags: &[&str]) -> Self {
        let (process, port, directory) = python::start("oidc_provider.py", flags);
        Self { _process: process, port, directory }
    }

    /// Its port at this machine.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The flags of a server whose people sign in here.
    ///
    /// # Panics
    /// When the file of the secret can't be written.
    #[must_use]
    pub fn flags(&self) -> Vec<String> {
        let secret = self.directory.path().join("secret");
        std::fs::write(&secret, "a-secret-of-tests").expect("is written");
        vec![
            format!("--oidc-issuer=http://127.0.0.1:{}", self.port),
            "--oidc-client-id=grid".to_owned(),
            format!("--oidc-client-secret-file={}", secret.display()),
            "--oidc-name=Staff ID".to_owned(),
        ]
    }

    /// Sets the claims of a person, as JSON.
    ///
    /// # Panics
    /// When the provider refuses.
    pub fn person(&self, subject: &str, claims: &Value) {
        self.change("PUT", &format!("/users/{subject}"), &claims.to_string());
    }

    /// Signs with another key from now on.
    ///
    /// # Panics
    /// When the provider refuses.
    pub fn rotate(&self) {
        self.change("POST", "/test/rotate", "");
    }

    /// Gives each further ID token a fault.
    ///
    /// # Panics
    /// When the provider refuses.
    pub fn fault(&self, name: &str) {
        self.change("PUT", &format!("/test/fault/{name}"), "");
    }

    /// Waits until the fault `hold` holds so many sign-ins.
    ///
    /// # Panics
    /// When fewer come within half a minute.
    pub fn held(&self, count: u32) {
        self.change("GET", &format!("/test/held/{count}"), "");
    }

    /// What a browser brings back when a person agrees at this address.
    ///
    /// # Panics
    /// When the provider sends it nowhere.
    #[must_use]
    pub fn agree(&self, url: &str, subject: &str) -> Returned {
        self.answer(url, &format!("sub={subject}"))
    }

    /// What it brings back when the person does not agree.
    ///
    /// # Panics
    /// When the provider sends it nowhere.
    #[must_use]
    pub fn deny(&self, url: &str) -> Returned {
        self.answer(url, "action=deny")
    }

    fn answer(&self, url: &str, form: &str) -> Returned {
        let path = url.strip_prefix(&format!("http://127.0.0.1:{}", self.port));
        let path = path.unwrap_or_else(|| panic!("{url} is not the provider's"));
        let answer = self.ask("POST", path, "application/x-www-form-urlencoded", form);
        let lines = answer.lines().map(|line| line.split_once(": ").unwrap_or_default());
        let location = lines.filter(|(name, _)| name.eq_ignore_ascii_case("location"));
        let location = location.map(|(_, value)| value).next();
        let location = location.unwrap_or_else(|| panic!("sent nowhere:\n{answer}"));
        let (page, query) = location.split_once('?').expect("it has parameters");
        let mut returned = Returned { page: page.to_owned(), ..Returned::default() };
        for (name, value) in query.split('&').filter_map(|pair| pair.split_once('=')) {
            match name {
                "code" => returned.code = value.to_owned(),
                "state" => returned.state = value.to_owned(),
                "error" => returned.error = value.to_owned(),
                _ => {}
            }
        }
        returned
    }

    fn change(&self, method: &str, path: &str, json: &str) {
        let answer = self.ask(method, path, "application/json", json);
        assert!(answer.starts_with("HTTP/1.1 204"), "{method} {path}:\n{answer}");
    }

    fn ask(&self, method: &str, path: &str, form: &str, body: &str) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).expect("is there");
        let length = body.len();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: 127.0.0.1:{}\r\nconnection: close\r\ncontent-type: {form}\r\n\
             content-length: {length}\r\n\r\n",
            self.port
        );
        stream.write_all(format!("{head}{body}").as_bytes()).expect("is read");
        let mut answer = String::new();
        let _ = stream.read_to_string(&mut answer).expect("is text");
        answer
    }
}
