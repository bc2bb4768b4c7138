//! The account and the sheets of a run.
//!
//! Not the clients. Invariant: each run has an account of its own, so runs share no limit.

use client::Client;

use super::error::LoadError;
use super::options::Options;
use crate::harness::wide;

/// Signs up an account for this run. Returns its token, too.
pub(crate) async fn sign_up(options: &Options) -> Result<(Client, String), LoadError> {
    sign_up_at(options.first_target()).await
}

/// Signs up an account at a node. Returns its token, too.
pub(super) async fn sign_up_at(url: &str) -> Result<(Client, String), LoadError> {
    let fail = |error| LoadError::server("signing up", error);
    let since = std::time::UNIX_EPOCH.elapsed().unwrap_or_default().as_nanos();
    let email = format!("load.{}.{since}@example.org", std::process::id());
    let client = Client::connect(url).await.map_err(fail)?;
    let (client, session) =
        client.sign_up(&email, &format!("{since}-load"), "").await.map_err(fail)?;
    Ok((client, session.token))
}

/// Creates the sheets of the run. Returns their ids.
pub(crate) async fn create_sheets(
    client: &Client,
    options: &Options,
) -> Result<Vec<String>, LoadError> {
    let mut sheets = Vec::new();
    for number in 0..options.sheets {
        let new = wide(options.rows, options.columns);
        let sheet = client.create_sheet(&format!("Load {number}"), new).await;
        let sheet = sheet.map_err(|error| LoadError::server("creating a sheet", error))?;
        sheets.push(sheet.id);
    }
    Ok(sheets)
}
