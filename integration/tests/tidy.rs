//! The house rules that a machine can check, checked on every file that git knows or would add.
//!
//! What it is not: a formatter or a linter; rustfmt, clippy, buf and the web side's own tools do that.
//!
//! Invariant: each rule is one test, and a failure names every place that breaks it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const FILE_LINES_MAX: usize = 450;
const FUNCTION_LINES_MAX: usize = 70;
const PROTO_COMMENT_PERCENT_MIN: usize = 40;

/// A text file of the repository: its path from the root, and what it holds.
struct Source {
    path: String,
    text: String,
}

impl Source {
    fn is(&self, endings: &[&str]) -> bool {
        endings.iter().any(|ending| self.path.ends_with(ending))
    }

    /// The places where a line breaks a rule, as `path:line: what`.
    fn lines_that<F>(&self, what: &str, breaks: F) -> Vec<String>
    where
        F: Fn(&str) -> bool,
    {
        self.text
            .lines()
            .enumerate()
            .filter(|(_, line)| breaks(line))
            .map(|(number, _)| format!("{}:{}: {what}", self.path, number + 1))
            .collect()
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Every text file, but for lock files, which tools write.
fn sources() -> Vec<Source> {
    let listed = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard", "-z"])
        .current_dir(root())
        .output()
        .expect("git is needed to list the files");
    assert!(listed.status.success(), "git could not list the files");
    let names = String::from_utf8(listed.stdout).expect("paths are UTF-8");
    let sources: Vec<Source> = names
        .split_terminator('\0')
        .filter(|path| !path.ends_with("Cargo.lock") && !path.ends_with("package-lock.json"))
        .filter_map(|path| {
            // A file that was removed but not yet staged is listed too; a picture is no text.
            let text = fs::read_to_string(root().join(path)).ok()?;
            Some(Source { path: path.to_owned(), text })
        })
        .collect();
    assert!(sources.len() > 20, "only {} files found: the list is wrong", sources.len());
    sources
}

fn none(broken: Vec<String>) {
    assert!(broken.is_empty(), "\n{}\n", broken.join("\n"));
}

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
fn files_say_what_they_are() {
    let silent = |source: &Source| {
        (source.is(&[".rs"]) && !source.text.starts_with("//! "))
            .then(|| format!("{}: does not open with a `//!` line", source.path))
    };
    none(sources().iter().filter_map(silent).collect());
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
    let head = code.split('(').next().unwrap_or_default();
    let declares = head.starts_with("fn ") || head.contains(" fn ");
    let one_line = code.ends_with('}') || code.ends_with(';');
    declares && !one_line && !code.starts_with("//") && !head.contains('"')
}

/// The width of a line's indentation; a blank line is indented without end.
fn indent(line: &str) -> usize {
    line.find(|c: char| !c.is_whitespace()).unwrap_or(usize::MAX)
}

#[test]
fn nothing_is_left_to_do() {
    // Written in two parts, so that this file does not hold them.
    let markers =
        [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X"), concat!("HA", "CK")];
    let marked =
        |line: &str| line.split(|c: char| !c.is_alphanumeric()).any(|word| markers.contains(&word));
    none(
        sources().iter().flat_map(|s| s.lines_that("a mark of unfinished work", marked)).collect(),
    );
}

#[test]
fn no_test_is_switched_off() {
    let rust = [concat!("#[ig", "nore")];
    let script =
        [concat!(".sk", "ip("), concat!(".on", "ly("), concat!("xit", "("), concat!(".to", "do(")];
    let broken = sources().into_iter().flat_map(|source| {
        let switches: &[&str] = if source.is(&[".rs"]) {
            &rust
        } else if source.is(&[".test.ts", ".test.tsx", ".spec.ts"]) {
            &script
        } else {
            &[]
        };
        source.lines_that("a test that does not run", |line| holds_any(line, switches))
    });
    none(broken.collect());
}

#[test]
fn no_file_names_a_registry_host_or_a_place_on_one_machine() {
    let names = [
        concat!("static.crates", ".io"),
        concat!("index.crates", ".io"),
        concat!("registry.npm", "js.org"),
        concat!("pypi", ".org"),
        concat!("pythonhosted", ".org"),
        concat!("deb.debian", ".org"),
        concat!("\"/wo", "rk/"),
        concat!(" /wo", "rk/"),
        concat!("/ro", "ot/"),
        concat!("/tmp", "/gl"),
        concat!("/ho", "me/"),
    ];
    let broken = sources().into_iter().flat_map(|source| {
        source.lines_that("a registry's host or a path on one machine", |l| holds_any(l, &names))
    });
    none(broken.collect());
}

#[test]
fn no_line_ends_in_blanks() {
    let blank = |line: &str| line.ends_with([' ', '\t', '\r']);
    // A table of data may well end in an empty cell.
    let prose = |source: &&Source| !source.is(&[".csv", ".tsv"]);
    none(
        sources()
            .iter()
            .filter(prose)
            .flat_map(|s| s.lines_that("ends in a blank", blank))
            .collect(),
    );
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

/// What a crate's manifest may not depend on, outside its tests: dependencies point one way.
const NOT_ABOVE: [(&str, &[&str]); 4] = [
    (
        "ot-engine/Cargo.toml",
        &[
            "gridloom",
            "client",
            "grpc-server",
            "tokio",
            "tonic",
            "prost",
            "postgres",
            "tokio-postgres",
        ],
    ),
    ("Cargo.toml", &["client", "grpc-server", "integration", "tokio", "tokio-postgres"]),
    ("client/Cargo.toml", &["grpc-server", "integration", "tokio-postgres"]),
    ("grpc-server/Cargo.toml", &["client", "integration"]),
];

#[test]
fn crates_depend_one_way() {
    let mut broken = Vec::new();
    for (path, forbidden) in NOT_ABOVE {
        let manifest = fs::read_to_string(root().join(path)).expect("every crate has a manifest");
        let found = dependencies(&manifest);
        assert!(!found.is_empty(), "{path}: no dependencies found");
        let wrong = found.iter().filter(|name| forbidden.contains(&name.as_str()));
        broken.extend(wrong.map(|name| format!("{path}: must not depend on {name}")));
    }
    none(broken);
}

/// The names in the `[dependencies]` table.
fn dependencies(manifest: &str) -> Vec<String> {
    let table = manifest.lines().skip_while(|line| *line != "[dependencies]").skip(1);
    table
        .take_while(|line| !line.starts_with('['))
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split(['.', ' ', '=']).next())
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect()
}

/// What no file of a module may name: `(module, what, names)`.
const NOT_WITHIN: [(&str, &str, &[&str]); 3] = [
    (
        "grpc-server/src/service",
        "a service speaks no SQL",
        &["tokio_postgres", "deadpool_postgres", "SELECT ", "INSERT INTO", "DELETE FROM"],
    ),
    (
        "grpc-server/src/store",
        "the store sees no wire type",
        &["gridloom::", "tonic::", "prost::", "prost_types::"],
    ),
    (
        "ot-engine/src",
        "the engine does no input or output",
        &["std::net", "std::fs", "std::time::", "std::thread", "async fn"],
    ),
];

#[test]
fn modules_keep_to_their_side() {
    let sources = sources();
    let mut broken = Vec::new();
    for (module, rule, names) in NOT_WITHIN {
        let inside = sources.iter().filter(|s| s.is(&[".rs"]) && s.path.starts_with(module));
        broken.extend(inside.flat_map(|s| s.lines_that(rule, |line| holds_any(line, names))));
    }
    none(broken);
}

fn holds_any(line: &str, names: &[&str]) -> bool {
    names.iter().any(|name| line.contains(name))
}

/// The rules above are only as good as their reading of a file.
#[test]
fn the_checks_see_what_they_look_for() {
    let body = "    let a = 1;\n".repeat(FUNCTION_LINES_MAX);
    let text =
        format!("impl A {{\n  pub fn long(\n  ) {{\n{body}  }}\n  fn short() {{\n  }}\n}}\n");
    let source = Source { path: "a.rs".to_owned(), text };
    assert_eq!(
        long_functions(&source),
        [format!("a.rs:2: 73 lines, at most {FUNCTION_LINES_MAX}")]
    );
    assert_eq!(
        dependencies(
            "[package]\nx = 1\n[dependencies]\n# why\na.workspace = true\nb = \"1\"\n[lints]\nc = 1\n"
        ),
        ["a", "b"]
    );
}
