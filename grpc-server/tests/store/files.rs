//! Uploads against a real Postgres: started once, within the quota, with pieces in any order.
//!
//! Not the bytes of pieces, which no table has: a piece is its number, size and digest here. Invariants: each test has
//! accounts of its own; tests that sweep hold [`SWEEPS`], since a sweep looks at all accounts.

mod contents;
mod ends;
mod links;
mod made;
mod original;
mod pages;
mod readings;
mod shares;
mod sweeps;
mod tables;
mod views;

use futures_util::future::join_all;
use model::limits::FileLimits;
use model::limits::files::{PIECE_BYTES, UPLOADS};
use model::{
    AccountId, ContentDigest, ContentId, FileId, FileRecord, FileUsage, PieceDigest, UploadRecord,
};
use store::{Finished, NewUpload, Noted, Started, Store, StoreError};
use tokio::sync::Mutex;
use uuid::Uuid;

use crate::support::{Fixture, Outcome, account, connect};

static SWEEPS: Mutex<()> = Mutex::const_new(());

const WIDE: FileLimits =
    FileLimits { file_bytes: 1 << 50, account_file_bytes: 1 << 50, account_files: 10_000 };

async fn further_account(store: &Store) -> AccountId {
    let account = account(&format!("{}@example.com", Uuid::new_v4()));
    store.create_account(&account).await.expect("an account");
    account.id
}

/// A store whose calls use eight connections at once.
async fn wide_store(fixture: &Fixture) -> Store {
    let store = Store::connect(fixture.config.clone(), 16).await.expect("a store");
    assert_eq!(store.call_connections(), 8);
    store
}

fn new(owner: AccountId, name: &str, bytes: u64) -> NewUpload<'_> {
    let (id, content) = (FileId::generate(), ContentId::generate());
    NewUpload { id, content, owner, name, bytes, request_id: None }
}

async fn start(store: &Store, owner: AccountId, name: &str, bytes: u64) -> UploadRecord {
    match store.start_upload(new(owner, name, bytes), &WIDE).await.expect("is started") {
        Started::Upload(upload) => upload,
        other => panic!("{other:?}"),
    }
}

fn piece(number: u32) -> PieceDigest {
    let mut digest = [7; 32];
    digest[..4].copy_from_slice(&number.to_be_bytes());
    PieceDigest(digest)
}

/// A digest that no other content has.
fn unique_digest() -> ContentDigest {
    let mut digest = [0; 32];
    digest[..16].copy_from_slice(Uuid::new_v4().as_bytes());
    ContentDigest(digest)
}

/// Notes a piece of its own size.
async fn note(store: &Store, upload: &UploadRecord, number: u32) -> Noted {
    let bytes = upload.pieces.bytes_of(number).expect("a piece");
    let noted = store.note_piece(upload.owner, upload.id, number, piece(number), bytes).await;
    noted.expect("is noted")
}

async fn finish(store: &Store, upload: &UploadRecord, digest: ContentDigest) -> (FileRecord, bool) {
    match store.finish_upload(upload.owner, upload.id, digest).await.expect("is finished") {
        Finished::File { file, known } => (file, known),
        other => panic!("{other:?}"),
    }
}

/// The content that a file was uploaded with.
fn content_of(file: &FileRecord) -> ContentId {
    file.original.expect("has its original").content
}

/// The digest of that content.
fn digest_of(file: &FileRecord) -> ContentDigest {
    file.original.expect("has its original").digest
}

/// A file with all its pieces.
async fn file(
    store: &Store,
    owner: AccountId,
    name: &str,
    bytes: u64,
    digest: ContentDigest,
) -> (FileRecord, bool) {
    let upload = start(store, owner, name, bytes).await;
    for number in 0..upload.pieces.count() {
        note(store, &upload, number).await;
    }
    finish(store, &upload, digest).await
}

#[tokio::test]
async fn an_id_of_a_request_names_one_upload_and_then_its_file() -> Outcome {
    let Fixture { store, owner, .. } = Fixture::new().await;
    let first = NewUpload { request_id: Some("once"), ..new(owner, "a.bin", 10) };
    let again = NewUpload { request_id: Some("once"), ..new(owner, "a.bin", 10) };
    let other_name = NewUpload { name: "b.bin", ..again };
    let other_size = NewUpload { bytes: 11, ..again };
    let Started::Upload(upload) = store.start_upload(first, &WIDE).await? else {
        panic!("not started")
    };
    assert_eq!((upload.id, upload.content, upload.received), (first.id, first.content, 0));
    assert_eq!(store.start_upload(again, &WIDE).await?, Started::Upload(upload.clone()));
    for other in [other_name, other_size] {
        assert_eq!(store.start_upload(other, &WIDE).await?, Started::OtherUpload);
    }
    note(&store, &upload, 0).await;
    let (file, _) = finish(&store, &upload, unique_digest()).await;
    store.rename_file(owner, file.id, "renamed", None).await?;
    let file = store.file(owner, file.id).await?.ok_or("a file")?;
    assert_eq!(store.start_upload(again, &WIDE).await?, Started::File(file));
    assert_eq!(store.start_upload(other_name, &WIDE).await?, Started::OtherUpload);
    assert_eq!(store.file_usage(owner).await?.files, 1);

    let of_another = NewUpload { owner: further_account(&store).await, ..again };
    assert!(matches!(store.start_upload(of_another, &WIDE).await?, Started::Upload(_)));
    Ok(())
}

#[tokio::test]
async fn one_request_sent_eight_times_at_once_starts_one_upload() -> Outcome {
    let fixture = Fixture::new().await;
    let store = wide_store(&fixture).await;
    let starts = (0..8).map(|_| {
        let new = NewUpload { request_id: Some("once"), ..new(fixture.owner, "a.bin", 10) };
        store.start_upload(new, &WIDE)
    });
    let mut ids = Vec::new();
    for started in join_all(starts).await {
        match started? {
            Started::Upload(upload) => ids.push(upload.id),
            other => panic!("{other:?}"),
        }
    }
    ids.dedup();
    assert_eq!(ids.len(), 1, "{ids:?}");
    assert_eq!(store.uploads(fixture.owner).await?.len(), 1);
    Ok(())
}

#[tokio::test]
async fn eight_starts_at_once_exceed_neither_the_bytes_nor_the_files_of_an_account() -> Outcome {
    const BYTES: u64 = 1_000;
    let fixture = Fixture::new().await;
    let store = wide_store(&fixture).await;
    let by_bytes = FileLimits { account_file_bytes: 5 * BYTES + 999, ..WIDE };
    let by_files = FileLimits { account_files: 5, ..WIDE };
    for limits in [by_bytes, by_files] {
        let owner = further_account(&store).await;
        let starts = (0..8).map(|_| store.start_upload(new(owner, "a.bin", BYTES), &limits));
        let (mut started, mut refused) = (0, 0);
        for outcome in join_all(starts).await {
            match outcome? {
                Started::Upload(_) => started += 1,
                Started::Full(usage) if limits == by_bytes => {
                    assert_eq!(usage.used, 5 * BYTES);
                    refused += 1;
                }
                Started::TooManyFiles(usage) if limits == by_files => {
                    assert_eq!(usage.files, 5);
                    refused += 1;
                }
                other => panic!("{other:?}"),
            }
        }
        assert_eq!((started, refused), (5, 3));
        let usage = FileUsage { used: 5 * BYTES, files: 5, uploads: 5, ..FileUsage::default() };
        assert_eq!(store.file_usage(owner).await?, usage);
    }
    Ok(())
}

#[tokio::test]
async fn an_account_has_a_bounded_number_of_uploads_under_way() -> Outcome {
    let Fixture { store, owner, .. } = Fixture::new().await;
    let mut uploads = Vec::new();
    for _ in 0..UPLOADS {
        uploads.push(start(&store, owner, "a.bin", 0).await);
    }
    let refused = store.start_upload(new(owner, "a.bin", 0), &WIDE).await?;
    assert_eq!(refused, Started::TooManyUploads);
    let listed: Vec<FileId> = store.uploads(owner).await?.iter().map(|it| it.id).collect();
    let newest_first: Vec<FileId> = uploads.iter().rev().map(|it| it.id).collect();
    assert_eq!(listed, newest_first);

    store.cancel_upload(owner, uploads[0].id).await?;
    store.cancel_upload(owner, uploads[0].id).await?;
    store.cancel_upload(AccountId::generate(), uploads[1].id).await?;
    assert_eq!(store.upload(owner, uploads[0].id).await?, None);
    assert_eq!(store.uploads(owner).await?.len(), uploads.len() - 1);
    start(&store, owner, "a.bin", 0).await;
    let orphan = store.start_upload(new(AccountId::generate(), "a.bin", 0), &WIDE).await;
    assert!(matches!(orphan, Err(StoreError::NotFound("account"))), "{orphan:?}");
    let strange = store.start_upload(new(owner, "a\0", 0), &WIDE).await;
    assert!(matches!(strange, Err(StoreError::Invalid(_))), "{strange:?}");
    Ok(())
}

#[tokio::test]
async fn pieces_come_in_any_order_and_twice_and_never_change() -> Outcome {
    let Fixture { store, owner, .. } = Fixture::new().await;
    let (full, rest) = (u64::from(PIECE_BYTES), 5);
    let upload = start(&store, owner, "a.bin", 2 * full + rest).await;
    for (number, received) in [(2, rest), (0, full + rest), (0, full + rest), (1, 2 * full + rest)]
    {
        assert_eq!(note(&store, &upload, number).await, Noted::Received(received));
    }
    let other = store.note_piece(owner, upload.id, 1, piece(9), PIECE_BYTES).await?;
    assert_eq!(other, Noted::OtherPiece);
    let digests = [piece(0), piece(1), piece(2)];
    assert_eq!(store.piece_digests(upload.content, 0, 10).await?, digests);
    assert_eq!(store.piece_digests(upload.content, 1, 1).await?, digests[1..2]);
    assert_eq!(store.piece_digests(upload.content, 3, 10).await?, []);
    let seen = store.upload(owner, upload.id).await?.ok_or("an upload")?;
    assert_eq!(seen.received, 2 * full + rest);
    assert!(seen.last_micros > seen.started_micros);

    for (number, bytes) in [(0, 5), (2, PIECE_BYTES), (2, 0), (3, 0), (3, 5), (u32::MAX, 5)] {
        let noted = store.note_piece(owner, upload.id, number, piece(0), bytes).await;
        assert!(matches!(noted, Err(StoreError::Invalid(_))), "{number} {bytes}: {noted:?}");
    }
    let stranger = AccountId::generate();
    let foreign = store.note_piece(stranger, upload.id, 0, piece(0), PIECE_BYTES).await?;
    assert_eq!(foreign, Noted::NoUpload);
    Ok(())
}

#[tokio::test]
async fn pieces_that_arrive_at_once_are_counted_once() -> Outcome {
    let fixture = Fixture::new().await;
    let store = wide_store(&fixture).await;
    let full = u64::from(PIECE_BYTES);
    let upload = start(&store, fixture.owner, "a.bin", 4 * full).await;
    // Each piece twice.
    join_all((0..8).map(|at| note(&store, &upload, at % 4))).await;
    let same = (0..8).map(|_| note(&store, &upload, 3));
    assert_eq!(join_all(same).await, [Noted::Received(4 * full); 8]);
    let other = start(&store, fixture.owner, "b.bin", full).await;
    let notes =
        (0..8).map(|at| store.note_piece(fixture.owner, other.id, 0, piece(at % 2), PIECE_BYTES));
    let mut received = 0;
    for noted in join_all(notes).await {
        match noted? {
            Noted::Received(bytes) => {
                assert_eq!(bytes, full);
                received += 1;
            }
            Noted::OtherPiece => {}
            Noted::NoUpload => panic!("the upload is there"),
        }
    }
    assert_eq!(received, 4, "one of the two pieces is there");
    Ok(())
}

#[tokio::test]
async fn missing_pieces_are_ranges_and_no_more_than_asked_for() -> Outcome {
    const PIECES: u32 = 9_000;
    let Fixture { store, owner, config } = Fixture::new().await;
    let upload = start(&store, owner, "a.bin", u64::from(PIECES) * u64::from(PIECE_BYTES)).await;
    assert_eq!(store.missing_pieces(owner, upload.id, 5).await?, [(0, PIECES)]);
    assert!(store.missing_pieces(AccountId::generate(), upload.id, 5).await?.is_empty());
    let fill = "insert into file_pieces (content, number, digest, bytes)
        select $1, number, decode(repeat('01', 32), 'hex'), $2
        from generate_series(1, $3::bigint, 2) as number";
    let (bytes, last) = (i64::from(PIECE_BYTES), i64::from(PIECES) - 1);
    let sql = connect(&config).await;
    sql.execute(fill, &[&upload.content.0, &bytes, &last]).await?;
    let missing = store.missing_pieces(owner, upload.id, 100).await?;
    let expected: Vec<(u32, u32)> = (0..100).map(|at| (2 * at, 1)).collect();
    assert_eq!(missing, expected);
    let all = store.missing_pieces(owner, upload.id, usize::MAX).await?;
    assert_eq!(all.len(), PIECES as usize / 2);
    let digests = store.piece_digests(upload.content, 1, 100).await?;
    assert_eq!(digests.len(), 1, "up to the first gap");

    let gap = "delete from file_pieces where content = $1 and number between 11 and 20";
    sql.execute(gap, &[&upload.content.0]).await?;
    let missing = store.missing_pieces(owner, upload.id, 7).await?;
    assert_eq!(missing[4..], [(8, 1), (10, 11), (22, 1)]);
    let empty = start(&store, owner, "b.bin", 0).await;
    assert!(store.missing_pieces(owner, empty.id, 5).await?.is_empty());
    Ok(())
}
