//! The engine's test vectors, answered by the engine as WebAssembly.
//!
//! For tests only, and a module of its own: what a browser downloads reads no JSON. The requests are
//! read and the answers written by the files of the engine's `delta` example, so that all that can
//! differ from it is the engine, built with the compiler and the settings that the browser's is.
//!
//! Invariant: one request in, one answer out, whatever the request is.

#[path = "../../../../ot-engine/examples/delta/answer.rs"]
mod answer;
#[path = "../../../../ot-engine/examples/delta/read.rs"]
mod read;
#[path = "../../../../ot-engine/examples/delta/write.rs"]
mod write;

use wasm_bindgen::prelude::wasm_bindgen;

/// The answer to one request, both as JSON.
#[wasm_bindgen]
#[must_use]
pub fn answer(request: &str) -> String {
    answer::answer(request.as_bytes()).to_string()
}
