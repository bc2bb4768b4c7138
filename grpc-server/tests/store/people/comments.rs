//! Deleted comments: their place among those of the sheet, the bytes of their messages, and their rows.
//!
//! Not the rights, nor the notices. Invariant: a comment that is deleted leaves nothing after an hour.

use model::SheetId;
use model::people::{CellId, ThreadId};
use store::Store;
use uuid::Uuid;

use super::{commenter, further_account, message};
use crate::support::{Fixture, Outcome, connect};

/// A comment with some messages of an author.
async fn comment(
    store: &Store,
    sheet: SheetId,
    author: model::AccountId,
    count: usize,
) -> ThreadId {
    let (thread, cell) = (ThreadId(Uuid::new_v4()), CellId { row: 1, column: 1 });
    assert!(store.make_comment(thread, (sheet, cell), author, 100).await.expect("made"));
    for _ in 0..count {
        store.send_message(thread, &message(author, &"x".repeat(100))).await.expect("sent");
    }
    thread
}

#[tokio::test]
async fn deleted_comments_give_back_their_places_and_bytes_and_go() -> Outcome {
    const MOST: u32 = 3;
    let fixture = Fixture::new().await;
    let (store, owner) = (&fixture.store, fixture.owner);
    let sheet = fixture.sheet(3).await.id;
    let vandal = commenter(store, sheet, owner).await;
    let mut made = Vec::new();
    for _ in 0..MOST {
        made.push(comment(store, sheet, vandal, 4).await);
    }
    let cell = CellId { row: 1, column: 1 };
    let further = ThreadId(Uuid::new_v4());
    assert!(!store.make_comment(further, (sheet, cell), owner, MOST).await?, "the sheet is full");
    // A deleted message keeps its comment, and the place of that.
    for number in 1..=4 {
        store.delete_message((made[0], number), vandal).await?.expect("is there");
    }
    assert!(!store.make_comment(further, (sheet, cell), owner, MOST).await?);
    let stranger = further_account(store).await;
    assert!(!store.delete_comment(made[0], stranger).await?, "neither author nor owner");
    assert!(store.delete_comment(made[0], owner).await?, "the owner of the sheet");
    assert!(store.delete_comment(made[1], vandal).await?, "the author");
    assert!(!store.delete_comment(made[1], vandal).await?, "it is gone");
    assert!(store.make_comment(further, (sheet, cell), owner, MOST).await?, "there is room again");
    let (count, text): (u64, u64) = (4, 100);
    let of_one = store.stored_bytes(&[vandal]).await?[0].1;
    assert_eq!(of_one, count * (text + 300), "the messages of the comment that is left");

    let sql = connect(&fixture.config).await;
    let left = "select count(*) from threads where id = any($1)";
    let ids: Vec<Uuid> = made.iter().map(|thread| thread.0).collect();
    let rows = async || sql.query_one(left, &[&ids]).await.map(|row| row.get::<_, i64>(0));
    store.forget_threads().await?;
    assert_eq!(rows().await?, 3, "a call that is sent again finds the deleted ones");
    let earlier = "update threads set deleted_at = now() - interval '2 hours'
        where deleted_at is not null and id = any($1)";
    sql.execute(earlier, &[&ids]).await?;
    store.forget_threads().await?;
    assert_eq!(rows().await?, 1);
    Ok(())
}

#[tokio::test]
async fn a_deletion_that_was_cut_off_is_finished_by_the_sweep() -> Outcome {
    let fixture = Fixture::new().await;
    let (store, sheet) = (&fixture.store, fixture.sheet(3).await.id);
    let author = commenter(store, sheet, fixture.owner).await;
    let thread = comment(store, sheet, author, 5).await;
    let sql = connect(&fixture.config).await;
    sql.execute("update threads set deleted_at = now() where id = $1", &[&thread.0]).await?;
    store.forget_threads().await?;
    let left = "select count(*) from messages where thread = $1";
    assert_eq!(sql.query_one(left, &[&thread.0]).await?.get::<_, i64>(0), 0);
    assert_eq!(store.stored_bytes(&[author]).await?[0].1, 0);
    assert_eq!(store.thread(thread).await?, None);
    Ok(())
}
