//! Summaries of columns: how often each value comes, the least and the greatest, and how they are distributed.
//!
//! Not the query (the crate `engine`). Invariants: a summary ends within [`SUMMARY_WITHIN`] of its turn and with its caller,
//! or soon after the piece that it waits for; an account makes one at a time.

use std::sync::Arc;

use engine::{Progress, Summary};
use gridloom::convert::value_to_wire;
use gridloom::v1;
use ot_engine::Value;
use tokio_util::sync::CancellationToken;

use super::Tables;
use super::content::Content;
use super::content::source::{Source, kept_pieces};
use super::failure::unanswered;
use super::question::{columns_of, position};
use super::wire::check_by;
use crate::edge::auth::Identity;
use crate::edge::errors::{ServiceError, TableRefusal};
use crate::service::sheets::columns::{ColumnIndex, Holder};
use crate::service::sheets::queries::filter;
use model::limits::tables::{
    READING_PIECE_BYTES, SUMMARY_TEXT_CHARACTERS, SUMMARY_VALUES, SUMMARY_VALUES_MOST,
    SUMMARY_WITHIN,
};
use model::{Role, RowFilter, TableFacts};

/// The field that makes an answer large, and the request to make instead.
const SMALLER: (&str, &str) = ("values", "ask for fewer values");

impl Tables {
    pub(super) async fn summary(
        &self,
        identity: &Identity,
        request: v1::SummarizeColumnRequest,
    ) -> Result<v1::SummarizeColumnResponse, ServiceError> {
        let v1::SummarizeColumnRequest { file_id, table, column, filter, values, etag } = request;
        let file = self.file(identity, &file_id, Role::Viewer).await?;
        let (table, facts) = self.table_with_facts(&file, table, &etag).await?;
        let (column, filter) = asked(column.as_ref(), filter, &facts)?;
        let values = match values {
            0 => SUMMARY_VALUES,
            count => count.min(SUMMARY_VALUES_MOST),
        };
        // Where the place is away, a caller learns it before it waits for its turn.
        self.place.ready().await?;
        let turn = self.summaries.turn(identity.account).await;
        let turn = turn.ok_or(ServiceError::Busy("summaries of columns"))?;
        let stop = CancellationToken::new();
        // Also where the caller leaves.
        let _stop_at_end = stop.clone().drop_guard();
        let (store, place) = (self.store.clone(), Arc::clone(&self.place));
        let content = Content::new(store, place, (table.content, table.pieces));
        let source = Source::of_reading(content, kept_pieces(READING_PIECE_BYTES), stop.clone());
        let engine = self.engine.clone();
        let made = heavy_work::run_apart(move || {
            // A caller that leaves keeps its turn until the thread has ended.
            let _turn = turn;
            let watch = |_: Progress| stop.is_cancelled();
            engine.summary(Arc::new(source), column, &filter, values as usize, &watch)
        });
        let made = tokio::time::timeout(SUMMARY_WITHIN, made).await;
        let made = made.map_err(|_| TableRefusal::SummaryTooSlow)?;
        let summary = made.map_err(ServiceError::internal)?.map_err(unanswered)?;
        let answer = summary_to_wire(summary);
        check_by(&answer, SMALLER, self.message_bytes)?;
        Ok(answer)
    }
}

/// The position of the column, and the filter.
fn asked(
    column: Option<&v1::ColumnRef>,
    filter: Option<v1::RowFilter>,
    facts: &TableFacts,
) -> Result<(usize, RowFilter), ServiceError> {
    let columns = columns_of(facts);
    let index = ColumnIndex::of(Holder::Table, &columns);
    let column = position(filter::column(column, &index, "column")?)?;
    Ok((column as usize, filter::read(filter, &index)?))
}

fn summary_to_wire(summary: Summary) -> v1::SummarizeColumnResponse {
    let count =
        |(value, rows): &(Value, u64)| v1::ValueCount { value: Some(cut(value)), rows: *rows };
    let range = |(from, to, rows): &(Value, Value, u64)| v1::ValueRange {
        from: Some(value_to_wire(from)),
        to: Some(value_to_wire(to)),
        rows: *rows,
    };
    v1::SummarizeColumnResponse {
        rows: summary.rows,
        empty_rows: summary.empty,
        distinct: summary.distinct,
        values: summary.values.iter().map(count).collect(),
        least: summary.least.as_ref().map(cut),
        greatest: summary.greatest.as_ref().map(cut),
        ranges: summary.ranges.iter().map(range).collect(),
        sum: summary.sum,
    }
}

/// A value, of a long text the begin.
fn cut(value: &Value) -> v1::Value {
    match value {
        Value::Text(text) if text.chars().nth(SUMMARY_TEXT_CHARACTERS).is_some() => {
            let begin: String = text.chars().take(SUMMARY_TEXT_CHARACTERS).collect();
            value_to_wire(&Value::from(begin.as_str()))
        }
        value => value_to_wire(value),
    }
}

#[cfg(test)]
mod tests {
    use gridloom::v1::value::Kind;

    use super::*;

    #[test]
    fn long_texts_of_a_summary_are_cut_and_the_rest_stays() {
        let [short, long] = [SUMMARY_TEXT_CHARACTERS, SUMMARY_TEXT_CHARACTERS + 1]
            .map(|count| Value::from("\u{e9}".repeat(count).as_str()));
        let summary = Summary {
            rows: 9,
            empty: 2,
            distinct: 2,
            values: vec![(long.clone(), 4), (short.clone(), 3)],
            least: Some(Value::from(1.5)),
            greatest: Some(long),
            ranges: vec![(Value::from(0.0), Value::from(1.0), 7)],
            sum: None,
        };
        let wire = summary_to_wire(summary);
        let whole = value_to_wire(&short);
        let values: Vec<_> = wire.values.iter().map(|count| count.value.as_ref()).collect();
        assert_eq!(values, [Some(&whole); 2]);
        assert_eq!(wire.values.iter().map(|count| count.rows).collect::<Vec<_>>(), [4, 3]);
        assert_eq!(wire.greatest.as_ref(), Some(&whole));
        assert_eq!(wire.least.and_then(|value| value.kind), Some(Kind::Number(1.5)));
        assert_eq!((wire.rows, wire.empty_rows, wire.ranges[0].rows), (9, 2, 7));
        assert_eq!(wire.sum, None);
    }
}
