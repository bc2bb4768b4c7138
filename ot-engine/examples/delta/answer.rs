//! Answers one request.
//!
//! It keeps no state between requests. Invariant: any bytes get an answer, and never a panic.

use ot_engine::{
    CellEdit, Delta, Limits, Sheet, Size, Value, compose, invert, transform, validate,
    validate_text,
};
use serde_json::{Map, Value as Json};

use crate::read::{self, Fail, Fields, Written};
use crate::write;

/// Most cells of a grid, because this tool holds the whole grid.
const MAX_GRID_CELLS: u64 = 10_000_000;

/// The answer to one line.
pub(crate) fn answer(line: &[u8]) -> Json {
    let request = serde_json::from_slice::<Json>(line)
        .map_err(|error| Fail::new(format!("not JSON: {error}")))
        .and_then(|request| read::object(&request, "the request").and_then(dispatch));
    request.unwrap_or_else(|fail| write::error(&fail.to_string()))
}

fn dispatch(request: &Map<String, Json>) -> Result<Json, Fail> {
    let fields = Fields::new(request, "");
    match fields.get("op")?.as_str() {
        Some("apply") => apply(&fields),
        Some("transform") => transform_pair(&fields),
        Some("compose") => compose_pair(&fields),
        Some("invert") => invert_delta(&fields),
        Some(other) => {
            let known = "apply, transform, compose or invert";
            Err(Fail::new(format!("op must be {known}, not {other:?}")))
        }
        None => Err(Fail::new("op must be a string".to_owned())),
    }
}

fn apply(fields: &Fields<'_>) -> Result<Json, Fail> {
    fields.only(&["op", "grid", "delta", "size"])?;
    let (mut sheet, delta) = grid_and_delta(fields)?;
    sheet.apply(&delta);
    Ok(write::grid_answer(&sheet))
}

fn transform_pair(fields: &Fields<'_>) -> Result<Json, Fail> {
    fields.only(&["op", "size", "first", "second"])?;
    let size = read::size(fields)?;
    let first = checked(fields, "first", size)?;
    let second = checked(fields, "second", size)?;
    Ok(write::transformed(&transform(&first, &second)))
}

fn compose_pair(fields: &Fields<'_>) -> Result<Json, Fail> {
    fields.only(&["op", "size", "first", "second"])?;
    let size = read::size(fields)?;
    let first = checked(fields, "first", size)?;
    let second = checked(fields, "second", size.after(&first))?;
    Ok(write::delta_answer(&compose(&first, &second)))
}

fn invert_delta(fields: &Fields<'_>) -> Result<Json, Fail> {
    fields.only(&["op", "grid", "delta", "size"])?;
    let (sheet, delta) = grid_and_delta(fields)?;
    Ok(write::inverse(&invert(&delta, &sheet)))
}

fn checked(fields: &Fields<'_>, name: &str, size: Size) -> Result<Delta, Fail> {
    check(read::delta(fields.get(name)?, name)?, name, size)
}

fn check(written: Written, name: &str, size: Size) -> Result<Delta, Fail> {
    let Written { delta, walked_rows, walked_cols } = written;
    validate(&delta, size, &Limits::DEFAULT).map_err(|error| Fail::new(error.within(name)))?;
    for (axis, walked, len) in [("rows", walked_rows, size.rows), ("cols", walked_cols, size.cols)]
    {
        if walked > u64::from(len) {
            let message = format!("{name}.{axis} reaches past the last of {len} lines");
            return Err(Fail::new(message));
        }
    }
    Ok(delta)
}

fn grid_and_delta(fields: &Fields<'_>) -> Result<(Sheet, Delta), Fail> {
    let written = read::delta(fields.get("delta")?, "delta")?;
    let mut sheet = read::grid(fields.get("grid")?)?;
    if sheet.rows.is_empty() {
        // A grid without rows does not show its columns: "size" or the delta does.
        let cols = match fields.optional("size") {
            Some(_) => read::size(fields)?.cols,
            None => fewest_columns(&written),
        };
        check_size(Size { rows: 0, cols })?;
        sheet = Sheet::new(Size { rows: 0, cols });
    } else if fields.optional("size").is_some() && read::size(fields)? != sheet.size() {
        return Err(Fail::new("size is not the size of grid".to_owned()));
    }
    check_size(sheet.size())?;
    let delta = check(written, "delta", sheet.size())?;
    let held = |cell: &CellEdit| {
        let place = delta.map_cell_back(cell.row, cell.col);
        place.map_or(Some(&Value::Empty), |(row, col)| sheet.get(row, col))
    };
    validate_text(&delta.cells, held, &Limits::DEFAULT)
        .map_err(|error| Fail::new(error.within("delta")))?;
    check_size(sheet.size().after(&delta))?;
    Ok((sheet, delta))
}

/// The fewest columns of a sheet for which the delta is valid.
fn fewest_columns(written: &Written) -> u32 {
    let delta = &written.delta;
    let walked = u32::try_from(written.walked_cols).unwrap_or(u32::MAX);
    let edited = delta.cells.iter().map(|cell| cell.col);
    let edited = edited.chain(delta.columns.iter().map(|edit| edit.col));
    let needed = edited.max().map_or(0, |last| last.saturating_add(1));
    walked.saturating_add(needed.saturating_sub(delta.cols.len_after(walked)))
}

fn check_size(size: Size) -> Result<(), Fail> {
    if u64::from(size.rows.max(1)) * u64::from(size.cols.max(1)) <= MAX_GRID_CELLS {
        return Ok(());
    }
    Err(Fail::new(format!("the grid would have more than {MAX_GRID_CELLS} cells")))
}
