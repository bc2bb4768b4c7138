//! Hostile and broken clients: the server refuses each call with the name of its fault or closes the
//! connection, and other clients see no effect.

#[path = "abuse/accounts.rs"]
mod accounts;
#[path = "abuse/attached.rs"]
mod attached;
#[path = "abuse/connections.rs"]
mod connections;
#[path = "abuse/http.rs"]
mod http;
#[path = "abuse/numbers.rs"]
mod numbers;
#[path = "abuse/people.rs"]
mod people;
#[path = "abuse/proxied.rs"]
pub(crate) mod proxied;
#[path = "abuse/raw.rs"]
mod raw;
#[path = "abuse/room.rs"]
mod room;
#[path = "abuse/searches.rs"]
mod searches;
#[path = "abuse/sessions.rs"]
mod sessions;
#[path = "abuse/slow_exports.rs"]
mod slow_exports;
#[path = "abuse/slow_imports.rs"]
mod slow_imports;
#[path = "abuse/strangers.rs"]
mod strangers;
#[path = "abuse/stuck.rs"]
mod stuck;
#[path = "abuse/turns.rs"]
mod turns;
