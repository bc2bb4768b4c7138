//! The columns of `ReadCells`: those that the sheet reads, and their positions in the answer.
//!
//! Not the rows. Invariant: names are in normal form C and sorted before the sheet is asked, and no more than a sheet has
//! columns.

use gridloom::v1;
use model::ColumnRecord;
use sheet::api::message::ReadColumns;

use crate::edge::errors::ServiceError;
use crate::service::sheets::columns::{ColumnIndex, Named};

/// The columns that a request names, of a sheet with so many at most.
pub(in crate::service::sheets) fn asked(
    request: &v1::ReadCellsRequest,
    most: u32,
) -> Result<ReadColumns, ServiceError> {
    Ok(match (&request.column_names[..], request.cols) {
        ([], None) => ReadColumns::At(0..u32::MAX),
        ([], Some(v1::Range { start, count })) => {
            ReadColumns::At(start..start.saturating_add(count))
        }
        (names, _) if names.len() > most as usize => return Err(too_many_names()),
        (names, _) => {
            let mut names: Vec<String> =
                names.iter().map(|name| values::normal(name).into_owned()).collect();
            names.sort_unstable();
            ReadColumns::Named(names.into())
        }
    })
}

fn too_many_names() -> ServiceError {
    ServiceError::malformed("column_names", "must not name more columns than the sheet has")
}

/// The positions of the columns that were asked for.
pub(in crate::service::sheets) fn places(
    columns: &[ColumnRecord],
    request: &v1::ReadCellsRequest,
) -> Result<Vec<usize>, ServiceError> {
    if !request.column_names.is_empty() {
        if request.cols.is_some() {
            return Err(ServiceError::malformed("cols", "must be absent with column_names"));
        }
        if request.column_names.len() > columns.len() {
            return Err(too_many_names());
        }
        let named = request.column_names.iter().enumerate();
        let index = ColumnIndex::new(columns);
        return named.map(|(at, name)| place_of(&index, at, name)).collect();
    }
    let range = request.cols.map_or(0..usize::MAX, |range| {
        range.start as usize..(range.start as usize).saturating_add(range.count as usize)
    });
    Ok((range.start.min(columns.len())..range.end.min(columns.len())).collect())
}

fn place_of(index: &ColumnIndex<'_>, at: usize, name: &str) -> Result<usize, ServiceError> {
    let rule = match index.named(name) {
        Some(Named::Once(place)) => return Ok(place),
        None => "names no column of the sheet",
        Some(Named::Often) => "names more than one column; ask by position",
    };
    Err(ServiceError::malformed(format!("column_names[{at}]"), rule))
}
