//! Answers the engine's test vectors with the WebAssembly build of the engine.
//!
//! For tests only, and a module of its own, because the browser's module has no JSON parser. It uses the files of
//! the engine's `delta` example to read requests and to write answers. So only the build can differ: the
//! compiler and its settings are those of the browser's module.
//!
//! Invariant: each request has one answer, whatever it contains.

#[path = "../../../../ot-engine/examples/delta/answer.rs"]
mod answer;
#[path = "../../../../ot-engine/examples/delta/read.rs"]
mod read;
#[path = "../../../../ot-engine/examples/delta/write.rs"]
mod write;

use wasm_bindgen::prelude::wasm_bindgen;

/// Answers one request; both are JSON.
#[wasm_bindgen]
#[must_use]
pub fn answer(request: &str) -> String {
    answer::answer(request.as_bytes()).to_string()
}
