//! The texts that the text edits of a change lead to.
//!
//! A delta holds inserted and deleted characters; rows, commits and readers need the resulting text. Each
//! accepted text edit is applied once, to the text of its cell at the head: in an unpublished entry, in a row
//! that is in memory, or in a row that was fetched for the edit. A client may count characters wrongly, so an
//! edit that does not fit its text is refused here.
//!
//! Invariant: no unpublished entry moves a line, so published positions are those of the head.

use std::sync::Arc;

use ot_engine::{CellEdit, ColumnId, Delta, Edit, Limits, RowId, Value, validate_text};

use super::action::View;
use super::work::Bodies;
use crate::ports::journal::ENTRY_BYTES;
use crate::refusal::Refusal;
use model::{Entry, Texts as EntryTexts};

/// Rows that must be read.
pub(super) type Missing = Vec<RowId>;

/// The sources of a cell's text.
pub(super) struct Texts<'a, Unpublished> {
    /// Entries that are not published, oldest first.
    pub(super) unpublished: Unpublished,
    pub(super) fetched: &'a Bodies,
    pub(super) limits: &'a Limits,
}

/// The text of a cell before an edit.
enum Held {
    Value(Value),
    /// In this row's body.
    Row(RowId, ColumnId),
}

impl<'a, Unpublished> Texts<'a, Unpublished>
where
    Unpublished: DoubleEndedIterator<Item = &'a Arc<Entry>> + Clone,
{
    /// The texts that the text edits of `delta` lead to, in their order; the inner error names rows that must
    /// be read first.
    pub(super) fn of(
        &self,
        delta: &Delta,
        view: &mut View<'_>,
    ) -> Result<Result<EntryTexts, Missing>, Refusal> {
        if !delta.edits_text() {
            return Ok(Ok(EntryTexts::default()));
        }
        let edits: Vec<&CellEdit> =
            delta.cells.iter().filter(|cell| cell.edit.as_set().is_none()).collect();
        let held = self.held(delta, &edits, view);
        let bodies = match self.bodies(&held, view) {
            Ok(bodies) => bodies,
            Err(missing) => return Ok(Err(missing)),
        };
        let value = |held| match held {
            Held::Value(value) => value,
            Held::Row(row, column) => {
                bodies.get(&row).map_or(Value::Empty, |body| body.get(column).clone())
            }
        };
        let values: Vec<Value> = held.into_iter().map(value).collect();
        // The cells of a delta are sorted. Callers choose them, so no hash of them is used.
        let at = |cell: &CellEdit| edits.binary_search_by_key(&cell.key(), |edit| edit.key()).ok();
        validate_text(&delta.cells, |cell| values.get(at(cell)?), self.limits)
            .map_err(|invalid| Refusal::from(invalid).within("delta"))?;
        apply(&edits, &values).map(Ok)
    }

    /// The sources of the texts of the cells that edits change, in the order of the edits.
    fn held(&self, delta: &Delta, edits: &[&CellEdit], view: &View<'_>) -> Vec<Held> {
        let origins = delta.cell_origins();
        let places: Vec<_> = edits.iter().map(|cell| origins.of(cell.row, cell.col)).collect();
        let mut written = self.written(&places);
        let (state, mut rows) = (view.state, view.state.row_order().cursor());
        let mut held = |place: Option<(u32, u32)>| {
            let Some((row, col)) = place else { return Held::Value(Value::Empty) };
            if let Some(value) = written.take((row, col)) {
                return Held::Value(value);
            }
            let column = state.columns().get(col as usize).map(|column| column.id);
            match rows.id_at(row).zip(column) {
                Some((row, column)) => Held::Row(row, column),
                // The sequencer has checked the position.
                None => Held::Value(Value::Empty),
            }
        };
        places.into_iter().map(&mut held).collect()
    }

    /// The values that unpublished entries leave in cells, of those that they edit. Each entry is looked
    /// through once for all cells.
    fn written(&self, places: &[Option<(u32, u32)>]) -> Written {
        let mut written = Written::new(places);
        for entry in self.unpublished.clone().rev() {
            if written.left == 0 {
                break;
            }
            written.add(entry);
        }
        written
    }

    /// The rows that are needed, as they are at the published head.
    ///
    /// # Errors
    /// The rows that must be read.
    fn bodies(&self, held: &[Held], view: &mut View<'_>) -> Result<Bodies, Missing> {
        let mut rows: Vec<RowId> = held
            .iter()
            .filter_map(|held| match held {
                Held::Row(row, _) => Some(*row),
                Held::Value(_) => None,
            })
            .collect();
        rows.sort_unstable();
        rows.dedup();
        let (mut bodies, mut missing) = (Bodies::default(), Vec::new());
        for row in rows {
            match self.fetched.get(&row).cloned().or_else(|| (view.row)(row)) {
                Some(body) => drop(bodies.insert(row, body)),
                None => missing.push(row),
            }
        }
        if missing.is_empty() { Ok(bodies) } else { Err(missing) }
    }
}

/// Applies text edits to the values of their cells, which are in the same order.
fn apply(edits: &[&CellEdit], values: &[Value]) -> Result<EntryTexts, Refusal> {
    let mut bytes = 0;
    let mut texts = Vec::new();
    for (cell, value) in edits.iter().zip(values) {
        let Edit::Text(edit) = &cell.edit else { continue };
        let text = edit.apply(value.as_text());
        bytes += text.len();
        if bytes > ENTRY_BYTES {
            return Err(Refusal::TooLarge { bytes, most: ENTRY_BYTES });
        }
        texts.push(Arc::from(text));
    }
    Ok(texts.into())
}

/// The values that entries leave in places.
struct Written {
    /// Sorted.
    places: Vec<(u32, u32)>,
    values: Vec<Option<Value>>,
    /// The places without a value.
    left: usize,
}

impl Written {
    fn new(places: &[Option<(u32, u32)>]) -> Self {
        let mut places: Vec<(u32, u32)> = places.iter().flatten().copied().collect();
        places.sort_unstable();
        Self { values: vec![None; places.len()], left: places.len(), places }
    }

    /// Takes the value of a place.
    fn take(&mut self, place: (u32, u32)) -> Option<Value> {
        let at = self.places.binary_search(&place).ok()?;
        self.values[at].take()
    }

    /// Adds the values that an entry leaves in the places that it edits and that no later entry has written. The entry
    /// moves no lines. Cost: the shorter of both lists, times a binary search in the other.
    fn add(&mut self, entry: &Entry) {
        let cells = &entry.delta.cells;
        let found: Vec<(usize, usize)> = if self.places.len() < cells.len() {
            let edited = |place| cells.binary_search_by_key(place, CellEdit::key).ok();
            let places = self.places.iter().enumerate();
            places.filter_map(|(at, place)| Some((at, edited(place)?))).collect()
        } else {
            let place = |cell: &CellEdit| self.places.binary_search(&cell.key()).ok();
            let cells = cells.iter().enumerate();
            cells.filter_map(|(edited, cell)| Some((place(cell)?, edited))).collect()
        };
        let mut texts = TextsBefore { cells, counted: 0, texts: 0 };
        for (at, edited) in found {
            let text = texts.before(edited);
            let value = match cells[edited].edit.as_set() {
                Some(value) => Some(value.clone()),
                None => entry.texts.get(text).map(|text| Value::Text(Arc::clone(text))),
            };
            if self.values[at].is_none() && value.is_some() {
                self.values[at] = value;
                self.left -= 1;
            }
        }
    }
}

/// A count of the text edits before a cell, for ascending indices.
struct TextsBefore<'a> {
    cells: &'a [CellEdit],
    counted: usize,
    texts: usize,
}

impl TextsBefore<'_> {
    fn before(&mut self, at: usize) -> usize {
        let more = &self.cells[self.counted..at];
        self.texts += more.iter().filter(|cell| cell.edit.as_set().is_none()).count();
        self.counted = at;
        self.texts
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use ot_engine::{ClientId, TextDelta};

    use super::*;
    use crate::sample::entry;

    /// An entry that sets one cell and edits the text of the next one.
    fn written_entry(revision: u64, row: u32) -> Arc<Entry> {
        let text = CellEdit::text(row, 1, TextDelta::splice(0, 0, "a"));
        let set = CellEdit::set(row, 0, format!("set by {revision}").as_str());
        let delta = Delta { cells: vec![set, text], ..Delta::identity() };
        let texts = Arc::from([Arc::from(format!("text of {revision}"))]);
        Arc::new(Entry { texts, ..entry(revision, ClientId(1), delta) })
    }

    #[test]
    fn many_texts_look_through_each_unpublished_entry_once() {
        let entries: Vec<_> = (1..=500).map(|at| written_entry(at, at as u32 % 400)).collect();
        let (visited, bodies) = (Cell::new(0), Bodies::default());
        let unpublished = entries.iter().inspect(|_| visited.set(visited.get() + 1));
        let texts = Texts { unpublished, fetched: &bodies, limits: &Limits::DEFAULT };
        let places: Vec<_> = (0..1_000).flat_map(|row| [Some((row, 1)), Some((row, 0))]).collect();
        let mut written = texts.written(&places);
        assert!(visited.get() <= entries.len(), "{} entries visited", visited.get());
        assert_eq!(written.places.len() - written.left, 800);
        let mut text = |row, col| written.take((row, col)).map(|value| value.as_text().to_owned());
        // Row 7 is written twice, and the later entry counts.
        assert_eq!(text(7, 0).as_deref(), Some("set by 407"));
        assert_eq!(text(7, 1).as_deref(), Some("text of 407"));
        assert_eq!((text(399, 1).as_deref(), text(400, 1)), (Some("text of 399"), None));
        // Few places in an entry of many cells are found by themselves.
        let few = texts.written(&[Some((7, 1)), None]).take((7, 1));
        assert_eq!(few.expect("is written").as_text(), "text of 407");
    }
}
