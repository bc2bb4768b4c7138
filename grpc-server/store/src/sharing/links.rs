//! Links: each gives its role to every account that opens it.
//!
//! Not the secret that opens one, of which a hash is stored (the server's `edge::keys::links`). Invariant: a link that was deleted
//! or has ended gives no role.

use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use super::given::role_from_sql;
use crate::accounts::Refusal;
use crate::sql::{Micros, u32_from_bigint};
use crate::{Store, StoreError};
use model::limits::edge::AUDIENCE_MOST;
use model::{AccountId, LinkId, LinkRecord, Role, SheetId, now_micros};

const CREATE: &str = "
    insert into links (id, sheet, role, guests, created_at, expires_at, hash)
    select $1, $2, $3, $4, $5, $6, $8
    where exists (select from sheets where id = $2 and owner = $9 and deleted_at is null)
        and (select count(*) from links
        where sheet = $2 and (expires_at is null or expires_at > now())) < $7";

/// By the owner. Members with an address and no other role receive a notice.
const DELETE: &str = "
    with ended as (
        delete from links using sheets
        where links.id = $1 and sheet = $2 and sheets.id = $2 and sheets.owner = $3 and sheets.deleted_at is null
        returning links.id, sheet
    ), noted as (
        select notify_role(account, 'role', $3::uuid, sheet, jsonb_build_object('sheet', name)) as account
        from (
            select member.account, ended.sheet, sheets.name from ended
            join link_members as member on member.link = ended.id
            join accounts on accounts.id = member.account and accounts.email is not null
            join sheets on sheets.id = ended.sheet
            where not exists (select from shares
                    where shares.sheet = ended.sheet and shares.email = accounts.email)
                and not exists (select from link_members as other join links on links.id = other.link
                    where other.account = member.account and links.sheet = ended.sheet and links.id <> ended.id
                        and (links.expires_at is null or links.expires_at > now()))
            order by member.account limit $4
        ) as sorted
    )
    select (select count(*) from ended), array(select account from noted)";

/// By the owner. A person with an address receives a notice, with the role that its address leaves.
const END_MEMBER: &str = "
    with ended as (
        delete from link_members using links, sheets
        where links.id = link_members.link and links.sheet = $1 and link_members.account = $2
            and sheets.id = $1 and sheets.owner = $3 and sheets.deleted_at is null
        returning link_members.account
    ), noted as (
        select notify_role(person.id, 'role', $3::uuid, $1::uuid, jsonb_build_object(
            'sheet', (select name from sheets where id = $1),
            'role', (select role from shares where sheet = $1 and email = person.email))) as account
        from accounts as person
        where person.id = $2 and person.email is not null and exists (select from ended)
    )
    select (select count(*) from ended), array(select account from noted)";

macro_rules! link {
    ($opened:literal) => {
        concat!(
            "select links.id, links.sheet, links.role, links.guests, links.created_at,
            links.expires_at, ",
            $opened,
            ", links.hash
        from links join sheets on sheets.id = links.sheet and sheets.deleted_at is null
        where (links.expires_at is null or links.expires_at > now()) and "
        )
    };
}

const LINK: &str = concat!(link!("0::bigint"), "links.id = $1");

/// Bound: the links that a sheet may have.
const LINKS: &str = concat!(
    link!("(select count(*) from link_members where link = links.id)"),
    "links.sheet = $1 order by links.created_at, links.id"
);

/// A place of an account at a link, unless `$4` others have one.
const OPEN: &str = "
    with place as (
        select exists (select from link_members where link = $1 and account = $2) as had,
            (select count(*) from link_members where link = $1) < $4 as free
    ), opened as (
        insert into link_members (link, account, opened_at)
        select $1, $2, $3 from place where free and not had
        on conflict do nothing
    )
    select case when had then 'again' when free then 'new' else 'full' end from place";

/// A guest and its place at the link, or neither.
const GUEST: &str = "
    with place as (
        select (select count(*) from link_members where link = $1) < $5 as free
    ), guest as (
        insert into accounts (id, display_name, created_at) select $2, $3, $4 from place where free
    ), opened as (
        insert into link_members (link, account, opened_at)
        select $1, $2, $4 from place where free
    )
    select free from place";

/// What became of an account that opens a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkPlace {
    /// It has the role of the link from now on.
    New,
    /// It had that before.
    Again,
    /// As many accounts as possible have opened the link.
    Full,
}

impl Store {
    /// Makes a link, by the owner. False when the sheet has `most` of them, or `by` does not own it any more.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn create_link(
        &self,
        link: &LinkRecord,
        most: u32,
        by: AccountId,
    ) -> Result<bool, StoreError> {
        let created = Micros(link.created_micros);
        let (expires, most) = (link.expires_micros.map(Micros), i64::from(most));
        let LinkRecord { id, sheet, role, guests, .. } = link;
        let (role, hash) = (role.name(), link.hash.as_ref().map(<[u8; 32]>::as_slice));
        let parameters: [&(dyn ToSql + Sync); 9] =
            [&id.0, &sheet.0, &role, guests, &created, &expires, &most, &hash, &by.0];
        Ok(self.execute(CREATE, &parameters).await? > 0)
    }

    /// Deletes a link of a sheet, by the owner. False when there was none, or `by` does not own the sheet any more.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn delete_link(
        &self,
        link: LinkId,
        sheet: SheetId,
        by: AccountId,
    ) -> Result<bool, StoreError> {
        self.give(DELETE, &[&link.0, &sheet.0, &by.0, &AUDIENCE_MOST]).await
    }

    /// Ends the roles that links of a sheet gave to an account, by the owner. False when there was none, or `by` does not
    /// own the sheet any more.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn end_member(
        &self,
        sheet: SheetId,
        account: AccountId,
        by: AccountId,
    ) -> Result<bool, StoreError> {
        self.give(END_MEMBER, &[&sheet.0, &account.0, &by.0]).await
    }

    /// A link that has not ended, of a sheet that is not deleted.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn link(&self, id: LinkId) -> Result<Option<LinkRecord>, StoreError> {
        let row = self.query_opt(LINK, &[&id.0]).await?;
        row.as_ref().map(decode_link).transpose()
    }

    /// The links of a sheet that have not ended, the oldest first.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn links(&self, sheet: SheetId) -> Result<Vec<LinkRecord>, StoreError> {
        self.query(LINKS, &[&sheet.0]).await?.iter().map(decode_link).collect()
    }

    /// Gives the role of a link to an account, if fewer than `most` others have it.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]: the link was deleted meanwhile; [`StoreError::Unavailable`].
    pub async fn open_link(
        &self,
        link: LinkId,
        account: AccountId,
        most: u32,
    ) -> Result<LinkPlace, StoreError> {
        let (now, most) = (Micros(now_micros()), i64::from(most));
        let opened = self.change_row(OPEN, &[&link.0, &account.0, &now, &most]).await;
        let row = opened.map_err(|refusal| refusal.for_reference("link"))?;
        Ok(match row.as_ref().map(|row| row.try_get(0)).transpose()? {
            Some("again") => LinkPlace::Again,
            Some("new") => LinkPlace::New,
            _ => LinkPlace::Full,
        })
    }

    /// Makes a guest of a link. False when `most` accounts have opened it.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]: the link was deleted meanwhile; [`StoreError::Invalid`],
    /// [`StoreError::Unavailable`].
    pub async fn create_guest(
        &self,
        link: LinkId,
        account: AccountId,
        name: &str,
        most: u32,
    ) -> Result<bool, StoreError> {
        crate::sql::check_text(name)?;
        let (now, most) = (Micros(now_micros()), i64::from(most));
        is_placed(self.change_row(GUEST, &[&link.0, &account.0, &name, &now, &most]).await)
    }
}

fn is_placed(row: Result<Option<Row>, Refusal>) -> Result<bool, StoreError> {
    match row.map_err(|refusal| refusal.for_reference("link"))? {
        Some(row) => Ok(row.try_get(0)?),
        None => Ok(false),
    }
}

fn decode_link(row: &Row) -> Result<LinkRecord, StoreError> {
    let role: Role = role_from_sql(row.try_get(2)?)?;
    let hash: Option<&[u8]> = row.try_get(7)?;
    let no_hash = || StoreError::Corrupt("the hash of a link".into());
    Ok(LinkRecord {
        id: LinkId(row.try_get(0)?),
        sheet: SheetId(row.try_get(1)?),
        role,
        guests: row.try_get(3)?,
        created_micros: row.try_get::<_, Micros>(4)?.0,
        expires_micros: row.try_get::<_, Option<Micros>>(5)?.map(|at| at.0),
        opened: u32_from_bigint(row.try_get(6)?)?,
        hash: hash.map(TryInto::try_into).transpose().map_err(|_| no_hash())?,
    })
}
