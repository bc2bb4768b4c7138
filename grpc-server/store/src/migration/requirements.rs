//! What a database must offer: characters of all languages, and their order.
//!
//! Not its tables. The embedded Postgres offers it; a database of one's own may not. Invariant: a database that lacks it is
//! refused before its tables are changed.

use crate::StoreError;
use crate::database::connection::Connection;

/// The encoding, and whether there are collations of ICU.
const OFFERS: &str = "
    select current_setting('server_encoding'),
        exists (select from pg_collation where collprovider = 'i')";

/// The collation of texts: its version when it was made, and the one that Postgres has now.
const VERSIONS: &str = "
    select collversion, pg_collation_actual_version(oid)
    from pg_collation where oid = 'texts'::regcollation";

/// Refuses a database in which texts can't be stored, compared or sorted.
pub(super) async fn check(connection: &Connection) -> Result<(), StoreError> {
    let row = connection.query_one(OFFERS, &[]).await?;
    match lacks(row.try_get(0)?, row.try_get(1)?) {
        Some(text) => Err(StoreError::Migration(text)),
        None => Ok(()),
    }
}

/// Logs that the order of texts has changed since the database was made.
pub(super) async fn compare_versions(connection: &Connection) -> Result<(), StoreError> {
    let row = connection.query_one(VERSIONS, &[]).await?;
    let (made, now): (Option<&str>, Option<&str>) = (row.try_get(0)?, row.try_get(1)?);
    if has_changed(made, now) {
        tracing::warn!(
            made,
            now,
            "the order of texts has changed with ICU: pages of one search that were read before and after differ; no \
             index depends on it; when each server of the database has this ICU, run: alter collation texts refresh version"
        );
    }
    Ok(())
}

fn lacks(encoding: &str, has_icu: bool) -> Option<String> {
    if encoding != "UTF8" {
        return Some(format!(
            "the encoding of the database is {encoding}; create a database with the encoding UTF8, and move the tables there"
        ));
    }
    (!has_icu).then(|| {
        "this Postgres is built without ICU, which sorts texts; use one with it, as packages have it".to_owned()
    })
}

/// A collation without a version has one order.
fn has_changed(made: Option<&str>, now: Option<&str>) -> bool {
    made.zip(now).is_some_and(|(made, now)| made != now)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_without_utf8_or_icu_is_refused_with_words() {
        assert_eq!(lacks("UTF8", true), None);
        assert!(lacks("SQL_ASCII", true).is_some_and(|text| text.contains("SQL_ASCII")));
        assert!(lacks("LATIN1", false).is_some_and(|text| text.contains("UTF8")));
        assert!(lacks("UTF8", false).is_some_and(|text| text.contains("ICU")));
    }

    #[test]
    fn another_version_is_a_change_and_none_is_not() {
        assert!(has_changed(Some("153.112"), Some("153.120")));
        assert!(!has_changed(Some("153.112"), Some("153.112")));
        assert!(!has_changed(None, Some("153.112")));
        assert!(!has_changed(Some("153.112"), None));
    }
}
