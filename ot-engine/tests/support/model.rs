//! A slow model of the merged axis: line by line, without runs, lookups or residuals.
//!
//! It shares no code with the engine, only the meaning of a run.
//!
//! Invariant: the model follows the rules in `axis/merge.rs` literally.

#![allow(dead_code, reason = "no test file that shares this module needs all of it")]

use ot_engine::{AxisDelta, Run};

/// A line, by its origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Item {
    Old(usize),
    /// The n-th line that the earlier (false) or later (true) delta inserts.
    New(bool, usize),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Keep,
    Delete,
    Lift(u32),
}

#[derive(Clone, Copy, Debug)]
enum Placed {
    Line(usize),
    Block(u32),
}

/// A delta line by line: the state of each old line, and the placements at each boundary.
struct Spelled {
    fates: Vec<Fate>,
    places: Vec<Vec<Placed>>,
}

fn spell(delta: &AxisDelta, len: usize) -> Spelled {
    let mut spelled = Spelled { fates: Vec::new(), places: vec![Vec::new(); len + 1] };
    let mut inserted = 0;
    for run in delta.runs() {
        let at = spelled.fates.len();
        match *run {
            Run::Keep(count) => spelled.fates.extend(vec![Fate::Keep; count as usize]),
            Run::Delete(count) => spelled.fates.extend(vec![Fate::Delete; count as usize]),
            Run::Lift { slot, count } => {
                spelled.fates.extend(vec![Fate::Lift(slot); count as usize]);
            }
            Run::Insert { count, .. } => {
                for _ in 0..count {
                    spelled.places[at].push(Placed::Line(inserted));
                    inserted += 1;
                }
            }
            Run::Drop { slot } => spelled.places[at].push(Placed::Block(slot)),
        }
    }
    spelled.fates.resize(len, Fate::Keep);
    spelled
}

impl Spelled {
    fn lifts_across(&self, boundary: usize) -> bool {
        boundary > 0
            && boundary < self.fates.len()
            && matches!(self.fates[boundary], Fate::Lift(_))
            && self.fates[boundary - 1] == self.fates[boundary]
    }
}

/// The merged axis.
pub(crate) fn merged(earlier: &AxisDelta, later: &AxisDelta, len: usize) -> Vec<Item> {
    let sides = [spell(earlier, len), spell(later, len)];
    let mut items = Vec::new();
    for boundary in 0..=len {
        for side in [0, 1] {
            let (mine, other) = (&sides[side], &sides[1 - side]);
            for placed in &mine.places[boundary] {
                match *placed {
                    Placed::Line(_) if other.lifts_across(boundary) => {}
                    Placed::Line(n) => items.push(Item::New(side == 1, n)),
                    Placed::Block(slot) => block(&sides, side, slot, &mut items),
                }
            }
        }
        let stays = |side: &Spelled| side.fates.get(boundary) == Some(&Fate::Keep);
        if sides.iter().all(stays) {
            items.push(Item::Old(boundary));
        }
    }
    items
}

fn block(sides: &[Spelled; 2], side: usize, slot: u32, items: &mut Vec<Item>) {
    let (mine, other) = (&sides[side], &sides[1 - side]);
    for line in 0..mine.fates.len() {
        if mine.fates[line] != Fate::Lift(slot) {
            continue;
        }
        if mine.lifts_across(line) {
            for placed in &other.places[line] {
                if let Placed::Line(n) = *placed {
                    items.push(Item::New(side == 0, n));
                }
            }
        }
        let lost = match other.fates[line] {
            Fate::Keep => false,
            Fate::Delete => true,
            Fate::Lift(_) => side == 0,
        };
        if !lost {
            items.push(Item::Old(line));
        }
    }
}

/// The items after the engine applies a delta.
pub(crate) fn applied(items: Vec<Item>, delta: &AxisDelta, later: bool) -> Vec<Item> {
    // A residual can have the inserts in another order; their ids identify them.
    delta.apply_to_vec(items, |id| Item::New(later, id.map_or(usize::MAX, |id| id.0 as usize)))
}

/// The delta with its inserted lines numbered 0, 1, 2, ...
pub(crate) fn numbered(delta: &AxisDelta) -> AxisDelta {
    let mut next = 0;
    AxisDelta::from_runs(delta.runs().iter().map(|run| match *run {
        Run::Insert { count, .. } => {
            let first = Some(ot_engine::LineId(next));
            next += u64::from(count);
            Run::Insert { count, first }
        }
        other => other,
    }))
}
