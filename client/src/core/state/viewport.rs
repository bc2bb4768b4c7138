//! The viewport: the rows that the client wants, the window of the server, and the rows to fetch.
//!
//! It holds no cells. Cells outside the server's window would get stale, so the replica unloads them. While
//! a `Look` is unanswered, the server may cut a change to the old window or to the new one. So only rows
//! inside both stay loaded. For the same reason only one `Look` is unanswered at a time; the newest request is sent next.
//!
//! Invariant: every loaded row is inside a window whose changes the server sends.

use std::ops::Range;

use gridloom::convert::range_to_wire;
use gridloom::v1;
use ot_engine::{Delta, Replica, Revision, View, Window};

/// Most rows of one `Look`. A whole sheet is loaded in parts, so that a new viewport does not wait for
/// all of it.
const FETCH_ROWS_MAX: u32 = 5_000;
/// Most ranges of one `Look`.
const FETCH_RANGES_MAX: usize = 64;

/// The rows that a client wants. Rows always have all their columns.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Looking {
    /// No cells and no changes of cells, to write only.
    #[default]
    Nothing,
    /// All changes as they happen, but no cells.
    Changes,
    /// The rows at these positions of the view. When lines move, the rows that are then at the positions
    /// are fetched.
    Rows(Range<u32>),
    /// The whole sheet.
    All,
}

/// An unanswered `Look`.
#[derive(Clone, Debug)]
struct Asked {
    /// Its window, mapped over the changes since it was sent.
    window: Range<u32>,
    /// The requested rows. If none, the pong after it is its answer.
    fetch: Vec<Range<u32>>,
    /// Whether the server has begun to answer; its window applies from then on.
    applied: bool,
    /// Number of rows received for it.
    rows: usize,
}

/// The viewport. Ranges are in the server's positions at the replica's revision.
#[derive(Debug)]
pub(in crate::core) struct Viewport {
    wanted: Looking,
    /// The server's window, without an unanswered `Look`.
    window: Range<u32>,
    asked: Option<Asked>,
    /// The rows of a `Look` that got no rows at this revision. Requesting the same again would loop.
    unanswerable: Option<(Revision, Vec<Range<u32>>)>,
}

impl Viewport {
    pub(in crate::core) const fn new(wanted: Looking) -> Self {
        Self { wanted, window: 0..0, asked: None, unanswerable: None }
    }

    pub(in crate::core) fn want(&mut self, wanted: Looking) {
        self.wanted = wanted;
        self.unanswerable = None;
    }

    /// A new connection begins: returns the window of its `Hello`.
    pub(in crate::core) fn begin(&mut self, replica: Option<&mut Replica>) -> Window {
        self.asked = None;
        self.unanswerable = None;
        self.window = self.desired(replica.as_deref());
        if let Some(replica) = replica {
            replica.set_window(Window::rows(self.window.clone()));
        }
        Window::rows(self.window.clone())
    }

    /// The view starts fresh, with the window of the last request.
    pub(in crate::core) fn restart(&mut self, replica: &mut Replica) {
        if let Some(asked) = self.asked.take() {
            self.window = asked.window;
        }
        self.unanswerable = None;
        replica.set_window(Window::rows(self.window.clone()));
    }

    /// Maps the windows over a change of the server's state, and unloads the rows outside.
    pub(in crate::core) fn map(&mut self, delta: &Delta, replica: &mut Replica) {
        if delta.rows.is_identity() {
            return;
        }
        self.window = delta.rows.map_range(self.window.clone());
        if let Some(asked) = &mut self.asked {
            asked.window = delta.rows.map_range(asked.window.clone());
            for rows in &mut asked.fetch {
                *rows = delta.rows.map_range(rows.clone());
            }
        }
        replica.set_window(self.kept());
    }

    /// The next `Look`, which counts as sent from now on.
    pub(in crate::core) fn next_look(&mut self, replica: &mut Replica) -> Option<v1::Look> {
        let (window, fetch) = self.due(replica)?;
        let revision = replica.revision().0;
        let ranges = match fetch.is_empty() {
            false => fetch.iter().map(range_to_wire).collect(),
            // No range means all rows, so an empty range stands for none.
            true => vec![v1::Range::default()],
        };
        self.asked = Some(Asked { window: window.clone(), fetch, applied: false, rows: 0 });
        replica.set_window(self.kept());
        Some(v1::Look {
            revision,
            window: Some(gridloom::convert::window_to_wire(&Window::rows(window))),
            fetch: ranges,
        })
    }

    /// Counts received rows for the unanswered `Look`, and applies its window.
    pub(in crate::core) fn answered(&mut self, rows: usize, replica: &mut Replica) {
        let Some(asked) = &mut self.asked else { return };
        asked.rows += rows;
        if !asked.applied {
            asked.applied = true;
            self.window = asked.window.clone();
            replica.set_window(Window::rows(self.window.clone()));
        }
    }

    /// The last frame of the answer to a `Look` was received.
    pub(in crate::core) fn finished(&mut self, replica: &Replica) {
        if let Some(asked) = self.asked.take() {
            let unanswerable = !asked.fetch.is_empty() && asked.rows == 0;
            self.unanswerable = unanswerable.then(|| (replica.revision(), asked.fetch));
        }
    }

    /// Whether only a pong answers the unanswered `Look`.
    pub(in crate::core) fn awaits_pong(&self) -> bool {
        self.asked.as_ref().is_some_and(|asked| asked.fetch.is_empty())
    }

    /// A pong was received: it answers a `Look` without rows.
    pub(in crate::core) fn pong(&mut self, replica: &mut Replica) {
        if self.awaits_pong() {
            self.answered(0, replica);
            self.finished(replica);
        }
    }

    /// Whether no `Look` is unanswered and none is due.
    pub(in crate::core) fn is_complete(&self, replica: &Replica) -> bool {
        self.asked.is_none() && self.due(replica).is_none()
    }

    /// The window inside which the server certainly sends every change.
    fn kept(&self) -> Window {
        let kept = match &self.asked {
            Some(asked) if !asked.applied => {
                let start = self.window.start.max(asked.window.start);
                start..self.window.end.min(asked.window.end).max(start)
            }
            _ => self.window.clone(),
        };
        Window::rows(kept)
    }

    /// The wanted window, in the server's positions.
    fn desired(&self, replica: Option<&Replica>) -> Range<u32> {
        match &self.wanted {
            Looking::Nothing => 0..0,
            Looking::Changes | Looking::All => Window::ALL.rows,
            Looking::Rows(rows) => {
                let rows = rows.start..rows.end.max(rows.start);
                let window = Window::rows(rows);
                replica.map_or(window.clone(), |replica| replica.to_confirmed(&window)).rows
            }
        }
    }

    /// The window and the rows of the next `Look`; `None` when none is due.
    fn due(&self, replica: &Replica) -> Option<(Range<u32>, Vec<Range<u32>>)> {
        if self.asked.is_some() {
            return None;
        }
        let window = self.desired(Some(replica));
        let fetch = match self.wanted {
            Looking::Nothing | Looking::Changes => Vec::new(),
            Looking::Rows(_) | Looking::All => missing(replica.confirmed(), &window),
        };
        // Loaded rows are inside the window already, so they need no new window.
        let moves = match self.wanted {
            Looking::Rows(_) => false,
            Looking::Nothing => !self.window.is_empty(),
            Looking::Changes | Looking::All => window != self.window,
        };
        let repeats = |(revision, rows): &(Revision, Vec<Range<u32>>)| {
            *revision == replica.revision() && *rows == fetch
        };
        let unanswerable = self.unanswerable.as_ref().is_some_and(repeats);
        (moves || !fetch.is_empty() && !unanswerable).then_some((window, fetch))
    }
}

/// The first rows of `window` that are not loaded, up to the limits of one `Look`.
fn missing(view: &View, window: &Range<u32>) -> Vec<Range<u32>> {
    let mut ranges = Vec::new();
    let mut left = FETCH_ROWS_MAX;
    for gap in view.unloaded(window.clone()).take(FETCH_RANGES_MAX) {
        let end = gap.end.min(gap.start.saturating_add(left));
        left -= end - gap.start;
        ranges.push(gap.start..end);
        if left == 0 {
            break;
        }
    }
    ranges
}
