//! The rows that a search looks through: all of a sheet, or those of some positions.
//!
//! Invariant: which rows exist, and where, is what the spans of the sheet say.

use std::ops::Range;

use super::parameters::Parameters;
use crate::StoreError;
use crate::sql::to_bigint;
use model::SheetRecord;

/// Where rows come from, and how they are called there.
pub(super) struct Source {
    pub(super) from: String,
    /// Which of their bodies are rows of it.
    pub(super) condition: &'static str,
    pub(super) id: &'static str,
    /// Their place in the sheet.
    pub(super) position: &'static str,
    /// What sorts them in the order of the sheet.
    pub(super) order: &'static str,
}

/// The spans of a sheet with their ids and their places.
const SPANS: &str = "(
    select start, start + length as stop,
        (sum(length) over (order by key))::bigint - length as before
    from spans where sheet = $1
)";

/// Parts of spans that the caller gives.
const PARTS: &str = "unnest($2::bigint[], $3::bigint[], $4::bigint[])";

const POSITION: &str = "span.before + body.id - span.start";

/// Consecutive ids in the order of the sheet, and the position of the first.
struct Part {
    start: i64,
    stop: i64,
    before: i64,
}

impl Source {
    /// All rows of a sheet; without those that have no body, where none of them can pass.
    pub(super) fn all(
        parameters: &mut Parameters,
        sheet: &SheetRecord,
        passes_blank: bool,
    ) -> Result<Self, StoreError> {
        parameters.add(sheet.id.0);
        Ok(match &parts(sheet, 0..u32::MAX, 2)?[..] {
            _ if passes_blank => Self::lines(SPANS),
            [part] => Self::one_part(parameters, part),
            _ => Self::bodies(SPANS),
        })
    }

    /// The rows at these positions; without those that have no body, where none of them can pass.
    pub(super) fn among(
        parameters: &mut Parameters,
        sheet: &SheetRecord,
        positions: Range<u32>,
        passes_blank: bool,
    ) -> Result<Self, StoreError> {
        parameters.add(sheet.id.0);
        let parts = parts(sheet, positions, usize::MAX)?;
        if let ([part], false) = (&parts[..], passes_blank) {
            let source = Self::one_part(parameters, part);
            parameters.add(part.before);
            return Ok(Self { position: "$4::bigint + body.id - $2", ..source });
        }
        let each = |number: fn(&Part) -> i64| parts.iter().map(number).collect::<Vec<_>>();
        parameters.add(each(|part| part.start));
        parameters.add(each(|part| part.stop));
        parameters.add(each(|part| part.before));
        Ok(if passes_blank { Self::lines(PARTS) } else { Self::bodies(PARTS) })
    }

    /// The rows of one part that have a body. Apart from the next, because only a plain scan runs in parallel, and in the
    /// order of its index.
    fn one_part(parameters: &mut Parameters, part: &Part) -> Self {
        parameters.add(part.start);
        parameters.add(part.stop);
        Self {
            from: "from rows as body".to_owned(),
            condition: "body.sheet = $1 and body.id >= $2 and body.id < $3",
            id: "body.id",
            position: "body.id - $2::bigint",
            order: "body.id",
        }
    }

    /// The rows of several parts that have a body.
    fn bodies(parts: &str) -> Self {
        let from = format!(
            "from {parts} as span (start, stop, before)
            join rows as body on body.sheet = $1 and body.id >= span.start and body.id < span.stop"
        );
        Self { from, condition: "true", id: "body.id", position: POSITION, order: POSITION }
    }

    /// All rows: a blank row has no body, and may pass a filter all the same.
    fn lines(parts: &str) -> Self {
        let from = format!(
            "from {parts} as span (start, stop, before)
            cross join lateral generate_series(span.start, span.stop - 1) as line (id)
            left join rows as body on body.sheet = $1 and body.id = line.id"
        );
        let position = "span.before + line.id - span.start";
        Self { from, condition: "true", id: "line.id", position, order: position }
    }
}

/// The parts of a sheet at these positions, `most` of them at most.
fn parts(sheet: &SheetRecord, positions: Range<u32>, most: usize) -> Result<Vec<Part>, StoreError> {
    let mut parts = Vec::new();
    let mut before = 0_u32;
    for span in &sheet.spans {
        let end = before.saturating_add(span.length);
        let (first, stop) = (positions.start.max(before), positions.end.min(end));
        if first < stop {
            let start = to_bigint(span.start.0)? + i64::from(first - before);
            let stop = start + i64::from(stop - first);
            parts.push(Part { start, stop, before: first.into() });
        }
        before = end;
        if before >= positions.end || parts.len() >= most {
            break;
        }
    }
    Ok(parts)
}
