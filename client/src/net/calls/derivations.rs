//! Derivations: new files of tables, by formulas, groups, joins, and the answers of remote APIs.
//!
//! Not the wait for a job: see `jobs`. Invariant: a call with a request id begins one job, however often it is made.

use gridloom::v1;

use crate::net::client::Client;
use crate::net::error::Error;

impl Client {
    /// Begins the job that saves what an operation makes of rows as a new file; then wait for it with [`Self::wait_for_job`].
    /// The done job names the file.
    ///
    /// # Errors
    /// See the call in `derivations.proto`.
    pub async fn derive_table(&self, request: v1::DeriveTableRequest) -> Result<v1::Job, Error> {
        Ok(self
            .derivation_calls()
            .derive_table(request)
            .await?
            .into_inner()
            .job
            .unwrap_or_default())
    }

    /// The first rows with computed columns.
    ///
    /// # Errors
    /// See the call in `derivations.proto`.
    pub async fn preview_columns(
        &self,
        request: v1::PreviewColumnsRequest,
    ) -> Result<v1::PreviewColumnsResponse, Error> {
        Ok(self.derivation_calls().preview_columns(request).await?.into_inner())
    }

    /// Begins the job that joins the answers of a remote API to rows. The done job names the new file.
    ///
    /// # Errors
    /// See the call in `derivations.proto`.
    pub async fn enrich_table(&self, request: v1::EnrichTableRequest) -> Result<v1::Job, Error> {
        Ok(self
            .derivation_calls()
            .enrich_table(request)
            .await?
            .into_inner()
            .job
            .unwrap_or_default())
    }

    /// The rows of the first keys with the columns that a remote API gives.
    ///
    /// # Errors
    /// See the call in `derivations.proto`.
    pub async fn preview_enrichment(
        &self,
        request: v1::PreviewEnrichmentRequest,
    ) -> Result<v1::PreviewEnrichmentResponse, Error> {
        Ok(self.derivation_calls().preview_enrichment(request).await?.into_inner())
    }
}
