//! Where the rows of a source go: the check of a request, and the parameters of its job.
//!
//! Not the rows. Invariant: what has no room in a sheet, and what the caller may not edit, is refused before there is a job; the
//! job checks both again.

use gridloom::v1::fill_sheet_request::Target as Wire;
use ot_engine::ColumnId;
use serde::{Deserialize, Serialize};
use tonic::Status;

use super::columns::{self, SourceColumn, places};
use crate::edge::auth::Identity;
use crate::edge::errors::{ServiceError, SharingRefusal, TableRefusal};
use crate::edge::rights::access::sheet_id;
use crate::service::sheets::sheet_name;
use crate::service::transfers::parts::FillParts;
use crate::service::transfers::source::{Source, SourceParameters};
use model::limits::Limits;
use model::limits::tables::{FILL_EDIT_BYTES, FILL_EDIT_CELLS, MERGED_ROWS};
use model::{EditGroup, Role, SheetId};
use sheet::api::message::WindowRead;

/// The name of the kind.
pub(super) const KIND: &str = "fill-sheet";
/// Characters of the name of a sheet.
const NAME_CHARACTERS: usize = 200;

/// The parameters of a job, besides those of each job about a file.
#[derive(Serialize, Deserialize)]
pub(super) struct Parameters {
    pub(super) source: SourceParameters,
    pub(super) target: Target,
    /// Where its edits are made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) place: Option<u64>,
}

/// The target as the parameters of a job have it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Target {
    /// A new sheet.
    NewSheet { name: String },
    /// The end of a sheet.
    Append {
        sheet: String,
        /// The cells and the bytes of one edit: each attempt makes the same edits, also after the limits have changed.
        edit_cells: u32,
        edit_bytes: usize,
    },
    /// The rows of a sheet.
    Merge {
        sheet: String,
        /// The place of the key among the columns of the source.
        key: usize,
        /// The id of the key's column in the sheet.
        sheet_key: u64,
        /// The revision of the sheet at the request, which is committed: each attempt leaves what has changed since. `None` in
        /// jobs of an earlier release.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        since: Option<u64>,
    },
}

/// A target that is checked.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) target: Target,
    /// The title of the job.
    pub(super) title: String,
}

impl Asked {
    /// Checks the target of a request.
    pub(super) async fn read(
        parts: &FillParts,
        identity: &Identity,
        source: &Source,
        target: Wire,
    ) -> Result<Self, Status> {
        let columns = columns::of_source(source);
        let count = columns.len() as u64;
        let from = &source.file.name;
        match target {
            Wire::NewSheet(new) => {
                check_room((source.rows(), count), (0, 0), &parts.limits)?;
                let name = new_name(identity, &new.name, &source.table.name)?;
                // Refused before anything is read; the sheet takes its place when it is made.
                drop(parts.quotas.new_sheet(identity.account).await?);
                let title = format!("Make the sheet {name} of {from}");
                Ok(Self { target: Target::NewSheet { name }, title })
            }
            Wire::Append(append) => {
                let (sheet, head) = head(parts, identity, &append.sheet_id).await?;
                check_rooms(source.rows(), (&columns, None), &head, &parts.limits)?;
                let (sheet, edit_cells) = (sheet.to_string(), edit_cells(&parts.limits));
                let target = Target::Append { sheet, edit_cells, edit_bytes: FILL_EDIT_BYTES };
                Ok(Self { target, title: format!("Append {from} to a sheet") })
            }
            Wire::Merge(merge) => {
                if source.rows() > MERGED_ROWS {
                    let rule = format!(
                        "takes at most {MERGED_ROWS} rows, and the source has {}; choose fewer by a view",
                        source.rows()
                    );
                    return Err(ServiceError::malformed("merge", rule).into());
                }
                let (sheet, head) = head(parts, identity, &merge.sheet_id).await?;
                let key = columns::key_of_source(source, merge.key.as_ref())?;
                let missing = || ServiceError::malformed("merge.key", "must be a column");
                let column = columns.get(key).ok_or_else(missing)?;
                let in_sheet =
                    columns::key_of_sheet(&head.columns, merge.sheet_key.as_ref(), column)?;
                check_rooms(0, (&columns, Some((key, in_sheet))), &head, &parts.limits)?;
                // The job finds this revision in Postgres, also where the sheet closes meanwhile.
                parts.sheet((identity.account, sheet), EditGroup::NONE).flushed().await?;
                let (sheet, sheet_key) = (sheet.to_string(), in_sheet.0);
                let since = Some(head.revision.0);
                let title = format!("Merge {from} into a sheet");
                Ok(Self { target: Target::Merge { sheet, key, sheet_key, since }, title })
            }
        }
    }
}

/// The cells of one edit.
pub(super) const fn edit_cells(limits: &Limits) -> u32 {
    let most = limits.edit_cells;
    if most < FILL_EDIT_CELLS { most } else { FILL_EDIT_CELLS }
}

/// A sheet that the caller edits, without rows.
async fn head(
    parts: &FillParts,
    identity: &Identity,
    id: &str,
) -> Result<(SheetId, WindowRead), Status> {
    let sheet = sheet_id(id)?;
    parts.access.require(identity, sheet, Role::Editor).await?;
    let head = parts.sheet((identity.account, sheet), EditGroup::NONE).window(0..0).await?;
    Ok((sheet, head))
}

/// The name of a new sheet: the one of the request, else that of the table.
fn new_name(identity: &Identity, asked: &str, table: &str) -> Result<String, ServiceError> {
    if identity.is_guest {
        return Err(SharingRefusal::Guest("a new sheet").into());
    }
    if !asked.is_empty() {
        let name = sheet_name(asked).map_err(|error| match error {
            ServiceError::Malformed { field, rule } => {
                ServiceError::malformed(format!("new_sheet.{field}"), rule)
            }
            other => other,
        });
        return name.map(|name| name.to_string());
    }
    let plain = table.chars().filter(|it| !it.is_control()).take(NAME_CHARACTERS);
    let plain: String = plain.collect();
    let name = plain.trim();
    Ok(if name.is_empty() { "Table".to_owned() } else { name.to_owned() })
}

/// Refuses rows, and columns that the sheet lacks, for which it has no room.
fn check_rooms(
    rows: u64,
    (columns, key): (&[SourceColumn], Option<(usize, ColumnId)>),
    head: &WindowRead,
    limits: &Limits,
) -> Result<(), ServiceError> {
    let found = places(columns, &head.columns, key);
    let missing = found.iter().filter(|place| place.is_none()).count() as u64;
    let has = (u64::from(head.row_count), head.columns.len() as u64);
    check_room((rows, missing), has, limits)
}

/// The same for so many rows and columns beside those that a sheet has.
fn check_room(
    (rows, columns): (u64, u64),
    (has_rows, has_columns): (u64, u64),
    limits: &Limits,
) -> Result<(), ServiceError> {
    let check = |what, more: u64, has: u64, limit: u32| {
        let (count, limit) = (has.saturating_add(more), u64::from(limit));
        match more == 0 || count <= limit {
            true => Ok(()),
            false => Err(ServiceError::from(TableRefusal::SheetFull { what, count, limit })),
        }
    };
    check("rows", rows, has_rows, limits.rows)?;
    check("columns", columns, has_columns, limits.columns)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_room_is_refused_with_the_numbers() {
        let limits = Limits { rows: 10, columns: 3, ..Limits::DEFAULT };
        assert!(check_room((4, 1), (6, 2), &limits).is_ok());
        // A limit that was lowered since bars nothing that adds nothing.
        assert!(check_room((4, 0), (6, 4), &limits).is_ok());
        let refused = |more, has| match check_room(more, has, &limits) {
            Err(ServiceError::Table(TableRefusal::SheetFull { what, count, limit })) => {
                (what, count, limit)
            }
            other => panic!("{other:?}"),
        };
        assert_eq!(refused((5, 0), (6, 0)), ("rows", 11, 10));
        assert_eq!(refused((0, 2), (0, 2)), ("columns", 4, 3));
    }

    #[test]
    fn a_new_sheet_has_the_name_of_its_table() {
        let ada = Identity::sample(1);
        let named = |asked: &str, table: &str| new_name(&ada, asked, table).ok();
        assert_eq!(named("", "Stock\n 2024 ").as_deref(), Some("Stock 2024"));
        assert_eq!(named("", "\n").as_deref(), Some("Table"));
        assert_eq!(named(" Mine ", "Stock").as_deref(), Some("Mine"));
        assert_eq!(named(" ", "Stock"), None);
        let guest = Identity { is_guest: true, ..ada.clone() };
        assert!(new_name(&guest, "", "Stock").is_err());
    }

    #[test]
    fn parameters_have_a_form_that_stays() {
        let text = r#"{"append":{"sheet":"a","edit_cells":7,"edit_bytes":9}}"#;
        let target: Target = serde_json::from_str(text).expect("is a target");
        let sheet = "a".to_owned();
        assert_eq!(target, Target::Append { sheet, edit_cells: 7, edit_bytes: 9 });
        assert_eq!(serde_json::to_string(&target).expect("has a form"), text);
        for (more, since) in [("", None), (r#","since":5"#, Some(5))] {
            let text = format!(r#"{{"merge":{{"sheet":"a","key":1,"sheet_key":2{more}}}}}"#);
            let target: Target = serde_json::from_str(&text).expect("is a target");
            let sheet = "a".to_owned();
            assert_eq!(target, Target::Merge { sheet, key: 1, sheet_key: 2, since });
            assert_eq!(serde_json::to_string(&target).expect("has a form"), text);
        }
    }
}
