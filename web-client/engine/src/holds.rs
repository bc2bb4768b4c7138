//! Holds of the page: each method calls [`LiveSheet::hold`](client::core::LiveSheet::hold) or a related one.

use client::core::{Cause, Removed};
use ot_engine::Window;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::engine::Engine;

/// Why a held area is lost.
#[wasm_bindgen(getter_with_clone)]
#[derive(Debug)]
pub struct Lost {
    /// True when its rows were deleted; otherwise its columns were.
    pub rows: bool,
    /// `own`, `other`, `refused` (the server refused the edit that had inserted it) or `reloaded` (the sheet
    /// was loaded again from the start).
    pub cause: String,
    /// The account that deleted it, for `other`.
    pub author: Option<String>,
}

impl Lost {
    fn new(gone: &Removed) -> Self {
        let (rows, cause) = match gone {
            Removed::Rows(cause) => (true, Some(cause)),
            Removed::Columns(cause) => (false, Some(cause)),
            Removed::Resynced => (true, None),
        };
        let (word, author) = match cause {
            Some(Cause::Own) => ("own", None),
            Some(Cause::Other(author)) => ("other", Some(author.to_string())),
            Some(Cause::Refused) => ("refused", None),
            None => ("reloaded", None),
        };
        Self { rows, cause: word.to_owned(), author }
    }
}

#[wasm_bindgen]
impl Engine {
    /// Holds rectangles (row, column, height, width, row, ...). Returns the number of the hold, or nothing when
    /// there are too many holds or a rectangle is empty.
    pub fn hold(&mut self, places: &[u32]) -> Option<u32> {
        let places = places.chunks_exact(4).map(|place| Window {
            rows: place[0]..place[0].saturating_add(place[2]),
            cols: place[1]..place[1].saturating_add(place[3]),
        });
        self.live.hold(places.collect())
    }

    /// The present positions of a hold's rectangles, in their original order. A lost one has height and width 0.
    #[must_use]
    pub fn held(&self, hold: u32) -> Vec<u32> {
        let place = |held: &Result<Window, Removed>| match held {
            Ok(Window { rows, cols }) => {
                [rows.start, cols.start, rows.end - rows.start, cols.end - cols.start]
            }
            Err(_) => [0; 4],
        };
        self.live.held(hold).iter().flat_map(place).collect()
    }

    /// Why the first lost rectangle of a hold is lost; nothing while none is.
    #[must_use]
    pub fn lost(&self, hold: u32) -> Option<Lost> {
        self.live.held(hold).iter().find_map(|held| held.as_ref().err()).map(Lost::new)
    }

    /// Releases a hold.
    pub fn release(&mut self, hold: u32) {
        self.live.release(hold);
    }
}
