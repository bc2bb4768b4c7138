//! The places that the pages on the architecture name: each path and each name of the code exists, and so does
//! the target of each link in any page.
//!
//! Not whether a sentence is true. Names are read from text between backticks: a path has a slash or the ending
//! of a source file; a name of the code is in camel case, in snake case, or two of them joined by `::`.
//!
//! Invariant: a file or type that is moved, renamed or removed fails here until the pages are corrected.

use std::collections::BTreeSet;

use regex::Regex;

use crate::sources::{Source, none, root, sources};

/// The pages whose names are checked. Links are checked in every page.
const PAGES: &[&str] = &["ARCHITECTURE.md", "docs/internals/"];

/// Existing paths of files and folders, and names that code defines.
struct Known {
    paths: BTreeSet<String>,
    names: BTreeSet<String>,
}

impl Known {
    fn of(sources: &[Source]) -> Self {
        let mut paths = BTreeSet::new();
        for source in sources {
            let mut rest = source.path.as_str();
            paths.insert(rest.to_owned());
            while let Some((folder, _)) = rest.rsplit_once('/') {
                paths.insert(format!("{folder}/"));
                rest = folder;
            }
        }
        let code = [".rs", ".proto", ".sql", ".ts", ".tsx"];
        let code = || sources.iter().filter(|source| source.is(&code));
        let defined = Regex::new(concat!(
            r"(?m)\b(?:struct|enum|trait|type|(?:const )?fn|mod|const|message|rpc|class|interface|table(?: if not exists)?)",
            r" +([A-Za-z_][A-Za-z0-9_]*)|^    ([A-Z][A-Za-z0-9]*)(?:[,({ ]|$)|rename to ([a-z_]+)",
        ))
        .expect("a pattern");
        let names = code().flat_map(|source| {
            let found = defined.captures_iter(&source.text);
            found.filter_map(|name| name.iter().skip(1).flatten().next()).map(|name| name.as_str())
        });
        Self { paths, names: names.map(str::to_owned).collect() }
    }

    /// Whether a path exists, from the root or within a folder that the page has named.
    fn has_path(&self, path: &str) -> bool {
        let inside = format!("/{path}");
        self.paths.iter().any(|known| known == path || known.ends_with(&inside))
    }

    /// The reason why a text between backticks names nothing; `None` for an existing name and for other text.
    fn missing(&self, text: &str) -> Option<String> {
        let word = |name: &str| name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        let camel = |name: &str| {
            name.starts_with(|c: char| c.is_ascii_uppercase())
                && name.contains(|c: char| c.is_ascii_lowercase())
        };
        let endings = [".rs", ".lua", ".md", ".proto", ".toml", ".tsx", ".ts", ".sql"];
        let is_path =
            |text: &str| text.contains('/') || endings.iter().any(|it| text.ends_with(it));
        let other = text.starts_with(['-', '/']) || text.contains(char::is_whitespace);
        if other || self.paths.contains(text) {
            return None;
        }
        if is_path(text) {
            return (!self.has_path(text)).then(|| format!("no such place: {text}"));
        }
        let names: Vec<&str> = text.split("::").collect();
        let coded = names.iter().all(|name| word(name))
            && (names.len() > 1 || camel(text) || (text.contains('_') && !is_reason(text)));
        let unknown = names.iter().find(|name| !self.names.contains(**name));
        unknown.filter(|_| coded).map(|name| format!("nothing defines {name}"))
    }
}

/// A reason of a status, such as `SLOW_READER`, is text and not a name of the code.
fn is_reason(text: &str) -> bool {
    text.chars().all(|c| c.is_ascii_uppercase() || c == '_')
}

/// The texts between backticks, with their lines; blocks of code are left out.
fn quoted(page: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let mut block = false;
    for (number, line) in page.lines().enumerate() {
        let fence = line.starts_with("```");
        block ^= fence;
        if !block && !fence {
            found.extend(line.split('`').skip(1).step_by(2).map(|text| (number + 1, text)));
        }
    }
    found
}

#[test]
fn named_places_exist() {
    let sources = sources();
    let known = Known::of(&sources);
    let pages = || sources.iter().filter(|s| PAGES.iter().any(|page| s.path.starts_with(page)));
    let names = pages().map(|page| quoted(&page.text).len()).sum::<usize>();
    assert!(names > 100, "only {names} names found");
    none(
        pages()
            .flat_map(|page| {
                let missing = quoted(&page.text).into_iter().filter_map(|(line, text)| {
                    known.missing(text).map(|why| format!("{}:{line}: {why}", page.path))
                });
                missing.collect::<Vec<_>>()
            })
            .collect(),
    );
}

#[test]
fn links_lead_to_files() {
    let link = Regex::new(r"\]\(([^)#\s]+)[^)]*\)").expect("a pattern");
    let mut broken = Vec::new();
    for page in sources().iter().filter(|source| source.is(&[".md"])) {
        let folder = page.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        for found in link.captures_iter(&page.text) {
            let target = &found[1];
            if !target.contains(':') && !root().join(folder).join(target).exists() {
                broken.push(format!("{}: no such file: {target}", page.path));
            }
        }
    }
    none(broken);
}

/// The rules above are only as good as their reading of a page.
#[test]
fn a_stale_name_is_seen() {
    let text = "pub struct Kept;\nimpl Kept {\n    fn of() {}\n}\nenum Sort {\n    Own,\n}\n";
    let sources = [Source { path: "a/src/kept.rs".to_owned(), text: text.to_owned() }];
    let known = Known::of(&sources);
    for there in
        ["a/src/kept.rs", "src/kept.rs", "src/", "Kept", "Kept::of", "Sort::Own", "--flag", "word"]
    {
        assert_eq!(known.missing(there), None, "{there}");
    }
    for gone in ["a/src/lost.rs", "lost.rs", "b/", "Lost", "Kept::lost", "Sort::Other", "is_lost"] {
        assert!(known.missing(gone).is_some(), "{gone}");
    }
    let page = "`a` and `b`\n```text\n`c`\n```\n`d`\n";
    assert_eq!(quoted(page), [(1, "a"), (1, "b"), (5, "d")]);
}
