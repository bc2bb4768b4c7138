//! The part of each client: its sheet, its rows, and whether it edits.
//!
//! Not a schedule. Invariant: blocks of disjoint windows do not overlap.

use std::ops::Range;

use crate::load::options::{Options, Windows};

/// The most rows of a sheet that one client looks at: of a larger sheet, all clients share the rows
/// in its middle.
const WINDOW_ROWS_MAX: u32 = 10_000;

/// One client's part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    /// Which client, from 0 on.
    pub(crate) number: u32,
    /// Which sheet, from 0 on.
    pub(crate) sheet: u32,
    /// Whether it edits.
    pub(crate) writes: bool,
    /// The rows that it looks at, and edits.
    pub(crate) rows: Range<u32>,
}

/// The drained sessions, numbered behind all other clients.
pub(crate) fn drained(options: &Options) -> Vec<Part> {
    let first = options.writers + options.readers;
    let part = |number| reader(first + number, number, options);
    (0..options.drain).map(part).collect()
}

/// The parts of all clients that decode their frames: the writers first, then the readers.
pub(crate) fn parts(options: &Options) -> Vec<Part> {
    let writer = |number| Part {
        number,
        sheet: number % options.sheets,
        writes: true,
        rows: match options.windows {
            Windows::Shared => shared(options.rows),
            Windows::Disjoint => block(number, options),
        },
    };
    let reader = |number| reader(options.writers + number, number, options);
    (0..options.writers).map(writer).chain((0..options.readers).map(reader)).collect()
}

fn reader(client: u32, reader: u32, options: &Options) -> Part {
    let (sheet, rows) = (reader % options.sheets, shared(options.rows));
    Part { number: client, sheet, writes: false, rows }
}

fn shared(rows: u32) -> Range<u32> {
    let count = rows.min(WINDOW_ROWS_MAX);
    let start = (rows - count) / 2;
    start..start + count
}

/// The block of one writer: the rows of a sheet are dealt out in equal blocks.
fn block(writer: u32, options: &Options) -> Range<u32> {
    let on_sheet = (0..options.writers).filter(|w| w % options.sheets == writer % options.sheets);
    let share = (options.rows / u32::try_from(on_sheet.count()).unwrap_or(u32::MAX)).max(1);
    let start = writer / options.sheets * share;
    start..start + share.min(WINDOW_ROWS_MAX)
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    fn parts_of(flags: &str) -> Vec<Part> {
        let flags = ["load", "--target", "http://x"].into_iter().chain(flags.split_whitespace());
        parts(&Options::parse_from(flags))
    }

    #[test]
    fn blocks_of_one_sheet_do_not_overlap() {
        let parts = parts_of("--writers 10 --sheets 3 --rows 100 --windows disjoint");
        for a in &parts {
            assert!(!a.rows.is_empty() && a.rows.end <= 100, "{a:?}");
            let others = parts.iter().filter(|b| b.number != a.number && b.sheet == a.sheet);
            for b in others {
                assert!(a.rows.end <= b.rows.start || b.rows.end <= a.rows.start, "{a:?} {b:?}");
            }
        }
    }

    #[test]
    fn drained_sessions_are_numbered_behind_the_others_and_spread_over_the_sheets() {
        let flags = ["load", "--target", "http://x", "--writers", "2", "--readers", "3"];
        let more = ["--sheets", "2", "--drain", "4"];
        let options = Options::parse_from(flags.into_iter().chain(more));
        let numbers: Vec<_> = drained(&options).iter().map(|p| (p.number, p.sheet)).collect();
        assert_eq!(numbers, [(5, 0), (6, 1), (7, 0), (8, 1)]);
        assert!(drained(&options).iter().all(|part| !part.writes));
    }

    #[test]
    fn shared_windows_are_the_same_and_bounded() {
        let parts = parts_of("--writers 2 --readers 1 --rows 1000000");
        assert_eq!(parts.len(), 3);
        assert!(parts.iter().all(|part| part.rows == (495_000..505_000)));
        assert_eq!(parts.iter().filter(|part| part.writes).count(), 2);
    }
}
