//! Distinct names for the columns of formats that need them.
//!
//! Not the names of worksheets: see `xlsx`. Invariant: a name that a column alone has stays, and so does that of the first of
//! those that share it.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::notes::listed;
use super::saved::OutColumn;

/// The names of the columns, each once, and a note if some were changed. An empty name becomes the letters of its column.
pub(super) fn distinct(columns: &[OutColumn]) -> (Vec<Arc<str>>, Option<String>) {
    let mut taken: HashSet<Arc<str>> = columns.iter().map(|it| Arc::clone(&it.name)).collect();
    let (mut first, mut next) = (HashSet::new(), HashMap::new());
    let mut changed = Vec::new();
    let mut name = |(at, column): (usize, &OutColumn)| {
        let wanted = match column.name.is_empty() {
            true => Arc::from(csv_reader::letters(at)),
            false if first.insert(Arc::clone(&column.name)) => return Arc::clone(&column.name),
            false => Arc::clone(&column.name),
        };
        let name = match column.name.is_empty() && taken.insert(Arc::clone(&wanted)) {
            true => wanted,
            false => numbered(wanted, &mut taken, &mut next),
        };
        changed.push(Arc::clone(&name));
        name
    };
    let names = columns.iter().enumerate().map(&mut name).collect();
    let note = (!changed.is_empty()).then(|| {
        let changed = listed(changed.iter().map(|name| &**name));
        format!("columns with equal names or without one have other names in the file: {changed}")
    });
    (names, note)
}

/// A name with the first number that makes it distinct.
fn numbered(
    wanted: Arc<str>,
    taken: &mut HashSet<Arc<str>>,
    next: &mut HashMap<Arc<str>, u64>,
) -> Arc<str> {
    let number = next.entry(Arc::clone(&wanted)).or_insert(2);
    loop {
        let name: Arc<str> = Arc::from(format!("{wanted} ({number})"));
        *number += 1;
        if taken.insert(Arc::clone(&name)) {
            return name;
        }
    }
}

#[cfg(test)]
mod tests {
    use ot_engine::ColumnKind;
    use proptest::prelude::*;

    use super::*;

    fn columns(names: &[impl AsRef<str>]) -> Vec<OutColumn> {
        let column = |name: &_| OutColumn {
            name: Arc::from(AsRef::<str>::as_ref(name)),
            kind: ColumnKind::Any,
            is_exact: false,
            is_whole: false,
        };
        names.iter().map(column).collect()
    }

    #[test]
    fn names_are_distinct_and_the_first_one_stays() {
        let names = ["a", "", "a", "a (2)", "B", "a", ""];
        let (names, note) = distinct(&columns(&names));
        let expected = ["a", "B (2)", "a (3)", "a (2)", "B", "a (4)", "G"];
        assert!(names.iter().map(|name| &**name).eq(expected), "{names:?}");
        let expected = "columns with equal names or without one have other names in the file: \
                        \"B (2)\", \"a (3)\", \"a (4)\", \"G\"";
        assert_eq!(note.as_deref(), Some(expected));
        assert_eq!(distinct(&columns(&["a", "A"])).1, None);
    }

    proptest! {
        #[test]
        fn any_names_become_distinct(names in prop::collection::vec("[AB]?( \\([23]\\))?", 0..30)) {
            let (distinct, _) = distinct(&columns(&names));
            let set: HashSet<_> = distinct.iter().collect();
            prop_assert_eq!(set.len(), names.len());
            for name in &names {
                prop_assert!(name.is_empty() || distinct.iter().any(|it| **it == **name));
            }
        }
    }
}
