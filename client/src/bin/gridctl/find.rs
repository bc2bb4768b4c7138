//! Finds a sheet by its id or its name.
//!
//! It does not guess: a name that several sheets have is an error. Invariant: an error lists candidates or
//! names the command that does.

use client::Client;
use client::net::ListOptions;
use gridloom::v1;
use tonic::Code;
use uuid::Uuid;

use crate::failure::Failure;

/// Most candidates in an error.
const CANDIDATES_MAX: usize = 10;

/// The sheet with this id, or the only sheet with this name.
pub(crate) async fn find(client: &Client, wanted: &str) -> Result<v1::Sheet, Failure> {
    if Uuid::try_parse(wanted).is_ok() {
        match client.sheet(wanted).await {
            Ok(sheet) => return Ok(sheet),
            // A name may look like an id.
            Err(error) if error.code() == Some(Code::NotFound) => {}
            Err(error) => return Err(error.into()),
        }
    }
    let options = ListOptions { filter: wanted.to_owned(), deleted: false };
    let like = client.sheets(&options).await?;
    let named: Vec<&v1::Sheet> = like.iter().filter(|sheet| sheet.name == wanted).collect();
    match named[..] {
        // The list contains no columns.
        [only] => Ok(client.sheet(&only.id).await?),
        [] => Err(Failure::Message(format!(
            "no sheet is named {wanted:?}{}",
            candidates(&like, "; choose one of these:", "; `gridctl sheets` lists them all")
        ))),
        _ => {
            let named: Vec<v1::Sheet> = named.into_iter().cloned().collect();
            Err(Failure::Message(format!(
                "several sheets are named {wanted:?}{}",
                candidates(&named, "; give the id of one of them:", "")
            )))
        }
    }
}

fn candidates(sheets: &[v1::Sheet], some: &str, none: &str) -> String {
    if sheets.is_empty() {
        return none.to_owned();
    }
    let lines = sheets.iter().take(CANDIDATES_MAX);
    lines.fold(some.to_owned(), |all, sheet| format!("{all}\n  {}  {}", sheet.id, sheet.name))
}
