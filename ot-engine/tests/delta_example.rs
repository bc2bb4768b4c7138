//! The JSON form of the `delta` example: the vectors on disk, and arbitrary requests.
//!
//! Invariant: every request has an answer.

#[path = "../examples/delta/answer.rs"]
mod answer;
#[path = "../examples/delta/read.rs"]
mod read;
#[path = "../examples/delta/write.rs"]
mod write;

use std::fs;
use std::path::Path;

use proptest::prelude::*;
use serde_json::{Value as Json, json};

fn ask(request: &Json) -> Json {
    answer::answer(request.to_string().as_bytes())
}

/// Every vector on disk, with the name of its file.
fn vectors() -> Vec<(String, Json)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors");
    let mut vectors = Vec::new();
    for file in fs::read_dir(folder).expect("the folder of vectors") {
        let path = file.expect("a file").path();
        let text = fs::read_to_string(&path).expect("readable");
        let list: Vec<Json> = serde_json::from_str(&text).expect("a JSON list");
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        vectors.extend(list.into_iter().map(|vector| (name.clone(), vector)));
    }
    vectors
}

#[test]
fn vectors_are_answered() {
    let vectors = vectors();
    for (file, vector) in &vectors {
        let name = &vector["name"];
        assert_eq!(ask(&vector["request"]), vector["answer"], "{name} in {file}");
    }
    assert!(vectors.len() > 200, "only {} vectors", vectors.len());
}

/// The laws on the vectors: transformed deltas lead to one grid, a composed delta has the effect of its
/// parts, an inverse undoes.
#[test]
fn vectors_keep_the_laws() {
    let mut kept = 0;
    for (file, vector) in vectors() {
        let (request, answer) = (&vector["request"], &vector["answer"]);
        let (first, second) = (&request["first"], &request["second"]);
        let (one, other) = match request["op"].as_str() {
            _ if answer["error"].is_string() => continue,
            Some("transform") => {
                let grid = numbered(&request["size"]);
                let other = path(&grid, &[second, &answer["first"]]);
                (path(&grid, &[first, &answer["second"]]), other)
            }
            Some("compose") => {
                let grid = numbered(&request["size"]);
                (path(&grid, &[first, second]), path(&grid, &[&answer["delta"]]))
            }
            Some("invert") => {
                let grid = &request["grid"];
                (path(grid, &[&request["delta"], &answer["delta"]]), path(grid, &[]))
            }
            _ => continue,
        };
        if let (Some(one), Some(other)) = (one, other) {
            assert_eq!(one, other, "{} in {file}", vector["name"]);
            kept += 1;
        }
    }
    assert!(kept > 100, "only {kept} vectors have a law");
}

/// A grid whose cells contain their first positions.
fn numbered(size: &Json) -> Json {
    let size = |i: usize| size[i].as_u64().expect("a size");
    let row = |r| (0..size(1)).map(|c| json!(format!("{r}:{c}"))).collect::<Json>();
    (0..size(0)).map(row).collect()
}

/// The grid after consecutive deltas. `None` when it has no rows in between, because such a grid does not
/// show its columns.
fn path(grid: &Json, deltas: &[&Json]) -> Option<Json> {
    let has_rows = |grid: &Json| grid.as_array().is_some_and(|rows| !rows.is_empty());
    let mut grid = Some(grid.clone()).filter(has_rows)?;
    for delta in deltas {
        let mut answer = ask(&json!({ "op": "apply", "grid": grid, "delta": delta }));
        assert!(answer["grid"].is_array(), "{answer}");
        grid = Some(answer["grid"].take()).filter(has_rows)?;
    }
    Some(grid)
}

#[test]
fn deep_and_odd_requests_are_refused() {
    let deep = "[".repeat(100_000);
    let odd = [
        deep.as_str(),
        "",
        "\n",
        "null",
        "[]",
        "{}",
        "{\"op\":1}",
        "{\"op\":\"fly\"}",
        "{\"op\":\"apply\"}",
        "{\"op\":\"apply\",\"grid\":[[1e999]],\"delta\":{}}",
        "{\"op\":\"apply\",\"grid\":[[1]],\"delta\":{\"rows\":[{\"insert\":4294967295}]}}",
        "{\"op\":\"apply\",\"grid\":[[1]],\"delta\":{\"rows\":[{\"insert\":40000000}]}}",
        "{\"op\":\"apply\",\"grid\":[[1]],\"delta\":{\"rows\":[{\"keep\":99999999999}]}}",
        "{\"op\":\"apply\",\"grid\":[[1]],\"delta\":{\"rows\":[{\"keep\":4294967295},{\"keep\":4294967295}]}}",
        "{\"op\":\"apply\",\"grid\":[],\"delta\":{\"cells\":[{\"row\":0,\"col\":4294967295,\"set\":1}]}}",
        "{\"op\":\"transform\",\"size\":[1,1,1],\"first\":{},\"second\":{}}",
        "{\"op\":\"transform\",\"size\":[-1,1],\"first\":{},\"second\":{}}",
        "{\"op\":\"invert\",\"grid\":[[1],[1,2]],\"delta\":{}}",
    ];
    for request in odd {
        let answer = answer::answer(request.as_bytes());
        assert!(answer["error"].is_string(), "{answer}");
    }
    assert!(answer::answer(&[0xff, 0xfe])["error"].is_string());
}

fn arbitrary_json() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        (0_u32..6).prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        any::<f64>().prop_map(Json::from),
        "[a-z]{0,3}".prop_map(Json::from),
    ];
    let name = prop::sample::select(vec![
        "rows", "cols", "cells", "columns", "keep", "delete", "insert", "drop", "lift", "slot",
        "count", "row", "col", "set", "name", "kind", "width", "datetime", "text", "retain",
    ]);
    leaf.prop_recursive(5, 40, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Json::from),
            prop::collection::vec((name.clone(), inner), 0..4).prop_map(|fields| {
                fields.into_iter().map(|(name, json)| (name.to_owned(), json)).collect()
            }),
        ]
    })
}

fn arbitrary_run() -> impl Strategy<Value = Json> {
    (0_usize..5, 0_u32..4, 0_u32..3).prop_map(|(kind, count, slot)| match kind {
        0 => json!({ "keep": count }),
        1 => json!({ "delete": count }),
        2 => json!({ "insert": count }),
        3 => json!({ "drop": slot }),
        _ => json!({ "lift": { "slot": slot, "count": count } }),
    })
}

fn arbitrary_cell() -> impl Strategy<Value = Json> {
    let step = prop_oneof![
        (0_u32..4).prop_map(|count| json!({ "retain": count })),
        (0_u32..4).prop_map(|count| json!({ "delete": count })),
        "[a-zé]{0,2}".prop_map(|new| json!({ "insert": new })),
    ];
    let edit = prop_oneof![
        any::<u8>().prop_map(|value| ("set", json!(value))),
        prop::collection::vec(step, 0..4).prop_map(|steps| ("text", json!(steps))),
    ];
    (0_u32..3, 0_u32..3, edit)
        .prop_map(|(row, col, (kind, edit))| json!({ "row": row, "col": col, kind: edit }))
}

proptest! {
    // Three requests each: more than 10,000.
    #![proptest_config(ProptestConfig { cases: 3400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_request_has_an_answer(
        op in prop::sample::select(vec!["apply", "transform", "compose", "invert"]),
        first in arbitrary_json(),
        second in arbitrary_json(),
        runs in prop::collection::vec(arbitrary_run(), 0..6),
        others in prop::collection::vec(arbitrary_run(), 0..6),
        cells in prop::collection::vec(arbitrary_cell(), 0..4),
        more_cells in prop::collection::vec(arbitrary_cell(), 0..4),
    ) {
        let runs = json!({ "rows": runs, "cells": cells });
        let others = json!({ "rows": others, "cols": others, "cells": more_cells });
        for (first, second) in [(&first, &second), (&runs, &others), (&runs, &first)] {
            let request = match op {
                "apply" | "invert" => json!({ "op": op, "grid": [["abc", "é"], [3, null]], "delta": first }),
                _ => json!({ "op": op, "size": [3, 2], "first": first, "second": second }),
            };
            prop_assert!(ask(&request).is_object());
        }
    }
}
