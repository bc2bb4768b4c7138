//! No public function of the engine works worse than n log n in the size of its arguments.
//!
//! Each public function is in the table below: it is run on large arguments, or it looks at a bounded number
//! of elements. Invariant: a public function that is not in the table fails the last test.

#[path = "support/growth.rs"]
mod growth;
#[path = "linear_work/inputs.rs"]
mod inputs;
#[path = "linear_work/machines.rs"]
mod machines;
#[path = "linear_work/table.rs"]
mod table;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use growth::assert_linear;

#[test]
fn every_function_grows_no_worse_than_its_input() {
    for (names, size, work) in table::MEASURED.iter().chain(machines::MEASURED) {
        assert_linear(&names.join(", "), *size, work);
    }
}

/// `file name` of each public function in `dir`.
fn public_functions(dir: &Path, root: &Path, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(dir).expect("sources") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            public_functions(&path, root, found);
            continue;
        }
        let file = path.strip_prefix(root).expect("below the root").display().to_string();
        let text = fs::read_to_string(&path).expect("a source");
        for line in text.lines().map(str::trim_start) {
            let rest = line.strip_prefix("pub fn ").or_else(|| line.strip_prefix("pub const fn "));
            let Some(rest) = rest else { continue };
            let name: String =
                rest.chars().take_while(|at| at.is_alphanumeric() || *at == '_').collect();
            found.insert(format!("{} {name}", file.trim_end_matches(".rs")));
        }
    }
}

#[test]
fn every_public_function_is_in_the_table() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = BTreeSet::new();
    public_functions(&root, &root, &mut found);
    let measured = table::MEASURED.iter().chain(machines::MEASURED).flat_map(|(names, ..)| *names);
    let known: BTreeSet<String> =
        measured.chain(table::BOUNDED).map(|name| (*name).to_owned()).collect();
    let missing: Vec<_> = found.difference(&known).collect();
    assert!(missing.is_empty(), "not in the table: {missing:#?}");
    let gone: Vec<_> = known.difference(&found).collect();
    assert!(gone.is_empty(), "in the table, and not in the sources: {gone:#?}");
}
