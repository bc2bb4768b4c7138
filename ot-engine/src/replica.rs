//! A client's replica of a sheet: a [`ClientSession`] and two views, one confirmed and one with the
//! pending edits.
//!
//! It has no network. `replica/saved.rs` saves and restores it. Positions belong to two systems: those of
//! [`Replica::view`] include the pending edits; loads, windows and requests use the server's positions.
//!
//! Invariant: `view` is `confirmed` with the pending edits applied, and neither contains a value that the
//! server does not update (see [`Replica::set_window`]).

mod saved;

use std::ops::Range;

use crate::sequencer::assign_ids;
use crate::validate::validate_unnamed;
use crate::{
    AxisDelta, AxisMap, Block, CellEdit, ClientId, ClientSession, Column, Delta, Inserted, Invalid,
    Limits, Received, Refused, Revision, Sequence, SessionError, Size, Submission, View, Window,
    validate, validate_text,
};

/// A client session with its views of the sheet.
#[derive(Clone, Debug)]
pub struct Replica {
    session: ClientSession,
    limits: Limits,
    confirmed: View,
    view: View,
    window: Window,
}

/// The ids that the server has assigned to the first row and to the first column that an edit inserts. Each further
/// one has the next id.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FirstIds {
    /// The id of the first row.
    pub row: Option<u64>,
    /// The id of the first column.
    pub col: Option<u64>,
}

impl FirstIds {
    /// Gives the ids to the lines that the edit inserts; returns whether there is one.
    fn name(self, delta: &mut Delta) -> bool {
        let mut named = false;
        for (axis, first) in [(&mut delta.rows, self.row), (&mut delta.cols, self.col)] {
            if let (true, Some(mut next)) = (axis.has_inserts(), first) {
                assign_ids(axis, &mut next);
                named = true;
            }
        }
        named
    }
}

impl Replica {
    /// A replica at `revision`, with no row loaded and a window on the whole sheet.
    #[must_use]
    pub fn new(
        client: ClientId,
        revision: Revision,
        rows: u32,
        columns: Vec<Column>,
        limits: Limits,
    ) -> Self {
        Self::with_session(ClientSession::new(client, revision), rows, columns, limits)
    }

    /// A replica with a given session, for another limit on edits in flight.
    #[must_use]
    pub fn with_session(
        session: ClientSession,
        rows: u32,
        columns: Vec<Column>,
        limits: Limits,
    ) -> Self {
        let confirmed = View::new(rows, columns);
        Self { session, limits, view: confirmed.clone(), confirmed, window: Window::ALL }
    }

    /// The view that the person sees: the server's state with this client's pending edits.
    #[must_use]
    pub const fn view(&self) -> &View {
        &self.view
    }

    /// The server's state at the last received revision.
    #[must_use]
    pub const fn confirmed(&self) -> &View {
        &self.confirmed
    }

    /// The session: its revision, its edits in flight and its buffer.
    #[must_use]
    pub const fn session(&self) -> &ClientSession {
        &self.session
    }

    /// The last received revision.
    #[must_use]
    pub const fn revision(&self) -> Revision {
        self.session.revision()
    }

    /// Number of edits that are not accepted yet.
    #[must_use]
    pub fn pending(&self) -> usize {
        self.session.in_flight() + self.session.buffered()
    }

    /// The next edit joins no waiting one; see [`ClientSession::begin_apart`].
    pub const fn begin_apart(&mut self) {
        self.session.begin_apart();
    }

    /// Makes an edit on [`Replica::view`] and returns its sequence number.
    ///
    /// # Errors
    /// When the delta is malformed, names ids, or edits a text that is not loaded. Nothing has changed.
    pub fn edit(&mut self, delta: Delta) -> Result<Sequence, Invalid> {
        validate_unnamed(&delta)?;
        validate(&delta, self.view.size(), &self.limits)?;
        let stale = self.session.any_stale();
        let origins = delta.cell_origins();
        let held = |cell: &CellEdit| self.view.get_before(&origins, cell).filter(|_| !stale);
        validate_text(&delta.cells, held, &self.limits)?;
        self.view.apply(&delta);
        // The server would refuse the joined edit.
        if self.session.last_waiting_cells() + delta.cells.len() > self.limits.max_cells as usize {
            self.session.begin_apart();
        }
        Ok(self.session.edit(delta))
    }

    /// The next edit to send. Call it until it returns `None`.
    pub fn outgoing(&mut self) -> Option<Submission> {
        self.session.next_to_send()
    }

    /// The submissions to send again after a reconnect, in this order.
    #[must_use]
    pub fn resume(&self) -> Vec<Submission> {
        self.session.resume()
    }

    /// Alters the pending edits, for a server that does not know a value or a kind in them. `alter` may replace values
    /// and attributes; it adds, removes and moves no edit. It alters the edits in flight, too: a server that has accepted
    /// one answers it by its number, and keeps what was sent first.
    pub fn alter_pending(&mut self, alter: impl Fn(&mut Delta)) {
        self.session.alter_pending(alter);
        self.rebuild();
    }

    /// Receives another client's change at `revision`, with cells cut to the window. Skipped revisions
    /// before it change nothing in the window.
    ///
    /// # Errors
    /// When the revision was received before; nothing has changed.
    pub fn receive(&mut self, revision: Revision, delta: &Delta) -> Result<Received, SessionError> {
        self.receive_with(revision, delta, Inserted::New)
    }

    /// Receives a change whose inserted lines may be restored ones, which are not loaded.
    ///
    /// # Errors
    /// As for [`Replica::receive`].
    pub fn receive_with(
        &mut self,
        revision: Revision,
        delta: &Delta,
        inserted: Inserted,
    ) -> Result<Received, SessionError> {
        let received = self.session.receive(revision, delta)?;
        self.confirmed.apply_with(delta, inserted);
        self.view.apply_with(&received.delta, inserted);
        self.map_window(delta);
        Ok(received)
    }

    /// The server has sent everything up to `revision` that concerns this client's window.
    pub fn skip_to(&mut self, revision: Revision) {
        self.session.skip_to(revision);
    }

    /// The server accepted an edit. Returns the edit as it applies to the revision before, or `None` for
    /// a repeated answer. Also returns earlier edits whose refusal was lost (see
    /// [`ClientSession::accepted`]).
    ///
    /// # Errors
    /// When it is not in flight, or the revision was received before; nothing has changed.
    pub fn accepted(
        &mut self,
        sequence: Sequence,
        revision: Revision,
    ) -> Result<(Option<Delta>, Refused), SessionError> {
        self.accepted_with(sequence, revision, FirstIds::default())
    }

    /// The server accepted an edit, and has assigned these ids to the lines that it inserts.
    ///
    /// # Errors
    /// As for [`Replica::accepted`].
    pub fn accepted_with(
        &mut self,
        sequence: Sequence,
        revision: Revision,
        ids: FirstIds,
    ) -> Result<(Option<Delta>, Refused), SessionError> {
        let stale = self.session.is_stale(sequence);
        let (mut delta, refused) = self.session.accepted(sequence, revision)?;
        let named = delta.as_mut().is_some_and(|delta| ids.name(delta));
        if let Some(delta) = &delta {
            self.confirmed.apply(delta);
            self.map_window(delta);
        }
        if let (true, Some(delta)) = (stale, &delta) {
            let texts = delta.cells.iter().filter(|cell| cell.edit.as_set().is_none());
            self.confirmed.forget_rows(texts.map(|cell| cell.row));
        }
        // The view has the new lines without their ids.
        if stale || named || !refused.edits.is_empty() {
            self.rebuild();
        }
        Ok((delta, refused))
    }

    /// The server refused an edit: removes it from the view. A repeated refusal has no effect.
    ///
    /// # Errors
    /// When the edit was not sent yet; nothing has changed.
    pub fn rejected(&mut self, sequence: Sequence) -> Result<Refused, SessionError> {
        let refused = self.session.rejected(sequence)?;
        if !refused.edits.is_empty() {
            self.rebuild();
        }
        Ok(refused)
    }

    /// Loads values, in the server's positions at the last received revision.
    pub fn load(&mut self, block: &Block) {
        self.confirmed.load(block);
        self.rebuild();
    }

    /// Sets the window inside which the server sends changes from now on, in the server's positions at the
    /// last received revision. Each change maps it, as on the server. This unloads the values outside,
    /// because the server does not update them.
    pub fn set_window(&mut self, window: Window) {
        self.window = window;
        self.unload_outside();
    }

    /// The current window, in the server's positions.
    #[must_use]
    pub const fn window(&self) -> &Window {
        &self.window
    }

    /// The window of the server's state that contains what a window on [`Replica::view`] shows, to request
    /// it. Lines that only pending edits insert are left out.
    #[must_use]
    pub fn to_confirmed(&self, window: &Window) -> Window {
        let mut window = window.clone();
        for (_, delta) in self.session.pending().rev() {
            window.rows = map_back(&delta.rows, window.rows);
            window.cols = map_back(&delta.cols, window.cols);
        }
        window
    }

    /// Restarts at a state that does not follow the last received one. Returns the edits that were never
    /// accepted, as they stood.
    pub fn resync(&mut self, revision: Revision, rows: u32, columns: Vec<Column>) -> Vec<Delta> {
        self.confirmed = View::new(rows, columns);
        self.view = self.confirmed.clone();
        self.window = Window::ALL;
        self.session.resync(revision)
    }

    /// Checks the session, and compares the views with each other.
    ///
    /// # Panics
    /// When they disagree: a bug in this crate.
    pub fn check_invariants(&self) {
        self.session.check_invariants();
        self.confirmed.check_invariants();
        self.view.check_invariants();
        let pending = self.session.pending();
        let size = pending.fold(self.confirmed.size(), |size: Size, (_, delta)| size.after(delta));
        assert_eq!(self.view.size(), size, "the view is the server's with the pending edits");
    }

    /// Maps the window over a change of the server's state.
    fn map_window(&mut self, delta: &Delta) {
        if delta.keeps_axes() {
            return;
        }
        self.window = self.window.map(delta);
        self.unload_outside();
    }

    /// Unloads the values outside the window. A text edit in the buffer there becomes the value that it
    /// leads to, because it no longer receives changes of its text.
    fn unload_outside(&mut self) {
        self.session.mark_stale(&self.window);
        let before = self.session.buffers_text().then(|| self.confirmed.clone());
        if self.confirmed.retain(&self.window) {
            if let Some(before) = before {
                self.session.set_unloaded_texts(before, self.confirmed.clone());
            }
            self.rebuild();
        }
    }

    /// Rebuilds `view` from `confirmed`. The views share rows, so this copies no values.
    fn rebuild(&mut self) {
        self.view = self.confirmed.clone();
        for (_, delta) in self.session.pending() {
            self.view.apply(delta);
        }
    }
}

/// The smallest range of old lines that contains every old line with a new position in `range`.
fn map_back(axis: &AxisDelta, range: Range<u32>) -> Range<u32> {
    if axis.is_identity() {
        return range;
    }
    AxisMap::new(axis).map_range_back(&range).unwrap_or_else(|| {
        let edge = axis.map_back(range.start).nearest();
        edge..edge
    })
}
