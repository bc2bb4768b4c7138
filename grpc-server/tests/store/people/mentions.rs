//! The names of mentioned persons: as they stand in the text, and as they are now.
//!
//! Not who is notified (`upkeep`). Invariant: an edit that has the name of a text keeps it.

use model::people::Mentioned;
use uuid::Uuid;

use super::*;

fn names(mentions: &[Mentioned]) -> Vec<(&str, &str)> {
    mentions.iter().map(|it| (&*it.person.name, &*it.in_text)).collect()
}

#[tokio::test]
async fn a_mention_keeps_the_name_of_its_text_when_the_person_is_renamed() -> Outcome {
    let Fixture { store, config, owner } = Fixture::new().await;
    let (other, named) = (further_account(&store).await, further_account(&store).await);
    let thread = thread(&store, owner, other).await;
    let sql = connect(&config).await;
    let rename = async |account: AccountId, name: &str| {
        let rename = "update accounts set display_name = $2 where id = $1";
        sql.execute(rename, &[&account.0, &name]).await.map(drop)
    };
    rename(named, "Benjamin").await?;
    rename(other, "Eve").await?;
    let mut new = message(owner, "@Benjamin, see row 12");
    new.mentions = vec![named];
    let Sent::Message(sent) = store.send_message(thread, &new).await? else { panic!("other") };
    assert_eq!(names(&sent.mentions), [("Benjamin", "Benjamin")]);
    rename(named, "Ben").await?;
    let renamed = store.message(thread, 1).await?.ok_or("is there")?;
    assert_eq!(names(&renamed.mentions), [("Ben", "Benjamin")]);

    // An edit keeps the name that its text has, in whatever order; another text has the name of its time.
    let edit = async |text: &str, mentions: &[AccountId]| {
        let edited = store.edit_message((thread, 1), owner, text, mentions).await;
        edited.map(|message| message.expect("is there").mentions)
    };
    let both = edit("@Eve and @Benjamin, see row 13", &[other, named]).await?;
    assert_eq!(names(&both), [("Eve", "Eve"), ("Ben", "Benjamin")]);
    let one = edit("@Ben, see row 13", &[named]).await?;
    assert_eq!(names(&one), [("Ben", "Ben")]);
    // A message of an earlier release has no names.
    sql.execute("update messages set mention_names = null where thread = $1", &[&thread.0]).await?;
    rename(named, "Benny").await?;
    let earlier = store.message(thread, 1).await?.ok_or("is there")?;
    assert_eq!(names(&earlier.mentions), [("Benny", "Benny")]);
    store.delete_message((thread, 1), owner).await?.ok_or("is there")?;
    let deleted = store.message(thread, 1).await?.ok_or("is there")?;
    assert!(deleted.mentions.is_empty());
    Ok(())
}

/// The statement of a release before V23.
const EARLIER_EDIT: &str =
    "update messages set text = $3::text, mentions = $4::uuid[], edited_at = clock_timestamp()
    where thread = $1 and number = $2";

#[tokio::test]
async fn an_edit_by_a_server_of_an_earlier_release_leaves_no_name_of_another_person() -> Outcome {
    let Fixture { store, config, owner } = Fixture::new().await;
    let (ben, eve) = (further_account(&store).await, further_account(&store).await);
    let thread = thread(&store, owner, eve).await;
    let sql = connect(&config).await;
    for (account, name) in [(ben, "Ben"), (eve, "Eve")] {
        let rename = "update accounts set display_name = $2 where id = $1";
        sql.execute(rename, &[&account.0, &name]).await?;
    }
    let mut new = message(owner, "@Ben, ask @Eve");
    new.mentions = vec![ben, eve];
    let Sent::Message(_) = store.send_message(thread, &new).await? else { panic!("other") };
    let edit = async |text: &str, mentions: &[AccountId]| {
        let mentions: Vec<Uuid> = mentions.iter().map(|account| account.0).collect();
        sql.execute(EARLIER_EDIT, &[&thread.0, &1_i64, &text, &mentions]).await?;
        let edited = store.message(thread, 1).await?.ok_or("is there")?;
        Ok::<_, Box<dyn std::error::Error>>(edited.mentions)
    };
    let swapped = edit("@Eve, ask @Ben", &[eve, ben]).await?;
    assert_eq!(names(&swapped), [("Eve", "Eve"), ("Ben", "Ben")]);
    sql.execute("update accounts set display_name = 'Benjamin' where id = $1", &[&ben.0]).await?;
    assert_eq!(names(&edit("@Ben alone", &[ben]).await?), [("Benjamin", "Ben")]);
    assert_eq!(names(&edit("@Benjamin alone", &[ben]).await?), [("Benjamin", "Ben")]);
    assert_eq!(names(&edit("@Eve", &[eve]).await?), [("Eve", "Eve")]);
    assert_eq!(names(&edit("no one", &[]).await?), []);
    Ok(())
}
