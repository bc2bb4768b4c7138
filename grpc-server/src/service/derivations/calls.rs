//! The calls of the derivation service: the identity, the request, and the answer on the wire.
//!
//! Not what a call does: see `begin`, `preview` and `enrich`. Invariant: every call reads its identity first.

use gridloom::v1;
use gridloom::v1::derivation_service_server::DerivationService;
use tonic::{Request, Response, Status};

use super::{Derivations, begin, enrich, preview};
use crate::edge::auth::Identity;
use crate::edge::large;

#[tonic::async_trait]
impl DerivationService for Derivations {
    async fn derive_table(
        &self,
        request: Request<v1::DeriveTableRequest>,
    ) -> Result<Response<v1::DeriveTableResponse>, Status> {
        let identity = Identity::of(&request)?;
        Ok(Response::new(begin::begin(self, &identity, request.into_inner()).await?))
    }

    async fn preview_columns(
        &self,
        request: Request<v1::PreviewColumnsRequest>,
    ) -> Result<Response<v1::PreviewColumnsResponse>, Status> {
        let identity = Identity::of(&request)?;
        Ok(large::answer(preview::preview(self, &identity, request.into_inner()).await?))
    }

    async fn enrich_table(
        &self,
        request: Request<v1::EnrichTableRequest>,
    ) -> Result<Response<v1::EnrichTableResponse>, Status> {
        let identity = Identity::of(&request)?;
        Ok(Response::new(enrich::begin(self, &identity, request.into_inner()).await?))
    }

    async fn preview_enrichment(
        &self,
        request: Request<v1::PreviewEnrichmentRequest>,
    ) -> Result<Response<v1::PreviewEnrichmentResponse>, Status> {
        let identity = Identity::of(&request)?;
        Ok(large::answer(enrich::preview(self, &identity, request.into_inner()).await?))
    }
}
