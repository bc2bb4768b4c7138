//! Jobs that find no room for what they write: a reading, a view, and a file that is saved.
//!
//! Not uploads, and not the small disk (`files/full_disk.rs`). Invariants: such a job fails with the reason, leaves no piece
//! and takes no bytes of its account; it is done when it runs again with room.

use std::fs;

use gridloom::v1;
use gridloom::v1::notice_service_client::NoticeServiceClient;
use gridloom::v1::{JobState, SavedFormat};
use integration::harness::{Server, authorized, eventually};
use model::limits::files::PIECE_BYTES;
use tonic::transport::Endpoint;

use super::saves::{of_table, source};
use super::{Tables, guesses, numbers, sorted};
use crate::files::full_disk::SmallPlace;

/// Rows whose table has more than one piece.
const ROWS: u32 = 400_000;
/// Bytes that are left: the first piece fits, and no second one.
const ROOM: u64 = PIECE_BYTES as u64 + 64 * 1024;

/// What a job does.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Work {
    Read,
    View,
    Save,
}

impl Work {
    /// Begins the job; its id.
    async fn begin(self, tables: &Tables, server: &Server, file: &str) -> String {
        let job = match self {
            Self::Read => tables.begin(file, guesses()).await.expect("begins"),
            Self::View => {
                let asked = sorted(file, None, &[("text", false)]);
                tables.make_view(asked).await.expect("begins").job.expect("a job")
            }
            Self::Save => {
                let request = of_table(source(file), SavedFormat::Csv);
                tables.save(server, request).await.expect("begins")
            }
        };
        job.id
    }
}

/// Lets a job fail at all its attempts, without their pauses. Why it has failed.
async fn failure(tables: &Tables, server: &Server, job: &str) -> String {
    let sql = server.sql().await;
    let due = "update jobs set run_at = now() where id::text = $1 and state = 'waiting'";
    let failed = eventually("its attempts end", async || {
        sql.execute(due, &[&job]).await.expect("is due");
        let found = tables.job(job).await;
        (found.ended_at_micros > 0).then_some(found)
    });
    let failed = failed.await;
    assert_eq!(failed.state(), JobState::Failed, "{failed:?}");
    failed.error
}

/// Lets a job run again, to its end.
async fn run_again(tables: &Tables, job: &str) -> v1::Job {
    let request = authorized(v1::RetryJobRequest { job_id: job.to_owned() }, tables.token());
    tables.jobs.clone().retry_job(request).await.expect("may run again");
    let ended = tables.ended(job).await;
    assert_eq!((ended.state(), &*ended.error), (JobState::Done, ""), "{ended:?}");
    ended
}

/// The bytes of the account without those that leave.
async fn used(tables: &Tables) -> u64 {
    let usage = tables.files.usage().await;
    usage.used_bytes - usage.leaving_bytes
}

/// The jobs of which the account has a notice.
async fn noticed(tables: &Tables, server: &Server) -> Vec<v1::EndedJob> {
    let endpoint = Endpoint::from_shared(server.url().to_owned()).expect("an address");
    let channel = endpoint.connect().await.expect("the server is there");
    let request = authorized(v1::ListNoticesRequest::default(), tables.token());
    let answer = NoticeServiceClient::new(channel).list_notices(request).await.expect("are listed");
    answer.into_inner().notices.into_iter().filter_map(|notice| notice.job).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_without_room_keeps_nothing_and_is_done_when_it_runs_again() {
    let Some(place) = SmallPlace::start("0") else { return };
    let server = &place.server;
    let tables = Tables::sign_up(server).await;
    let file = tables.files.upload("n.csv", &numbers(ROWS)).await.expect("is uploaded").id;
    for work in [Work::Read, Work::View, Work::Save] {
        let (pieces, bytes) = (place.pieces(), used(&tables).await);
        let filler = place.fill_but(ROOM);
        let job = work.begin(&tables, server, &file).await;
        let why = failure(&tables, server, &job).await;
        assert!(why.contains("the place of the files has no room"), "{work:?}: {why}");
        assert_eq!(used(&tables).await, bytes, "{work:?}");
        place.sweep_down_to(&tables.files, &pieces).await;
        fs::remove_file(filler).expect("is deleted");
        let done = run_again(&tables, &job).await;
        if work != Work::Read {
            assert_eq!(done.rows, u64::from(ROWS), "{work:?}");
        }
    }
    // The file that was not saved has a notice, which leads to the list of jobs.
    let noticed = noticed(&tables, server).await;
    let failed = noticed.iter().find(|job| !job.succeeded).expect("a notice");
    assert!(failed.is_listed && failed.made_file_id.is_empty(), "{failed:?}");
    let read = tables.list(&file).await.expect("is listed").tables;
    assert_eq!(read.iter().map(|table| table.rows).collect::<Vec<_>>(), [u64::from(ROWS)]);
}
