//! The search for people by the first characters of a name or an address.
//!
//! Invariants: an account that shares nothing with the caller is found where the operator allows it, and nowhere else; an
//! address is shown to an owner who has given it a role, to a caller who has typed all of it, and where all may find all. A
//! search looks at a bounded number of rows: where the caller's sheets have more people than [`LOOKED_AT`], it walks the
//! accounts in the order of their names and asks of each whether it shares a sheet.

use tokio_postgres::types::ToSql;

use super::decode::named;
use crate::sql::check_text;
use crate::{Store, StoreError};
use model::people::FoundPerson;
use model::{AccountId, SheetId};

/// Sheets of the caller that one search looks at.
const SHEETS_MOST: i64 = 1_000;
/// People of these sheets, accounts in the order of names, and addresses, that one search looks at: of each so many.
const LOOKED_AT: i64 = 5_000;

/// Whether an account is a person of one of the sheets in `mine`. With a limit, each of them is looked up by its index, and
/// the members of all links are never read.
macro_rules! shares {
    () => {
        "(person.id in (select owner from owners)
        or coalesce((select true from shares
            where shares.email = person.email and shares.opened_at is not null
                and shares.sheet in (select sheet from mine) limit 1), false)
        or coalesce((select true from link_members join links on links.id = link_members.link
            where link_members.account = person.id and links.sheet in (select sheet from mine)
                and (links.expires_at is null or links.expires_at > now()) limit 1), false))"
    };
}

/// A name as the index has it: one text for all letter cases and encodings of accents, whatever the locale of the database.
/// `ı` and `i` are one letter there, and two in `folded_text`.
macro_rules! indexed {
    ($text:literal) => {
        concat!("upper(lower(normalize(", $text, ", nfc) collate texts))")
    };
}

/// `$2`, `$3`: the text, and a text behind which the range of what it begins ends, by bytes as in the indexes. `$5`: all
/// accounts with an address are found. `$6`: all addresses are shown. `$7`: the one sheet. `$8`, `$9`: the place of the
/// page. `$13`, `$4`: the text as a part of an address, and the end of that range.
///
/// Names are compared as the texts of cells, in any letter case. The walk goes by the index of migration V44.
/// Bound: a name of 200 characters and an address for each of `limit` people.
const FIND: &str = concat!(
    "with mine as materialized (
        select $7::uuid as sheet where $7 is not null
        union all
        select own.sheet from (select * from sheets_of($1) limit $11) as own (sheet) where $7 is null
    ), owners as materialized (
        select owner from sheets where id in (select sheet from mine)
    ), partners as materialized (
        select account from (
            select owner as account from owners
            union all
            select accounts.id from mine join shares on shares.sheet = mine.sheet
            join accounts on accounts.email = shares.email where shares.opened_at is not null
            union all
            select link_members.account from mine join links on links.sheet = mine.sheet
            join link_members on link_members.link = links.id
            where links.expires_at is null or links.expires_at > now()
        ) as people limit $12::bigint + 1
    ), few as materialized (
        select count(*) <= $12::bigint as are_few from partners
    ), given as materialized (
        select distinct looked.email from (
            select shares.email from (select id from sheets where owner = $1 limit $11) as own
            join shares on shares.sheet = own.id limit $12
        ) as looked
        where not $6::boolean and looked.email ~>=~ $13 and looked.email ~<~ $4
    ), walked as materialized (
        select id, display_name, email, color from accounts
        where ($5::boolean or not (select are_few from few))
            and ",
    indexed!("display_name"),
    " ~>=~ (case when $8::text ~>~ ",
    indexed!("$2::text"),
    " then $8::text else ",
    indexed!("$2::text"),
    " end) and ",
    indexed!("display_name"),
    " ~<~ (",
    indexed!("$2::text"),
    " || $3::text) and ($8::text is null or ",
    indexed!("display_name"),
    " <> $8 or id > $9)
        order by ",
    indexed!("display_name"),
    " using ~<~, id limit $12
    ), candidates as materialized (
        select person.* from (select distinct account from partners where (select are_few from few)) as partner
        cross join lateral (
            select id, display_name, email, color from accounts where accounts.id = partner.account limit 1) as person
        union
        select * from walked
        union
        select id, display_name, email, color from accounts where email = $13
        union
        select person.* from given cross join lateral (
            select id, display_name, email, color from accounts where accounts.email = given.email limit 1) as person
        union
        (select id, display_name, email, color from accounts where $5 and email ~>=~ $13 and email ~<~ $4 limit $12)
    ), named as materialized (
        select id, display_name, email, color, ",
    indexed!("display_name"),
    " as sorted from candidates
        where id <> $1
            and (starts_with(folded_text(display_name), folded_text($2::text))
                or email = $13 or email in (select email from given)
                or ($5 and email ~>=~ $13 and email ~<~ $4))
            and ($8::text is null or ",
    indexed!("display_name"),
    " ~>~ $8 or (",
    indexed!("display_name"),
    " = $8 and id > $9))
        order by sorted using ~<~, id
    ), page as (
        select * from named as person where ($5 and email is not null) or ",
    shares!(),
    " limit $10
    )
    select person.id, person.display_name, person.color,
        case when $6 or person.email = $13 or person.email in (select email from given) then person.email end, ",
    shares!(),
    ", is_online(person.id), person.sorted, walk.is_cut
    from (select count(*) = $12 as is_cut from walked) as walk left join page as person on true
    order by person.sorted using ~<~, person.id"
);

/// The end of a range of texts by their bytes: no name has a later character.
const LAST: &str = "\u{10FFFF}";

/// Whom a search finds.
#[derive(Clone, Copy, Debug)]
pub struct PeopleFilter<'a> {
    /// The first characters of a name, in any letter case.
    pub begins: &'a str,
    /// The same characters as those of an address, with the letters A to Z in lower case.
    pub address: &'a str,
    /// All accounts with an address, in place of those that share a sheet.
    pub all: bool,
    /// The people of this sheet only.
    pub sheet: Option<SheetId>,
    /// The last one of the page before.
    pub after: Option<&'a PersonPlace>,
}

/// The place of a person in the order of names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonPlace {
    /// The name as the index has it.
    pub name: String,
    /// The account.
    pub account: AccountId,
}

/// The people of one search.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FoundPeople {
    /// The people by their names, each with its place.
    pub people: Vec<(FoundPerson, PersonPlace)>,
    /// The search has looked at as many accounts as it may: there may be more people.
    pub is_cut: bool,
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
    ) -> Result<FoundPeople, StoreError> {
        let PeopleFilter { begins, address, all, sheet, after } = filter;
        for text in [begins, address] {
            check_text(text)?;
        }
        let address_end = format!("{address}{LAST}");
        let everyone = all && sheet.is_none();
        let sheet = sheet.map(|sheet| sheet.0);
        let (name, id) = after.map(|after| (after.name.as_str(), after.account.0)).unzip();
        let limit = i64::from(limit);
        let parameters: [&(dyn ToSql + Sync); 13] = [
            &account.0,
            &begins,
            &LAST,
            &address_end,
            &everyone,
            &all,
            &sheet,
            &name,
            &id,
            &limit,
            &SHEETS_MOST,
            &LOOKED_AT,
            &address,
        ];
        let rows = self.query(FIND, &parameters).await?;
        let mut found = FoundPeople::default();
        for row in &rows {
            found.is_cut = row.try_get(7)?;
            let Some(person) = named(row, 0)? else { continue };
            let place = PersonPlace { name: row.try_get(6)?, account: person.account };
            let person = FoundPerson {
                person,
                email: row.try_get::<_, Option<&str>>(3)?.map(Into::into),
                shares: row.try_get(4)?,
                online: row.try_get(5)?,
            };
            found.people.push((person, place));
        }
        Ok(found)
    }
}
