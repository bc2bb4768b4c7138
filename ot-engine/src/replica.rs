//! A client's whole state.

use std::ops::Range;

use crate::{
    Block, ClientId, Column, Delta, Invalid, Limits, Received, Revision, Sequence, SessionError,
    Submission, View, Window,
};

/// A session with what it looks at.
#[derive(Clone, Debug)]
pub struct Replica {
    view: View,
}

impl Replica {
    /// A replica at `revision`, with nothing loaded.
    #[must_use]
    pub fn new(
        _client: ClientId,
        _revision: Revision,
        rows: u32,
        columns: Vec<Column>,
        _limits: Limits,
    ) -> Self {
        Self { view: View::new(rows, columns) }
    }
    /// What the person sees: the server's state with this client's own edits on top.
    #[must_use]
    pub const fn view(&self) -> &View {
        &self.view
    }
    /// The server's state.
    #[must_use]
    pub fn confirmed(&self) -> &View {
        unimplemented!()
    }
    /// The revision seen.
    #[must_use]
    pub fn revision(&self) -> Revision {
        unimplemented!()
    }
    /// Edits that are not accepted yet.
    #[must_use]
    pub fn pending(&self) -> usize {
        unimplemented!()
    }
    /// Makes an edit on [`Replica::view`]; answers the number under which it will be sent.
    ///
    /// # Errors
    /// When the delta is malformed; nothing has changed.
    pub fn edit(&mut self, _delta: Delta) -> Result<Sequence, Invalid> {
        unimplemented!()
    }
    /// The next edit to send; call until it has none.
    pub fn outgoing(&mut self) -> Option<Submission> {
        unimplemented!()
    }
    /// What to send again after a new connection.
    #[must_use]
    pub fn resume(&self) -> Vec<Submission> {
        unimplemented!()
    }
    /// Another's change at `revision`.
    ///
    /// # Errors
    /// When it is not the revision after the one seen.
    pub fn receive(
        &mut self,
        _revision: Revision,
        _delta: &Delta,
    ) -> Result<Received, SessionError> {
        unimplemented!()
    }
    /// The server accepted an edit.
    ///
    /// # Errors
    /// When it is not the first in flight, or the revision does not follow.
    pub fn accepted(
        &mut self,
        _sequence: Sequence,
        _revision: Revision,
    ) -> Result<(), SessionError> {
        unimplemented!()
    }
    /// The server refused an edit: it is taken out of the view. Answers it as it stood.
    ///
    /// # Errors
    /// When it is not in flight.
    pub fn rejected(&mut self, _sequence: Sequence) -> Result<Delta, SessionError> {
        unimplemented!()
    }
    /// Takes values in, in the server's positions at the revision seen.
    pub fn load(&mut self, _block: &Block) {
        unimplemented!()
    }
    /// The window (in the server's positions) inside which the server tells of changes from now on;
    /// values outside are forgotten.
    pub fn set_window(&mut self, _window: Window) {
        unimplemented!()
    }
    /// Rows of [`Replica::view`] in the server's positions: what to ask for.
    #[must_use]
    pub fn to_confirmed(&self, _rows: Range<u32>) -> Range<u32> {
        unimplemented!()
    }
    /// Starts over at a state that does not follow from the one seen; answers the edits that were
    /// never accepted.
    pub fn resync(&mut self, _revision: Revision, _rows: u32, _columns: Vec<Column>) -> Vec<Delta> {
        unimplemented!()
    }
}
