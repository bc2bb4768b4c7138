//! One live sheet for the page. Each method calls [`LiveSheet`].

use client::core::{
    Event, LiveOptions, LiveSheet, Looking, Person, Presence, ProtocolError, may_edit,
};
use gridloom::convert::{column_to_wire, window_to_wire};
use gridloom::v1;
use ot_engine::{RowId, Window};
use prost::Message;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast as _, JsError, JsValue};

use crate::marks::Marks;
use crate::rules::Rules;
use crate::summary::FrameSummary;
use crate::value::{cell_to_js, unsaved_to_js};

/// A cursor and the selected rectangle around it.
#[wasm_bindgen]
#[derive(Clone, Copy, Debug)]
pub struct Cursor {
    row: u32,
    col: u32,
    top: u32,
    left: u32,
    height: u32,
    width: u32,
}

#[wasm_bindgen]
impl Cursor {
    /// A cursor in a selected rectangle.
    #[wasm_bindgen(constructor)]
    #[must_use]
    pub fn new(row: u32, col: u32, top: u32, left: u32, height: u32, width: u32) -> Self {
        Self { row, col, top, left, height, width }
    }
}

/// One live sheet.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Engine {
    pub(crate) live: LiveSheet,
    pub(crate) rules: Rules,
    row_marks: Marks,
    col_marks: Marks,
}

/// The connection's interface.
#[wasm_bindgen]
impl Engine {
    /// A sheet that is not connected yet. `place` is that of this tab: see `Hello.place`.
    #[wasm_bindgen(constructor)]
    #[must_use]
    pub fn new(sheet_id: &str, place: u64) -> Self {
        Self {
            live: LiveSheet::new(sheet_id, LiveOptions { place, ..LiveOptions::default() }),
            rules: Rules::default(),
            row_marks: Marks::default(),
            col_marks: Marks::default(),
        }
    }

    /// Restores a sheet from the bytes of [`Engine::save`], with its pending edits and their place. `place` is that of
    /// this tab, for a session that starts again.
    ///
    /// # Errors
    /// Bytes that are damaged, or that a newer release has written.
    pub fn restore(bytes: &[u8], place: u64) -> Result<Self, JsError> {
        let live = LiveSheet::restore(bytes, LiveOptions { place, ..LiveOptions::default() })?;
        Ok(Self {
            live,
            rules: Rules::default(),
            row_marks: Marks::default(),
            col_marks: Marks::default(),
        })
    }

    /// The sheet as bytes, with the edits that are not accepted yet; nothing when there are none.
    #[must_use]
    pub fn save(&self) -> Option<Vec<u8>> {
        self.live.save()
    }

    /// Begins a session. Returns the encoded `Hello` that opens it.
    #[must_use]
    pub fn hello(&mut self) -> Vec<u8> {
        self.live.hello().encode_to_vec()
    }

    /// Applies one encoded `ServerFrame`.
    ///
    /// # Errors
    /// A frame that violates the protocol: end the session and open another. An error with the name `MalformedFrame` is one
    /// that this release can't read, also in another session.
    pub fn receive(&mut self, frame: &[u8]) -> Result<FrameSummary, JsValue> {
        let frame = v1::ServerFrame::decode(frame).map_err(|error| thrown(&error, true))?;
        let malformed = |error: &ProtocolError| matches!(error, ProtocolError::Malformed(_));
        let events = self.live.on_frame(frame);
        let events = events.map_err(|error| thrown(&error, malformed(&error)))?;
        let mut summary = FrameSummary::default();
        for event in &events {
            summary.add(event);
            let moves = match event {
                Event::Changed(changed) => &changed.delta,
                Event::Rejected { back, .. } => back,
                _ => continue,
            };
            summary.marks |= self.row_marks.carry(&moves.rows);
            summary.marks |= self.col_marks.carry(&moves.cols);
        }
        Ok(summary)
    }

    /// The frames to send now: an encoded `SendRequest` with only `frames` set; nothing when there are none.
    #[must_use]
    pub fn outgoing(&mut self) -> Option<Vec<u8>> {
        let frames = self.live.outgoing();
        (!frames.is_empty())
            .then(|| v1::SendRequest { frames, ..v1::SendRequest::default() }.encode_to_vec())
    }

    /// Ends the session. Pending edits stay, and further edits are possible.
    pub fn disconnected(&mut self) {
        self.live.disconnected();
    }

    /// Sets the window to `count` rows from row `start`: requests their cells and drops all others.
    pub fn look(&mut self, start: u32, count: u32) {
        self.live.look(Looking::Rows(start..start.saturating_add(count)));
    }
}

/// The page's interface: the content of the sheet.
#[wasm_bindgen]
impl Engine {
    /// The value of a cell; undefined while it is not loaded.
    #[wasm_bindgen(unchecked_return_type = "CellValue | undefined")]
    #[must_use]
    pub fn cell(&self, row: u32, col: u32) -> JsValue {
        cell_to_js(self.live.get(row, col))
    }

    /// The ids of rows from `start` on; 0 for a row that is not loaded, and for an own new row until it is accepted.
    #[wasm_bindgen(js_name = rowIds)]
    #[must_use]
    pub fn row_ids(&self, start: u32, count: u32) -> Vec<u64> {
        let end = start.saturating_add(count).min(self.live.row_count()).max(start);
        let id = |row| self.live.row_id(row).map_or(0, |id| id.0);
        (start..end).map(id).collect()
    }

    /// The position of a loaded row; nothing when no loaded row has the id.
    #[wasm_bindgen(js_name = rowOf)]
    #[must_use]
    pub fn row_of(&self, id: u64) -> Option<u32> {
        self.live.row_of(RowId(id))
    }

    /// The sheet as an encoded `Sheet`: name, columns, row count.
    #[must_use]
    pub fn sheet(&self) -> Vec<u8> {
        let size = self.live.size();
        v1::Sheet {
            id: self.live.sheet_id().to_owned(),
            name: self.live.name().to_owned(),
            columns: self.live.columns().iter().map(column_to_wire).collect(),
            row_count: size.rows,
            column_count: size.cols,
            ..v1::Sheet::default()
        }
        .encode_to_vec()
    }

    /// Whether this account may edit; true until the server has sent its role.
    #[wasm_bindgen(js_name = canEdit)]
    #[must_use]
    pub fn can_edit(&self) -> bool {
        may_edit(self.live.role())
    }

    /// This account's role, a number of `Role`; 0 until the server has sent it.
    #[must_use]
    pub fn role(&self) -> i32 {
        self.live.role().into()
    }

    /// The place at which the edits of this sheet can be undone; 0: none.
    #[must_use]
    pub fn place(&self) -> u64 {
        self.live.place()
    }

    /// Own edits that the server has not accepted yet.
    #[must_use]
    pub fn pending(&self) -> usize {
        self.live.pending()
    }

    /// The cells whose own edits are not accepted yet: row, column, value, row, column, value, ...
    #[wasm_bindgen(js_name = unsavedCells, unchecked_return_type = "(number | CellValue)[]")]
    #[must_use]
    pub fn unsaved_cells(&self) -> Vec<JsValue> {
        unsaved_to_js(&self.live.unsaved_cells())
    }

    /// The most cells of one edit; 0 until the server has sent its limits.
    #[wasm_bindgen(js_name = editCells)]
    #[must_use]
    pub fn edit_cells(&self) -> u32 {
        self.live.limits().map_or(0, |limits| limits.edit_cells)
    }

    /// Whether the server knows a kind of columns, a `ColumnKind`; true until it has sent its limits.
    #[wasm_bindgen(js_name = knowsKind)]
    #[must_use]
    pub fn knows_kind(&self, kind: i32) -> bool {
        let Some(limits) = self.live.limits() else { return true };
        match v1::ColumnKind::try_from(kind) {
            Ok(v1::ColumnKind::Date | v1::ColumnKind::LocalDatetime) => limits.calendar_values,
            Ok(
                v1::ColumnKind::Choice
                | v1::ColumnKind::Choices
                | v1::ColumnKind::Link
                | v1::ColumnKind::Email,
            ) => limits.column_settings,
            _ => true,
        }
    }

    /// Whether the server knows settings of columns; true until it has sent its limits.
    #[wasm_bindgen(js_name = knowsSettings)]
    #[must_use]
    pub fn knows_settings(&self) -> bool {
        self.live.limits().is_none_or(|limits| limits.column_settings)
    }

    /// The most bytes of one message to the server; 0 until the server has sent its limits.
    #[wasm_bindgen(js_name = messageBytes)]
    #[must_use]
    pub fn message_bytes(&self) -> u32 {
        self.live.limits().map_or(0, |limits| limits.message_bytes)
    }

    /// The other participants, with positions in the page's view: an encoded `PresenceChange` with all of them.
    #[must_use]
    pub fn people(&self) -> Vec<u8> {
        let place = |at: Option<(u32, u32)>| at.map(|(row, col)| v1::CellPosition { row, col });
        let person = |person: Person| v1::Participant {
            session_id: person.session_id,
            account_id: person.account_id,
            display_name: person.display_name,
            cursor: place(person.presence.cursor),
            selections: person.presence.selections.iter().map(window_to_wire).collect(),
            editing: place(person.presence.editing),
            away: person.presence.away,
            idle_seconds: person.idle_seconds,
            color: person.color.into(),
        };
        let present = self.live.people().into_iter().map(person).collect();
        v1::PresenceChange { present, left: Vec::new(), complete: true }.encode_to_vec()
    }

    /// Sends this person's cursor and selected rectangle to the others, and whether the cell of the cursor is edited.
    #[wasm_bindgen(js_name = setCursor)]
    pub fn set_cursor(&mut self, cell: Cursor, editing: bool) {
        let Cursor { row, col, top, left, height, width } = cell;
        let (bottom, right) = (top.saturating_add(height), left.saturating_add(width));
        let selection = Window { rows: top..bottom, cols: left..right };
        let one = height <= 1 && width <= 1;
        self.live.set_presence(Presence {
            cursor: Some((row, col)),
            selections: if one { Vec::new() } else { vec![selection] },
            editing: editing.then_some((row, col)),
            away: self.live.presence().away,
        });
    }

    /// Sends to the others whether this person can't see the sheet.
    #[wasm_bindgen(js_name = setAway)]
    pub fn set_away(&mut self, away: bool) {
        let presence = Presence { away, ..self.live.presence().clone() };
        self.live.set_presence(presence);
    }

    /// Marks the selected runs of lines, replacing all earlier marks: start, end (exclusive), start, end, ...
    #[wasm_bindgen(js_name = setMarks)]
    pub fn set_marks(&mut self, rows: &[u32], cols: &[u32]) {
        self.row_marks.set(rows);
        self.col_marks.set(cols);
    }

    /// The present positions of the row marks, in the order in which they were set.
    #[wasm_bindgen(js_name = rowMarks)]
    #[must_use]
    pub fn row_marks(&self) -> Vec<u32> {
        self.row_marks.flat()
    }

    /// The present positions of the column marks.
    #[wasm_bindgen(js_name = colMarks)]
    #[must_use]
    pub fn col_marks(&self) -> Vec<u32> {
        self.col_marks.flat()
    }
}

#[wasm_bindgen]
extern "C" {
    /// An error of JavaScript.
    #[wasm_bindgen(js_name = Error)]
    type Thrown;

    #[wasm_bindgen(method, structural, setter)]
    fn set_name(this: &Thrown, name: &str);
}

/// An error for the page.
fn thrown(error: &dyn std::error::Error, is_malformed: bool) -> JsValue {
    let thrown = JsValue::from(JsError::new(&error.to_string()));
    if is_malformed {
        thrown.unchecked_ref::<Thrown>().set_name("MalformedFrame");
    }
    thrown
}
