//! Memory after a burst: what many small values in open sheets took goes back to the machine when the sheets close.
//!
//! Not the bounds of one request (`abuse`). Invariant: the burst consists of real calls, and it was large.

use client::net::{ImportOptions, NewSheet};
use integration::harness::{Server, eventually, sign_up, within};

/// The sheet: each read of it makes as many small values.
const COLUMNS: usize = 200;
const ROWS: usize = 1_000;
/// Reads of each sheet at once.
const READERS: usize = 4;
/// Accounts with a sheet of their own: each has its turns.
const ACCOUNTS: usize = 6;
/// A burst of less would show nothing.
const LARGE: u64 = 64 << 20;

fn sheet() -> Vec<u8> {
    let line = |row: usize| {
        let cells: Vec<String> = (0..COLUMNS).map(|column| format!("t{row}-{column}")).collect();
        cells.join(",") + "\n"
    };
    (0..=ROWS).map(line).collect::<String>().into_bytes()
}

#[tokio::test(flavor = "multi_thread")]
async fn memory_of_a_burst_goes_back() {
    let server = Server::start();
    // Code is loaded before the burst.
    sign_up(&server).await.create_sheet("Small", NewSheet::default()).await.expect("is made");
    let before = server.resident_bytes();
    let rows = u32::try_from(ROWS).expect("is small");
    let mut sheets = Vec::new();
    for _ in 0..ACCOUNTS {
        let client = sign_up(&server).await;
        let options = ImportOptions { name: "Burst".to_owned(), ..ImportOptions::default() };
        let imported = client.import_csv(&sheet()[..], &options, |_| {}).await;
        sheets.push((client, imported.expect("is imported").sheet.id));
    }
    // Each open sheet keeps the rows that were read.
    let mut reads = tokio::task::JoinSet::new();
    for (client, id) in sheets.iter().cycle().take(ACCOUNTS * READERS) {
        let (client, id) = (client.clone(), id.clone());
        // Some of them may be refused: the server bounds what is under way.
        reads.spawn(async move { client.read_cells(&id, 0..rows).await.is_ok() });
    }
    let answered = within("all answers", reads.join_all()).await;
    assert!(answered.iter().any(|&is_answered| is_answered));
    let grown = server.peak_bytes().saturating_sub(before);
    assert!(grown > LARGE, "the burst took {} MiB only", grown >> 20);
    for (client, id) in &sheets {
        client.delete_sheet(id).await.expect("is deleted");
    }
    let given_back = || async {
        let left = server.resident_bytes().saturating_sub(before);
        (left < grown / 3).then_some(left)
    };
    eventually("most of the memory of the burst is given back", given_back).await;
}
