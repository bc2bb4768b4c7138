//! A server for one test, and callers with and without a token.

use gridloom::v1::account_service_client::AccountServiceClient;
use gridloom::v1::sheet_service_client::SheetServiceClient;
use gridloom::v1::{self, Sheet};
use grpc_server::config::Options;
use grpc_server::serve::{RunningServer, Server};
use tempfile::TempDir;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::service::interceptor::InterceptedService;
use tonic::transport::Channel;
use tonic::{Code, Request, Status};
use tonic_types::StatusExt;

use crate::template::copy_cluster_into;

pub(crate) const PASSWORD: &str = "correct horse";

/// A server on a free port, in a directory of its own.
pub(crate) struct TestServer {
    pub(crate) running: RunningServer,
    pub(crate) channel: Channel,
    data: TempDir,
}

/// Adds a token to each call.
#[derive(Clone)]
pub(crate) struct Bearer(MetadataValue<Ascii>);

impl tonic::service::Interceptor for Bearer {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        request.metadata_mut().insert("authorization", self.0.clone());
        Ok(request)
    }
}

type WithToken = InterceptedService<Channel, Bearer>;

/// A caller who is signed in.
#[derive(Clone)]
pub(crate) struct Caller {
    pub(crate) token: String,
    pub(crate) accounts: AccountServiceClient<WithToken>,
    pub(crate) sheets: SheetServiceClient<WithToken>,
}

impl TestServer {
    pub(crate) async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    pub(crate) async fn start_with(change: impl FnOnce(&mut Options)) -> Self {
        let data = tempfile::tempdir().unwrap();
        let mut options = options(&data);
        change(&mut options);
        copy_cluster_into(data.path());
        Self::serve(data, options).await
    }

    async fn serve(data: TempDir, options: Options) -> Self {
        let running = Server::start(options).await.unwrap();
        let channel = Channel::from_shared(running.url()).unwrap().connect().await.unwrap();
        Self { running, channel, data }
    }

    /// A connection from another address of this machine.
    pub(crate) async fn channel_from(&self, address: std::net::IpAddr) -> Channel {
        let endpoint = Channel::from_shared(self.running.url()).unwrap();
        endpoint.local_address(Some(address)).connect().await.unwrap()
    }

    pub(crate) fn accounts(&self) -> AccountServiceClient<Channel> {
        AccountServiceClient::new(self.channel.clone())
    }

    /// Stops it and starts another one on the same data.
    pub(crate) async fn restart(self) -> Self {
        let Self { running, channel, data } = self;
        drop(channel);
        running.shutdown().await;
        let options = options(&data);
        Self::serve(data, options).await
    }

    pub(crate) fn data_dir(&self) -> &std::path::Path {
        self.data.path()
    }

    pub(crate) async fn sign_up(&self, email: &str) -> Caller {
        let request = v1::SignUpRequest {
            email: email.into(),
            password: PASSWORD.into(),
            display_name: String::new(),
            ..Default::default()
        };
        let response = self.accounts().sign_up(request).await.unwrap().into_inner();
        self.caller(&response.session.unwrap().token)
    }

    pub(crate) fn caller(&self, token: &str) -> Caller {
        let bearer = Bearer(format!("Bearer {token}").parse().unwrap());
        let channel = || self.channel.clone();
        Caller {
            token: token.into(),
            accounts: AccountServiceClient::with_interceptor(channel(), bearer.clone()),
            sheets: SheetServiceClient::with_interceptor(channel(), bearer),
        }
    }
}

impl Caller {
    pub(crate) async fn create(&mut self, name: &str) -> Sheet {
        let request = v1::CreateSheetRequest { name: name.into(), ..Default::default() };
        self.sheets.create_sheet(request).await.unwrap().into_inner().sheet.unwrap()
    }

    /// Imports a file in pieces of `piece` bytes.
    pub(crate) async fn import(
        &mut self,
        start: v1::StartImportRequest,
        file: &[u8],
        piece: usize,
    ) -> Result<v1::FinishImportResponse, Status> {
        let import_id = self.sheets.start_import(start).await?.into_inner().import_id;
        for (number, data) in file.chunks(piece).enumerate() {
            let request = v1::ImportChunkRequest {
                import_id: import_id.clone(),
                offset: (number * piece) as u64,
                data: data.to_vec().into(),
            };
            self.sheets.import_chunk(request).await?;
        }
        let finish = v1::FinishImportRequest { import_id };
        Ok(self.sheets.finish_import(finish).await?.into_inner())
    }

    /// A whole sheet as CSV.
    pub(crate) async fn export(&mut self, sheet_id: &str) -> Result<String, Status> {
        let request = v1::ExportSheetRequest { sheet_id: sheet_id.into(), ..Default::default() };
        let mut stream = self.sheets.export_sheet(request).await?.into_inner();
        let mut file = Vec::new();
        while let Some(piece) = stream.message().await? {
            file.extend_from_slice(&piece.data);
        }
        Ok(String::from_utf8(file).unwrap())
    }
}

pub(crate) fn options(data: &TempDir) -> Options {
    Options {
        listen: "127.0.0.1:0".parse().unwrap(),
        data_dir: data.path().into(),
        drain_seconds: 1,
        ..Options::default()
    }
}

/// The code and the stable reason of a refusal. Every one must say what to do next.
pub(crate) fn refused<T: std::fmt::Debug>(result: Result<T, Status>) -> (Code, String) {
    let status = result.unwrap_err();
    assert!(status.message().len() > 10, "{status:?}");
    let info = status.get_details_error_info();
    let info = info.unwrap_or_else(|| panic!("no reason in {status:?}"));
    assert_eq!(info.domain, "gridloom");
    (status.code(), info.reason)
}

/// The same, with the field that a bad request names.
pub(crate) fn refused_field<T: std::fmt::Debug>(result: Result<T, Status>) -> (Code, String) {
    let status = result.unwrap_err();
    let details = status.get_details_bad_request().unwrap();
    (status.code(), details.field_violations[0].field.clone())
}
