//! Places that the page holds: doors to [`LiveSheet::hold`](client::core::LiveSheet::hold) and its kin.

use client::core::{Cause, Gone};
use ot_engine::Window;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::engine::Engine;

/// Why a held place is no more.
#[wasm_bindgen(getter_with_clone)]
#[derive(Debug)]
pub struct Lost {
    /// Its rows are gone; otherwise its columns.
    pub rows: bool,
    /// `own`, `other`, `refused` (the server refused the edit that had made it) or `afresh` (the sheet
    /// was loaded afresh).
    pub cause: String,
    /// The account that deleted it, for `other`.
    pub author: Option<String>,
}

impl Lost {
    fn new(gone: &Gone) -> Self {
        let (rows, cause) = match gone {
            Gone::Rows(cause) => (true, Some(cause)),
            Gone::Columns(cause) => (false, Some(cause)),
            Gone::Resynced => (true, None),
        };
        let (word, author) = match cause {
            Some(Cause::Own) => ("own", None),
            Some(Cause::Other(author)) => ("other", Some(author.to_string())),
            Some(Cause::Refused) => ("refused", None),
            None => ("afresh", None),
        };
        Self { rows, cause: word.to_owned(), author }
    }
}

#[wasm_bindgen]
impl Engine {
    /// Holds rectangles (row, column, height, width, row, ...); gives the number to ask by, or nothing
    /// when too many are held or one of them is empty.
    pub fn hold(&mut self, places: &[u32]) -> Option<u32> {
        let places = places.chunks_exact(4).map(|place| Window {
            rows: place[0]..place[0].saturating_add(place[2]),
            cols: place[1]..place[1].saturating_add(place[3]),
        });
        self.live.hold(places.collect())
    }

    /// Where the places of a hold are now, as they were given; the height and width of those that are
    /// gone are 0.
    #[must_use]
    pub fn held(&self, hold: u32) -> Vec<u32> {
        let place = |held: &Result<Window, Gone>| match held {
            Ok(Window { rows, cols }) => {
                [rows.start, cols.start, rows.end - rows.start, cols.end - cols.start]
            }
            Err(_) => [0; 4],
        };
        self.live.held(hold).iter().flat_map(place).collect()
    }

    /// Why the first place of a hold that is gone is gone; nothing while all of them stand.
    #[must_use]
    pub fn lost(&self, hold: u32) -> Option<Lost> {
        self.live.held(hold).iter().find_map(|held| held.as_ref().err()).map(Lost::new)
    }

    /// Lets go of a hold.
    pub fn release(&mut self, hold: u32) {
        self.live.release(hold);
    }
}
