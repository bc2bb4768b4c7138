//! `files link`: prints a link by which a file is downloaded without an account.
//!
//! It downloads nothing. Invariant: standard output has the link alone, so a command can take it.

use std::io::Write;

use clap::Args;
use client::Client;

use crate::failure::Failure;
use crate::find::find_kept_file;
use crate::output::files::minute;
use crate::output::say;
use crate::server::Server;

#[derive(Args, Debug)]
pub(crate) struct Link {
    /// The file's id, or its name.
    file: String,
}

pub(crate) async fn link(client: &Client, server: &Server, args: Link) -> Result<(), Failure> {
    let file = find_kept_file(client, &args.file).await?;
    let link = client.download_link(&file.id).await?;
    writeln!(std::io::stdout().lock(), "{}", url(&server.address, &link.path))?;
    say(&format!(
        "the link needs no account and leads to {:?} until {}; it does not work while the file is removed",
        file.name,
        minute(link.ends_at_micros)
    ));
    Ok(())
}

/// The whole address. Of several addresses of a server it has the first one.
fn url(address: &str, path: &str) -> String {
    let first = address.split(',').next().unwrap_or(address).trim();
    format!("{}{path}", first.trim_end_matches('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_has_one_address() {
        let expected = "https://a.example:7400/download/x/a.csv";
        for address in ["https://a.example:7400", "https://a.example:7400/,https://b.example"] {
            assert_eq!(url(address, "/download/x/a.csv"), expected, "{address}");
        }
    }
}
