//! Rows of the people's tables as records.
//!
//! Not the statements. Invariant: a message has its columns in the order of `message!`, beginning at a given one.

use tokio_postgres::Row;
use uuid::Uuid;

use crate::StoreError;
use crate::accounts::{color_of, decode_color};
use crate::sql::{Micros, from_bigint};
use model::people::{
    CellId, Mentioned, MessageRecord, Named, ThreadId, ThreadKind, ThreadPlace, ThreadRecord,
};
use model::{AccountId, SheetId};

/// The columns of a message in the table `messages` under that name.
macro_rules! message {
    () => {
        "messages.thread, messages.number, messages.author,
        (select display_name from accounts where id = messages.author),
        (select color from accounts where id = messages.author),
        messages.client_id, messages.text, messages.mentions,
        array(select coalesce((select display_name from accounts where id = mentioned.id), '')
            from unnest(messages.mentions) with ordinality as mentioned (id, place) order by mentioned.place),
        array(select coalesce((select color from accounts where id = mentioned.id), 0::smallint)
            from unnest(messages.mentions) with ordinality as mentioned (id, place) order by mentioned.place),
        messages.link_sheet, messages.link_row, messages.link_column,
        messages.sent_at, messages.edited_at, messages.deleted_at, messages.mention_names"
    };
}

/// The columns of a thread in the table `threads` under that name.
macro_rules! thread {
    () => {
        "threads.id, threads.kind, threads.low, threads.high, threads.sheet, threads.row_id,
        threads.column_id, threads.last, threads.resolved_at, threads.created_at,
        threads.deleted_at is not null"
    };
}

pub(super) use {message, thread};

/// How many columns a message has.
pub(super) const MESSAGE_COLUMNS: usize = 17;
/// How many columns a thread has.
pub(super) const THREAD_COLUMNS: usize = 11;

/// A person whose id, name and color begin at `at`; `None` where there is none.
pub(super) fn named(row: &Row, at: usize) -> Result<Option<Named>, StoreError> {
    let id: Option<Uuid> = row.try_get(at)?;
    let name: Option<&str> = row.try_get(at + 1)?;
    let Some((id, name)) = id.zip(name) else { return Ok(None) };
    let color = decode_color(row, at + 2)?;
    Ok(Some(Named { account: AccountId(id), name: name.into(), color }))
}

pub(super) fn micros(row: &Row, at: usize) -> Result<Option<i64>, StoreError> {
    Ok(row.try_get::<_, Option<Micros>>(at)?.map(|at| at.0))
}

/// A message whose columns begin at `at`; `None` where a left join found none.
pub(super) fn message_at(row: &Row, at: usize) -> Result<Option<MessageRecord>, StoreError> {
    let Some(thread) = row.try_get::<_, Option<Uuid>>(at)? else { return Ok(None) };
    let sheet: Option<Uuid> = row.try_get(at + 10)?;
    let cell: (Option<i64>, Option<i64>) = (row.try_get(at + 11)?, row.try_get(at + 12)?);
    Ok(Some(MessageRecord {
        thread: ThreadId(thread),
        number: from_bigint(row.try_get(at + 1)?)?,
        author: named(row, at + 2)?,
        client: row.try_get(at + 5)?,
        text: row.try_get(at + 6)?,
        mentions: mentions(row, at + 7, at + 16)?,
        link: sheet.map(SheetId).zip(cell_of(cell)?),
        sent_micros: row.try_get::<_, Micros>(at + 13)?.0,
        edited_micros: micros(row, at + 14)?,
        deleted_micros: micros(row, at + 15)?,
    }))
}

/// The persons whose ids, names and colors are arrays that begin at `at`. `in_text`: the column of their names when the
/// text was written; those of a message of an earlier release are their names now.
fn mentions(row: &Row, at: usize, in_text: usize) -> Result<Vec<Mentioned>, StoreError> {
    let (ids, names): (Vec<Uuid>, Vec<&str>) = (row.try_get(at)?, row.try_get(at + 1)?);
    let colors: Vec<i16> = row.try_get(at + 2)?;
    let written: Option<Vec<&str>> = row.try_get(in_text)?;
    let written = written.filter(|written| written.len() == ids.len());
    let written = written.unwrap_or_else(|| names.clone());
    let persons = ids.into_iter().zip(names).zip(colors).zip(written);
    let person = |(((id, name), color), written): (((Uuid, &str), i16), &str)| {
        let person = Named { account: AccountId(id), name: name.into(), color: color_of(color)? };
        // That of a deleted account is not shown.
        let in_text = if name.is_empty() { "" } else { written }.into();
        Ok(Mentioned { person, in_text })
    };
    persons.map(person).collect()
}

/// A thread whose columns begin at `at`; `None` where a left join found none.
pub(super) fn thread_at(row: &Row, at: usize) -> Result<Option<ThreadRecord>, StoreError> {
    let Some(id) = row.try_get::<_, Option<Uuid>>(at)? else { return Ok(None) };
    let account =
        |column| Ok::<_, StoreError>(row.try_get::<_, Option<Uuid>>(column)?.map(AccountId));
    let sheet: Option<Uuid> = row.try_get(at + 4)?;
    let cell = cell_of((row.try_get(at + 5)?, row.try_get(at + 6)?))?;
    let kind = thread_kind(row.try_get(at + 1)?)?;
    let place = match (kind, sheet.map(SheetId), cell) {
        (ThreadKind::Persons, None, _) => {
            ThreadPlace::Persons([account(at + 2)?, account(at + 3)?])
        }
        (ThreadKind::Sheet, Some(sheet), _) => ThreadPlace::Sheet(sheet),
        (ThreadKind::Cell, Some(sheet), Some(cell)) => ThreadPlace::Cell(sheet, cell),
        _ => {
            return Err(StoreError::Corrupt(format!(
                "a thread of kind {kind:?} without its place"
            )));
        }
    };
    let last = from_bigint(row.try_get(at + 7)?)?;
    let resolved_micros = micros(row, at + 8)?;
    let made_micros = row.try_get::<_, Micros>(at + 9)?.0;
    let is_deleted = row.try_get(at + 10)?;
    let id = ThreadId(id);
    Ok(Some(ThreadRecord { id, place, last, resolved_micros, made_micros, is_deleted }))
}

pub(super) fn thread_kind(name: &str) -> Result<ThreadKind, StoreError> {
    Ok(match name {
        "persons" => ThreadKind::Persons,
        "sheet" => ThreadKind::Sheet,
        "comment" => ThreadKind::Cell,
        other => return Err(StoreError::Corrupt(format!("a thread of kind {other}"))),
    })
}

fn cell_of((row, column): (Option<i64>, Option<i64>)) -> Result<Option<CellId>, StoreError> {
    let cell = row
        .zip(column)
        .map(|(row, column)| Ok(CellId { row: from_bigint(row)?, column: from_bigint(column)? }));
    cell.transpose()
}
