//! The preview of an import: one call that reads the begin of a file and makes nothing.
//!
//! Invariant: it takes no place of an import, and its work has a bound: [`BYTES`].

use gridloom::convert::{kind_to_wire, value_to_wire};
use gridloom::v1;
use heavy_work::{Caller, Size};

use super::Imports;
use crate::edge::errors::ServiceError;
use crate::service::read_options;
use csv_reader::{CsvColumn, CsvRow, Preview};
use model::AccountId;

/// Bytes of a file that are read at most.
const BYTES: usize = 256 * 1024;

impl Imports {
    pub(crate) async fn preview(
        &self,
        account: AccountId,
        request: v1::PreviewImportRequest,
    ) -> Result<v1::PreviewImportResponse, ServiceError> {
        let v1::PreviewImportRequest { options, data, is_cut } = request;
        if data.len() > BYTES {
            return Err(ServiceError::malformed("data", "must have at most 256 KiB"));
        }
        let request = options.unwrap_or_default();
        let locale = read_options::locale_of(&self.store, account).await?;
        let options = read_options::read(&request, locale, &self.limits)?;
        let kinds = read_options::kinds(&request, self.limits.columns)?;
        let size = Size::Bytes(data.len());
        let read = move || Preview::of(&options, &kinds, &data, is_cut).map(wire);
        let preview = heavy_work::run_sized(Caller::Account(account), size, read).await;
        Ok(preview.map_err(ServiceError::internal)??)
    }
}

fn wire(preview: Preview) -> v1::PreviewImportResponse {
    let column = |column: CsvColumn| v1::Column {
        name: column.name.as_ref().to_owned(),
        kind: kind_to_wire(column.kind).into(),
        ..v1::Column::default()
    };
    let row = |row: CsvRow| v1::PreviewRow { values: row.iter().map(value_to_wire).collect() };
    v1::PreviewImportResponse {
        columns: preview.columns.into_iter().map(column).collect(),
        rows: preview.rows.into_iter().map(row).collect(),
        delimiter: char::from(preview.delimiter).into(),
        encoding: preview.encoding,
        decimal_mark: preview.decimal.into(),
        has_header: preview.has_header,
        is_header_in_doubt: preview.is_header_in_doubt,
        doubts: preview.doubts,
    }
}
