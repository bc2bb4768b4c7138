//! The rows of a request: a table of a file or a view of it, with columns in an order.
//!
//! Not the rows themselves. What a call has found goes into the parameters of its job by names, and the job finds it again, since
//! an attempt may begin hours later. Invariants: a call and its job find the files on which the account has a role then; a job reads
//! the reading of the call, or fails.

use std::collections::BTreeSet;

use gridloom::v1;
use jobs::Failure;
use serde::{Deserialize, Serialize};

use super::saved::without_ending;
use crate::edge::errors::{FileRefusal, ServiceError, TableRefusal};
use crate::edge::rights;
use crate::service::files::file_of_job;
use crate::service::sheets::columns::{ColumnIndex, Holder};
use crate::service::sheets::queries::filter::column;
use crate::service::tables::{columns_of, etag, position};
use model::limits::edge::JOB_PARAMETERS_BYTES;
use model::{
    AccountId, ContentId, FileId, FileRecord, Pieces, Role, TableFacts, TableRecord, ViewId,
    ViewRecord,
};
use store::{Store, StoreError};

/// Columns that a request names, where they are not all of them in their order: its job has their positions.
const NAMED_MOST: usize = 9_000;
/// A position takes 6 bytes at most, and room is left for the other parameters.
const _: () = assert!(NAMED_MOST * 6 + 8 * 1024 <= JOB_PARAMETERS_BYTES);

/// The rows of a request, checked.
#[derive(Clone, Debug)]
pub(in crate::service) struct Source {
    pub(in crate::service) file: FileRecord,
    pub(in crate::service) table: TableRecord,
    pub(in crate::service) facts: TableFacts,
    pub(in crate::service) view: Option<ViewRecord>,
    /// Positions in the table, at least one, none of them twice.
    pub(in crate::service) columns: Vec<usize>,
}

/// A source in the parameters of a job.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::service) struct SourceParameters {
    file: String,
    table: u32,
    /// The reading that has made the table.
    reading: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    view: Option<String>,
    /// Absent: all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    columns: Option<Vec<usize>>,
}

impl Source {
    /// The content that has the rows.
    pub(in crate::service) fn content(&self) -> (ContentId, Pieces) {
        match &self.view {
            Some(view) => (view.content, view.pieces),
            None => (self.table.content, self.table.pieces),
        }
    }

    /// The number of rows.
    pub(in crate::service) fn rows(&self) -> u64 {
        self.view.as_ref().map_or(self.table.rows, |view| view.rows)
    }

    /// What the rows are called: the file, and the worksheet where a file has several tables.
    pub(in crate::service) fn name(&self) -> String {
        let (file, table) = (&self.file.name, &self.table.name);
        // The table of a file that is no workbook has the name that the file had when it was read.
        let is_of_file = table == file || without_ending(table) != table.as_str();
        if is_of_file { file.clone() } else { format!("{} {table}", without_ending(file)) }
    }

    /// What a job finds it again by.
    pub(in crate::service) fn parameters(&self) -> SourceParameters {
        let is_all = self.columns.iter().copied().eq(0..self.facts.columns.len());
        SourceParameters {
            file: self.file.id.to_string(),
            table: self.table.number,
            reading: etag(&self.table),
            view: self.view.as_ref().map(|view| view.id.to_string()),
            columns: (!is_all).then(|| self.columns.clone()),
        }
    }
}

/// The rows that a request of an account names.
pub(in crate::service) async fn open(
    store: &Store,
    account: AccountId,
    given: Option<v1::TableSource>,
) -> Result<Source, ServiceError> {
    let v1::TableSource { file_id, table, view_id, columns: refs, etag: seen } =
        given.ok_or_else(|| ServiceError::malformed("source", "must be set"))?;
    let no_file = || ServiceError::from(FileRefusal::NoFile).about("source.file_id");
    let id = file_id.parse::<FileId>().map_err(|_| no_file())?;
    let found = rights::files::file(store, account, id, Role::Viewer).await;
    let file = found.map_err(|error| error.about("source.file_id"))?.file;
    if file.removed_micros.is_some() {
        return Err(ServiceError::from(FileRefusal::WhileRemoved).about("source.file_id"));
    }
    let owner = file.owner;
    let found = table_of(store, (owner, file.id), table).await?;
    let no_table = || ServiceError::NotFound("table").about("source.table");
    let (table, facts) = found.ok_or_else(no_table)?;
    if !seen.is_empty() && seen != etag(&table) {
        return Err(ServiceError::from(TableRefusal::Changed).about("source.etag"));
    }
    let gone = || ServiceError::from(TableRefusal::ViewGone).about("source.view_id");
    let view = match view_id.as_str() {
        "" => None,
        given => {
            let view = given.parse::<ViewId>().map_err(|_| gone())?;
            let view = store.file_view(owner, file.id, table.number, view).await?;
            Some(view.ok_or_else(gone)?)
        }
    };
    let columns = positions(&facts, &refs)?;
    Ok(Source { file, table, facts, view, columns })
}

/// In a job: finds the same source again, or why no attempt can succeed.
pub(in crate::service) async fn reopen(
    store: &Store,
    account: AccountId,
    parameters: &SourceParameters,
) -> Result<Source, Failure> {
    let (file, of_then, view) = found(store, account, parameters).await?;
    let now = table_of(store, (file.owner, file.id), parameters.table).await?;
    let (table, facts) = now.filter(|(table, _)| *table == of_then).ok_or_else(changed)?;
    let all = facts.columns.len();
    let columns = parameters.columns.clone().unwrap_or_else(|| (0..all).collect());
    if columns.is_empty() || columns.iter().any(|at| *at >= all) {
        return Err(other());
    }
    Ok(Source { file, table, facts, view, columns })
}

/// In a job: why no attempt can succeed any longer. `None`: the source is there, or Postgres is away.
pub(in crate::service) async fn gone(
    store: &Store,
    account: AccountId,
    parameters: &SourceParameters,
) -> Option<Failure> {
    match found(store, account, parameters).await {
        Err(why @ Failure::Final(_)) => Some(why),
        _ => None,
    }
}

/// The file, the table and the view of the parameters. The look keeps the view, as each use of it does.
async fn found(
    store: &Store,
    account: AccountId,
    parameters: &SourceParameters,
) -> Result<(FileRecord, TableRecord, Option<ViewRecord>), Failure> {
    let id = parameters.file.parse::<FileId>().map_err(|_| other())?;
    let file = file_of_job(store, account, id, Role::Viewer).await?.file;
    let owner = file.owner;
    let table = store.file_table(owner, file.id, parameters.table).await?;
    let table = table.filter(|table| etag(table) == parameters.reading).ok_or_else(changed)?;
    let Some(view) = &parameters.view else { return Ok((file, table, None)) };
    let view = view.parse::<ViewId>().map_err(|_| other())?;
    let view = store.file_view(owner, file.id, table.number, view).await?;
    let gone = || Failure::Final("the view is gone; make it again first".to_owned());
    Ok((file, table, Some(view.ok_or_else(gone)?)))
}

async fn table_of(
    store: &Store,
    (owner, file): (AccountId, FileId),
    number: u32,
) -> Result<Option<(TableRecord, TableFacts)>, StoreError> {
    let tables = store.file_tables(owner, file).await?;
    Ok(tables.into_iter().find(|(table, _)| table.number == number))
}

fn changed() -> Failure {
    Failure::Final("the file was read again meanwhile; begin again with its new tables".to_owned())
}

fn other() -> Failure {
    Failure::Final("its parameters are not those of this release".to_owned())
}

/// The positions of the columns of a request; all, where it names none.
fn positions(facts: &TableFacts, given: &[v1::ColumnRef]) -> Result<Vec<usize>, ServiceError> {
    let count = facts.columns.len();
    if count == 0 {
        return Err(ServiceError::malformed("source.table", "must name a table with columns"));
    }
    if given.is_empty() {
        return Ok((0..count).collect());
    }
    if given.len() > count {
        let rule = format!("must be at most {count}, the columns of the table");
        return Err(ServiceError::malformed("source.columns", rule));
    }
    let records = columns_of(facts);
    let index = ColumnIndex::of(Holder::Table, &records);
    let mut named = BTreeSet::new();
    let mut positions = Vec::with_capacity(given.len());
    for (number, reference) in given.iter().enumerate() {
        let field = format!("source.columns[{number}]");
        let at = position(column(Some(reference), &index, &field)?)? as usize;
        if !named.insert(at) {
            return Err(ServiceError::malformed(field, "names a column a second time"));
        }
        positions.push(at);
    }
    if positions.len() > NAMED_MOST && !positions.iter().copied().eq(0..count) {
        let rule = format!("must be at most {NAMED_MOST}, or all in their order");
        return Err(ServiceError::malformed("source.columns", rule));
    }
    Ok(positions)
}

#[cfg(test)]
mod tests {
    use gridloom::v1::column_ref::Column;
    use ot_engine::ColumnKind;

    use super::*;
    use model::TableColumn;

    fn facts(names: &[&str]) -> TableFacts {
        let column = |name: &&str| TableColumn {
            name: (*name).to_owned(),
            kind: ColumnKind::Any,
            file_type: String::new(),
            misfits: 0,
        };
        let columns = names.iter().map(column).collect();
        TableFacts { columns, ..TableFacts::default() }
    }

    fn of(given: &[Column]) -> Result<Vec<usize>, ServiceError> {
        let given: Vec<v1::ColumnRef> =
            given.iter().map(|it| v1::ColumnRef { column: Some(it.clone()) }).collect();
        positions(&facts(&["a", "b", "b", "caf\u{e9}"]), &given)
    }

    #[test]
    fn columns_are_found_by_position_id_and_name_in_the_order_of_the_request() {
        let named = |name: &str| Column::Name(name.to_owned());
        assert_eq!(of(&[]).expect("all"), [0, 1, 2, 3]);
        let some = [named("cafe\u{301}"), Column::At(1), Column::Id("0".to_owned())];
        assert_eq!(of(&some).expect("are there"), [3, 1, 0]);
        match positions(&facts(&["a"]), &[v1::ColumnRef::default()]) {
            Err(ServiceError::Malformed { field, .. }) => assert_eq!(field, "source.columns[0]"),
            other => panic!("{other:?}"),
        }
        for none in [Column::At(4), Column::At(u32::MAX), Column::Id("x".to_owned()), named("c")] {
            let refused = of(&[Column::At(0), none.clone()]).expect_err("is none");
            assert!(
                matches!(&refused, ServiceError::OutOfRange { field, .. } if field.starts_with("source.columns[1].")),
                "{none:?}: {refused:?}"
            );
        }
    }

    #[test]
    fn a_column_that_is_named_twice_or_whose_name_is_not_its_own_is_refused() {
        let twice = vec![Column::At(0), Column::Name("a".to_owned())];
        let unclear = vec![Column::Name("b".to_owned())];
        let many = vec![Column::At(0); 5];
        for given in [twice, unclear, many] {
            let refused = of(&given).expect_err("is refused");
            assert!(matches!(refused, ServiceError::Malformed { .. }), "{refused:?}");
        }
        assert!(positions(&facts(&[]), &[]).is_err());
        let wide = facts(&vec!["a"; NAMED_MOST + 1]);
        let mut all: Vec<v1::ColumnRef> = (0..)
            .take(NAMED_MOST + 1)
            .map(|at| v1::ColumnRef { column: Some(Column::At(at)) })
            .collect();
        assert_eq!(positions(&wide, &all).expect("in their order").len(), NAMED_MOST + 1);
        all.reverse();
        assert!(positions(&wide, &all).is_err());
        assert_eq!(positions(&wide, &all[1..]).expect("are few").len(), NAMED_MOST);
    }
}
