//! The actions that the windows ask of the actor.
//!
//! Names and positions alone. Not here: which action is next (`look`, `unary`), and rows (`actor`). Invariant: an
//! action that names a call is followed by that call, or by the end of the read.

use std::ops::Range;

use crate::fanout::published::SessionKey;

/// The next action of the actor for a read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    /// Wait until half of the session's queue is free, then call `on_credit`. For the `first` piece, room that
    /// is free already is credit at once; later pieces let other requests in between.
    AwaitCredit { session: SessionKey, first: bool },
    /// Take the rows at these positions, from the first up to one that is not in memory or until they hold
    /// `bytes_max`, then call `on_rows`.
    Take { positions: Range<u32>, bytes_max: usize },
    /// Fetch the rows at these positions, `all` of them or those that the cache lacks, then call `on_fetched`
    /// or `on_failed`.
    Fetch { positions: Range<u32>, all: bool },
    /// Send the taken rows, the first of which is at `start_row`.
    Send { session: SessionKey, start_row: u32, cols: Range<u32> },
    /// Send the end of the look. The read is closed.
    SendEnd { session: SessionKey, start_col: u32 },
    /// Answer the unary read with the taken rows, the first of which is at `start_row`. The read is closed.
    Answer { start_row: u32 },
    /// Nothing: the read waits for a call, or it is closed.
    Nothing,
}
