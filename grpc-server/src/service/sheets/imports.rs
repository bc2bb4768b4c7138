//! Imports: a file that comes in pieces, over several calls, becomes a sheet.
//!
//! Each import is one task that owns its parser and its transaction; calls are messages to it. Not the CSV itself:
//! see `crate::import`. Invariant: an import that ends before `FinishImport` (an error, silence, a cancel, the
//! end of the server) leaves nothing behind.

mod begun;
mod calls;
mod job;
mod patience;
mod preview;
mod seat;

use std::sync::Arc;
use std::time::Duration;

use gridloom::v1::sheet_service_client::SheetServiceClient;
use gridloom::v1::{self, FinishImportResponse};
use heavy_work::Caller;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{mpsc, oneshot};
use tonic::transport::Channel;
use tonic::{Request, Response, Status};

use self::begun::{Begun, State};
use self::calls::{Ask, Call, Reply};
use self::job::Job;
use super::wire::sheet_name;
use crate::edge::auth::Identity;
use crate::edge::connection_end::ConnectionEnd;
use crate::edge::errors::ServiceError;
use crate::edge::quotas::Quotas;
use crate::edge::relay::Relay;
use crate::service::read_options;
use crate::service::turns::Turns;
use csv_reader::CsvImport;
use model::limits::{Limits, edge};
use model::{AccountId, SheetId};
use store::{NewImport, Store};

/// Bytes in one piece.
const PIECE_BYTES: usize = 2 * 1024 * 1024;
/// How long a call that is passed on may take: as long as Postgres takes for a large file.
const IMPORT_WITHIN: Duration = Duration::from_secs(150);
/// Calls that wait for one import's task.
const WAITING_CALLS: usize = 2;

/// The imports that are under way.
#[derive(Debug)]
pub(crate) struct Imports {
    store: Store,
    limits: Limits,
    places: Arc<Turns>,
    begun: Begun,
    relay: Relay,
    quotas: Arc<Quotas>,
}

type Calls = SheetServiceClient<Channel>;

impl Imports {
    pub(crate) fn new(store: Store, limits: Limits, relay: Relay, quotas: Arc<Quotas>) -> Self {
        let places = Arc::new(Turns::new(edge::IMPORTS, edge::IMPORTS_AT_ONCE));
        Self { store, limits, places, begun: Begun::default(), relay, quotas }
    }

    pub(crate) async fn start(
        &self,
        account: AccountId,
        request: &v1::StartImportRequest,
    ) -> Result<v1::StartImportResponse, ServiceError> {
        let name = sheet_name(&request.name)?;
        let locale = read_options::locale_of(&self.store, account).await?;
        let options = read_options::read(request, locale, &self.limits)?;
        let kinds = read_options::kinds(request, self.limits.columns)?;
        // Refused before anything is sent; the sheet takes its place when it is made.
        drop(self.quotas.new_sheet(account).await?);
        let stored = self.quotas.check_stored(account).await?;
        let import = NewImport { id: SheetId::generate(), owner: account, name };
        let id = self.relay.name();
        let (asks, inbox) = mpsc::channel(WAITING_CALLS);
        let registered = self.begun.add(id.clone(), account, asks)?;
        let csv = CsvImport::new(options).with_kinds(kinds);
        let sizes = (self.limits.message_bytes, self.limits.row_bytes);
        let quota = (Arc::clone(&self.quotas), stored);
        let places = Arc::clone(&self.places);
        let job = Job::new(self.store.clone(), import, csv, places, quota, sizes);
        self.store.tasks().spawn(async move {
            // After a panic its callers receive that there is no such import.
            let _ = heavy_work::drive(Caller::Account(account), job.run(inbox, registered)).await;
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
        let is_passed_on = Relay::has_passed_on(&request);
        let connection = request.extensions().get::<ConnectionEnd>();
        let connection = connection.filter(|_| !is_passed_on).cloned();
        let (reply, answer) = oneshot::channel();
        let call = Call { ask: here(request.into_inner(), reply), connection, is_passed_on };
        match self.begun.find(&import, account) {
            Some(State::UnderWay(asks)) => match asks.try_send(call) {
                Ok(()) => {}
                Err(TrySendError::Full(_)) => return Err(ServiceError::ImportsBusy.into()),
                // It has ended in between, as one has whose answer is missing below.
                Err(TrySendError::Closed(call)) => self.ended(&import, account, call)?,
            },
            _ => self.ended(&import, account, call)?,
        }
        match answer.await {
            Ok(answer) => Ok(Response::new(answer?)),
            Err(_) => Err(self.why(&import, account)),
        }
    }

    /// Answers a call for an import that has ended.
    fn ended(&self, import: &str, account: AccountId, call: Call) -> Result<(), Status> {
        match (self.begun.find(import, account), call.ask) {
            (Some(State::Finished(answer)), Ask::Finish(reply)) => {
                // The call waits for it.
                let _ = reply.send(Ok(FinishImportResponse::clone(&answer)));
                Ok(())
            }
            _ => Err(self.why(import, account)),
        }
    }

    /// Why an import takes no further call.
    fn why(&self, import: &str, account: AccountId) -> Status {
        match self.begun.find(import, account) {
            Some(State::Failed(why)) => why,
            _ => ServiceError::NotFound("import").into(),
        }
    }
}
