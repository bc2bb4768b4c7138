//! Imports: a file that comes in pieces, over several calls, becomes a sheet.
//!
//! Each import is one task that owns its parser and its transaction; calls are messages to it. Not the CSV itself:
//! see `crate::import`. Invariant: an import that ends before `FinishImport` (an error, silence, a cancel, the
//! end of the server) leaves nothing behind.

mod job;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use gridloom::v1;
use gridloom::v1::sheet_service_client::SheetServiceClient;
use heavy_work::Caller;
use tokio::sync::{mpsc, oneshot};
use tonic::transport::Channel;
use tonic::{Request, Response, Status};

use self::job::{Ask, Job, Reply};
use super::turns::Turns;
use super::wire::sheet_name;
use crate::edge::auth::Identity;
use crate::edge::errors::ServiceError;
use crate::edge::quotas::Quotas;
use crate::edge::relay::Relay;
use crate::import::{CsvImport, CsvOptions};
use model::limits::{Limits, edge};
use model::{AccountId, SheetId};
use store::{NewImport, Store};

/// Bytes in one piece.
const PIECE_BYTES: usize = 2 * 1024 * 1024;
/// How long a call that is passed on may take: as long as Postgres takes for a large file.
const IMPORT_WITHIN: Duration = Duration::from_secs(150);
/// Calls that wait for one import's task.
const WAITING_CALLS: usize = 4;

/// The imports that are under way.
#[derive(Debug)]
pub(crate) struct Imports {
    store: Store,
    limits: Limits,
    places: Turns,
    open: Arc<OpenImports>,
    relay: Relay,
    quotas: Arc<Quotas>,
}

type Calls = SheetServiceClient<Channel>;
type OpenImports = Mutex<HashMap<String, OpenImport>>;

#[derive(Debug)]
struct OpenImport {
    account: AccountId,
    asks: mpsc::Sender<Ask>,
}

/// Forgets an import when its task ends, however it ends.
struct Registered {
    open: Weak<OpenImports>,
    id: String,
}

impl Drop for Registered {
    fn drop(&mut self) {
        if let Some(open) = self.open.upgrade() {
            lock(&open).remove(&self.id);
        }
    }
}

impl Imports {
    pub(crate) fn new(store: Store, limits: Limits, relay: Relay, quotas: Arc<Quotas>) -> Self {
        let places = Turns::new(edge::IMPORTS, edge::IMPORTS_AT_ONCE);
        Self { store, limits, places, open: Arc::default(), relay, quotas }
    }

    pub(crate) async fn start(
        &self,
        account: AccountId,
        request: &v1::StartImportRequest,
    ) -> Result<v1::StartImportResponse, ServiceError> {
        let name = sheet_name(&request.name)?;
        if request.header && request.no_header {
            return Err(ServiceError::malformed("header", "contradicts no_header"));
        }
        let options = CsvOptions {
            no_header: request.no_header,
            header: request.header,
            repair: request.repair,
            delimiter: delimiter(&request.delimiter)?,
            cell_bytes: self.limits.cell_bytes as usize,
            columns: self.limits.columns as usize,
            rows: u64::from(self.limits.rows),
        };
        // Refused before anything is sent; the sheet takes its place when it is made.
        drop(self.quotas.new_sheet(account).await?);
        let stored = self.quotas.check_stored(account).await?;
        let place = self.places.turn_if_left(account);
        let place = tokio::time::timeout(edge::IMPORT_PLACE_WITHIN, place).await;
        let place = place.map_err(|_| ServiceError::Busy("imports"))?;
        let place = place.ok_or(ServiceError::Busy("imports of this account"))?;
        let import = NewImport { id: SheetId::generate(), owner: account, name };
        let id = self.relay.name();
        let (asks, inbox) = mpsc::channel(WAITING_CALLS);
        lock(&self.open).insert(id.clone(), OpenImport { account, asks });
        let registered = Registered { open: Arc::downgrade(&self.open), id: id.clone() };
        let csv = CsvImport::new(options);
        let sizes = (self.limits.message_bytes, self.limits.row_bytes);
        let quota = (Arc::clone(&self.quotas), stored);
        let job = Job::new(self.store.clone(), import, csv, place, quota, sizes);
        self.store.tasks().spawn(async move {
            let ended = heavy_work::drive(Caller::Account(account), job.run(inbox)).await;
            // Its callers receive that there is no such import.
            drop((ended, registered));
        });
        Ok(v1::StartImportResponse { import_id: id })
    }

    pub(crate) async fn chunk(
        &self,
        request: Request<v1::ImportChunkRequest>,
    ) -> Result<Response<v1::ImportChunkResponse>, Status> {
        Identity::of(&request)?;
        if request.get_ref().data.len() > PIECE_BYTES {
            return Err(ServiceError::malformed("data", "must have at most 2 MiB").into());
        }
        let elsewhere =
            |mut calls: Calls, request| async move { calls.import_chunk(request).await };
        let here =
            |v1::ImportChunkRequest { offset, data, .. }, reply| Ask::Chunk { offset, data, reply };
        self.call(request, |chunk| &chunk.import_id, elsewhere, here).await
    }

    pub(crate) async fn finish(
        &self,
        request: Request<v1::FinishImportRequest>,
    ) -> Result<Response<v1::FinishImportResponse>, Status> {
        let elsewhere =
            |mut calls: Calls, request| async move { calls.finish_import(request).await };
        self.call(request, |finish| &finish.import_id, elsewhere, |_, reply| Ask::Finish(reply))
            .await
    }

    pub(crate) async fn cancel(
        &self,
        request: Request<v1::CancelImportRequest>,
    ) -> Result<Response<v1::CancelImportResponse>, Status> {
        let elsewhere =
            |mut calls: Calls, request| async move { calls.cancel_import(request).await };
        self.call(request, |cancel| &cancel.import_id, elsewhere, |_, reply| Ask::Cancel(reply))
            .await
    }

    /// Answers a call for an import: here, or at the server that has it.
    async fn call<Q, A, F>(
        &self,
        request: Request<Q>,
        import_of: impl FnOnce(&Q) -> &str,
        elsewhere: impl FnOnce(Calls, Request<Q>) -> F,
        here: impl FnOnce(Q, Reply<A>) -> Ask,
    ) -> Result<Response<A>, Status>
    where
        F: Future<Output = Result<Response<A>, Status>>,
    {
        let account = Identity::of(&request)?.account;
        let gone = || ServiceError::NotFound("import");
        let import = import_of(request.get_ref()).to_owned();
        if let Some(node) = self.relay.other_node(&import) {
            let call = |channel, request| {
                let calls = SheetServiceClient::new(channel);
                elsewhere(calls.max_encoding_message_size(2 * PIECE_BYTES), request)
            };
            return self.relay.pass_on(node, request, IMPORT_WITHIN, gone().into(), call).await;
        }
        // Another account's import does not exist for this account.
        let asks = lock(&self.open)
            .get(&import)
            .filter(|import| import.account == account)
            .map(|import| import.asks.clone());
        let (reply, answer) = oneshot::channel();
        let ask = here(request.into_inner(), reply);
        asks.ok_or_else(gone)?.send(ask).await.map_err(|_| gone())?;
        Ok(Response::new(answer.await.map_err(|_| gone())??))
    }
}

fn lock(open: &OpenImports) -> MutexGuard<'_, HashMap<String, OpenImport>> {
    // Every change of the map is a single call, so a poisoned one is whole.
    open.lock().unwrap_or_else(PoisonError::into_inner)
}

fn delimiter(given: &str) -> Result<Option<u8>, ServiceError> {
    match given.as_bytes() {
        [] => Ok(None),
        [byte] if byte.is_ascii() && !matches!(byte, b'"' | b'\r' | b'\n' | 0) => Ok(Some(*byte)),
        _ => Err(ServiceError::malformed("delimiter", "must be one ASCII character, no quote")),
    }
}
