//! An enrichment as a request has it, and as a job keeps it: the plain part, and the secret part with the headers.
//!
//! Not what is done with it (`api`). An address with a query is secret, too: many APIs take their key there. Invariants: the limits
//! of a request are checked here; the secret part is never printed.

use gridloom::v1;
use serde::{Deserialize, Serialize};

use super::super::columns::{Names, chosen};
use crate::edge::errors::ServiceError;
use crate::service::sheets::columns::{ColumnIndex, Holder};
use crate::service::sheets::queries::filter::column;
use crate::service::tables::{columns_of, position};
use crate::service::transfers::source::Source;
use model::limits::outbound::{
    ENRICH_HEADERS, ENRICH_HEADERS_BYTES, ENRICH_PATHS_BYTES, ENRICH_PER_SECOND,
    ENRICH_PER_SECOND_MOST, ENRICH_TAKEN,
};

/// The plain part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Asked {
    /// Absent: it is in the secret part.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) url: Option<String>,
    /// Whether there is a secret part.
    pub(super) has_secret: bool,
    pub(super) list_path: String,
    /// The position of the column of the key in the table.
    pub(super) key: usize,
    pub(super) remote_key: String,
    pub(super) take: Vec<Taken>,
    pub(super) per_second: u32,
}

/// A column that is taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Taken {
    pub(super) path: String,
    pub(super) name: String,
}

/// The secret part.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(super) struct Secret {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) url: Option<String>,
    pub(super) headers: Vec<(String, String)>,
}

impl Asked {
    /// That of a request over a source, with its secret part.
    pub(super) fn of(
        given: Option<v1::Enrichment>,
        source: &Source,
    ) -> Result<(Self, Secret), ServiceError> {
        let given = given.ok_or_else(|| ServiceError::malformed("enrichment", "must be set"))?;
        let v1::Enrichment { url, list_path, key, remote_key, take, headers, .. } = given;
        let per_second = per_second(given.requests_per_second)?;
        let key = key_position(key.as_ref(), source)?;
        let take = taken(take, source)?;
        let paths = |taken: &Taken| taken.path.len() + taken.name.len();
        let bytes = take.iter().map(paths).sum::<usize>() + list_path.len() + remote_key.len();
        if bytes > ENRICH_PATHS_BYTES {
            let rule =
                format!("must have paths and names of at most {ENRICH_PATHS_BYTES} bytes together");
            return Err(ServiceError::malformed("enrichment", rule));
        }
        let headers = checked_headers(headers)?;
        let has_query = url.contains('?');
        let has_secret = has_query || !headers.is_empty();
        let (url, secret_url) = if has_query { (None, Some(url)) } else { (Some(url), None) };
        let asked = Self { url, has_secret, list_path, key, remote_key, take, per_second };
        Ok((asked, Secret { url: secret_url, headers }))
    }
}

fn per_second(given: u32) -> Result<u32, ServiceError> {
    match given {
        0 => Ok(ENRICH_PER_SECOND),
        given if given <= ENRICH_PER_SECOND_MOST => Ok(given),
        _ => {
            let rule = format!("must be at most {ENRICH_PER_SECOND_MOST}");
            Err(ServiceError::malformed("enrichment.requests_per_second", rule))
        }
    }
}

fn key_position(given: Option<&v1::ColumnRef>, source: &Source) -> Result<usize, ServiceError> {
    const FIELD: &str = "enrichment.key";
    if given.is_none_or(|given| given.column.is_none()) {
        return Err(ServiceError::malformed(FIELD, "must name the column of the key"));
    }
    let records = columns_of(&source.facts);
    let index = ColumnIndex::of(Holder::Table, &records);
    let at = position(column(given, &index, FIELD)?)?;
    usize::try_from(at).map_err(ServiceError::internal)
}

fn taken(given: Vec<v1::TakenMember>, source: &Source) -> Result<Vec<Taken>, ServiceError> {
    if !(1..=ENRICH_TAKEN).contains(&given.len()) {
        let rule = format!("must have 1 to {ENRICH_TAKEN} columns");
        return Err(ServiceError::malformed("enrichment.take", rule));
    }
    let mut names = Names::of(chosen(source).map(|column| column.name.as_str()));
    let mut taken = Vec::with_capacity(given.len());
    for (at, v1::TakenMember { path, name }) in given.into_iter().enumerate() {
        let field = |part: &str| format!("enrichment.take[{at}].{part}");
        if path.is_empty() {
            return Err(ServiceError::malformed(field("path"), "must be set"));
        }
        let name = names.add(if name.is_empty() { &path } else { &name }, &field("name"))?;
        taken.push(Taken { path, name });
    }
    Ok(taken)
}

fn checked_headers(given: Vec<v1::RequestHeader>) -> Result<Vec<(String, String)>, ServiceError> {
    const FIELD: &str = "enrichment.headers";
    if given.len() > ENRICH_HEADERS {
        let rule = format!("must be at most {ENRICH_HEADERS}");
        return Err(ServiceError::malformed(FIELD, rule));
    }
    let bytes = given.iter().map(|header| header.name.len() + header.value.len()).sum::<usize>();
    if bytes > ENRICH_HEADERS_BYTES {
        let rule = format!("must have at most {ENRICH_HEADERS_BYTES} bytes together");
        return Err(ServiceError::malformed(FIELD, rule));
    }
    let header = |header: v1::RequestHeader| (header.name, header.value);
    Ok(given.into_iter().map(header).collect())
}
