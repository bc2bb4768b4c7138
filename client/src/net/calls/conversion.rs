//! The call that converts the values of a column.

use gridloom::v1;

use crate::net::client::Client;
use crate::net::error::Error;

/// What a server without `Limits.conversion_zone` does.
const NO_ZONE: &str = "passes over the zone of a conversion; convert without it";

/// How a column is converted.
#[derive(Clone, Debug, Default)]
pub struct ConversionOptions {
    /// The new kind; `Unspecified` converts those of the column's values that do not fit its kind.
    pub kind: v1::ColumnKind,
    /// The new settings of the column; `None` keeps them.
    pub settings: Option<v1::ColumnSettings>,
    /// The language tag in which texts are read; empty for a decimal point and days of ISO 8601.
    pub locale: String,
    /// The zone of times without one, by its name in the tz database; empty: UTC.
    pub time_zone: String,
    /// Whether a day and a time of day may become a day.
    pub drop_times: bool,
    /// Whether nothing is changed.
    pub dry_run: bool,
}

impl Client {
    /// Converts the values of a column to another kind, and returns what it has done. A call with the same `request_id`
    /// continues where the first one ended.
    ///
    /// # Errors
    /// See `ConvertColumn` in `sheets.proto`; [`Error::EarlierServer`] where the server would pass over the zone.
    pub async fn convert_column(
        &self,
        sheet_id: &str,
        column: v1::ColumnRef,
        options: &ConversionOptions,
        request_id: &str,
    ) -> Result<v1::ConvertColumnResponse, Error> {
        if !options.time_zone.is_empty() && !self.limits().await?.conversion_zone {
            return Err(Error::EarlierServer(NO_ZONE));
        }
        let request = v1::ConvertColumnRequest {
            sheet_id: sheet_id.to_owned(),
            column: Some(column),
            kind: options.kind.into(),
            locale: options.locale.clone(),
            drop_times: options.drop_times,
            dry_run: options.dry_run,
            request_id: request_id.to_owned(),
            place: self.place(),
            group: 0,
            settings: options.settings.clone(),
            time_zone: options.time_zone.clone(),
        };
        Ok(self.sheet_calls().convert_column(request).await?.into_inner())
    }
}
