//! Uploads that become files, and contents that files share.
//!
//! Not the end of contents (`sweeps`). Invariant: files of one owner with equal digests share a content, those of two
//! owners never.

use futures_util::future::join_all;
use model::limits::files::PIECE_BYTES;
use model::{AccountId, ContentId, FileId, FileUsage};
use store::{Finished, Noted, Store};

use super::{
    content_of, digest_of, file, finish, further_account, note, piece, start, unique_digest,
    wide_store,
};
use crate::support::{Fixture, Outcome, connect};

const FULL: u64 = PIECE_BYTES as u64;

/// What the files and uploads of an account name, without what leaves.
async fn named(store: &Store, owner: AccountId) -> FileUsage {
    let usage = store.file_usage(owner).await.expect("an answer");
    let used = usage.used.checked_sub(usage.leaving).expect("a part of it leaves");
    FileUsage { used, leaving: 0, leaving_contents: 0, ..usage }
}

#[tokio::test]
async fn an_upload_is_finished_once_all_pieces_are_there() -> Outcome {
    let Fixture { store, owner, .. } = Fixture::new().await;
    let (upload, digest) = (start(&store, owner, "a.bin", 2 * FULL + 1).await, unique_digest());
    note(&store, &upload, 2).await;
    assert_eq!(store.finish_upload(owner, upload.id, digest).await?, Finished::Missing(2));
    note(&store, &upload, 0).await;
    note(&store, &upload, 1).await;
    let foreign = store.finish_upload(AccountId::generate(), upload.id, digest).await?;
    assert_eq!(foreign, Finished::NoUpload);
    let of_another = further_account(&store).await;
    assert_eq!(store.finish_upload(of_another, upload.id, digest).await?, Finished::NoUpload);

    let (made, known) = finish(&store, &upload, digest).await;
    assert!(!known);
    assert_eq!((made.id, made.owner, content_of(&made)), (upload.id, owner, upload.content));
    assert_eq!((&*made.name, made.pieces, digest_of(&made)), ("a.bin", upload.pieces, digest));
    assert_eq!((made.removed_micros, made.version), (None, 1));
    assert_eq!(finish(&store, &upload, digest).await, (made.clone(), false));
    assert_eq!(store.file(owner, made.id).await?, Some(made.clone()));
    assert_eq!(store.file(of_another, made.id).await?, None);
    assert_eq!(store.upload(owner, upload.id).await?, None);
    let late = store.note_piece(owner, upload.id, 0, piece(0), PIECE_BYTES).await?;
    assert_eq!(late, Noted::NoUpload);
    let none = store.finish_upload(owner, FileId::generate(), digest).await?;
    assert_eq!(none, Finished::NoUpload);
    Ok(())
}

#[tokio::test]
async fn a_file_may_be_empty() -> Outcome {
    let Fixture { store, owner, .. } = Fixture::new().await;
    let (made, _) = file(&store, owner, "empty", 0, unique_digest()).await;
    assert_eq!((made.pieces.bytes, made.pieces.count()), (0, 0));
    assert_eq!(store.piece_digests(content_of(&made), 0, 10).await?, []);
    Ok(())
}

#[tokio::test]
async fn equal_contents_of_one_owner_are_one_and_count_once() -> Outcome {
    let Fixture { store, owner, .. } = Fixture::new().await;
    let digest = unique_digest();
    let (first, _) = file(&store, owner, "a.bin", 10, digest).await;
    let (second, known) = file(&store, owner, "b.bin", 10, digest).await;
    assert!(known);
    assert_eq!((content_of(&second), second.pieces), (content_of(&first), first.pieces));
    let (_, other_known) = file(&store, owner, "c.bin", 10, unique_digest()).await;
    assert!(!other_known);
    let usage = FileUsage { used: 20, files: 3, ..FileUsage::default() };
    assert_eq!(named(&store, owner).await, usage);

    // A removed file shares its content, too.
    store.remove_file(owner, first.id).await?;
    assert_eq!(named(&store, owner).await, usage, "another file has the content");
    store.remove_file(owner, second.id).await?;
    assert_eq!(named(&store, owner).await, FileUsage { removed: 10, ..usage });
    let third = start(&store, owner, "d.bin", 10).await;
    let under_way = FileUsage { used: 30, removed: 10, files: 4, uploads: 1, ..usage };
    assert_eq!(named(&store, owner).await, under_way);
    note(&store, &third, 0).await;
    let (made, known) = finish(&store, &third, digest).await;
    assert_eq!((content_of(&made), known), (content_of(&first), true));
    assert_eq!(finish(&store, &third, digest).await, (made, true), "the same answer again");
    assert_eq!(named(&store, owner).await, FileUsage { files: 4, ..usage });
    let left = store.file_usage(owner).await?;
    assert_eq!((left.leaving, left.leaving_contents), (20, 2), "what two uploads have sent twice");

    let stranger = further_account(&store).await;
    let (foreign, known) = file(&store, stranger, "a.bin", 10, digest).await;
    assert!(!known && content_of(&foreign) != content_of(&first));
    Ok(())
}

#[tokio::test]
async fn a_damaged_content_is_shared_by_no_further_file() -> Outcome {
    let Fixture { store, owner, .. } = Fixture::new().await;
    let digest = unique_digest();
    let (first, _) = file(&store, owner, "a.bin", 10, digest).await;
    assert!(
        store.note_damage(content_of(&first)).await?
            && store.note_damage(content_of(&first)).await?
    );
    assert!(!store.note_damage(ContentId::generate()).await?, "it has been deleted");
    let (second, known) = file(&store, owner, "a.bin", 10, digest).await;
    assert!(!known && content_of(&second) != content_of(&first));
    assert_eq!(store.file(owner, first.id).await?, Some(first), "it may be restored");
    let (third, known) = file(&store, owner, "a.bin", 10, digest).await;
    assert_eq!((content_of(&third), known), (content_of(&second), true));
    // Both copies may be damaged.
    assert!(store.note_damage(content_of(&second)).await?);
    let (fourth, known) = file(&store, owner, "a.bin", 10, digest).await;
    assert!(!known && content_of(&fourth) != content_of(&second));
    Ok(())
}

#[tokio::test]
async fn equal_uploads_that_are_finished_at_once_share_one_content() -> Outcome {
    let fixture = Fixture::new().await;
    let (store, owner) = (wide_store(&fixture).await, fixture.owner);
    let digest = unique_digest();
    let mut uploads = Vec::new();
    for _ in 0..8 {
        let upload = start(&store, owner, "a.bin", 10).await;
        note(&store, &upload, 0).await;
        uploads.push(upload);
    }
    // Each of them twice.
    let finishes = uploads.iter().chain(&uploads).map(|upload| finish(&store, upload, digest));
    let finished = join_all(finishes).await;
    assert!(finished.iter().all(|(file, _)| content_of(file) == content_of(&finished[0].0)));
    let new = finished[..8].iter().filter(|(_, known)| !known).count();
    assert_eq!(new, 1);
    let usage = FileUsage { used: 10, files: 8, ..FileUsage::default() };
    assert_eq!(named(&store, owner).await, usage);
    Ok(())
}

#[tokio::test]
async fn a_piece_beside_the_end_of_its_upload_is_there_or_refused() -> Outcome {
    let fixture = Fixture::new().await;
    let (store, owner) = (wide_store(&fixture).await, fixture.owner);
    let sql = connect(&fixture.config).await;
    for _ in 0..8 {
        let upload = start(&store, owner, "a.bin", FULL + 1).await;
        note(&store, &upload, 0).await;
        let finishing = store.finish_upload(owner, upload.id, unique_digest());
        let (noted, finished) = tokio::join!(note(&store, &upload, 1), finishing);
        assert_eq!(noted, Noted::Received(FULL + 1));
        let is_file = match finished? {
            Finished::File { .. } => true,
            Finished::Missing(1) => false,
            other => panic!("{other:?}"),
        };
        assert_eq!(store.file(owner, upload.id).await?.is_some(), is_file);
        let pieces = "select count(*) from file_pieces where content = $1";
        let pieces = sql.query_one(pieces, &[&upload.content.0]).await?;
        assert_eq!(pieces.get::<_, i64>(0), 2);
        store.cancel_upload(owner, upload.id).await?;
    }
    Ok(())
}
