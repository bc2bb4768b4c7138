//! Prints random test vectors: requests to the `delta` example, with the answers of this engine.
//!
//! ```text
//! cargo run -p ot-engine --example vectors > ot-engine/tests/vectors/generated.json
//! ```
//!
//! They prove no law. They pin the engine's answers, so that a test notices another build (the browser's) or
//! another release with other answers. Run the program again when answers change on purpose, and read the
//! difference.
//!
//! Invariant: the same engine prints the same vectors.

#![expect(clippy::print_stdout, reason = "what it prints is what it is for")]

#[path = "../delta/answer.rs"]
mod answer;
#[path = "../../tests/support/generate.rs"]
mod generate;
#[path = "../delta/read.rs"]
mod read;
#[path = "../delta/write.rs"]
mod write;

use ot_engine::{Delta, Size};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{RngAlgorithm, TestRng, TestRunner};
use serde_json::{Value as Json, json};

/// Number of cases; each case is a request for each operation.
const CASES: usize = 45;

fn main() {
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(generate::config(1), rng);
    let mut lines = Vec::new();
    for number in 0..CASES {
        let drawn = generate::case().new_tree(&mut runner).expect("nothing is filtered out");
        let (size, first, second, next) = drawn.current();
        for request in requests(size, &first, &second, &next) {
            let answer = answer::answer(request.to_string().as_bytes());
            let name = format!("{} {number}", request["op"].as_str().unwrap_or_default());
            lines.push(json!({ "name": name, "request": request, "answer": answer }).to_string());
        }
    }
    println!("[\n{}\n]", lines.join(",\n"));
}

fn requests(size: Size, first: &Delta, second: &Delta, next: &Delta) -> [Json; 4] {
    let [first, second, next] = [first, second, next].map(|delta| {
        let mut answer = write::delta_answer(delta);
        answer["delta"].take()
    });
    let grid = write::grid_answer(&generate::sheet(size))["grid"].take();
    let size = json!([size.rows, size.cols]);
    [
        json!({ "op": "apply", "grid": grid, "size": size, "delta": first }),
        json!({ "op": "transform", "size": size, "first": first, "second": second }),
        json!({ "op": "compose", "size": size, "first": first, "second": next }),
        json!({ "op": "invert", "grid": grid, "size": size, "delta": second }),
    ]
}
