//! The preview of an enrichment: the rows of the first keys, with the columns that the API gives.
//!
//! Not a job: it makes nothing. Each key is asked for once, without a second attempt. Invariants: it ends within
//! [`ENRICH_PREVIEW_WITHIN`] of its turn and with its caller; an account makes one at a time.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use engine::Meter;
use gridloom::convert::kind_to_wire;
use gridloom::v1;
use heavy_work::Caller;
use jobs::Failure;
use ot_engine::Value;
use tables::OutColumn;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::super::Derivations;
use super::answers::Answers;
use super::api::Api;
use super::asked::Asked;
use super::asker::Asker;
use super::keys::{Keys, key_of};
use super::kind::{answers, doubled};
use super::pace::Pace;
use super::rows::{Picked, with_values};
use crate::edge::auth::Identity;
use crate::edge::errors::{ServiceError, TableRefusal};
use crate::service::tables::{OpenTables, check_by, damaged, rows_to_wire};
use crate::service::transfers::source::{self, Source};
use crate::service::turns::Turn;
use model::limits::outbound::{ENRICH_PREVIEW_KEYS, ENRICH_PREVIEW_ROWS, ENRICH_PREVIEW_WITHIN};

/// Bytes of the rows among which a preview looks for keys.
const BYTES: usize = 8 * 1024 * 1024;
/// The field that makes an answer large, and the request to make instead.
const SMALLER: (&str, &str) = ("source.columns", "choose fewer columns");

/// The rows of the first keys, one of each.
struct First {
    columns: Vec<OutColumn>,
    rows: Vec<Vec<Value>>,
    keys: Keys,
}

/// Asks for the first keys.
pub(in crate::service::derivations) async fn preview(
    derivations: &Derivations,
    identity: &Identity,
    request: v1::PreviewEnrichmentRequest,
) -> Result<v1::PreviewEnrichmentResponse, ServiceError> {
    let v1::PreviewEnrichmentRequest { source, enrichment } = request;
    let source = source::open(&derivations.store, identity.account, source).await?;
    let (asked, secret) = Asked::of(enrichment, &source)?;
    let api = Arc::new(Api::of(&asked, &secret, &source.facts)?);
    // Where the place is away, a caller learns it before it waits for its turn.
    derivations.place.ready().await?;
    let turn = derivations.enrich_previews.turn(identity.account).await;
    let turn = Arc::new(turn.ok_or(ServiceError::Busy("previews of enrichments"))?);
    let asking = asked_for(derivations, identity, (source, Arc::clone(&turn)), Arc::clone(&api));
    let asked = tokio::time::timeout(ENRICH_PREVIEW_WITHIN, asking).await;
    let (first, answers, doubles) = asked.map_err(|_| TableRefusal::EnrichmentTooSlow)??;
    answer(derivations, &api, first, &answers, doubles)
}

async fn asked_for(
    derivations: &Derivations,
    identity: &Identity,
    (source, turn): (Source, Arc<Turn>),
    api: Arc<Api>,
) -> Result<(First, Answers, u64), ServiceError> {
    api.check(&derivations.outbound).await?;
    let stop = CancellationToken::new();
    // Also where the caller leaves.
    let _stop_at_end = stop.clone().drop_guard();
    let (open, of) = (Arc::clone(&derivations.open), Arc::clone(&api));
    let read = heavy_work::run_apart(move || {
        // A caller that leaves keeps its turn until the thread has ended.
        let _turn = turn;
        first(&open, &source, &of, stop)
    });
    let first = read.await.map_err(ServiceError::internal)??;
    let asker = Asker {
        outbound: derivations.outbound.clone(),
        pace: Pace::new(api.per_second),
        api,
        tries: 1,
        job: Uuid::new_v4(),
        caller: Caller::Account(identity.account),
        large: None,
        waits: AtomicBool::new(false),
        // No job shows it.
        meter: Meter::new("ask", 1),
    };
    let answered = answers(&asker, &first.keys, &|_| {}).await;
    let (answers, doubles) = answered.map_err(|why| match why {
        Failure::Final(text) | Failure::Later(text) => TableRefusal::ApiFailed(text),
    })?;
    Ok((first, answers, doubles))
}

/// Reads the rows of the first keys. Blocking.
fn first(
    open: &OpenTables,
    source: &Source,
    api: &Api,
    stop: CancellationToken,
) -> Result<First, ServiceError> {
    let table = open.reading(source.content(), stop).map_err(damaged)?;
    let picked = Picked::of(source, &api.asked_columns);
    let columns = table.out_columns(&source.columns).map_err(damaged)?;
    let mut scan = table.scan(0, &picked.columns).map_err(damaged)?;
    let (mut first, mut seen) = (First { columns, rows: Vec::new(), keys: Keys::default() }, 0);
    while seen < ENRICH_PREVIEW_ROWS && first.rows.len() < ENRICH_PREVIEW_KEYS {
        let rows = scan.next_rows(ENRICH_PREVIEW_ROWS - seen, BYTES).map_err(damaged)?;
        if rows.is_empty() {
            break;
        }
        seen += rows.len();
        for row in rows {
            let Some(key) = key_of(&row, &picked.places) else { continue };
            let is_new = first.keys.enter(&key).map_err(|_| ServiceError::Internal)?;
            if is_new {
                first.rows.push(with_values(row, picked.own, None));
            }
            if first.rows.len() >= ENRICH_PREVIEW_KEYS {
                break;
            }
        }
    }
    Ok(first)
}

fn answer(
    derivations: &Derivations,
    api: &Api,
    first: First,
    answers: &Answers,
    doubles: u64,
) -> Result<v1::PreviewEnrichmentResponse, ServiceError> {
    let First { mut columns, rows, .. } = first;
    let own = columns.len();
    columns.extend(answers.columns(&api.names));
    let rows = rows.into_iter().enumerate();
    let rows: Vec<Vec<Value>> =
        rows.map(|(number, row)| with_values(row, own, answers.of(number))).collect();
    let mut notes = answers.notes(&api.names);
    if rows.is_empty() {
        notes.push(format!("none of the first {ENRICH_PREVIEW_ROWS} rows has a key"));
    }
    notes.extend(doubled(doubles));
    let column = |column: OutColumn| v1::TableColumn {
        name: column.name.to_string(),
        kind: kind_to_wire(column.kind).into(),
        ..Default::default()
    };
    let columns = columns.into_iter().map(column).collect();
    let mut answer = v1::PreviewEnrichmentResponse { columns, rows: Vec::new(), notes };
    check_by(&answer, SMALLER, derivations.message_bytes)?;
    let beside = prost::Message::encoded_len(&answer);
    answer.rows = rows_to_wire(&rows, beside, derivations.message_bytes)?;
    Ok(answer)
}
