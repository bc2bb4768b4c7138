//! Formats what the steps of a job have cost, as cells of a table or as JSON.
//!
//! It reads nothing from the server. Invariant: a text of the server adds no line, and the JSON keys stay stable.

use gridloom::v1::JobStep;
use serde_json::{Value as Json, json};

use super::columns::{Cell, shown};
use super::files::size;

/// Most characters of a name or a place that are shown in a table; JSON has all of them.
const TEXT_CHARS_MAX: usize = 40;
const MICROS_OF_SECOND: u64 = 1_000_000;
const SECONDS_OF_MINUTE: u64 = 60;

/// The head of a table of steps.
pub(crate) fn step_head() -> Vec<Cell> {
    let left = |text: &str| (text.to_owned(), false);
    let right = |text: &str| (text.to_owned(), true);
    vec![
        left("STEP"),
        left("PLACE"),
        right("TASKS"),
        right("ROWS"),
        right("BYTES"),
        right("TIME"),
        right("CPU"),
        right("MEMORY"),
        right("SPILLED"),
    ]
}

/// A step as cells of a table. What it has none of is empty.
pub(crate) fn step_cells(step: &JobStep) -> Vec<Cell> {
    let bytes = |bytes: u64| (if bytes == 0 { String::new() } else { size(bytes) }, true);
    let tasks = match step.tasks_done {
        done if done >= step.tasks => step.tasks.to_string(),
        done => format!("{done} of {}", step.tasks),
    };
    vec![
        (shown(&step.name, TEXT_CHARS_MAX), false),
        (shown(&step.place, TEXT_CHARS_MAX), false),
        (tasks, true),
        (step.rows.to_string(), true),
        bytes(step.bytes),
        (duration(step.elapsed_micros), true),
        (duration(step.busy_micros), true),
        bytes(step.memory_bytes),
        bytes(step.spilled_bytes),
    ]
}

/// A time for a person.
fn duration(micros: u64) -> String {
    let seconds = micros / MICROS_OF_SECOND;
    match seconds {
        0 => format!("{} ms", micros / 1_000),
        1..SECONDS_OF_MINUTE => format!("{seconds}.{} s", micros % MICROS_OF_SECOND / 100_000),
        _ => format!("{} min {} s", seconds / SECONDS_OF_MINUTE, seconds % SECONDS_OF_MINUTE),
    }
}

pub(crate) fn step_json(step: &JobStep) -> Json {
    json!({
        "name": step.name,
        "place": step.place,
        "tasks": step.tasks,
        "tasks_done": step.tasks_done,
        "rows": step.rows,
        "bytes": step.bytes,
        "elapsed_micros": step.elapsed_micros,
        "busy_micros": step.busy_micros,
        "spilled_bytes": step.spilled_bytes,
        "memory_bytes": step.memory_bytes,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cells_of_a_step_stand_below_their_heads() {
        let step = JobStep {
            name: "sort".to_owned(),
            place: "a\nb".to_owned(),
            tasks: 2,
            tasks_done: 1,
            rows: 7,
            elapsed_micros: 1_250_000,
            spilled_bytes: 1024,
            ..JobStep::default()
        };
        let cells = step_cells(&step);
        assert_eq!(cells.len(), step_head().len());
        let texts: Vec<&str> = cells.iter().map(|(text, _)| text.as_str()).collect();
        assert_eq!(texts, ["sort", "a b", "1 of 2", "7", "", "1.2 s", "0 ms", "", "1 KiB"]);
        assert_eq!(step_json(&step)["spilled_bytes"], 1024);
        assert_eq!(step_cells(&JobStep { tasks_done: 2, ..step })[2].0, "2");
    }

    #[test]
    fn a_time_has_the_unit_that_shows_it_best() {
        assert_eq!(duration(999_999), "999 ms");
        assert_eq!(duration(59_960_000), "59.9 s");
        assert_eq!(duration(3_725_000_000), "62 min 5 s");
    }
}
