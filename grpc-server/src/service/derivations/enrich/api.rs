//! An enrichment, ready to be asked: the address, the paths, and the headers.
//!
//! Not the requests (`asker`). A call makes it to check the request, and the job makes it again. Invariant: it is never printed.

use std::sync::Arc;

use http::HeaderMap;
use outbound::{Address, Outbound, OutboundError, chosen};

use super::asked::{Asked, Secret};
use super::path::Path;
use super::template::{FIELD as URL, Template};
use crate::edge::errors::{ServiceError, TableRefusal};
use crate::service::sheets::columns::{ColumnIndex, Holder};
use crate::service::tables::columns_of;
use model::TableFacts;

/// A remote API, and how its answers belong to rows.
pub(super) struct Api {
    pub(super) template: Template,
    pub(super) headers: HeaderMap,
    pub(super) list_path: Path,
    pub(super) remote_key: Path,
    pub(super) take: Vec<Path>,
    /// The names of the new columns.
    pub(super) names: Vec<Arc<str>>,
    pub(super) per_second: u32,
    /// The positions of the columns whose values are a key, in the table.
    pub(super) asked_columns: Vec<usize>,
    /// Which of them is the column of the key.
    pub(super) key_at: usize,
    /// Whether its requests have secrets. An API may answer with a request, in any form: then no reason shows a text of an answer.
    pub(super) has_secret: bool,
    /// Whether each key has a request of its own.
    pub(super) is_per_key: bool,
}

impl Api {
    /// That of an enrichment over a table.
    pub(super) fn of(
        asked: &Asked,
        secret: &Secret,
        facts: &TableFacts,
    ) -> Result<Self, ServiceError> {
        let records = columns_of(facts);
        let index = ColumnIndex::of(Holder::Table, &records);
        let url = asked.url.as_ref().or(secret.url.as_ref()).map_or("", String::as_str);
        let template = Template::of(url, &index)?;
        let path = |field: &str, text: &str| {
            Path::of(text)
                .map_err(|rule| ServiceError::malformed(format!("enrichment.{field}"), rule))
        };
        let remote_key = path("remote_key", &asked.remote_key)?;
        let mut asked_columns = template.columns();
        let is_per_key = !asked_columns.is_empty();
        let is_in_url = asked_columns.contains(&asked.key);
        if is_per_key && remote_key.is_empty() && !is_in_url {
            let rule = "must have the column of the key in braces, or remote_key must be set";
            return Err(ServiceError::malformed(URL, rule));
        }
        if !is_per_key && remote_key.is_empty() {
            let rule = "must be set, since the address has no column in braces and its answer has all objects";
            return Err(ServiceError::malformed("enrichment.remote_key", rule));
        }
        if !is_in_url {
            asked_columns.push(asked.key);
        }
        let key_at = asked_columns.iter().position(|at| *at == asked.key).unwrap_or_default();
        let taken = asked.take.iter().enumerate();
        let take = taken.map(|(at, taken)| path(&format!("take[{at}].path"), &taken.path));
        Ok(Self {
            headers: headers(secret)?,
            list_path: path("list_path", &asked.list_path)?,
            take: take.collect::<Result<_, _>>()?,
            names: asked.take.iter().map(|taken| Arc::from(taken.name.as_str())).collect(),
            per_second: asked.per_second,
            has_secret: asked.has_secret,
            template,
            remote_key,
            asked_columns,
            key_at,
            is_per_key,
        })
    }

    /// Refuses an address that leads into the own network. A host that is not found may be found later.
    pub(super) async fn check(&self, outbound: &Outbound) -> Result<(), ServiceError> {
        match outbound.check(&self.template.sample()?).await {
            Err(OutboundError::Refused(why)) => Err(TableRefusal::AddressRefused(why).into()),
            _ => Ok(()),
        }
    }

    /// The address of a key: the values of its columns, in the order of `asked_columns`.
    pub(super) fn address(&self, key: &str) -> Result<Address, String> {
        let values: Vec<&str> = key.split('\0').collect();
        let value = |at: usize| {
            let place = self.asked_columns.iter().position(|column| *column == at);
            place.and_then(|place| values.get(place).copied()).unwrap_or_default()
        };
        self.template.address(&value)
    }

    /// The value of the column of the key.
    pub(super) fn key_of<'k>(&self, key: &'k str) -> &'k str {
        key.split('\0').nth(self.key_at).unwrap_or_default()
    }
}

fn headers(secret: &Secret) -> Result<HeaderMap, ServiceError> {
    let mut headers = HeaderMap::new();
    for (at, (name, value)) in secret.headers.iter().enumerate() {
        let malformed =
            |rule: &str| ServiceError::malformed(format!("enrichment.headers[{at}]"), rule);
        let (name, value) = chosen(name, value).map_err(malformed)?;
        if headers.append(name, value) {
            return Err(malformed("has the name of another header"));
        }
    }
    Ok(headers)
}
