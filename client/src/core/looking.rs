//! What the client looks at, what the server was told of it, and what is still to be fetched.
//!
//! Cells outside the window of which the server tells changes would grow stale, so they are
//! forgotten. While a `Look` is on the way, nobody here can know whether a change was cut to the old
//! window or the new one: only what is inside both is kept until the answer comes. For the same
//! reason only one `Look` is on the way at a time; the newest wish goes next.

use std::ops::Range;

use gridloom::convert::range_to_wire;
use gridloom::v1;
use ot_engine::{Delta, Replica, Revision, View, Window};

/// Rows that one `Look` asks for at most: a whole sheet is loaded in pieces, so that a change of
/// mind does not wait behind it.
const FETCH_ROWS_MAX: u32 = 5_000;
/// Ranges that one `Look` asks for at most.
const FETCH_RANGES_MAX: usize = 64;

/// What a client wants to see. Rows always come with all their columns.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Looking {
    /// No cells, and no changes of cells: to write only.
    #[default]
    Nothing,
    /// All changes as they happen, but no cells: to follow along.
    Changes,
    /// These rows, in positions of the view. They are positions, not lines: when lines move, the
    /// rows that now stand here are fetched.
    Rows(Range<u32>),
    /// The whole sheet.
    All,
}

/// A `Look` on the way.
#[derive(Clone, Debug)]
struct Asked {
    /// Its window, carried forward since it was sent.
    window: Range<u32>,
    /// The rows that it asks for; if none, the pong behind it is its answer.
    fetch: Vec<Range<u32>>,
    /// Whether the server has begun to answer it: from there on its window holds.
    taken: bool,
    /// Rows that came for it.
    rows: usize,
}

/// See the [module](self). Ranges are in the server's positions at the replica's revision.
#[derive(Debug)]
pub(super) struct Sight {
    wanted: Looking,
    /// What the server cuts changes to, apart from a `Look` on the way.
    window: Range<u32>,
    asked: Option<Asked>,
    /// These rows were asked for, and at this revision nothing came: asking for the same again at
    /// once would go round in circles.
    in_vain: Option<(Revision, Vec<Range<u32>>)>,
}

impl Sight {
    pub(super) const fn new(wanted: Looking) -> Self {
        Self { wanted, window: 0..0, asked: None, in_vain: None }
    }

    pub(super) fn want(&mut self, wanted: Looking) {
        self.wanted = wanted;
        self.in_vain = None;
    }

    /// A new connection begins: the window to open it with.
    pub(super) fn begin(&mut self, replica: Option<&mut Replica>) -> Window {
        self.asked = None;
        self.in_vain = None;
        self.window = self.desired(replica.as_deref());
        if let Some(replica) = replica {
            replica.set_window(Window::rows(self.window.clone()));
        }
        Window::rows(self.window.clone())
    }

    /// The view starts afresh: what was known is gone, the window is what the server was told.
    pub(super) fn restart(&mut self, replica: &mut Replica) {
        if let Some(asked) = self.asked.take() {
            self.window = asked.window;
        }
        self.in_vain = None;
        replica.set_window(Window::rows(self.window.clone()));
    }

    /// A change of the server's state: windows go along, and what is not told any more is forgotten.
    pub(super) fn carry(&mut self, delta: &Delta, replica: &mut Replica) {
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

    /// The `Look` that is due, and notes it as sent.
    pub(super) fn ask(&mut self, replica: &mut Replica) -> Option<v1::Look> {
        let (window, fetch) = self.due(replica)?;
        let revision = replica.revision().0;
        let told = match fetch.is_empty() {
            false => fetch.iter().map(range_to_wire).collect(),
            // No range would mean all rows; none of them is said by an empty one.
            true => vec![v1::Range::default()],
        };
        self.asked = Some(Asked { window: window.clone(), fetch, taken: false, rows: 0 });
        replica.set_window(self.kept());
        Some(v1::Look {
            revision,
            window: Some(gridloom::convert::window_to_wire(&Window::rows(window))),
            fetch: told,
        })
    }

    /// Rows came. Gives whether they belong to a `Look` of this connection.
    pub(super) fn answered(&mut self, rows: usize, replica: &mut Replica) {
        let Some(asked) = &mut self.asked else { return };
        asked.rows += rows;
        if !asked.taken {
            asked.taken = true;
            self.window = asked.window.clone();
            replica.set_window(Window::rows(self.window.clone()));
        }
    }

    /// The last frame that answers a `Look` has come.
    pub(super) fn finished(&mut self, replica: &Replica) {
        if let Some(asked) = self.asked.take() {
            let in_vain = !asked.fetch.is_empty() && asked.rows == 0;
            self.in_vain = in_vain.then(|| (replica.revision(), asked.fetch));
        }
    }

    /// Whether a `Look` is on the way that only a pong answers.
    pub(super) fn awaits_pong(&self) -> bool {
        self.asked.as_ref().is_some_and(|asked| asked.fetch.is_empty())
    }

    /// A pong came: a `Look` that asked for no rows has been taken.
    pub(super) fn pong(&mut self, replica: &mut Replica) {
        if self.awaits_pong() {
            self.answered(0, replica);
            self.finished(replica);
        }
    }

    /// Whether nothing is to be asked or awaited.
    pub(super) fn is_settled(&self, replica: &Replica) -> bool {
        self.asked.is_none() && self.due(replica).is_none()
    }

    /// The window inside which every change is told, whatever the server has taken so far.
    fn kept(&self) -> Window {
        let kept = match &self.asked {
            Some(asked) if !asked.taken => {
                let start = self.window.start.max(asked.window.start);
                start..self.window.end.min(asked.window.end).max(start)
            }
            _ => self.window.clone(),
        };
        Window::rows(kept)
    }

    /// The window to look at, in the server's positions.
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

    /// The window and the rows that the server should be asked for now.
    fn due(&self, replica: &Replica) -> Option<(Range<u32>, Vec<Range<u32>>)> {
        if self.asked.is_some() {
            return None;
        }
        let window = self.desired(Some(replica));
        let fetch = match self.wanted {
            Looking::Nothing | Looking::Changes => Vec::new(),
            Looking::Rows(_) | Looking::All => missing(replica.confirmed(), &window),
        };
        // Rows that are loaded are inside the window already: no need to move it for them.
        let moves = match self.wanted {
            Looking::Rows(_) => false,
            Looking::Nothing => !self.window.is_empty(),
            Looking::Changes | Looking::All => window != self.window,
        };
        let again = |(revision, rows): &(Revision, Vec<Range<u32>>)| {
            *revision == replica.revision() && *rows == fetch
        };
        let in_vain = self.in_vain.as_ref().is_some_and(again);
        (moves || !fetch.is_empty() && !in_vain).then_some((window, fetch))
    }
}

/// The first rows of `window` that are not loaded, as far as one `Look` asks.
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
