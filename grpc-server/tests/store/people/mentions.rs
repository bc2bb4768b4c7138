//! The names of mentioned persons: as they stand in the text, and as they are now.
//!
//! Not who is notified (`upkeep`). Invariant: an edit that has the name of a text keeps it.

use model::people::Mentioned;

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
