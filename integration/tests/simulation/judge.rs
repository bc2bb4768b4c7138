//! The verdict on a run: the log holds each accepted edit once, at the revision of its answer, and no other
//! edit; all peers, reads and tables hold the cells that the log makes.
//!
//! Pure. Invariant: each difference is a sentence in `wrong`.

use std::collections::{BTreeMap, BTreeSet};

use model::{Entry, RowBody};
use ot_engine::{ClientId, Revision, Sequence, Size, Value};

use super::peer::{Edit, Peer};
use super::postgres::{Sheet, Tables};

type Name = (ClientId, Sequence);

/// Compares the peers, the log and the tables; adds each difference to `wrong`.
pub(crate) fn judge(
    wrong: &mut Vec<String>,
    peers: &[Peer],
    tables: &Tables,
    (rows, columns): (u32, u32),
) {
    peers.iter().for_each(|peer| wrong.extend(peer.wrong.iter().cloned()));
    let sheets: BTreeSet<_> = peers.iter().map(|peer| peer.sheet).collect();
    for id in sheets {
        let sheet = tables.sheet(id);
        let peers: Vec<&Peer> = peers.iter().filter(|peer| peer.sheet == id).collect();
        let edits = peers.iter().flat_map(|peer| peer.edits.iter());
        let edits: BTreeMap<Name, Edit> = edits.map(|(name, edit)| (*name, *edit)).collect();
        check_log(wrong, &sheet.log);
        check_answers(wrong, &sheet.log, &edits);
        check_times(wrong, &edits);
        check_seen(wrong, &sheet.log, &peers);
        check_reads(wrong, &sheet.log, &peers, Size::new(rows, columns));
        check_cells(wrong, &sheet, &peers, Size::new(rows, columns));
    }
}

/// Revisions are 1, 2, 3, ..., and no name comes twice.
fn check_log(wrong: &mut Vec<String>, log: &[Entry]) {
    let mut names = BTreeSet::new();
    for (entry, at) in log.iter().zip(1..) {
        if entry.revision != Revision(at) {
            wrong.push(format!("the log has {} in place of {at}", entry.revision));
        }
        if !names.insert((entry.client, entry.sequence)) {
            wrong.push(format!("{} of {} is in the log twice", entry.sequence, entry.client));
        }
    }
}

fn check_answers(wrong: &mut Vec<String>, log: &[Entry], edits: &BTreeMap<Name, Edit>) {
    let logged: BTreeMap<Name, Revision> =
        log.iter().map(|entry| ((entry.client, entry.sequence), entry.revision)).collect();
    for (name, edit) in edits {
        let found = logged.get(name).copied();
        match edit.answer {
            Some((_, Some(accepted))) if found != Some(accepted) => {
                wrong.push(format!("{name:?} was accepted at {accepted}, the log has {found:?}"));
            }
            Some((_, None)) if found.is_some() => {
                wrong.push(format!("{name:?} was refused, the log has it at {found:?}"));
            }
            _ => {}
        }
    }
    let foreign = logged.iter().filter(|(name, _)| !edits.contains_key(name));
    wrong.extend(foreign.map(|(name, at)| format!("no peer made {name:?} at {at}")));
}

/// An edit that was answered before another one was made has the smaller revision.
fn check_times(wrong: &mut Vec<String>, edits: &BTreeMap<Name, Edit>) {
    let accepted: Vec<(u64, u64, Revision)> = edits
        .values()
        .filter_map(|edit| {
            let (answered, revision) = edit.answer?;
            Some((edit.begun, answered, revision?))
        })
        .collect();
    for (_, answered, before) in &accepted {
        let late = accepted.iter().find(|(begun, _, after)| answered < begun && after <= before);
        wrong.extend(
            late.map(|(_, _, after)| format!("{after} was made after the answer to {before}")),
        );
    }
}

/// Each change that a peer received is the one of the log.
fn check_seen(wrong: &mut Vec<String>, log: &[Entry], peers: &[&Peer]) {
    let times: BTreeMap<Revision, i64> =
        log.iter().map(|entry| (entry.revision, entry.at_micros)).collect();
    for (revision, time) in peers.iter().flat_map(|peer| &peer.seen) {
        if times.get(revision) != Some(time) {
            wrong.push(format!("a peer received another {revision} than the log has"));
        }
    }
}

/// Each read has the cells that the log makes up to its revision.
fn check_reads(wrong: &mut Vec<String>, log: &[Entry], peers: &[&Peer], size: Size) {
    let mut reads: Vec<_> = peers.iter().flat_map(|peer| &peer.read).collect();
    reads.sort_by_key(|(revision, _)| *revision);
    let (mut played, mut log) = (ot_engine::Sheet::new(size), log.iter().peekable());
    for (revision, cells) in reads {
        while let Some(entry) = log.next_if(|entry| entry.revision <= *revision) {
            played.apply(&entry.delta);
        }
        if *cells != played.rows {
            wrong.push(format!("at {revision} other cells were read than the log makes"));
        }
    }
}

/// The log, the tables and every view hold the same cells.
fn check_cells(wrong: &mut Vec<String>, sheet: &Sheet, peers: &[&Peer], size: Size) {
    let mut played = ot_engine::Sheet::new(size);
    sheet.log.iter().for_each(|entry| played.apply(&entry.delta));
    if stored(sheet) != played.rows {
        wrong.push(format!(
            "the tables hold another sheet than the log makes ({:?})",
            played.size()
        ));
    }
    for peer in peers {
        let Some(view) = peer.live.view() else { continue };
        let (rows, cols) = (view.size().rows, view.size().cols);
        let row = |row| (0..cols).map(|col| view.get(row, col).cloned()).collect();
        let seen: Option<Vec<Vec<Value>>> = (0..rows).map(row).collect();
        if seen.as_ref() != Some(&played.rows) {
            wrong.push("a peer sees another sheet than the log makes".to_owned());
        }
    }
}

/// The cells in the tables, in the order of rows and columns.
fn stored(sheet: &Sheet) -> Vec<Vec<Value>> {
    let ids = sheet.record.spans.iter().flat_map(|span| {
        (span.start.0..span.start.0 + u64::from(span.length)).map(ot_engine::RowId)
    });
    let empty = RowBody::default();
    ids.map(|id| {
        let body = sheet.rows.get(&id).unwrap_or(&empty);
        sheet.record.columns.iter().map(|column| body.get(column.id).clone()).collect()
    })
    .collect()
}
