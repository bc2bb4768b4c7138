//! Unary reads and edits of cells, by the same tasks of sheets that live sessions use.
//!
//! Holds nothing of a sheet. Invariant: a call that meets a sheet which is closing opens it again, so no call fails
//! for that.

mod change;
mod conversion;
pub(super) mod filling;
mod flush;
pub(super) mod job_sheet;
pub(super) mod named;
pub(super) mod window;

use std::ops::Range;
use std::sync::Arc;

use gridloom::convert::Conflicts;
use gridloom::v1::{self, WaitFor};
use heavy_work::{Caller, Size};
use ot_engine::{ClientId, Revision};
use sha2::{Digest, Sha256};
use tokio::sync::oneshot;
use tonic::Status;
use uuid::Uuid;

use self::flush::committed;
pub(in crate::service) use self::flush::flushed;
use self::window::Asked;
use super::editable::Editable;
use crate::edge::auth::Identity;
use crate::edge::errors::{self, ServiceError};
use crate::edge::pages::Paged;
use crate::edge::rights::access::FoundRole;
use crate::service::place::edit_place;
use crate::service::turns::Turns;

use model::gesture::{PassedOver, UndoReport, client_at};
use model::limits::Limits;
use model::limits::edge::{CONVERSIONS, CONVERSIONS_AT_ONCE};
use model::{AccountId, EditGroup, EditPlace, SheetId};
use sheet::Registry;
use sheet::api::message::{
    Applied, Apply, ApplyChange, Read, ReadColumns, Request as SheetRequest, SheetHandle,
    WindowRead,
};
use sheet::api::undo_target::UndoTarget;
use sheet::memory::EditHold;
use sheet::refusal::Refusal;

/// Rows that are read when the request names no number.
const READ_ROWS: u32 = 100;
const READ_ROWS_MOST: u32 = 10_000;
const REQUEST_ID_BYTES: usize = 100;
/// The bytes of the answer to an edit besides its conflicts.
const ANSWER_BYTES: usize = 64;
/// Attempts to reach a sheet that closes at that moment because it is idle.
const ATTEMPTS: usize = 3;

/// Serves reads and edits of cells.
#[derive(Debug)]
pub(super) struct Cells {
    registry: Registry,
    limits: Limits,
    /// The turns of each account to convert a column.
    conversions: Turns,
}

impl Cells {
    pub(super) fn new(registry: Registry, limits: Limits) -> Self {
        let conversions = Turns::new(CONVERSIONS, CONVERSIONS_AT_ONCE);
        Self { registry, limits, conversions }
    }

    pub(super) async fn read(
        &self,
        identity: &Identity,
        id: SheetId,
        request: v1::ReadCellsRequest,
    ) -> Result<v1::ReadCellsResponse, Status> {
        let asked = Asked::from(rows(request.rows)?, None);
        let columns = named::asked(&request, self.limits.columns)?;
        let window = self.window(identity.account, id, asked.rows.clone(), columns).await?;
        let size = read_size(&window, &request);
        let limit = self.limits.message_bytes;
        let respond = move || response(&window, &request, &asked, limit);
        let caller = Caller::Account(identity.account);
        let response = heavy_work::run_sized(caller, size, respond).await;
        Ok(response.map_err(ServiceError::internal)??)
    }

    /// Rows at the head; fewer where they are too large for one read.
    async fn window(
        &self,
        account: AccountId,
        id: SheetId,
        mut rows: Range<u32>,
        columns: ReadColumns,
    ) -> Result<WindowRead, Status> {
        // A caller that leaves before its turn leaves no read.
        let turns = self.registry.shared().memory.fetches.of(account);
        let turn = turns.acquire_owned().await.ok().map(Arc::new);
        loop {
            let read = |reply, _| {
                let (turn, columns) = (turn.clone(), columns.clone());
                SheetRequest::Read(Read { turn, rows: rows.clone(), columns, reply })
            };
            let (_, answer) = self.ask(id, account, None, read).await?;
            match (answer, window::fewer(&rows)) {
                (Err(Refusal::ReadTooLarge { .. }), Some(fewer)) => rows = fewer,
                (answer, _) => break Ok(answer.map_err(|refusal| errors::refusal(&refusal))?),
            }
        }
    }

    pub(super) async fn apply(
        &self,
        identity: &Identity,
        editable: &Editable,
        request: v1::ApplyEditsRequest,
    ) -> Result<v1::ApplyEditsResponse, Status> {
        let wait_for = WaitFor::try_from(request.wait_for)
            .map_err(|_| ServiceError::malformed("wait_for", "must be a WaitFor"))?;
        let place = edit_place("place", request.place)?;
        let v1::ApplyEditsRequest { change, base_revision, request_id, group, .. } = request;
        let (size, limits) =
            (Size::Items(change::items(change.as_ref())), self.registry.shared().edit_limits);
        let convert = move || change::from_wire(change, base_revision, &limits);
        let change = heavy_work::run_sized(Caller::Account(identity.account), size, convert).await;
        let change = change.map_err(ServiceError::internal)??;
        let client = client(identity, editable.sheet, (&request_id, place))?;
        let name = Name { client, presented: !request_id.is_empty(), group: EditGroup(group) };
        let (handle, applied) = self.submit(identity, editable, name, change).await?;
        let Applied { revision, conflicts, left_out: not_kept, undo, .. } = applied;
        if wait_for != WaitFor::Accepted {
            committed(&handle, revision).await?;
        }
        // The caller receives only the conflicts that this edit lost.
        let own = conflicts.iter().filter(|conflict| conflict.revision == revision);
        let room = (self.limits.message_bytes as usize).saturating_sub(ANSWER_BYTES);
        let Conflicts { listed, left_out } = Conflicts::of(own.map(|own| &own.conflict), room);
        Ok(v1::ApplyEditsResponse {
            revision: revision.0,
            conflicts: listed,
            conflicts_left_out: left_out.saturating_add(not_kept),
            undo: undo.map(|report| report_to_wire(*report)),
        })
    }

    pub(super) async fn restore(
        &self,
        identity: &Identity,
        editable: &Editable,
        request: v1::RestoreRevisionRequest,
    ) -> Result<v1::RestoreRevisionResponse, Status> {
        let change = ApplyChange::TakeBack(UndoTarget::Since(Revision(request.revision)));
        let place = edit_place("place", request.place)?;
        let client = client(identity, editable.sheet, (&request.request_id, place))?;
        let presented = !request.request_id.is_empty();
        let name = Name { client, presented, group: EditGroup::NONE };
        let (handle, applied) = self.submit(identity, editable, name, change).await?;
        committed(&handle, applied.revision).await?;
        Ok(v1::RestoreRevisionResponse { revision: applied.revision.0 })
    }

    /// Sends a change to the sheet, and waits until it is accepted.
    async fn submit(
        &self,
        identity: &Identity,
        editable: &Editable,
        name: Name,
        change: ApplyChange,
    ) -> Result<(SheetHandle, Applied), Status> {
        let (handle, answer) = self.answer(identity, editable, name, change).await?;
        Ok((handle, answer.map_err(|refusal| errors::refusal(&refusal))?))
    }

    /// The answer of the sheet to a change.
    async fn answer(
        &self,
        identity: &Identity,
        editable: &Editable,
        name: Name,
        change: ApplyChange,
    ) -> Result<(SheetHandle, Result<Applied, Refusal>), Status> {
        let Editable { sheet, role, .. } = *editable;
        self.answer_to((identity.account, sheet, role), name, change).await
    }

    /// The answer of the sheet to a change of an account with a role.
    async fn answer_to(
        &self,
        (account, id, FoundRole { role, asked }): (AccountId, SheetId, FoundRole),
        Name { client, presented, group }: Name,
        change: ApplyChange,
    ) -> Result<(SheetHandle, Result<Applied, Refusal>), Status> {
        let (role, bytes) = ((role, asked), change.bytes());
        let apply = |reply, hold| {
            let change = change.clone();
            let apply = Apply { account, role, client, presented, change, group, hold, reply };
            SheetRequest::Apply(Box::new(apply))
        };
        self.ask(id, account, Some(bytes), apply).await
    }

    /// Waits until what a sheet has accepted so far is in Postgres.
    pub(super) async fn flushed(&self, id: SheetId) -> Result<(), Status> {
        flushed(&self.registry, id).await
    }

    async fn ask<T>(
        &self,
        id: SheetId,
        account: AccountId,
        room: Option<usize>,
        request: impl Fn(oneshot::Sender<Result<T, Refusal>>, EditHold) -> SheetRequest,
    ) -> Result<(SheetHandle, Result<T, Refusal>), Status> {
        for _ in 0..ATTEMPTS {
            let caller = Caller::Account(account);
            let handle = self.registry.open_for(caller, id).await.map_err(errors::open)?;
            let hold = match room {
                Some(bytes) => handle.room(account, bytes).await,
                None => Ok(EditHold::default()),
            };
            let (reply, answer) = oneshot::channel();
            let sent = match hold {
                Ok(hold) => handle.send(request(reply, hold)).await,
                Err(gone) => Err(gone),
            };
            if sent.is_err() {
                continue;
            }
            // The task may have accepted the edit before it ended; no other part knows.
            let gone = |_| ServiceError::Unavailable("the sheet");
            return Ok((handle, answer.await.map_err(gone)?));
        }
        Err(ServiceError::Unavailable("the sheet").into())
    }
}

/// The cost of the answer to a read, before it is made.
fn read_size(window: &WindowRead, request: &v1::ReadCellsRequest) -> Size {
    let cells = window.rows.len().saturating_mul(window.columns.len());
    let items = Size::Items(cells.saturating_add(request.column_names.len()));
    if !items.is_light() {
        return items;
    }
    // Few cells may hold long texts, and few columns long settings.
    let bodies = window.rows.iter().filter_map(|(_, body)| body.as_ref());
    let settings: usize = window.columns.iter().map(|column| column.settings.len()).sum();
    Size::Bytes(settings + bodies.map(|body| body.weight_bytes()).sum::<usize>())
}

/// The answer to a read: the rows that fit a message of `limit` bytes.
fn response(
    window: &WindowRead,
    request: &v1::ReadCellsRequest,
    asked: &Asked,
    limit: u32,
) -> Result<v1::ReadCellsResponse, ServiceError> {
    let places = named::places(&window.columns, request)?;
    let without = window::without_rows(window, &places, asked);
    let filled = filling::fill(window, &places, asked, (&without, limit));
    let (rows, next) = filled.ok_or_else(|| ServiceError::columns_too_large(limit))?;
    let next_page_token = next.map(|place| request.next_page_token(place)).unwrap_or_default();
    Ok(v1::ReadCellsResponse { rows, next_page_token, ..without })
}

pub(super) fn rows(range: Option<v1::Range>) -> Result<Range<u32>, ServiceError> {
    let v1::Range { start, count } = range.unwrap_or(v1::Range { start: 0, count: READ_ROWS });
    if count > READ_ROWS_MOST {
        return Err(ServiceError::malformed("rows.count", "must be at most 10,000"));
    }
    Ok(start..start.saturating_add(count))
}

/// What a call says of its edit besides the change.
struct Name {
    client: ClientId,
    /// Whether the caller may have used that name before.
    presented: bool,
    group: EditGroup,
}

/// The name of an edit at a place. The same request id of the same account on the same sheet gives the same
/// name, which is what makes a retry safe; without one, the name is new.
fn client(
    identity: &Identity,
    sheet: SheetId,
    (request, place): (&str, Option<EditPlace>),
) -> Result<ClientId, ServiceError> {
    if request.len() > REQUEST_ID_BYTES {
        return Err(ServiceError::malformed("request_id", "must have at most 100 bytes"));
    }
    let name = if request.is_empty() {
        Uuid::new_v4().as_u128()
    } else {
        let mut hash = Sha256::new();
        hash.update(identity.account.0.as_bytes());
        hash.update(sheet.0.as_bytes());
        hash.update(request.as_bytes());
        let hash: [u8; 32] = hash.finalize().into();
        hash.iter().take(16).fold(0, |name, byte| name << 8 | u128::from(*byte))
    };
    Ok(client_at(place, name))
}

fn report_to_wire(report: UndoReport) -> v1::UndoReport {
    let UndoReport { edits, cells_left_out, passed_over, more } = report;
    let passed = |PassedOver { revision, why, .. }: PassedOver| v1::PassedOver {
        revision: revision.0,
        why: why.to_string(),
    };
    let passed_over = passed_over.into_iter().map(passed).collect();
    v1::UndoReport { edits, cells_left_out, passed_over, more }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use model::{ColumnRecord, RowBody};
    use ot_engine::{ColumnId, ColumnKind, RowId, Value};

    use super::*;

    fn window(rows: usize, columns: usize, text: &str) -> WindowRead {
        let column = |id| ColumnRecord {
            id: ColumnId(id),
            name: "".into(),
            kind: ColumnKind::Any,
            width: None,
            settings: "".into(),
        };
        let columns: Vec<_> = (0..columns as u64).map(column).collect();
        let body: RowBody = std::iter::once((ColumnId(0), Value::from(text))).collect();
        let row = |id| (RowId(id as u64), Some(Arc::new(body.clone())));
        let rows: Vec<_> = (0..rows).map(row).collect();
        let (revision, row_count) = (Revision(1), rows.len() as u32);
        let columns = columns.into();
        WindowRead { epoch: 1, revision, start_row: 0, rows, columns, row_count }
    }

    #[test]
    fn many_cells_and_long_texts_and_many_names_and_long_settings_are_heavy() {
        let (few, named) = (
            v1::ReadCellsRequest::default(),
            v1::ReadCellsRequest {
                column_names: vec!["a".to_owned(); 16_000],
                ..Default::default()
            },
        );
        assert!(read_size(&window(100, 10, "text"), &few).is_light());
        let long = "x".repeat(64 << 10);
        for (window, request) in [
            (window(1_000, 10, "text"), &few),
            (window(1, 10, &long), &few),
            (window(1, 10, "text"), &named),
        ] {
            assert!(!read_size(&window, request).is_light());
        }
        let mut columns = window(1, 10, "text").columns.to_vec();
        for column in &mut columns {
            column.settings = "x".repeat(16 << 10).into();
        }
        let set = WindowRead { columns: columns.into(), ..window(1, 10, "text") };
        assert!(!read_size(&set, &few).is_light());
    }
}
