//! The imports of a TypeScript file: `import` and `export .. from`, with or without `type`, and
//! `import("..")`.
//!
//! Not a parser: it distinguishes comments and strings from code, and nothing else.
//!
//! Invariant: a path within a comment is no import.

use super::tree::normal;

/// Each relative path that a file imports, from the repository's root, with its line.
pub(super) fn imports(file: &str, text: &str) -> Vec<(String, usize)> {
    let folder = file.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut found = Vec::new();
    let mut before = "";
    let mut at = 0;
    while let Some((start, end, kind)) = next_piece(text, at) {
        let code = &text[at..start];
        before = if code.trim().is_empty() { before } else { code };
        if kind == Piece::Text {
            let path = &text[start + 1..end - 1];
            if path.starts_with('.') && names_a_path(before) {
                let line = text[..start].matches('\n').count() + 1;
                found.push((normal(&format!("{folder}/{path}")), line));
            }
            before = "";
        }
        at = end;
    }
    found
}

#[derive(PartialEq)]
enum Piece {
    Comment,
    Text,
}

/// The next comment or string from `at` on: where it starts, where it ends.
fn next_piece(text: &str, at: usize) -> Option<(usize, usize, Piece)> {
    let mut from = at;
    loop {
        let start = from + text[from..].find(['/', '"', '\''])?;
        let rest = &text[start..];
        let end = |closing: &str| rest[1..].find(closing).map(|end| start + 1 + end);
        if rest.starts_with("//") {
            return Some((start, end("\n").unwrap_or(text.len()), Piece::Comment));
        }
        if rest.starts_with("/*") {
            return Some((start, end("*/").map_or(text.len(), |end| end + 2), Piece::Comment));
        }
        // A string closes on its own line; an apostrophe in prose or a quote in a pattern does not.
        let line = end("\n").unwrap_or(text.len());
        match end(&rest[..1]).filter(|&end| !rest.starts_with('/') && end < line) {
            Some(end) => return Some((start, end + 1, Piece::Text)),
            None => from = start + 1,
        }
    }
}

/// Whether a string that follows this code is the path of an import.
fn names_a_path(code: &str) -> bool {
    let code = code.trim_end();
    let word = code.rsplit(|c: char| !c.is_alphanumeric() && c != '(').next().unwrap_or_default();
    matches!(word, "from" | "import" | "import(")
}
