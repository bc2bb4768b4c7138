//! Lines of cells in aligned columns, printed page by page.
//!
//! It knows no sheet and no file. Invariant: a column never becomes narrower, so that later pages stand below earlier ones.

use std::io::Write;

/// The text of a cell, and whether it stands at the right of its column.
pub(crate) type Cell = (String, bool);

/// Most characters to which a cell is padded. A longer cell moves those after it to the right in its own line alone, so
/// that one long text adds no spaces to all other lines.
const PADDED_CHARS_MAX: usize = 256;

/// The columns of the lines so far.
#[derive(Debug, Default)]
pub(crate) struct Columns {
    widths: Vec<usize>,
}

impl Columns {
    /// Prints lines.
    pub(crate) fn print(
        &mut self,
        lines: &[Vec<Cell>],
        mut out: impl Write,
    ) -> std::io::Result<()> {
        for line in lines {
            self.widths.resize(self.widths.len().max(line.len()), 0);
            for (width, (text, _)) in self.widths.iter_mut().zip(line) {
                *width = text.chars().count().min(PADDED_CHARS_MAX).max(*width);
            }
        }
        for line in lines {
            let padded = line.iter().zip(&self.widths).map(|(cell, width)| padded(cell, *width));
            let line = padded.collect::<Vec<_>>().join("  ");
            writeln!(out, "{}", line.trim_end())?;
        }
        out.flush()
    }
}

/// The text of a cell, with spaces up to a width. The width of a format string holds 16 bits; a longer text makes it panic.
fn padded((text, right): &Cell, width: usize) -> String {
    let spaces = " ".repeat(width.saturating_sub(text.chars().count()));
    if *right { spaces + text } else { format!("{text}{spaces}") }
}

/// A text on one line, cut to `most` characters. Spaces replace control characters, which could move
/// the cursor.
pub(crate) fn shown(text: &str, most: usize) -> String {
    let clean = |char: char| if char.is_control() { ' ' } else { char };
    if text.chars().count() <= most {
        return text.chars().map(clean).collect();
    }
    let cut = text.chars().take(most.saturating_sub(1)).map(clean);
    cut.chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_of_any_length_is_printed_whole_and_pads_no_other_line() {
        let long = "é".repeat(70_000);
        let cell = |text: &str| (text.to_owned(), false);
        let lines = [
            vec![cell("a"), cell("b")],
            vec![cell(&long), cell("x")],
            vec![("7".to_owned(), true), cell("y")],
        ];
        let mut out = Vec::new();
        Columns::default().print(&lines, &mut out).expect("memory");
        let wide = " ".repeat(PADDED_CHARS_MAX - 1);
        let expected = format!("a{wide}  b\n{long}  x\n{wide}7  y\n");
        assert_eq!(String::from_utf8(out).expect("text"), expected);
    }
}
