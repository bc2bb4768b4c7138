//! The conditions that the figures of a run hold under.
//!
//! Not all options: only those that a reader of the figures needs. Invariant: every report holds them.

use serde::Serialize;

use super::options::{Options, Windows};

/// The conditions of a run.
#[derive(Clone, Debug, Serialize)]
pub struct Conditions {
    nodes: usize,
    pub(super) writers: u32,
    sheets: u32,
    rows: u32,
    columns: u32,
    readers: u32,
    drain: u32,
    rate: f64,
    in_flight: usize,
    windows: &'static str,
    connections: u32,
    seconds: f64,
}

impl Conditions {
    pub(super) fn new(options: &Options) -> Self {
        Self {
            nodes: options.target.len(),
            writers: options.writers,
            sheets: options.sheets,
            rows: options.rows,
            columns: options.columns,
            readers: options.readers,
            drain: options.drain,
            rate: options.rate,
            in_flight: options.in_flight(),
            windows: match options.windows {
                Windows::Shared => "shared",
                Windows::Disjoint => "disjoint",
            },
            connections: options.connections(),
            seconds: options.seconds,
        }
    }
}
