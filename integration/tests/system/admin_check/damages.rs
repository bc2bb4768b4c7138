//! Damages to a database, each with the rule that it breaks, and a database that can be damaged and restored.
//!
//! Not the check: the tests in `admin_check` run it. Invariant: after [`Database::restore`] the tables hold their
//! saved rows.

use grpc_server::admin::Rule;
use ot_engine::Delta;
use ot_engine::codec::encode_delta;
use tokio_postgres::{Config, NoTls};

/// Statements that damage a database, and the rule that each breaks.
pub(super) const DAMAGES: [(&str, Rule); 34] = [
    ("delete from changes where revision = (select max(revision) from changes)", Rule::LogHasNoGaps),
    ("delete from changes where revision = (select min(revision) from changes)", Rule::LogHasNoGaps),
    ("update sheets set head = head - 1", Rule::LogHasNoGaps),
    ("update changes set delta = '\\xff00ff'::bytea where revision = (select head from sheets)",
     Rule::ChangesDecode),
    ("update changes set inverse = '\\xff'::bytea where revision = (
        select max(revision) from changes where inverse is not null)", Rule::ChangesDecode),
    ("update changes set delta = (select delta from changes where inverse is not null
        order by revision desc limit 1) where revision = (select head from sheets)",
     Rule::InversesFit),
    ("update changes set base = revision + 3 where revision = (select head from sheets)",
     Rule::ChangesFit),
    ("update changes set target = revision where target is not null", Rule::ChangesFit),
    ("update changes set delta = '\\xFAR' where revision = (select head - 1 from sheets)",
        Rule::ChangesFit),
    ("update changes set inverse = null where revision = (
        select max(revision) from changes where inverse is not null)", Rule::InversesFit),
    ("update changes set batch = batch - 2 where revision = (select head from sheets)",
     Rule::CommitsJoin),
    ("update changes set sequence = -sequence where revision = (select head from sheets)",
     Rule::EditNamesUnique),
    ("insert into past_clients (sheet, client, sequence, revision, account, at)
        select sheet, client, sequence + 1000, (select min(revision) - 1 from changes), account, at
        from changes where revision = (select head - 2 from sheets)
        on conflict (sheet, client) do update set sequence = excluded.sequence",
     Rule::EditNamesUnique),
    ("update checkpoints set next_row_id = next_row_id + 100000", Rule::IdsGivenOnce),
    ("update sheets set next_row_id = 5", Rule::CountersPastIds),
    ("update sheets set next_column_id = 1", Rule::CountersPastIds),
    ("update sheets set next_row_id = (select max(start + length) - 1 from spans)",
     Rule::CountersPastIds),
    ("insert into spans (sheet, key, start, length)
        select sheet, max(key) + 7, min(start), 1 from spans group by sheet",
     Rule::SpansDoNotOverlap),
    ("update spans set start = -3 where key = (select min(key) from spans)",
     Rule::SpansDoNotOverlap),
    ("update spans set key = -key - 1", Rule::RowOrderIsThatOfTheLog),
    ("delete from spans where key = (select max(key) from spans)", Rule::RowCountFits),
    ("update sheets set row_count = row_count + 1", Rule::RowCountFits),
    ("update columns set name = name || '!' where position = 0", Rule::ColumnsAreThoseOfTheLog),
    ("update columns set position = position + 1", Rule::ColumnsAreThoseOfTheLog),
    ("insert into rows (sheet, id, cells) select id, next_row_id + 5, '{}' from sheets",
     Rule::RowsHaveGivenIds),
    ("update rows set cells = '{\"1\": [3]}' where id = (select max(id) from rows)",
     Rule::ValuesAreValid),
    ("update rows set cells = '{\"1\": {\"datetime_micros\": 999999999999999999}}'
        where id = (select max(id) from rows)", Rule::CellsAreThoseOfTheLog),
    ("update rows set cells = '{\"77777\": 1}' where id = (select max(id) from rows)",
     Rule::ValuesAreValid),
    ("update before_images set cells = cells || '{\"1\": 12345, \"2\": 1}' where through = (
        select max(through) from before_images)", Rule::OverwrittenIsKept),
    ("delete from before_images where through = (select max(through) from before_images)",
     Rule::OverwrittenIsKept),
    ("update checkpoints set columns = '[]' where revision = (select max(revision) from checkpoints)",
     Rule::CheckpointsFit),
    ("update prunings set floor = floor + 1", Rule::FloorIsNoted),
    ("insert into rows (sheet, id, cells) values (gen_random_uuid(), 1, '{}')",
     Rule::NothingIsStray),
    // The last one, because it drops a constraint that `restore` does not bring back.
    ("alter table changes drop constraint changes_sheet_client_sequence_key;
        update changes set (client, sequence) = (select client, sequence from changes as other
            where other.revision = changes.revision - 2) where revision = (select head from sheets)",
     Rule::EditNamesUnique),
];

/// The database of a server that has stopped, with a copy of its tables beside them.
pub(super) struct Database {
    pub(super) config: Config,
    client: tokio_postgres::Client,
}

/// The tables that a damage may change.
const TABLES: [&str; 10] = [
    "sheets",
    "columns",
    "spans",
    "rows",
    "changes",
    "before_images",
    "checkpoints",
    "prunings",
    "past_clients",
    "purges",
];

impl Database {
    pub(super) async fn save(config: Config) -> Self {
        let client = connect(&config).await;
        client.batch_execute("create schema saved").await.expect("is new");
        for table in TABLES {
            let copy = format!("create table saved.{table} as table {table}");
            client.batch_execute(&copy).await.expect("can be copied");
        }
        Self { config, client }
    }

    pub(super) async fn damage(&self, damage: &str) {
        let done = self.client.batch_execute(&damage.replace("FAR", &far_off())).await;
        done.unwrap_or_else(|error| panic!("{damage}: {error:?}"));
    }

    /// Brings back the saved tables.
    pub(super) async fn restore(&self) {
        let back = TABLES.map(|table| format!("insert into {table} table saved.{table};"));
        let back =
            format!("begin; truncate {} cascade; {} commit", TABLES.join(", "), back.concat());
        self.client.batch_execute(&back).await.expect("can be brought back");
    }

    pub(super) async fn head(&self) -> i64 {
        self.client.query_one("select head from sheets", &[]).await.expect("is read").get(0)
    }
}

/// A change far outside of any sheet of the test, as Postgres reads bytes.
fn far_off() -> String {
    let mut bytes = Vec::new();
    encode_delta(&Delta::set_cell(1_000_000, 0, 1.0), &mut bytes);
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

async fn connect(config: &Config) -> tokio_postgres::Client {
    let (client, connection) = config.connect(NoTls).await.expect("Postgres is there");
    tokio::spawn(connection);
    client
}
