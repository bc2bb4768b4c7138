//! `export` in another format than CSV, or at an older revision: a job makes a file, which is downloaded.
//!
//! Not the stream of CSV. Invariant: the made file is deleted for good after its download.

use std::io::IsTerminal;
use std::path::Path;

use client::Client;
use gridloom::v1;
use uuid::Uuid;

use crate::content::Target;
use crate::credentials::keep_signed_in;
use crate::failure::Failure;
use crate::made::download_made;
use crate::parse::saved_format::SavedFormat;
use crate::server::Server;

/// Refuses bytes that are no text on a terminal, before anything is made for it.
pub(super) fn check_terminal(format: SavedFormat, output: Option<&Path>) -> Result<(), Failure> {
    let is_shown = Target::named(output) == Target::Stream && std::io::stdout().is_terminal();
    match is_shown && !format.is_text() {
        true => Err(Failure::Message(
            "a terminal can't show a file of this format; name a file with --output".to_owned(),
        )),
        false => Ok(()),
    }
}

pub(super) fn request(
    sheet_id: &str,
    revision: Option<u64>,
    saved: v1::SavedForm,
) -> v1::SaveSheetRequest {
    v1::SaveSheetRequest {
        sheet_id: sheet_id.to_owned(),
        revision,
        saved: Some(saved),
        request_id: Uuid::new_v4().to_string(),
    }
}

/// Has a sheet saved, downloads the file, and deletes it at the server.
pub(super) async fn export(
    client: &Client,
    server: &Server,
    request: v1::SaveSheetRequest,
    output: Option<&Path>,
) -> Result<(), Failure> {
    let _renewal = keep_signed_in(client, server).await?;
    download_made(client, begin(client, request), |_| Target::named(output)).await
}

async fn begin(client: &Client, request: v1::SaveSheetRequest) -> Result<v1::Job, Failure> {
    Ok(client.save_sheet(request).await?)
}
