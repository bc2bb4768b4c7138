//! A file that a job makes for one download, and that is deleted for good afterwards.
//!
//! What the job is, a command knows. Invariant: the made file stays at the server only where its deletion fails, or where the
//! command no longer waits for the job; both are reported.

use client::Client;
use gridloom::v1;

use crate::content::{Target, write};
use crate::failure::Failure;
use crate::interrupt::until_interrupt;
use crate::output::jobs::notes;
use crate::output::say;
use crate::wait::{interrupts, wait_or_cancel};

/// Begins a job and waits for it, downloads the file that it has made, and deletes that file. An interrupt cancels the job.
pub(crate) async fn download_made(
    client: &Client,
    begin: impl Future<Output = Result<v1::Job, Failure>>,
    target: impl FnOnce(&v1::File) -> Target,
) -> Result<(), Failure> {
    let interrupts = interrupts()?;
    let job = begin.await?;
    let done = match wait_or_cancel(client, &job.id, interrupts).await {
        Ok(done) => done,
        Err(failure) => {
            // It may be done before its cancellation arrives.
            if let Ok(ended) = client.job(&job.id).await {
                delete(client, &ended.made_file_id).await;
            }
            return Err(failure);
        }
    };
    for note in notes(&done) {
        say(&note);
    }
    let downloaded = download(client, &done.made_file_id, target);
    let downloaded = until_interrupt(downloaded).await;
    delete(client, &done.made_file_id).await;
    downloaded
}

async fn download(
    client: &Client,
    file_id: &str,
    target: impl FnOnce(&v1::File) -> Target,
) -> Result<(), Failure> {
    let file = client.file(file_id).await?;
    write(client, &file, target(&file)).await
}

/// Deletes a made file for good; none has an empty id.
async fn delete(client: &Client, file_id: &str) {
    if file_id.is_empty() {
        return;
    }
    if let Err(error) = client.remove_file(file_id, true).await {
        say(&format!(
            "the file that was made for the download is still at the server: {error}\n  `gridctl files remove {file_id} \
             --for-good` deletes it"
        ));
    }
}
