//! The table of the session registry: each node writes its own sessions in batches, and other nodes close those
//! of a dead node.
//!
//! Not on the path of any edit. Invariant: the last record that a node writes of its own session stays, also when it
//! writes it several times; other nodes only close open sessions.

use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use crate::sql::{Micros, check_text, from_bigint, to_bigint};
use crate::{QUERY_TIMEOUT, Store, StoreError};
use model::{
    AccountId, ClientKind, Ended, ListedSession, NodeId, SessionEnd, SessionId, SessionRecord,
    SheetId,
};

/// Sessions that one statement lists at most.
pub const LISTED_SESSIONS: u32 = 1_000;
/// Sessions that one statement deletes at most.
const WINDOW_SESSIONS: i64 = 5_000;

const RECORD: &str = "
    insert into live_sessions (
        node, number, sheet, account, client, opened_at, ended_at, ended, detail
    )
    select * from unnest(
        $1::uuid[], $2::bigint[], $3::uuid[], $4::uuid[], $5::text[], $6::timestamptz[],
        $7::timestamptz[], $8::text[], $9::text[]
    )
    on conflict (node, number) do update
    set ended_at = excluded.ended_at, ended = excluded.ended, detail = excluded.detail";

/// Bound: [`LISTED_SESSIONS`], each with an e-mail address, two names and a reason of the server.
const LIST: &str = "
    select session.node, session.number, session.sheet, session.account, session.client,
        session.opened_at, session.ended_at, session.ended, session.detail,
        accounts.email, sheets.name, nodes.name
    from live_sessions as session
    left join accounts on accounts.id = session.account
    left join sheets on sheets.id = session.sheet
    left join nodes on nodes.id = session.node
    where (session.ended_at is not null) = $1
        and ($2::uuid is null or session.sheet = $2)
        and ($3::uuid is null or session.account = $3)
    order by coalesce(session.ended_at, session.opened_at) desc, session.node, session.number
    limit $4";

const PRUNE: &str = "
    delete from live_sessions where (node, number) in (
        select node, number from live_sessions where ended_at < $1 limit $2
    )";

/// The ended sessions of an account beyond its newest ones.
const TRIM: &str = "
    delete from live_sessions where (node, number) in (
        select node, number from live_sessions where account = $1 and ended_at is not null
        order by ended_at desc offset $2 limit $3
    )";

/// Closes the sessions whose node does not live: no other node knows their end.
const CLOSE_LOST: &str = "
    update live_sessions set ended_at = now(), ended = 'lost', detail = 'its node was gone'
    where ended_at is null and not exists (
        select from nodes where nodes.id = live_sessions.node and nodes.ended_at is null
    )";

/// Which sessions are listed, the newest first.
#[derive(Clone, Copy, Debug, Default)]
pub struct SessionFilter {
    /// Those that have ended, in place of those that are open.
    pub ended: bool,
    /// On this sheet only.
    pub sheet: Option<SheetId>,
    /// Of this account only.
    pub account: Option<AccountId>,
}

impl Store {
    /// Writes a node's records of its sessions, in place of the present ones.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]; [`StoreError::Invalid`].
    pub async fn record_sessions(&self, records: &[SessionRecord]) -> Result<(), StoreError> {
        let columns = Columns::of(records)?;
        self.for_access().execute(RECORD, &columns.parameters()).await?;
        Ok(())
    }

    /// The newest [`LISTED_SESSIONS`] sessions that a filter names.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn sessions(&self, filter: SessionFilter) -> Result<Vec<ListedSession>, StoreError> {
        let sheet = filter.sheet.map(|sheet| sheet.0);
        let account = filter.account.map(|account| account.0);
        let most = i64::from(LISTED_SESSIONS);
        let rows = self.for_access().query(LIST, &[&filter.ended, &sheet, &account, &most]).await?;
        rows.iter().map(listed).collect()
    }

    /// Closes the open sessions of nodes that have ended or have no row. Returns how many.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn close_lost_sessions(&self) -> Result<u64, StoreError> {
        self.for_access().execute(CLOSE_LOST, &[]).await
    }

    /// Forgets sessions that ended before a time. Returns how many.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn forget_sessions(&self, before_micros: i64) -> Result<u64, StoreError> {
        let before = Micros(before_micros);
        let mut forgotten = 0;
        loop {
            let connection = self.for_access().connection().await?;
            let parameters: [&(dyn ToSql + Sync); 2] = [&before, &WINDOW_SESSIONS];
            let query = connection.execute(PRUNE, &parameters);
            let count = connection.within(QUERY_TIMEOUT, query).await?;
            forgotten += count;
            if count == 0 {
                return Ok(forgotten);
            }
        }
    }
}

impl Store {
    /// Forgets the ended sessions of an account but for the newest `kept`. Returns how many.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn trim_sessions(&self, account: AccountId, kept: u32) -> Result<u64, StoreError> {
        let parameters: [&(dyn ToSql + Sync); 3] = [&account.0, &i64::from(kept), &WINDOW_SESSIONS];
        self.for_access().execute(TRIM, &parameters).await
    }
}

/// Records by column, as `unnest` takes them.
#[derive(Default)]
struct Columns<'a> {
    nodes: Vec<uuid::Uuid>,
    numbers: Vec<i64>,
    sheets: Vec<uuid::Uuid>,
    accounts: Vec<uuid::Uuid>,
    clients: Vec<&'static str>,
    opened: Vec<Micros>,
    ended_at: Vec<Option<Micros>>,
    ended: Vec<Option<&'static str>>,
    details: Vec<&'a str>,
}

impl<'a> Columns<'a> {
    fn of(records: &'a [SessionRecord]) -> Result<Self, StoreError> {
        let mut columns = Self::default();
        for record in records {
            let end = record.end.as_ref();
            let detail = end.map_or("", |end| end.detail.as_str());
            check_text(detail)?;
            columns.nodes.push(record.id.node.0);
            columns.numbers.push(to_bigint(record.id.number)?);
            columns.sheets.push(record.sheet.0);
            columns.accounts.push(record.account.0);
            columns.clients.push(client_to_sql(record.client));
            columns.opened.push(Micros(record.opened_micros));
            columns.ended_at.push(end.map(|end| Micros(end.at_micros)));
            columns.ended.push(end.map(|end| ended_to_sql(end.how)));
            columns.details.push(detail);
        }
        Ok(columns)
    }

    fn parameters(&self) -> [&(dyn ToSql + Sync); 9] {
        [
            &self.nodes,
            &self.numbers,
            &self.sheets,
            &self.accounts,
            &self.clients,
            &self.opened,
            &self.ended_at,
            &self.ended,
            &self.details,
        ]
    }
}

fn listed(row: &Row) -> Result<ListedSession, StoreError> {
    let end = match (row.try_get::<_, Option<Micros>>(6)?, row.try_get::<_, Option<&str>>(7)?) {
        (Some(at), Some(how)) => {
            Some(SessionEnd { at_micros: at.0, how: ended_from_sql(how)?, detail: row.try_get(8)? })
        }
        _ => None,
    };
    let record = SessionRecord {
        id: SessionId { node: NodeId(row.try_get(0)?), number: from_bigint(row.try_get(1)?)? },
        sheet: SheetId(row.try_get(2)?),
        account: AccountId(row.try_get(3)?),
        client: client_from_sql(row.try_get(4)?)?,
        opened_micros: row.try_get::<_, Micros>(5)?.0,
        end,
    };
    Ok(ListedSession {
        record,
        email: row.try_get(9)?,
        sheet_name: row.try_get(10)?,
        node_name: row.try_get(11)?,
    })
}

const fn client_to_sql(client: ClientKind) -> &'static str {
    match client {
        ClientKind::Stream => "stream",
        ClientKind::Web => "web",
    }
}

fn client_from_sql(client: &str) -> Result<ClientKind, StoreError> {
    match client {
        "stream" => Ok(ClientKind::Stream),
        "web" => Ok(ClientKind::Web),
        other => Err(StoreError::Corrupt(format!("a session of client {other}"))),
    }
}

const fn ended_to_sql(how: Ended) -> &'static str {
    match how {
        Ended::Closed => "closed",
        Ended::Drained => "drained",
        Ended::Error => "error",
        Ended::Lost => "lost",
    }
}

fn ended_from_sql(how: &str) -> Result<Ended, StoreError> {
    match how {
        "closed" => Ok(Ended::Closed),
        "drained" => Ok(Ended::Drained),
        "error" => Ok(Ended::Error),
        "lost" => Ok(Ended::Lost),
        other => Err(StoreError::Corrupt(format!("a session that ended as {other}"))),
    }
}
