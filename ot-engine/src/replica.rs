//! A client's whole state: a [`ClientSession`], and two views of the sheet: the server's, and the
//! one that the person sees, with the edits that are not accepted yet on top.
//!
//! Positions in two systems: `view()` has the person's, what is loaded and what is asked for has the
//! server's. Invariant: the person's view is the server's with the pending edits applied, and neither
//! knows a value that the server does not keep up to date (see [`Replica::set_window`]).

mod saved;

use std::ops::Range;

use crate::validate::validate_unnamed;
use crate::{
    AxisDelta, AxisMap, Block, CellEdit, ClientId, ClientSession, Column, Delta, Inserted, Invalid,
    Limits, Received, Refused, Revision, Sequence, SessionError, Size, Submission, View, Window,
    validate, validate_text,
};

/// A session with what it looks at.
#[derive(Clone, Debug)]
pub struct Replica {
    session: ClientSession,
    limits: Limits,
    confirmed: View,
    view: View,
    window: Window,
}

impl Replica {
    /// A replica at `revision`, with nothing loaded and a window on everything.
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

    /// The same with a session that was set up by hand (another bound on edits in flight).
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

    /// What the person sees: the server's state with this client's own edits on top.
    #[must_use]
    pub const fn view(&self) -> &View {
        &self.view
    }

    /// The server's state at the revision seen.
    #[must_use]
    pub const fn confirmed(&self) -> &View {
        &self.confirmed
    }

    /// The session: revision, edits in flight and waiting.
    #[must_use]
    pub const fn session(&self) -> &ClientSession {
        &self.session
    }

    /// The revision seen.
    #[must_use]
    pub const fn revision(&self) -> Revision {
        self.session.revision()
    }

    /// How many edits are not accepted yet.
    #[must_use]
    pub fn pending(&self) -> usize {
        self.session.in_flight() + self.session.buffered()
    }

    /// Makes an edit on [`Replica::view`]; answers the number under which it will be sent.
    ///
    /// # Errors
    /// When the delta is malformed, names ids, or edits a text that is not loaded; nothing has
    /// changed.
    pub fn edit(&mut self, delta: Delta) -> Result<Sequence, Invalid> {
        validate_unnamed(&delta)?;
        validate(&delta, self.view.size(), &self.limits)?;
        let blind = self.session.any_blind();
        let held = |cell: &CellEdit| self.view.get_before(&delta, cell).filter(|_| !blind);
        validate_text(&delta.cells, held, &self.limits)?;
        self.view.apply(&delta);
        Ok(self.session.edit(delta))
    }

    /// The next edit to send; call until it has none.
    pub fn outgoing(&mut self) -> Option<Submission> {
        self.session.next_to_send()
    }

    /// What to send again after a new connection, in this order.
    #[must_use]
    pub fn resume(&self) -> Vec<Submission> {
        self.session.resume()
    }

    /// Another's change at `revision`, as the server sends it: cells cut to the window. Revisions
    /// before it that did not come change nothing in the window.
    ///
    /// # Errors
    /// When the revision was seen already; nothing has changed.
    pub fn receive(&mut self, revision: Revision, delta: &Delta) -> Result<Received, SessionError> {
        self.receive_with(revision, delta, Inserted::New)
    }

    /// The same for a change whose inserted lines may be old ones that come back: they are not
    /// loaded then.
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
        self.follow(delta);
        Ok(received)
    }

    /// The server has told everything up to `revision` that concerns this client's window.
    pub fn skip_to(&mut self, revision: Revision) {
        self.session.skip_to(revision);
    }

    /// The server accepted an edit; answers the edit as it applied to the revision before, or nothing
    /// for an answer that came before. Earlier edits that are still in flight were refused unheard
    /// (see [`ClientSession::accepted`]): they are answered too.
    ///
    /// # Errors
    /// When it is not in flight, or the revision was seen already; nothing has changed.
    pub fn accepted(
        &mut self,
        sequence: Sequence,
        revision: Revision,
    ) -> Result<(Option<Delta>, Refused), SessionError> {
        let blind = self.session.is_blind(sequence);
        let (delta, refused) = self.session.accepted(sequence, revision)?;
        if let Some(delta) = &delta {
            self.confirmed.apply(delta);
            self.follow(delta);
        }
        if let (true, Some(delta)) = (blind, &delta) {
            let texts = delta.cells.iter().filter(|cell| cell.edit.as_set().is_none());
            texts.for_each(|cell| self.confirmed.forget_row(cell.row));
        }
        if blind || !refused.edits.is_empty() {
            self.rebuild();
        }
        Ok((delta, refused))
    }

    /// The server refused an edit: it is taken out of the view. A refusal that came before is passed
    /// over.
    ///
    /// # Errors
    /// When it was not sent yet; nothing has changed.
    pub fn rejected(&mut self, sequence: Sequence) -> Result<Refused, SessionError> {
        let refused = self.session.rejected(sequence)?;
        if !refused.edits.is_empty() {
            self.rebuild();
        }
        Ok(refused)
    }

    /// Takes values in, in the server's positions at the revision seen.
    pub fn load(&mut self, block: &Block) {
        self.confirmed.load(block);
        self.rebuild();
    }

    /// The window (in the server's positions at the revision seen) inside which the server tells of
    /// changes from now on; from here it moves with each change, as it does on the server. Values
    /// outside are forgotten: nobody would tell when they change.
    pub fn set_window(&mut self, window: Window) {
        self.window = window;
        self.forget_outside();
    }

    /// The window as it stands, in the server's positions.
    #[must_use]
    pub const fn window(&self) -> &Window {
        &self.window
    }

    /// The rows and columns of the server's state that a window on [`Replica::view`] shows: what to
    /// ask for. Lines that the server does not know yet are left out.
    #[must_use]
    pub fn to_confirmed(&self, window: &Window) -> Window {
        let mut window = window.clone();
        for (_, delta) in self.session.pending().rev() {
            window.rows = back(&delta.rows, window.rows);
            window.cols = back(&delta.cols, window.cols);
        }
        window
    }

    /// Starts over at a state that does not follow from the one seen; answers the edits that were
    /// never accepted, as they stood.
    pub fn resync(&mut self, revision: Revision, rows: u32, columns: Vec<Column>) -> Vec<Delta> {
        self.confirmed = View::new(rows, columns);
        self.view = self.confirmed.clone();
        self.window = Window::ALL;
        self.session.resync(revision)
    }

    /// Checks the session, and the views against each other.
    ///
    /// # Panics
    /// When they disagree: that is a bug in this crate.
    pub fn check_invariants(&self) {
        self.session.check_invariants();
        self.confirmed.check_invariants();
        self.view.check_invariants();
        let pending = self.session.pending();
        let size = pending.fold(self.confirmed.size(), |size: Size, (_, delta)| size.after(delta));
        assert_eq!(self.view.size(), size, "the view is the server's with the pending edits");
    }

    /// Moves the window along a change of the server's state.
    fn follow(&mut self, delta: &Delta) {
        if delta.keeps_axes() {
            return;
        }
        self.window = self.window.map(delta);
        self.forget_outside();
    }

    /// Forgets what is outside the window. A text edit that still waits there could not follow the
    /// text any more; it becomes the value that the person made of it.
    fn forget_outside(&mut self) {
        self.session.mark_blind(&self.window);
        let before = self.session.buffers_text().then(|| self.confirmed.clone());
        if self.confirmed.retain(&self.window) {
            if let Some(before) = before {
                self.session.set_forgotten_texts(before, self.confirmed.clone());
            }
            self.rebuild();
        }
    }

    /// The person's view from the server's. Rows are shared, so this copies no values.
    fn rebuild(&mut self) {
        self.view = self.confirmed.clone();
        for (_, delta) in self.session.pending() {
            self.view.apply(delta);
        }
    }
}

/// The smallest range of old lines that holds every old line that now stands in `range`.
fn back(axis: &AxisDelta, range: Range<u32>) -> Range<u32> {
    if axis.is_identity() {
        return range;
    }
    AxisMap::new(axis).map_range_back(&range).unwrap_or_else(|| {
        let edge = axis.map_back(range.start).nearest();
        edge..edge
    })
}
