//! Transfers between files and sheets: single calls, each of which begins a job.
//!
//! Not the streams of CSV files: see `transfer`. Invariant: a call with a request id begins one job, however often it is made.

use gridloom::v1;

use crate::net::client::Client;
use crate::net::error::Error;

impl Client {
    /// Begins the job that makes a sheet of rows of a table, appends them to one, or merges them into one; then wait for it with
    /// [`Self::wait_for_job`]. The done job names the sheet. Its edits are made at this client's [place](Self::place).
    ///
    /// # Errors
    /// See the call in `transfers.proto`.
    pub async fn fill_sheet(&self, request: v1::FillSheetRequest) -> Result<v1::Job, Error> {
        let request = v1::FillSheetRequest { place: self.place(), ..request };
        Ok(self.transfer_calls().fill_sheet(request).await?.into_inner().job.unwrap_or_default())
    }

    /// Begins the job that saves rows of a table as a new file. The done job names the file.
    ///
    /// # Errors
    /// See the call in `transfers.proto`.
    pub async fn save_table(&self, request: v1::SaveTableRequest) -> Result<v1::Job, Error> {
        Ok(self.transfer_calls().save_table(request).await?.into_inner().job.unwrap_or_default())
    }

    /// Begins the job that saves a sheet as a new file. The done job names the file.
    ///
    /// # Errors
    /// See the call in `transfers.proto`.
    pub async fn save_sheet(&self, request: v1::SaveSheetRequest) -> Result<v1::Job, Error> {
        Ok(self.transfer_calls().save_sheet(request).await?.into_inner().job.unwrap_or_default())
    }
}
