//! `files enrich`: rows of a table with columns of the answers of an API, as a new file.
//!
//! It asks no API; the server does. Invariants: a preview makes no file; a header can come from a file, so that no list of processes
//! has it.

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use clap::Args;
use client::Client;
use gridloom::v1;
use uuid::Uuid;

use super::preview;
use crate::commands::files::made::{MadeArgs, print_made};
use crate::commands::files::selection::{SelectionArgs, column_at};
use crate::credentials::keep_signed_in;
use crate::failure::Failure;
use crate::find::find_kept_file;
use crate::input::is_stream;
use crate::parse::cell::named_position;
use crate::parse::enriched::{Header, TakenColumn, TypedHeaders, header_lines, taken_column};
use crate::server::Server;

#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  gridctl files enrich stock.csv --url 'https://api.example.org/items/{gtin}' --key gtin --take name --take price.amount=price \\
    --header-file secret.txt --preview
  gridctl files enrich stock.csv --url https://api.example.org/items --list data.items --remote-key id --key gtin --take name")]
pub(crate) struct Enrich {
    /// The file's id, or its name. A file that has no table yet is read first, by the guesses of the server.
    file: String,
    #[command(flatten)]
    api: ApiArgs,
    /// Show the rows of the first ten keys, and make no file.
    #[arg(long, conflicts_with_all = ["format", "name"])]
    preview: bool,
    #[command(flatten)]
    selection: SelectionArgs,
    #[command(flatten)]
    made: MadeArgs,
}

/// The API, and how its answers belong to rows.
#[derive(Args, Debug)]
struct ApiArgs {
    /// The address of the API. With columns in braces, as {gtin}, each key has a request of its own; without, one request has
    /// all objects. Addresses of the server's own network are refused, unless its operator allows them.
    #[arg(long)]
    url: String,
    /// The column of the key.
    #[arg(long, value_name = "COLUMN")]
    key: String,
    /// A member of an object that becomes a column, by its path, and perhaps the name of the column: price.amount=price.
    #[arg(long, value_name = "PATH[=NAME]", value_parser = taken_column, required = true)]
    take: Vec<TakenColumn>,
    /// The path to the object, or to the list of objects, in an answer, such as data.items. The default is the answer.
    #[arg(long = "list", value_name = "PATH")]
    list_path: Option<String>,
    /// The path to the key in an object. The default is the first object of the answer to a key's own request.
    #[arg(long, value_name = "PATH")]
    remote_key: Option<String>,
    /// A header of each request: 'Accept-Language: de'. Secret ones belong into a file, or into the variable, one in each line. The
    /// server keeps them with the job, unencrypted, until it ends.
    #[arg(
        long = "header",
        value_name = "NAME: VALUE",
        env = "GRIDLOOM_ENRICH_HEADERS",
        hide_env_values = true
    )]
    headers: Vec<TypedHeaders>,
    /// A file of headers, one in each line; - is standard input.
    #[arg(long, value_name = "FILE")]
    header_file: Option<PathBuf>,
    /// The most requests in a second, 1 to 50. The server's default is 5.
    #[arg(long, value_name = "REQUESTS", value_parser = clap::value_parser!(u32).range(1..))]
    rate: Option<u32>,
}

pub(crate) async fn enrich(client: &Client, server: &Server, args: Enrich) -> Result<(), Failure> {
    let typed = TypedHeaders::all(&args.api.headers);
    let named = |why| Failure::Message(format!("--header or GRIDLOOM_ENRICH_HEADERS: {why}"));
    let mut headers = typed.map_err(named)?;
    if let Some(path) = &args.api.header_file {
        headers.extend(file_headers(path)?);
    }
    let file = find_kept_file(client, &args.file).await?;
    let _renewal = keep_signed_in(client, server).await?;
    let selection = args.selection.of(client, &file).await?;
    let key = named_position(&args.api.key, &selection.all).map_err(Failure::Message)?;
    let enrichment = enrichment(args.api, key, headers);
    let source = selection.source(&file);
    if args.preview {
        return show(client, source, enrichment, args.made.json).await;
    }
    let request = v1::EnrichTableRequest {
        source: Some(source),
        enrichment: Some(enrichment),
        saved: Some(args.made.saved()),
        request_id: Uuid::new_v4().to_string(),
    };
    let job = client.enrich_table(request).await?;
    print_made(client, &job, args.made.json).await
}

fn enrichment(api: ApiArgs, key: usize, headers: Vec<Header>) -> v1::Enrichment {
    let taken = |TakenColumn { path, name }| v1::TakenMember { path, name };
    v1::Enrichment {
        url: api.url,
        list_path: api.list_path.unwrap_or_default(),
        key: column_at(key),
        remote_key: api.remote_key.unwrap_or_default(),
        take: api.take.into_iter().map(taken).collect(),
        headers: headers.into_iter().map(Into::into).collect(),
        requests_per_second: api.rate.unwrap_or_default(),
    }
}

/// The headers of a file.
fn file_headers(path: &Path) -> Result<Vec<Header>, Failure> {
    let unreadable = |cause| Failure::File { verb: "read", path: path.to_owned(), cause };
    let mut text = String::new();
    let read = match is_stream(path) {
        true => std::io::stdin().lock().read_to_string(&mut text).map(drop),
        false => fs::read_to_string(path).map(|whole| text = whole),
    };
    read.map_err(unreadable)?;
    let named = |why| Failure::Message(format!("{}: {why}", path.display()));
    header_lines(&text).map_err(named)
}

/// Shows the rows of the first keys.
async fn show(
    client: &Client,
    source: v1::TableSource,
    enrichment: v1::Enrichment,
    as_json: bool,
) -> Result<(), Failure> {
    let (source, enrichment) = (Some(source), Some(enrichment));
    let request = v1::PreviewEnrichmentRequest { source, enrichment };
    let found = client.preview_enrichment(request).await?;
    preview::print(&found.columns, &found.rows, &found.notes, as_json)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_of_a_file_are_read_and_a_bad_one_is_not_repeated() {
        let path = std::env::temp_dir().join(format!("gridctl-headers-{}", Uuid::new_v4()));
        fs::write(&path, "Authorization: Bearer hunter2\n").expect("is written");
        assert_eq!(file_headers(&path).ok().map(|headers| headers.len()), Some(1));
        fs::write(&path, "hunter2\n").expect("is written");
        let error = file_headers(&path).err().map(|error| error.to_string()).unwrap_or_default();
        assert!(error.contains("line 1") && !error.contains("hunter2"), "{error}");
        fs::remove_file(&path).expect("is there");
        assert!(file_headers(&path).is_err());
    }
}
