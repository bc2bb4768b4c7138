//! The job that makes a file of the rows of a table.
//!
//! Not the rows and the operation: see its neighbours. Invariant: each command begins one job.

use client::Client;
use gridloom::v1;
use gridloom::v1::derive_table_request::Operation;
use uuid::Uuid;

use crate::commands::files::made::{MadeArgs, print_made};
use crate::failure::Failure;

/// Begins the job, and prints the file that it has made.
pub(super) async fn make(
    client: &Client,
    source: v1::TableSource,
    operation: Operation,
    made: &MadeArgs,
) -> Result<(), Failure> {
    let request = v1::DeriveTableRequest {
        source: Some(source),
        operation: Some(operation),
        saved: Some(made.saved()),
        request_id: Uuid::new_v4().to_string(),
    };
    let job = client.derive_table(request).await?;
    print_made(client, &job, made.json).await
}
