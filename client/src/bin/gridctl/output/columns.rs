//! Lines of cells in aligned columns, printed page by page.
//!
//! It knows no sheet and no file. Invariant: a column never becomes narrower, so that later pages stand below earlier ones.

use std::io::Write;

/// The text of a cell, and whether it stands at the right of its column.
pub(crate) type Cell = (String, bool);

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
                *width = text.chars().count().max(*width);
            }
        }
        for line in lines {
            let padded = line.iter().zip(&self.widths).map(|((text, right), width)| match right {
                true => format!("{text:>width$}"),
                false => format!("{text:<width$}"),
            });
            let line = padded.collect::<Vec<_>>().join("  ");
            writeln!(out, "{}", line.trim_end())?;
        }
        out.flush()
    }
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
