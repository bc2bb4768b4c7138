//! The persons and their sheets.
//!
//! Not what is measured. Invariant: each part has persons and sheets of its own.

use client::Client;
use gridloom::v1::Role;

use super::options::Options;
use crate::harness::wide;
use crate::load::error::LoadError;
use crate::load::setup::sign_up_at;

/// Rows and columns of each sheet.
pub(super) const ROWS: u32 = 1_000;
const COLUMNS: u32 = 10;

/// A person at one of the nodes, by number.
pub(super) async fn person(
    options: &Options,
    number: usize,
) -> Result<(Client, String), LoadError> {
    sign_up_at(&options.target[number % options.target.len()]).await
}

pub(super) async fn new_sheet(client: &Client) -> Result<String, LoadError> {
    let sheet = client.create_sheet("Persons", wide(ROWS, COLUMNS)).await;
    Ok(sheet.map_err(|error| LoadError::server("creating a sheet", error))?.id)
}

/// Shares a sheet with a person, who opens it.
pub(super) async fn share(
    owner: &Client,
    sheet: &str,
    other: &Client,
    role: Role,
) -> Result<(), LoadError> {
    let fail = |error| LoadError::server("sharing a sheet", error);
    let account = other.who_am_i().await.map_err(fail)?.account.unwrap_or_default();
    owner.share(sheet, &account.email, role).await.map_err(fail)?;
    other.sheet(sheet).await.map_err(fail).map(drop)
}
