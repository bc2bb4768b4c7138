//! The longest file and function, the largest folder, the opening of a file, and its name.
//!
//! Not a measure of good structure: a short file can still do two things.
//!
//! Invariant: the ceilings hold for tests and examples as they hold for the product.

use std::collections::BTreeMap;

use crate::sources::{Source, none, sources};

const FILE_LINES_MAX: usize = 400;
/// Sources side by side in one folder of the product; beyond it, some of them make a room of their own.
const FOLDER_FILES_MAX: usize = 20;
const FUNCTION_LINES_MAX: usize = 60;
const PROTO_COMMENT_PERCENT_MIN: usize = 40;

#[test]
fn files_are_short() {
    let long = |source: &Source| {
        let lines = source.text.lines().count();
        (source.is(&[".rs", ".ts", ".tsx"]) && lines > FILE_LINES_MAX)
            .then(|| format!("{}: {lines} lines, at most {FILE_LINES_MAX}", source.path))
    };
    none(sources().iter().filter_map(long).collect());
}

#[test]
fn files_open_with_their_subject() {
    let silent = |source: &Source| {
        (source.is(&[".rs"]) && !source.text.starts_with("//! "))
            .then(|| format!("{}: does not open with a `//!` line", source.path))
    };
    none(sources().iter().filter_map(silent).collect());
}

#[test]
fn folders_are_small() {
    let sources = sources();
    let paths = sources.iter().filter(|s| s.is(&[".rs", ".ts", ".tsx"])).map(|s| s.path.as_str());
    none(large_folders(paths));
}

/// The folders below a `src` that hold too many files; those of their own folders do not count.
fn large_folders<'a>(paths: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for (folder, _) in paths.filter_map(|path| path.rsplit_once('/')) {
        if folder.split('/').any(|part| part == "src") {
            *counts.entry(folder).or_default() += 1;
        }
    }
    let large = counts.into_iter().filter(|(_, count)| *count > FOLDER_FILES_MAX);
    large
        .map(|(name, count)| format!("{name}: {count} files, at most {FOLDER_FILES_MAX}"))
        .collect()
}

#[test]
fn modules_are_named_files() {
    let named = |source: &Source| source.path.ends_with("/mod.rs").then(|| source.path.clone());
    none(sources().iter().filter_map(named).collect());
}

#[test]
fn the_protocol_is_a_manual() {
    let bare = |source: &Source| {
        let lines = || source.text.lines().map(str::trim).filter(|line| !line.is_empty());
        let comments = lines().filter(|line| line.starts_with("//")).count();
        let percent = comments * 100 / lines().count().max(1);
        (source.is(&[".proto"]) && percent < PROTO_COMMENT_PERCENT_MIN).then(|| {
            format!("{}: {percent} % comment, at least {PROTO_COMMENT_PERCENT_MIN}", source.path)
        })
    };
    none(sources().iter().filter_map(bare).collect());
}

#[test]
fn functions_are_short() {
    let rust = |source: &&Source| source.is(&[".rs"]);
    none(sources().iter().filter(rust).flat_map(long_functions).collect());
}

/// Relies on rustfmt: a body ends at the first `}` that is indented as its `fn` is.
fn long_functions(source: &Source) -> Vec<String> {
    let lines: Vec<&str> = source.text.lines().collect();
    let mut long = Vec::new();
    for (start, line) in lines.iter().enumerate().filter(|(_, line)| opens_function(line)) {
        let indent = indent(line);
        let end = lines[start + 1..].iter().position(|line| {
            self::indent(line) == indent && (line.trim().starts_with('}') || line.ends_with(';'))
        });
        let length = end.map_or(1, |after| after + 2);
        if length > FUNCTION_LINES_MAX {
            long.push(format!(
                "{}:{}: {length} lines, at most {FUNCTION_LINES_MAX}",
                source.path,
                start + 1
            ));
        }
    }
    long
}

fn opens_function(line: &str) -> bool {
    let code = line.trim_start();
    // The parentheses of `pub(super)` are none of parameters.
    let code = code
        .strip_prefix("pub(")
        .and_then(|code| code.split_once(") "))
        .map_or(code, |(_, code)| code);
    let head = code.split('(').next().unwrap_or_default();
    let declares = head.starts_with("fn ") || head.contains(" fn ");
    let one_line = code.ends_with('}') || code.ends_with(';');
    declares && !one_line && !code.starts_with("//") && !head.contains('"')
}

/// The width of a line's indentation; a blank line is indented without end.
fn indent(line: &str) -> usize {
    line.find(|c: char| !c.is_whitespace()).unwrap_or(usize::MAX)
}

/// The rules above are only as good as their reading of a file.
#[test]
fn a_long_function_is_seen() {
    let body = "    let a = 1;\n".repeat(FUNCTION_LINES_MAX);
    let lines = FUNCTION_LINES_MAX + 3;
    for long in ["pub", "pub(super) async", "pub(in crate::serve)", "pub(crate) const unsafe"] {
        let text = format!(
            "impl A {{\n  {long} fn long(\n  ) {{\n{body}  }}\n  fn short() {{\n  }}\n}}\n"
        );
        let source = Source { path: "a.rs".to_owned(), text };
        let expected = format!("a.rs:2: {lines} lines, at most {FUNCTION_LINES_MAX}");
        assert_eq!(long_functions(&source), [expected], "{long}");
    }
}

#[test]
fn a_large_folder_is_seen() {
    let inside: Vec<String> =
        (0..=FOLDER_FILES_MAX).map(|file| format!("a/src/room/{file}.rs")).collect();
    let others = ["a/src/room/below/x.rs", "a/src/room.rs", "a/tests/y.rs"];
    let all = || inside.iter().map(String::as_str).chain(others);
    let most = FOLDER_FILES_MAX + 1;
    assert_eq!(
        large_folders(all()),
        [format!("a/src/room: {most} files, at most {FOLDER_FILES_MAX}")]
    );
    assert!(large_folders(all().skip(1)).is_empty());
}
