//! The cost of a role on the path of an edit: the owner beside an editor, live and by single calls.
//!
//! Not the change of a role. Invariant: the rounds of all roles alternate, so that a slower machine slows down all alike.

use std::fmt;
use std::time::Instant;

use client::Client;
use client::net::Sheet;
use gridloom::v1;
use gridloom::v1::Role;
use ot_engine::{Delta, Revision};
use serde::Serialize;
use uuid::Uuid;

use super::cpu::{micros_each, server_seconds};
use super::options::Options;
use super::setup::{new_sheet, person, share};
use crate::load::error::LoadError;
use crate::load::measure::clock::to_ticks;
use crate::load::measure::latency::{Latencies, Percentiles};

const ROUNDS: u32 = 5;

/// The edits of one role in one way.
#[derive(Clone, Debug, Serialize)]
pub struct RoleReport {
    /// The role, and the way: live, or by single calls.
    pub name: String,
    /// Microseconds from an edit to its answer.
    pub us: Percentiles,
    /// Microseconds of CPU time of the servers for each edit.
    pub server_us_each: Option<f64>,
}

impl fmt::Display for RoleReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, us, .. } = self;
        write!(f, "edit, {name:<16} p50 {:>8.1} us   p99 {:>8.1} us", us.p50, us.p99)?;
        match self.server_us_each {
            Some(each) => write!(f, "   CPU {each:>7.1} us"),
            None => Ok(()),
        }
    }
}

/// Edits of one role in one way.
struct Lane {
    name: &'static str,
    client: Client,
    /// Its live sheet; `None`: single calls.
    live: Option<Sheet>,
    row: u32,
    latencies: Latencies,
    server: Option<f64>,
}

pub(super) async fn measure(options: &Options) -> Result<Vec<RoleReport>, LoadError> {
    let (owner, editor) = (person(options, 0).await?.0, person(options, 0).await?.0);
    let sheet = new_sheet(&owner).await?;
    share(&owner, &sheet, &editor, Role::Editor).await?;
    let mut lanes = Vec::new();
    for (row, (name, client, is_live)) in (0..).zip([
        ("owner, live", &owner, true),
        ("editor, live", &editor, true),
        ("owner, call", &owner, false),
        ("editor, call", &editor, false),
    ]) {
        let live = match is_live {
            true => Some(client.open(&sheet).await.map_err(fail)?),
            false => None,
        };
        let client = client.clone();
        let latencies = Latencies::new();
        lanes.push(Lane { name, client, live, row, latencies, server: Some(0.0) });
    }
    let each = options.edits.div_ceil(ROUNDS);
    for _ in 0..ROUNDS {
        for lane in &mut lanes {
            lane.round(options, &sheet, each).await?;
        }
    }
    let report = |lane: Lane| RoleReport {
        name: lane.name.to_owned(),
        us: lane.latencies.percentiles(),
        server_us_each: lane.server,
    };
    Ok(lanes.into_iter().map(report).collect())
}

impl Lane {
    async fn round(&mut self, options: &Options, sheet: &str, edits: u32) -> Result<(), LoadError> {
        let before = server_seconds(options)?;
        for number in 0..edits {
            let begun = Instant::now();
            self.edit(sheet, number).await?;
            self.latencies.record(to_ticks(begun.elapsed()));
        }
        let used = micros_each(options, before, u64::from(edits * ROUNDS))?;
        self.server = self.server.zip(used).map(|(sum, used)| sum + used);
        Ok(())
    }

    async fn edit(&self, sheet: &str, number: u32) -> Result<(), LoadError> {
        let value = f64::from(number);
        let Some(live) = &self.live else {
            let delta = Delta::set_cell(self.row, 0, value);
            let (wait, id) = (v1::WaitFor::Accepted, Uuid::new_v4().to_string());
            let base = Revision(0);
            return self
                .client
                .apply_delta(sheet, base, &delta, wait, &id)
                .await
                .map_err(fail)
                .map(drop);
        };
        let ticket = live.set(self.row, 0, value).await.map_err(fail)?;
        ticket.accepted().await.map_err(fail).map(drop)
    }
}

fn fail(error: impl fmt::Display) -> LoadError {
    LoadError::server("an edit", error)
}
