//! The roles on sheets: given to e-mail addresses here, by links in `links`, with the sheet itself in `transfers`. What files do
//! alike is in `given`.
//!
//! Not what a role allows (`model::Role`), and not the decision about a call. Invariant: the role of an account is
//! that of the function `role_on` alone, in every statement.

mod given;
pub(crate) mod links;
mod transfers;

use tokio_postgres::Row;
use uuid::Uuid;

use self::given::role_from_sql;
pub(super) use self::given::{decode_role, decode_share};
use super::sql::{Micros, check_text};
use super::{Store, StoreError};
use model::{AccountId, Role, ShareRecord, SheetId, now_micros};

/// With whether a role of the address has not been used before.
const ROLE: &str = "
    select role_on($1, $2), exists (
        select from accounts join shares on shares.email = accounts.email
        where accounts.id = $2 and shares.sheet = $1 and shares.opened_at is null)
    from sheets where id = $1 and deleted_at is null";

const OPENED: &str = "
    update shares set opened_at = $3 from accounts
    where accounts.id = $2 and shares.email = accounts.email and shares.sheet = $1
        and shares.opened_at is null";

/// Bound: a role for each pair that is given.
const ROLES: &str = "
    select role_on(sheets.id, given.account)
    from unnest($1::uuid[], $2::uuid[]) with ordinality as given (sheet, account, place)
    left join sheets on sheets.id = given.sheet and sheets.deleted_at is null
    order by given.place";

/// The account of an address. One without an account has an id of no account, so that its notice takes the same time.
macro_rules! account_of {
    ($email:literal) => {
        concat!(
            "coalesce((select id from accounts where accounts.email = ",
            $email,
            "), md5(",
            $email,
            ")::uuid)"
        )
    };
}

pub(super) use account_of;

/// The role of an address with a place among the most that a sheet of the account may have, and its notice.
const SHARE: &str = concat!(
    "with before as (
        select role from shares where sheet = $1 and email = $2
    ), given as (
        insert into shares (sheet, email, role, given_at)
        select $1::uuid, $2::text, $3::text, $4::timestamptz
        where exists (select from sheets where id = $1 and owner = $6 and deleted_at is null)
            and (exists (select from before) or (select count(*) from shares where sheet = $1) < $5::bigint)
        on conflict (sheet, email) do update set role = excluded.role
        returning sheet, email, role
    ), noted as (
        select notify_role(", account_of!("given.email"), ",
            case when exists (select from before) then 'role' else 'share' end, $6::uuid, given.sheet,
            jsonb_build_object(
                'role', given.role, 'sheet', (select name from sheets where id = given.sheet))) as account
        from given where role is distinct from (select role from before)
    )
    select (select count(*) from given), array(select account from noted)"
);

const ROLE_OF: &str = "select role from shares where sheet = $1 and email = $2";

/// What an invitation names, while the account owns the sheet, shares it with the address, and is not disabled.
const INVITATION: &str = "
    select sheets.name, accounts.display_name
    from shares join sheets on sheets.id = shares.sheet join accounts on accounts.id = sheets.owner
    where sheets.id = $1 and sheets.owner = $2 and sheets.deleted_at is null and shares.email = $3
        and accounts.disabled_at is null";

/// By the owner. The notice has the role that a link leaves.
const UNSHARE: &str = concat!(
    "with ended as (
        delete from shares using sheets
        where sheet = $1 and email = $2 and sheets.id = $1 and sheets.owner = $3 and sheets.deleted_at is null
        returning sheet, email
    ), noted as (
        select notify_role(",
    account_of!("ended.email"),
    ", 'role', $3::uuid, ended.sheet,
            jsonb_build_object('sheet', (select name from sheets where id = ended.sheet), 'role', (
                select links.role from accounts
                join link_members on link_members.account = accounts.id
                join links on links.id = link_members.link
                where accounts.email = ended.email and links.sheet = ended.sheet
                    and (links.expires_at is null or links.expires_at > now())
                order by array_position(array['editor', 'commenter', 'viewer'], links.role) limit 1
            ))) as account
        from ended
    )
    select (select count(*) from ended), array(select account from noted)"
);

/// The owner, the addresses, and those who came by a link: of each link the first `most` by time, from its index.
/// Bound: two texts, two ids and a role for each of `most` shares.
const SHARES: &str = "
    select email, role, account, name, given_at, link, color from (
        select 0 as place, accounts.email, 'owner' as role, accounts.id as account,
            accounts.display_name as name, sheets.created_at as given_at, null::uuid as link,
            accounts.color
        from sheets join accounts on accounts.id = sheets.owner where sheets.id = $1
        union all
        select 1, shares.email, shares.role,
            case when shares.opened_at is not null then accounts.id end,
            case when shares.opened_at is not null then accounts.display_name end,
            shares.given_at, null,
            case when shares.opened_at is not null then accounts.color end
        from shares left join accounts on accounts.email = shares.email where shares.sheet = $1
        union all
        select 2, accounts.email, came.role, accounts.id, accounts.display_name,
            came.opened_at, came.link, accounts.color
        from (
            select links.id as link, links.role, members.account, members.opened_at
            from links cross join lateral (
                select account, opened_at from link_members where link_members.link = links.id
                order by opened_at limit $2
            ) as members
            where links.sheet = $1 and (links.expires_at is null or links.expires_at > now())
            order by members.opened_at limit $2
        ) as came join accounts on accounts.id = came.account
    ) as listed
    order by place, given_at, email limit $2";

const SHARE_OF: &str = "
    select shares.email, shares.role,
        case when shares.opened_at is not null then accounts.id end,
        case when shares.opened_at is not null then accounts.display_name end,
        shares.given_at, null::uuid,
        case when shares.opened_at is not null then accounts.color end
    from shares left join accounts on accounts.email = shares.email
    where shares.sheet = $1 and shares.email = $2";

const LEAVE: &str = "
    with mine as (
        delete from shares using accounts
        where accounts.id = $2 and shares.email = accounts.email and shares.sheet = $1
    )
    delete from link_members using links
    where links.id = link_members.link and links.sheet = $1 and link_members.account = $2";

/// A role that an account uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UsedRole {
    /// The role.
    pub role: Role,
    /// Whether this is the first use of a role that was given to the account's address.
    pub is_first: bool,
}

impl Store {
    /// The role of an account on a sheet; `None` when it has none, or the sheet does not exist or is deleted. One that is
    /// first used is noted by [`Store::note_first_use`].
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn role(
        &self,
        sheet: SheetId,
        account: AccountId,
    ) -> Result<Option<UsedRole>, StoreError> {
        let store = self.for_access();
        let Some(row) = store.look_up(ROLE, &[&sheet.0, &account.0]).await? else {
            return Ok(None);
        };
        let (role, is_first): (Option<&str>, bool) = (row.try_get(0)?, row.try_get(1)?);
        let role = role.map(role_from_sql).transpose()?;
        Ok(role.map(|role| UsedRole { role, is_first }))
    }

    /// Notes the first use of a role that was given to the account's address: the list of roles names the person from then
    /// on. False when it was noted before.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn note_first_use(
        &self,
        sheet: SheetId,
        account: AccountId,
    ) -> Result<bool, StoreError> {
        let now = Micros(now_micros());
        let noted = self.for_access().execute(OPENED, &[&sheet.0, &account.0, &now]).await?;
        Ok(noted > 0)
    }

    /// The role of each account on each sheet, as [`Store::role`] has it.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn roles(
        &self,
        of: &[(SheetId, AccountId)],
    ) -> Result<Vec<Option<Role>>, StoreError> {
        let sheets: Vec<Uuid> = of.iter().map(|(sheet, _)| sheet.0).collect();
        let accounts: Vec<Uuid> = of.iter().map(|(_, account)| account.0).collect();
        let rows = self.for_access().query(ROLES, &[&sheets, &accounts]).await?;
        let role = |row: &Row| row.try_get::<_, Option<&str>>(0)?.map(role_from_sql).transpose();
        rows.iter().map(role).collect()
    }

    /// Gives a role to an e-mail address (in lower case), by the owner. False when the sheet is shared with `most` others,
    /// or `by` does not own it any more.
    ///
    /// # Errors
    /// [`StoreError::Invalid`], [`StoreError::Unavailable`].
    pub async fn share(
        &self,
        sheet: SheetId,
        (email, role): (&str, Role),
        most: u32,
        by: AccountId,
    ) -> Result<bool, StoreError> {
        check_text(email)?;
        let (now, most) = (Micros(now_micros()), i64::from(most));
        self.give(SHARE, &[&sheet.0, &email, &role.name(), &now, &most, &by.0]).await
    }

    /// The role that was given to an address.
    ///
    /// # Errors
    /// [`StoreError::Invalid`], [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn role_of(&self, sheet: SheetId, email: &str) -> Result<Option<Role>, StoreError> {
        self.given_role(ROLE_OF, (sheet.0, email)).await
    }

    /// The name of a sheet and of its owner, while this account owns it, shares it with an address, and is not disabled.
    ///
    /// # Errors
    /// [`StoreError::Invalid`], [`StoreError::Unavailable`].
    pub async fn invitation_to(
        &self,
        sheet: SheetId,
        owner: AccountId,
        email: &str,
    ) -> Result<Option<(String, String)>, StoreError> {
        self.invitation_of(INVITATION, (sheet.0, owner, email)).await
    }

    /// Ends the role of an e-mail address, by the owner. False when it had none, or `by` does not own the sheet any more.
    ///
    /// # Errors
    /// [`StoreError::Invalid`], [`StoreError::Unavailable`].
    pub async fn unshare(
        &self,
        sheet: SheetId,
        email: &str,
        by: AccountId,
    ) -> Result<bool, StoreError> {
        check_text(email)?;
        self.give(UNSHARE, &[&sheet.0, &email, &by.0]).await
    }

    /// The owner, then the other roles on a sheet by their times, `most` of them.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn shares(&self, sheet: SheetId, most: u32) -> Result<Vec<ShareRecord>, StoreError> {
        let rows = self.query(SHARES, &[&sheet.0, &i64::from(most)]).await?;
        rows.iter().map(decode_share).collect()
    }

    /// The role that was given to an e-mail address.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn share_of(
        &self,
        sheet: SheetId,
        email: &str,
    ) -> Result<Option<ShareRecord>, StoreError> {
        self.given_share(SHARE_OF, (sheet.0, email)).await
    }

    /// Ends the roles that an account has by its address and by links.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn leave(&self, sheet: SheetId, account: AccountId) -> Result<(), StoreError> {
        self.execute(LEAVE, &[&sheet.0, &account.0]).await.map(drop)
    }
}
