//! A sheet that is being deleted accepts no edit, so nothing of it stays in the journal.
//!
//! Not a sheet that can't be committed (`aside`). Invariant: what was accepted before is committed.

use client::Error;
use client::net::Client;
use gridloom::v1;
use integration::harness::{LocalServer, new_sheet, within};
use ot_engine::{Delta, Revision};
use tonic::Code;

/// Far more edits than are accepted before the deletion has begun.
const EDITS_MOST: u64 = 500;

async fn set(client: &Client, sheet: &str) -> Result<u64, Error> {
    let (wait, set) = (v1::WaitFor::Accepted, Delta::set_cell(0, 0, 1.0));
    Ok(client.apply_delta(sheet, Revision(0), &set, wait, "").await?.revision)
}

#[tokio::test(flavor = "multi_thread")]
async fn no_edit_is_accepted_while_a_sheet_is_deleted() {
    let server = LocalServer::start(|_| {}).await;
    let (client, _) = server.sign_up().await;
    let sheet = new_sheet(&client, "Ends", 3).await;
    // The deletion waits for the commit of the first edit, which waits for the lock.
    let lock = server.sql().await;
    lock.batch_execute("begin; lock table changes in share mode").await.expect("can be locked");
    let mut accepted = set(&client, &sheet).await.expect("is accepted");
    let deletion = tokio::spawn({
        let (client, sheet) = (client.clone(), sheet.clone());
        async move { client.delete_sheet(&sheet).await }
    });
    let refused = loop {
        match set(&client, &sheet).await {
            Ok(revision) => accepted = revision,
            Err(refused) => break refused,
        }
        assert!(accepted < EDITS_MOST, "the sheet is being deleted, and accepts edits");
    };
    match refused {
        Error::Refused(refusal) => assert_eq!(refusal.code, Code::Unavailable, "{refusal:?}"),
        other => panic!("{other:?}"),
    }
    assert!(!deletion.is_finished(), "it waits for the commit");
    lock.batch_execute("rollback").await.expect("is unlocked");
    within("the deletion", deletion).await.expect("no panic").expect("its owner may");

    client.undelete_sheet(&sheet).await.expect("its owner may");
    let read = client.read_cells(&sheet, 0..1).await.expect("is there");
    assert_eq!(read.revision, accepted, "all that was accepted is committed");
    client.delete_sheet(&sheet).await.expect("its owner may");
    let home = server.stop().await;
    let journal = journal::inspect(&home.data().join("journal")).expect("can be read");
    assert_eq!(journal.expect("is there").report.entries, 0);
}
