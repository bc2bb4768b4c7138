//! Each statement of the store whose rows are collected says what bounds them.
//!
//! Not the bounds themselves (`large_reads`). Invariant: a statement without a sentence is found by its use.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::support::Outcome;

/// Functions of the store that collect the rows of an answer.
const COLLECTING: [&str; 2] = [".query(", ".sheets("];

fn sources(directory: &Path, found: &mut Vec<PathBuf>) -> Outcome {
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        if path.is_dir() {
            sources(&path, found)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    Ok(())
}

/// The names of the statements that a source collects.
fn collected(source: &str) -> BTreeSet<&str> {
    let uses = COLLECTING.iter().flat_map(|call| source.split(call).skip(1));
    let names = uses.map(|rest| {
        let end = rest.find(|c: char| !c.is_ascii_uppercase() && c != '_');
        &rest[..end.unwrap_or(rest.len())]
    });
    names.filter(|name| !name.is_empty()).collect()
}

/// Whether the documentation right above a statement has a bound; `None` where the source has no such statement.
fn is_bounded(source: &str, name: &str) -> Option<bool> {
    let (head, _) = source.split_once(&format!("const {name}: "))?;
    let above = head.lines().rev().skip_while(|line| line.starts_with("pub"));
    let mut comment = above.take_while(|line| line.starts_with("///"));
    Some(comment.any(|line| line.starts_with("/// Bound: ")))
}

#[test]
fn each_statement_whose_rows_are_collected_says_its_bound() -> Outcome {
    let mut files = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("store/src"), &mut files)?;
    let sources: Vec<String> = files.iter().map(fs::read_to_string).collect::<Result<_, _>>()?;
    let (mut count, mut silent) = (0, Vec::new());
    for (file, source) in files.iter().zip(&sources) {
        for name in collected(source) {
            count += 1;
            let imported = || sources.iter().find_map(|other| is_bounded(other, name));
            if is_bounded(source, name).or_else(imported) != Some(true) {
                silent.push(format!("{}: {name}", file.display()));
            }
        }
    }
    assert!(count > 20, "{count} statements");
    assert!(silent.is_empty(), "without a sentence on their bound: {silent:#?}");
    Ok(())
}
