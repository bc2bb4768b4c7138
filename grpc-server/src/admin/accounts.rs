//! The operator's commands on accounts: list them, disable one, enable it, make it an operator, and print a link for a password
//! or an invitation.
//!
//! Not the mail: the operator passes a link on. Invariants: a link is one as a job makes it, valid as long and once; a
//! disabled account has no token from the moment of the answer, and the servers end its sessions by a job.

use std::io::stdout;

use serde_json::{Value, json};

use super::printer::{Printer, time};
use super::sources::{Place, Sources};
use crate::edge::errors::ServiceError;
use crate::edge::keys::server_key::ServerKey;
use crate::edge::rights::end_sessions;
use crate::mail::links;
use crate::service::names;
use model::{AccountRecord, AccountState};
use store::{LinkFor, ListedAccount, Store};

/// The accounts that `users` lists.
#[derive(Clone, Debug, clap::Args)]
pub struct Page {
    /// Only accounts that are disabled
    #[arg(long)]
    pub disabled: bool,
    /// Begins after this e-mail address: the last one of the page before
    #[arg(long, value_name = "EMAIL", default_value = "")]
    pub after: String,
    /// How many are listed
    #[arg(long, value_name = "COUNT", default_value_t = 100,
        value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub limit: u32,
    /// One JSON object a line, for programs
    #[arg(long)]
    pub json: bool,
}

/// Lists accounts.
pub(super) async fn users(page: &Page, place: &Place) -> Result<(), String> {
    let sources = place.open().await?;
    // One account more than requested shows whether there is a next page.
    let after = folded(&page.after);
    let listed = sources.store.accounts(&after, page.disabled, page.limit + 1).await;
    let listed = closed(sources, listed.map_err(|error| error.to_string())).await?;
    let mut printer = Printer::new(stdout(), page.json);
    let shown = listed.iter().take(page.limit as usize);
    shown.for_each(|account| {
        printer.line("account", &account_json(account), &account_text(account))
    });
    if let Some(last) =
        listed.get(page.limit as usize - 1).filter(|_| listed.len() > page.limit as usize)
    {
        printer.note(&format!("there are more; continue with --after {}", last.email));
    }
    printer.finish().map_err(|error| error.to_string())
}

/// Disables the account of an address.
pub(super) async fn disable(email: &str, place: &Place) -> Result<(), String> {
    let (email, sources) = (folded(email), place.open().await?);
    let disabled = sources.store.disable_account(&email, end_sessions::new_job).await;
    let disabled = closed(sources, disabled.map_err(|error| error.to_string())).await?;
    disabled.ok_or_else(|| unknown(&email))?;
    printed(&format!("{email} is disabled; running servers end its sessions within seconds"))
}

/// Enables the account of an address.
pub(super) async fn enable(email: &str, place: &Place) -> Result<(), String> {
    let (email, sources) = (folded(email), place.open().await?);
    let enabled = sources.store.enable_account(&email).await;
    let enabled = closed(sources, enabled.map_err(|error| error.to_string())).await?;
    match enabled.ok_or_else(|| unknown(&email))? {
        true => printed(&format!("{email} may sign in again")),
        false => printed(&format!("{email} was not disabled; nothing has changed")),
    }
}

/// Gives the account of an address the right of an operator, or takes it.
pub(super) async fn operator(email: &str, is_operator: bool, place: &Place) -> Result<(), String> {
    let (email, sources) = (folded(email), place.open().await?);
    let store = &sources.store;
    let set = async {
        let account = account(store, &email).await?.ok_or_else(|| unknown(&email))?;
        if is_operator && account.state == AccountState::Unconfirmed {
            // It may be that of a person without the address.
            return Err(format!(
                "{email} is not confirmed; give the right once its owner has confirmed the address"
            ));
        }
        store.set_operator(&email, is_operator).await.map_err(|error| error.to_string())
    };
    let set = set.await;
    let set = closed(sources, set).await?;
    match (set.ok_or_else(|| unknown(&email))?, is_operator) {
        (true, true) => {
            printed(&format!("{email} has the right of an operator from its next call"))
        }
        (true, false) => printed(&format!("{email} has the right of an operator no longer")),
        (false, true) => printed(&format!("{email} has the right already; nothing has changed")),
        (false, false) => printed(&format!("{email} has not the right; nothing has changed")),
    }
}

/// Prints a link by which the owner of an account sets a new password.
pub(super) async fn reset(email: &str, public_url: &str, place: &Place) -> Result<(), String> {
    let (email, sources) = (folded(email), place.open().await?);
    let store = &sources.store;
    let made = async {
        let account = account(store, &email).await?.ok_or_else(|| unknown(&email))?;
        if account.state == AccountState::Disabled {
            return Err(format!(
                "the account is disabled; run `gridloom admin enable {email}` first"
            ));
        }
        links::make(store, &key(store).await?, LinkFor::Password(account.id), public_url).await
    };
    let made = made.await;
    print_link(&closed(sources, made).await?)
}

/// Prints a link by which the owner of an address makes an account, whatever the rule of sign-ups is.
pub(super) async fn invite(email: &str, public_url: &str, place: &Place) -> Result<(), String> {
    let (email, sources) = (folded(email), place.open().await?);
    let store = &sources.store;
    let made = async {
        if names::email(&email).is_err() {
            return Err(format!("{email} is no e-mail address; give one such as ada@example.org"));
        }
        let known = account(store, &email).await?;
        // An invitation takes the place of an account that is not confirmed.
        if known.is_some_and(|account| account.state != AccountState::Unconfirmed) {
            return Err(format!(
                "{email} has an account; `gridloom admin reset` makes a password link"
            ));
        }
        links::make(store, &key(store).await?, LinkFor::Invite(&email, None), public_url).await
    };
    let made = made.await;
    print_link(&closed(sources, made).await?)
}

async fn account(store: &Store, email: &str) -> Result<Option<AccountRecord>, String> {
    store.account_by_email(email).await.map_err(|error| error.to_string())
}

async fn key(store: &Store) -> Result<ServerKey, String> {
    let text = |error: ServiceError| tonic::Status::from(error).message().to_owned();
    ServerKey::load(store).await.map_err(text)
}

fn print_link(link: &str) -> Result<(), String> {
    let mut printer = Printer::new(stdout(), false);
    printer.line("link", &json!({"link": link}), link);
    printer.finish().map_err(|error| error.to_string())
}

/// Closes the database before the answer is looked at.
async fn closed<T>(sources: Sources, answer: Result<T, String>) -> Result<T, String> {
    sources.close().await;
    answer
}

fn printed(text: &str) -> Result<(), String> {
    let mut printer = Printer::new(stdout(), false);
    printer.note(text);
    printer.finish().map_err(|error| error.to_string())
}

fn folded(email: &str) -> String {
    email.trim().to_ascii_lowercase()
}

fn unknown(email: &str) -> String {
    format!("no account has the address {email}; `gridloom admin users` lists those that there are")
}

const fn state_name(state: AccountState) -> &'static str {
    match state {
        AccountState::Active => "active",
        AccountState::Unconfirmed => "unconfirmed",
        AccountState::Disabled => "disabled",
    }
}

fn account_json(account: &ListedAccount) -> Value {
    json!({
        "id": account.id.to_string(),
        "email": account.email,
        "name": account.display_name,
        "state": state_name(account.state),
        "created": time(account.created_micros),
        "used": account.used_micros.map(time),
        "sheets": account.sheets,
        "tokens": account.tokens,
    })
}

fn account_text(account: &ListedAccount) -> String {
    let ListedAccount { email, display_name, created_micros, state, sheets, tokens, .. } = account;
    let used = account
        .used_micros
        .map_or_else(|| "not signed in".to_owned(), |at| format!("used {}", time(at)));
    let (state, created) = (state_name(*state), time(*created_micros));
    format!(
        "{email} {display_name:?}: {state}, since {created}, {used}; {sheets} sheets, {tokens} tokens"
    )
}
