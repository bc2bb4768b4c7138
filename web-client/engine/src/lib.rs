//! The engine as the browser loads it: the client's session core behind JavaScript classes.
//!
//! What it is not: a second implementation. It holds no rule of its own, opens no socket, reads no
//! clock and draws no random number; the page does that and hands over the bytes.
//!
//! Invariant: nothing that the page passes in can trap the module; bad input is a thrown error.

use wasm_bindgen::prelude::wasm_bindgen;

/// The version of the engine, so that a page can tell which build it runs on.
#[wasm_bindgen]
#[must_use]
pub fn version() -> String {
    env!("CARGO_PKG_VERSION").to_owned()
}
