//! The counts of the words of the old dialect in the repository.
//!
//! Counted are identifiers, file names, comments, documents and texts, each word in its dialect sense only;
//! `table` has the replacements. Not counted: the changelog, migrations (they are never edited), data.
//!
//! `cargo nextest run -E 'test(words_of_the_dialect)' --no-capture` prints the counts;
//! `GRIDLOOM_WORD=beat` prints each place of one word instead of its counts by file.
//!
//! Invariant: a word's budget is its count of the day, so a count can only fall.

#[path = "words/table.rs"]
mod table;

use std::fmt::Write;

use regex::Regex;
use table::{TOTAL_MOST, WORDS, Word};

use crate::sources::{Source, none, sources};

/// A file as words: snake case and camel case are taken apart.
struct Text {
    path: String,
    /// The path, and each line of the file.
    words: String,
}

/// A row of the table, ready to search.
struct Search {
    word: &'static Word,
    pattern: Regex,
    except: Option<Regex>,
    within: Regex,
}

impl Search {
    fn new(word: &'static Word) -> Self {
        let compiled = |pattern: &str| Regex::new(&format!("(?mi){pattern}")).expect("a pattern");
        Self {
            word,
            pattern: compiled(word.pattern),
            except: (!word.except.is_empty()).then(|| compiled(word.except)),
            within: Regex::new(word.within).expect("a pattern"),
        }
    }

    /// The lines of a text that hold the word, once for each time; line 0 is the path.
    fn lines(&self, text: &Text) -> Vec<usize> {
        if !self.within.is_match(&text.path) {
            return Vec::new();
        }
        let excepted: Vec<(usize, usize)> = self
            .except
            .iter()
            .flat_map(|except| except.find_iter(&text.words))
            .map(|found| (found.start(), found.end()))
            .collect();
        let mut lines = Vec::new();
        let (mut line, mut at) = (0, 0);
        for found in self.pattern.find_iter(&text.words) {
            let inside =
                |&(start, end): &(usize, usize)| start < found.end() && found.start() < end;
            if !excepted.iter().any(inside) {
                line += text.words[at..found.start()].matches('\n').count();
                at = found.start();
                lines.push(line);
            }
        }
        lines
    }
}

fn is_counted(source: &Source) -> bool {
    let data = [".json", ".svg", ".csv", ".tsv", ".sql"];
    let own = source.path.starts_with("integration/tests/tidy/words")
        || source.path == "integration/tests/tidy/imports/known.rs";
    !own && !source.is(&data)
        && !source.path.starts_with("LICENSE")
        && source.path != "CHANGELOG.md"
}

impl Text {
    fn of(source: &Source) -> Self {
        let mut words = String::with_capacity(source.text.len() * 5 / 4);
        let mut before = ' ';
        for c in source.path.chars().chain(['\n']).chain(source.text.chars()) {
            if c.is_uppercase() && (before.is_lowercase() || before.is_ascii_digit()) {
                words.push(' ');
            }
            words.push(if c == '_' { ' ' } else { c });
            before = c;
        }
        Self { path: source.path.clone(), words }
    }
}

/// The places of a word: each alone, or their number in each file.
fn places(search: &Search, texts: &[Text]) -> String {
    let each = std::env::var("GRIDLOOM_WORD").is_ok_and(|word| word == search.word.word);
    let mut places = String::new();
    for text in texts {
        let lines = search.lines(text);
        if each {
            for line in lines {
                let _ = writeln!(places, "    {}:{line}", text.path);
            }
        } else if !lines.is_empty() {
            let _ = writeln!(places, "    {} {}", lines.len(), text.path);
        }
    }
    places
}

#[test]
fn words_of_the_dialect_become_fewer() {
    let texts: Vec<Text> = sources().iter().filter(|s| is_counted(s)).map(Text::of).collect();
    let mut broken = Vec::new();
    let mut total = 0;
    for search in WORDS.iter().map(Search::new) {
        let count: usize = texts.iter().map(|text| search.lines(text).len()).sum();
        let Word { word, instead, most, .. } = search.word;
        println!("{count:>5} of {most:<5} {word} -> {instead}");
        if std::env::var("GRIDLOOM_WORD").is_ok_and(|wanted| wanted == *word) {
            println!("{}", places(&search, &texts));
        }
        total += count;
        if count > *most {
            let places = places(&search, &texts);
            broken.push(format!("{word}: {count} times, at most {most}; use {instead}\n{places}"));
        }
    }
    println!("{total:>5} of {TOTAL_MOST:<5} in total");
    if total > TOTAL_MOST {
        broken.push(format!("{total} words of the dialect in total, at most {TOTAL_MOST}"));
    }
    none(broken);
}

/// The number of times that a file with this text holds a word of the table.
fn count(word: &str, path: &str, text: &str) -> usize {
    let word = WORDS.iter().find(|row| row.word == word).expect("a row of the table");
    let source = Source { path: path.to_owned(), text: text.to_owned() };
    Search::new(word).lines(&Text::of(&source)).len()
}

#[test]
fn a_word_is_counted_in_its_dialect_sense_alone() {
    let server = "grpc-server/src/x.rs";
    assert_eq!(count("heart, beat", server, "struct Heart; heart_of(); // its beats\n"), 3);
    assert_eq!(count("heart, beat", server, "heartbeat, HEARTBEAT_SECONDS, beaten"), 0);
    assert_eq!(count("heart, beat", "grpc-server/src/heart.rs", ""), 1, "the name of a file");
    assert_eq!(count("roll, enroll", server, "let roll = Roll::new(); is_enrolled"), 3);
    assert_eq!(count("roll, enroll", server, "rolled back, roll_back(), rollback"), 0);
    assert_eq!(count("told", server, "is_told; it was told"), 2);
    assert_eq!(count("Told", server, "struct Told; told"), 1, "the type alone");
    assert_eq!(count("goes on", server, "it goes on, and ON goes ongoing"), 1);
    assert_eq!(count("Who as a subject", server, "/// Who loses waits.\n// Who is it?\n"), 1);
    assert_eq!(count("line (as stream)", server, "a line of text"), 0, "outside the journal");
    assert_eq!(count("line (as stream)", "grpc-server/src/journal/redis.rs", "a line"), 1);
}
