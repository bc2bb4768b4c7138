//! Callers who mean no good, or do not know better: each is answered by name or cut off, and nobody else
//! notices.

#[path = "abuse/accounts.rs"]
mod accounts;
#[path = "abuse/connections.rs"]
mod connections;
#[path = "abuse/http.rs"]
mod http;
#[path = "abuse/numbers.rs"]
mod numbers;
#[path = "abuse/raw.rs"]
mod raw;
#[path = "abuse/sessions.rs"]
mod sessions;
#[path = "abuse/stuck.rs"]
mod stuck;
