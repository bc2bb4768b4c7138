//! Pages of files and of jobs.
//!
//! Not their tables, which no call lists by pages. Invariant: the items are larger than a message together.

use client::Client;
use gridloom::v1;
use gridloom::v1::file_service_client::FileServiceClient;
use integration::harness::{Server, authorized};
use uuid::Uuid;

use super::{Caller, ITEMS, NAME_LETTERS, PAGE_SIZE};
use crate::chat::id_of;

const FILES: usize = 21;

/// Files without a byte.
pub(super) async fn files(caller: &Caller) {
    let mut calls = FileServiceClient::new(caller.channel.clone());
    let name = "\u{1f600}".repeat(NAME_LETTERS[0]);
    for _ in 0..FILES {
        let start = v1::StartUploadRequest { name: name.clone(), ..Default::default() };
        let begun = calls.start_upload(authorized(start, &caller.token)).await.expect("begins");
        let upload_id = begun.into_inner().upload.expect("is under way").id;
        let finish = v1::FinishUploadRequest { upload_id };
        calls.finish_upload(authorized(finish, &caller.token)).await.expect("is whole");
    }
    let list = v1::ListFilesRequest { page_size: PAGE_SIZE, ..Default::default() };
    let other = v1::ListFilesRequest { order: v1::FileOrder::Name.into(), ..list.clone() };
    caller.walk(list.clone(), other.clone(), FILES).await;
    caller.walk(other, list, FILES).await;
}

/// Jobs with long errors.
pub(super) async fn jobs(server: &Server, ada: &Client, caller: &Caller) {
    let account: Uuid = id_of(ada).await.parse().expect("an id");
    let failed = "insert into jobs (id, kind, account, parameters, state, error, ended_at)
        select gen_random_uuid(), 'none', $1, '{\"title\": \"Read\"}', 'failed', repeat('e', 4000), now()
        from generate_series(1, $2::bigint)";
    let count = i64::try_from(ITEMS).expect("is small");
    server.sql().await.execute(failed, &[&account, &count]).await.expect("are made");
    let list = v1::ListJobsRequest { page_size: PAGE_SIZE, ..Default::default() };
    let states = vec![v1::JobState::Failed.into()];
    let other = v1::ListJobsRequest { states, ..list.clone() };
    caller.walk(list, other, ITEMS).await;
}
