//! Formats a sheet of the list, as a line or as JSON.
//!
//! Invariants: the line begins with the id, a name adds no line, and the JSON keys stay stable.

use gridloom::v1;
use serde_json::json;

use super::columns::shown;
use super::format::time;

/// A sheet as one line.
pub(crate) fn sheet_line(sheet: &v1::Sheet) -> String {
    let changed = time(sheet.changed_micros);
    let (rows, columns) = (sheet.row_count, column_count(sheet));
    // A sheet that another account shares shows whose it is.
    let shared = match sheet.role() {
        v1::Role::Owner | v1::Role::Unspecified => String::new(),
        role => format!("  ({} of {})", role_name(role), shown(&sheet.owner_name, usize::MAX)),
    };
    let name = shown(&sheet.name, usize::MAX);
    format!("{}  {rows:>9} x {columns:<4}  {changed:.19}  {name}{shared}", sheet.id)
}

/// A role, as the options of commands name it.
pub(crate) const fn role_name(role: v1::Role) -> &'static str {
    match role {
        v1::Role::Unspecified => "none",
        v1::Role::Viewer => "viewer",
        v1::Role::Commenter => "commenter",
        v1::Role::Editor => "editor",
        v1::Role::Owner => "owner",
    }
}

fn column_count(sheet: &v1::Sheet) -> usize {
    sheet.columns.len().max(sheet.column_count as usize)
}

pub(crate) fn sheet_json(sheet: &v1::Sheet) -> serde_json::Value {
    json!({
        "id": sheet.id,
        "name": sheet.name,
        "rows": sheet.row_count,
        "columns": column_count(sheet),
        "revision": sheet.revision,
        "created": time(sheet.created_micros),
        "changed": time(sheet.changed_micros),
        "role": role_name(sheet.role()),
        "owner": sheet.owner_name,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sheet_with_a_long_name_is_one_line() {
        let name = "a\n".repeat(70_000);
        let sheet = v1::Sheet { id: "id".to_owned(), name, ..v1::Sheet::default() };
        let line = sheet_line(&sheet);
        assert_eq!(line.lines().count(), 1);
        assert!(line.starts_with("id          0 x 0     1970-01-01T00:00:00  a a "));
    }
}
