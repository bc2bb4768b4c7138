//! What a person has typed for a field of a request.
//!
//! The only place that knows paths of fields. Invariant: a path that is not known here is shown as it is.

/// Paths without indices, each with what is typed; a longer path is one of its first match.
const PATHS: [(&str, &str); 46] = [
    ("filter", "--where"),
    ("order_by", "--sort"),
    ("page_size", "--count"),
    ("commands.set_cells.row", "the row of the cell"),
    ("commands.set_cells.col", "the column of the cell"),
    ("commands.set_cells.values", "the value"),
    ("commands.update_column.kind", "--kind"),
    ("commands.update_column", "the column"),
    ("settings.options", "--option"),
    ("settings", "the settings of the column"),
    ("column", "the column"),
    ("kinds", "--kinds"),
    ("kind", "--kind"),
    ("undo.revision", "--revision"),
    ("locale", "--locale"),
    ("time_zone", "--zone"),
    ("decimal_mark", "--decimal-mark"),
    ("delimiter", "--delimiter"),
    ("encoding", "--encoding"),
    ("name", "the name"),
    ("size_bytes", "the size of the file"),
    ("reading.format", "--format"),
    ("revision", "the revision"),
    ("source.columns", "--columns"),
    ("new_sheet.name", "--name"),
    ("add.columns", "--column"),
    ("group.by", "--by"),
    ("group.aggregates", "the columns of the groups"),
    ("join.keys", "--key"),
    ("join.other.columns", "--other-columns"),
    ("join.other", "the other file"),
    ("enrichment.url", "--url"),
    ("enrichment.list_path", "--list"),
    ("enrichment.key", "--key"),
    ("enrichment.remote_key", "--remote-key"),
    ("enrichment.take", "--take"),
    ("enrichment.headers", "--header"),
    ("enrichment.requests_per_second", "--rate"),
    ("enrichment", "the columns that are taken"),
    ("merge.key", "--key"),
    ("merge.sheet_key", "--sheet-key"),
    ("saved.format", "--as"),
    ("saved.form", "--for"),
    ("saved.name", "--name"),
    ("reading.tables.worksheet", "--worksheet"),
    ("reading.tables.options", "the options of the reading"),
];

/// Before the options of a table, which are those of an import.
const OF_TABLE: &str = "reading.tables.options.";

/// What is typed for the field of this path.
pub(super) fn typed(path: &str) -> Option<String> {
    let whole = without_indices(path);
    let bare = whole.strip_prefix(OF_TABLE).unwrap_or(&whole);
    let is_in = |known: &str| {
        let rest = bare.strip_prefix(known);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    let (_, typed) = PATHS.iter().find(|(known, _)| is_in(known))?;
    Some(match condition(path) {
        Some(at) if at > 0 => format!("{typed} number {}", at + 1),
        _ => (*typed).to_owned(),
    })
}

/// Which of several conditions, kinds, computed or taken columns, or keys a path is of, from 0.
fn condition(path: &str) -> Option<u32> {
    let lists = ["filters[", "kinds[", "add.columns[", "join.keys[", "enrichment.take["];
    let (_, after) = lists.iter().find_map(|list| path.split_once(list))?;
    after.split_once(']')?.0.parse().ok()
}

fn without_indices(path: &str) -> String {
    let mut bare = String::new();
    let mut rest = path;
    while let Some((before, after)) = rest.split_once('[') {
        bare.push_str(before);
        rest = after.split_once(']').map_or("", |(_, after)| after);
    }
    bare + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_named_as_it_is_typed() {
        for (path, word) in [
            ("filter.all.filters[0].condition.column.name", "--where"),
            ("filter.all.filters[1].condition.values[0]", "--where number 2"),
            ("order_by[0].column.name", "--sort"),
            ("commands[0].set_cells.row", "the row of the cell"),
            ("commands[0].set_cells.row.at", "the row of the cell"),
            ("commands[0].update_column.kind", "--kind"),
            ("settings.options", "--option"),
            ("kinds[2]", "--kinds number 3"),
            ("undo.revision", "--revision"),
            ("time_zone", "--zone"),
            ("reading.format", "--format"),
            ("revision", "the revision"),
            ("source.columns[1].at", "--columns"),
            ("add.columns[0].name", "--column"),
            ("add.columns[2].formula", "--column number 3"),
            ("group.by[1].name", "--by"),
            ("join.keys[1].other", "--key number 2"),
            ("join.other.columns[0].at", "--other-columns"),
            ("enrichment.take[2].path", "--take number 3"),
            ("merge.key.name", "--key"),
            ("merge.sheet_key", "--sheet-key"),
            ("saved.format", "--as"),
            ("saved.form", "--for"),
            ("reading.tables[1].worksheet", "--worksheet"),
            ("reading.tables[0].options.kinds[2]", "--kinds number 3"),
            ("reading.tables[0].options.delimiter", "--delimiter"),
            ("reading.tables[0].options", "the options of the reading"),
        ] {
            assert_eq!(typed(path).as_deref(), Some(word), "{path}");
        }
        for path in ["email", "kindness", "settings_of", ""] {
            assert_eq!(typed(path), None, "{path}");
        }
    }
}
