//! The search for people by the first characters of a name or an address.
//!
//! Invariants: an account that shares nothing with the caller is found where the operator allows it, and nowhere else; an
//! address is shown to an owner who has given it a role, to a caller who has typed all of it, and where all may find all.

use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use super::decode::named;
use crate::sql::check_text;
use crate::{Store, StoreError};
use model::people::FoundPerson;
use model::{AccountId, SheetId};

/// Sheets of the caller that one search looks at.
const SHEETS_MOST: i64 = 1_000;

/// Where `$4`, all accounts with an address; else people of the caller's sheets, or of the one sheet.
/// Bound: a name of 200 characters and an address for each of `limit` people.
const FIND: &str = "
    with partners as (
        select distinct people.account
        from (select * from sheets_of($1) limit $8) as mine (sheet)
        cross join lateral people_of(mine.sheet) as people (account)
        where $5::uuid is null
        union
        select people.account from people_of($5) as people (account) where $5::uuid is not null
    ), given as (
        select distinct shares.email from sheets join shares on shares.sheet = sheets.id
        where sheets.owner = $1 and not $4
            and (shares.email = $3 or shares.email like $2 escape '\\')
    ), found as (
        select accounts.id, accounts.display_name, lower(accounts.display_name) as sorted,
            case when $4 or accounts.email = $3 or given.email is not null then accounts.email end as email,
            partners.account is not null as shares
        from accounts
        left join partners on partners.account = accounts.id
        left join given on given.email = accounts.email
        where accounts.id <> $1 and (partners.account is not null or ($4 and $5::uuid is null and accounts.email is not null))
            and (lower(accounts.display_name) like $2 escape '\\' or accounts.email = $3
                or given.email is not null or ($4 and accounts.email like $2 escape '\\'))
    )
    select id, display_name, email, shares, is_online(id) from found
    where $6::uuid is null or (sorted, id) > (
        select lower(display_name), accounts.id from accounts where accounts.id = $6)
    order by sorted, id limit $7";

/// Whom a search finds.
#[derive(Clone, Copy, Debug)]
pub struct PeopleFilter<'a> {
    /// The first characters of a name or an address, in lower case.
    pub begins: &'a str,
    /// All accounts with an address, in place of those that share a sheet.
    pub all: bool,
    /// The people of this sheet only.
    pub sheet: Option<SheetId>,
    /// The last one of the page before.
    pub after: Option<AccountId>,
}

impl Store {
    /// The people that an account finds, by their names.
    ///
    /// # Errors
    /// [`StoreError::Invalid`], [`StoreError::Unavailable`].
    pub async fn find_people(
        &self,
        account: AccountId,
        filter: PeopleFilter<'_>,
        limit: u32,
    ) -> Result<Vec<FoundPerson>, StoreError> {
        let PeopleFilter { begins, all, sheet, after } = filter;
        check_text(begins)?;
        let like = format!("{}%", escaped(begins));
        let (sheet, after) = (sheet.map(|sheet| sheet.0), after.map(|after| after.0));
        let limit = i64::from(limit);
        let parameters: [&(dyn ToSql + Sync); 8] =
            [&account.0, &like, &begins, &all, &sheet, &after, &limit, &SHEETS_MOST];
        let rows = self.query(FIND, &parameters).await?;
        let found = |row: &Row| {
            let person = named(row, 0)?;
            Ok(FoundPerson {
                person: person.ok_or_else(|| StoreError::Corrupt("no person".into()))?,
                email: row.try_get::<_, Option<&str>>(2)?.map(Into::into),
                shares: row.try_get(3)?,
                online: row.try_get(4)?,
            })
        };
        rows.iter().map(found).collect()
    }
}

/// A text that matches itself in `like`.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        if matches!(letter, '%' | '_' | '\\') {
            escaped.push('\\');
        }
        escaped.push(letter);
    }
    escaped
}
