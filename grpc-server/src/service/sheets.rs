//! `gridloom.v1.SheetService`: creates, lists, renames, deletes and restores sheets, and passes calls on cells,
//! history, imports and exports to the files of `sheets/`.
//!
//! Not the cells of a sheet: `cells` asks its task for those. Invariant: each call checks the identity and its
//! rights first.

mod calls;
mod cells;
pub(in crate::service) mod columns;
mod editable;
mod exports;
mod history;
mod imports;
pub(in crate::service) mod queries;
pub(crate) mod removal;
mod wire;

use std::sync::Arc;

use futures_util::StreamExt as _;
use gridloom::convert;
use gridloom::v1;

use heavy_work::{Caller, drive};
use tonic::Status;

use self::cells::Cells;
pub(in crate::service) use self::cells::flushed;
pub(in crate::service) use self::cells::job_sheet::JobSheet;
use self::cells::window::CellPlace;
use self::editable::Editable;
use self::exports::ExportStream;
use self::imports::Imports;
use self::queries::Queries;
use self::removal::Removal;
pub(in crate::service) use self::wire::sheet_name;
use self::wire::{summary_to_wire, whole_sheet_to_wire};
use crate::edge::auth::Identity;
use crate::edge::errors::{ServiceError, SharingRefusal};
use crate::edge::pages::{self, Paged};
use crate::edge::quotas::Quotas;
use crate::edge::relay::Relay;
use crate::edge::rights::access::{Access, sheet_id};
use crate::edge::rights::invalidation::{Invalidation, Invalidations};
use crate::edge::rights::role_check::RoleCheck;
use crate::edge::rights::session_index::SessionIndex;
use crate::service::turns::Turns;
use model::limits::edge::{EXPORTS, EXPORTS_AT_ONCE};
use model::limits::{Limits, SHEET_SETTINGS_BYTES};
use model::{NewColumn, NewSheet, Role, SheetId, SheetName, SheetRecord, SheetSummary};
use sheet::Registry;
use store::{SheetFilter, Store};

const COLUMN_NAME_BYTES: usize = 1024;
const FILTER_BYTES: usize = 200;
const PAGE: u32 = 50;
const PAGE_MOST: u32 = 500;
const NEW_ROWS: u32 = 100;
/// A new sheet has these columns when none are given.
const NEW_COLUMNS: [&str; 5] = ["A", "B", "C", "D", "E"];

/// Serves sheets.
#[derive(Debug)]
pub(crate) struct Sheets {
    store: Store,
    registry: Registry,
    access: Access,
    session_index: Arc<SessionIndex>,
    cells: Cells,
    removal: Arc<Removal>,
    imports: Imports,
    /// The turns of each account to export.
    exports: Turns,
    queries: Queries,
    limits: Limits,
    invalidations: Invalidations,
    quotas: Arc<Quotas>,
}

impl Sheets {
    pub(crate) fn new(
        roles: RoleCheck,
        limits: Limits,
        relay: Relay,
        invalidations: Invalidations,
        quotas: Arc<Quotas>,
        removal: Arc<Removal>,
    ) -> Self {
        let RoleCheck { store, registry, access, session_index, .. } = roles;
        let cells = Cells::new(registry.clone(), limits);
        let imports = Imports::new(store.clone(), limits, relay, Arc::clone(&quotas));
        let queries = Queries::new(store.clone(), limits);
        let exports = Turns::new(EXPORTS, EXPORTS_AT_ONCE);
        Self {
            store,
            registry,
            access,
            session_index,
            cells,
            removal,
            imports,
            exports,
            queries,
            limits,
            invalidations,
            quotas,
        }
    }

    async fn create(
        &self,
        identity: &Identity,
        request: v1::CreateSheetRequest,
    ) -> Result<v1::Sheet, ServiceError> {
        if identity.is_guest {
            return Err(SharingRefusal::Guest("a new sheet").into());
        }
        let row_count = request.row_count.unwrap_or(NEW_ROWS);
        if row_count > self.limits.rows {
            let rule = format!("must be at most {}", self.limits.rows);
            return Err(ServiceError::malformed("row_count", rule));
        }
        let sheet = NewSheet {
            id: SheetId::generate(),
            owner: identity.account,
            name: sheet_name(&request.name)?,
            columns: self.new_columns(request.columns)?,
            row_count,
        };
        let _place = self.quotas.new_sheet(identity.account).await?;
        let record = self.store.create_sheet(&sheet).await?;
        self.made(identity, record).await
    }

    fn new_columns(&self, columns: Vec<v1::Column>) -> Result<Vec<NewColumn>, ServiceError> {
        if columns.len() > self.limits.columns as usize {
            let rule = format!("must be at most {}", self.limits.columns);
            return Err(ServiceError::malformed("columns", rule));
        }
        if columns.is_empty() {
            let plain = |name: &str| NewColumn {
                name: name.into(),
                kind: ot_engine::ColumnKind::Any,
                width: None,
                settings: "".into(),
            };
            return Ok(NEW_COLUMNS.map(plain).into());
        }
        let checked = columns.into_iter().enumerate().map(|(at, column)| {
            let path = format!("columns[{at}]");
            if !column.id.is_empty() {
                return Err(ServiceError::malformed(path + ".id", "must be empty: ids are given"));
            }
            if column.name.len() > COLUMN_NAME_BYTES || column.name.contains('\0') {
                let rule = "must have at most 1,024 bytes, none of them NUL";
                return Err(ServiceError::malformed(path + ".name", rule));
            }
            let most = ot_engine::Limits::DEFAULT.max_width_pixels;
            if column.width > most {
                let rule = format!("must be at most {most} pixels");
                return Err(ServiceError::malformed(path + ".width", rule));
            }
            let kind = convert::kind_from_wire(column.kind).map_err(|error| error.within(&path))?;
            let settings = column.settings.as_ref().map(convert::settings_from_wire).transpose();
            Ok(NewColumn {
                name: column.name.into(),
                kind: kind.unwrap_or_default(),
                width: Some(column.width).filter(|width| *width > 0),
                settings: settings.map_err(|error| error.within(&path))?.unwrap_or_default(),
            })
        });
        let columns = checked.collect::<Result<Vec<NewColumn>, ServiceError>>()?;
        let bytes: usize = columns.iter().map(|column| column.settings.len()).sum();
        if bytes > SHEET_SETTINGS_BYTES {
            let rule =
                format!("must have settings of at most {SHEET_SETTINGS_BYTES} bytes together");
            return Err(ServiceError::malformed("columns", rule));
        }
        Ok(columns)
    }

    async fn list(
        &self,
        identity: &Identity,
        request: v1::ListSheetsRequest,
    ) -> Result<v1::ListSheetsResponse, ServiceError> {
        if request.filter.len() > FILTER_BYTES {
            return Err(ServiceError::malformed("filter", "must have at most 200 bytes"));
        }
        let after = request.place()?;
        let page_size = match request.page_size {
            0 => PAGE,
            size => size.min(PAGE_MOST),
        };
        let filter = SheetFilter {
            deleted: request.deleted,
            name_contains: Some(request.filter.as_str()).filter(|text| !text.is_empty()),
            after,
        };
        // One sheet more than requested shows whether there is a next page.
        let found = self.store.list_sheets(identity.account, filter, page_size + 1).await?;
        let listed = |(summary, role): &(SheetSummary, Role)| summary_to_wire(summary, *role);
        let room = (self.limits.message_bytes as usize).saturating_sub(pages::TOKEN_BYTES);
        let sheets = pages::fitting(found.iter().take(page_size as usize).map(listed), room);
        let last = sheets.last().filter(|_| found.len() > sheets.len());
        let token = last.map(|last| request.next_page_token(&last.id));
        Ok(v1::ListSheetsResponse { sheets, next_page_token: token.unwrap_or_default() })
    }

    /// A sheet that was just made.
    async fn made(
        &self,
        identity: &Identity,
        record: SheetRecord,
    ) -> Result<v1::Sheet, ServiceError> {
        let summary = self.store.sheet_summary(record.id).await?;
        let summary = summary.ok_or(ServiceError::NotFound("sheet"))?;
        let (summary, columns) = ((summary, Role::Owner), record.columns);
        whole_sheet_to_wire(identity.account, summary, columns, self.limits.message_bytes).await
    }

    async fn get(&self, identity: &Identity, id: &str) -> Result<v1::Sheet, Status> {
        let id = sheet_id(id)?;
        let (asked, role) = self.access.summary(identity, id, Role::Viewer).await?;
        let store = self.store.clone();
        let load = async move { store.sheet_with_columns(id).await };
        let loaded = drive(Caller::Account(identity.account), load).await;
        let found = loaded.map_err(ServiceError::internal)?.map_err(ServiceError::from)?;
        let (summary, columns) = found.ok_or(ServiceError::NotFound("sheet"))?;
        // A deleted sheet exists for its owner alone, whose role no other person ends.
        if asked.deleted_micros.is_none() {
            self.access.reads_on(identity, id).await?;
        }
        let (account, most) = (identity.account, self.limits.message_bytes);
        Ok(whole_sheet_to_wire(account, (summary, role), columns, most).await?)
    }

    async fn rename(
        &self,
        identity: &Identity,
        request: v1::UpdateSheetRequest,
    ) -> Result<v1::Sheet, Status> {
        let id = sheet_id(&request.sheet_id)?;
        self.access.summary(identity, id, Role::Editor).await?;
        let name = sheet_name(&request.name)?;
        let seen = match request.etag.as_str() {
            "" => None,
            // An etag of another form matches no version of the sheet.
            etag => {
                let version: Option<u64> = etag.parse().ok();
                let version = version.filter(|version| i64::try_from(*version).is_ok());
                Some(version.ok_or(ServiceError::EtagMismatch)?)
            }
        };
        let renamed = self.store.rename_sheet(id, &name, seen, identity.account).await;
        let SheetSummary { name, version, .. } = match renamed {
            Ok(summary) => summary,
            Err(error) => {
                // The role may have ended since it was asked for.
                self.access.require_now(identity, id, Role::Editor).await?;
                return Err(ServiceError::from(error).into());
            }
        };
        self.registry.set_name(id, SheetName { version, name });
        self.invalidations.send(Invalidation::Name(id));
        self.get(identity, &request.sheet_id).await
    }

    async fn delete(&self, identity: &Identity, id: &str) -> Result<(), Status> {
        let id = sheet_id(id)?;
        let (summary, _) = self.access.summary(identity, id, Role::Owner).await?;
        if summary.deleted_micros.is_some() {
            return Ok(());
        }
        match self.removal.remove(id, identity.account).await? {
            true => Ok(()),
            false => Err(ServiceError::NotFound("sheet").into()),
        }
    }

    async fn undelete(&self, identity: &Identity, id: &str) -> Result<v1::Sheet, Status> {
        let sheet = sheet_id(id)?;
        let (summary, _) = self.access.summary(identity, sheet, Role::Owner).await?;
        let _place = match summary.deleted_micros.is_some() {
            true => Some(self.quotas.place_for_restored(identity.account).await?),
            false => None,
        };
        self.store.undelete_sheet(sheet).await.map_err(ServiceError::from)?;
        self.access.forget(sheet);
        self.invalidations.send(Invalidation::Sheet(sheet));
        self.get(identity, id).await
    }

    async fn changes(
        &self,
        identity: &Identity,
        request: v1::ListChangesRequest,
    ) -> Result<v1::ListChangesResponse, Status> {
        let id = sheet_id(&request.sheet_id)?;
        self.access.role(identity, id).await?;
        if request.page_token.is_empty() {
            self.cells.flushed(id).await?;
        }
        let head = self.store.sheet_summary(id).await.map_err(ServiceError::from)?;
        let head = head.ok_or(ServiceError::NotFound("sheet"))?.head;
        let (store, most) = (self.store.clone(), self.limits.message_bytes);
        let list = async move { history::list(&store, id, head, request, most).await };
        let listed = drive(Caller::Account(identity.account), list).await;
        let listed = listed.map_err(ServiceError::internal)??;
        // The role may have ended while the call waited.
        self.access.reads_on(identity, id).await?;
        Ok(listed)
    }

    /// A further answer of a window of cells.
    async fn read_on(
        &self,
        identity: &Identity,
        id: SheetId,
        request: (v1::ReadCellsRequest, CellPlace),
    ) -> Result<v1::ReadCellsResponse, Status> {
        // The first answer may be of a revision that is not yet committed.
        self.cells.flushed(id).await?;
        let _turn = self.registry.shared().memory.revisions.turn(identity.account).await;
        let (store, most) = (self.store.clone(), self.limits.message_bytes);
        let read = async move { history::read_on(&store, id, request, most).await };
        let read = drive(Caller::Account(identity.account), read).await;
        Ok(read.map_err(ServiceError::internal)??)
    }

    async fn revision(
        &self,
        identity: &Identity,
        request: v1::GetRevisionRequest,
    ) -> Result<v1::GetRevisionResponse, Status> {
        let id = sheet_id(&request.sheet_id)?;
        self.access.role(identity, id).await?;
        let place = request.place()?;
        self.cells.flushed(id).await?;
        // Until the answer is made: the rows take several times its bytes.
        let _turn = self.registry.shared().memory.revisions.turn(identity.account).await;
        let (store, most) = (self.store.clone(), self.limits.message_bytes);
        let get = async move { history::get(&store, id, (request, place), most).await };
        let got = drive(Caller::Account(identity.account), get).await;
        let got = got.map_err(ServiceError::internal)??;
        self.access.reads_on(identity, id).await?;
        Ok(got)
    }

    /// A sheet that the caller may change.
    async fn editable(&self, identity: &Identity, id: &str) -> Result<Editable, Status> {
        let (sheet, call) = (sheet_id(id)?, self.registry.session_key().0);
        let of = (sheet, identity.account);
        let indexed = self.session_index.begin(call, of, identity.token_hash);
        let role = self.access.require(identity, sheet, Role::Editor).await?;
        Ok(Editable::new(sheet, role, indexed))
    }

    async fn export(
        &self,
        identity: &Identity,
        request: &v1::ExportSheetRequest,
    ) -> Result<ExportStream, Status> {
        let id = sheet_id(&request.sheet_id)?;
        let form = v1::ExportForm::try_from(request.form).map_err(|_| {
            ServiceError::malformed("form", "must be one of the forms that the manual lists")
        })?;
        self.access.role(identity, id).await?;
        self.cells.flushed(id).await?;
        let turn =
            self.exports.turn(identity.account).await.ok_or(ServiceError::Busy("exports"))?;
        let (caller, store) = (Caller::Account(identity.account), self.store.clone());
        let open = async move { store.export(id).await };
        let reader = drive(caller, open).await.map_err(ServiceError::internal)?;
        let reader = reader.map_err(ServiceError::from)?.ok_or(ServiceError::NotFound("sheet"))?;
        let pieces = exports::stream(
            (reader, form),
            (self.store.tasks(), caller),
            self.limits.message_bytes,
            turn,
        );
        let (access, identity) = (self.access.clone(), identity.clone());
        let allowed = pieces.then(move |piece| {
            let (access, identity) = (access.clone(), identity.clone());
            async move { access.reads_on(&identity, id).await.and(piece) }
        });
        Ok(allowed.boxed())
    }
}
