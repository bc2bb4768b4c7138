//! Clients of a server: accounts, sheets, `gridctl`, and sessions frame by frame.
//!
//! Not the servers, which name no client. Invariant: each sign-up makes a new account.

mod connection;
mod grid;
mod gridctl;
mod people;
mod presence;
mod sheets;
mod wire;

pub use connection::{ConnectEvent, WebConnection};
pub use grid::Grid;
pub use gridctl::Gridctl;
pub use people::{PASSWORD, email_of, sign_up, sign_up_with_token};
pub use sheets::{new_sheet, new_wide_sheet, opened, opened_new, wide};
pub use wire::{NativeSession, WebSession, authorized, sheet_calls};
