//! Frames of hostile and of ordinary sessions, checked for their form as the service checks them.
//!
//! Not when they are sent. Invariant: each field takes values inside, at and beyond its range.

use gridloom::convert;
use gridloom::v1::{self, command, run, text_run};
use integration::harness::Random;
use model::{EditGroup, SheetId};
use ot_engine::{AxisDelta, Delta, Limits, Presence, Revision, Sequence, Value, Window};
use sheet::api::message::ClientMessage;
use sheet::ordering::commands;
use sheet::refusal::Refusal;
use uuid::Uuid;

pub(super) const SHEET: SheetId = SheetId(Uuid::from_u128(11));

/// The sheet on which the frames are made.
pub(super) struct Frames {
    pub(super) rows: u32,
    pub(super) columns: u32,
}

impl Frames {
    /// An edit that is always valid.
    pub(super) fn ordinary(&self, random: &mut Random) -> Delta {
        let (row, col) = (random.below(self.rows / 4), random.below(2));
        Delta::set_cell(row, col, f64::from(random.below(1000)))
    }

    /// Any frame. `next` is the number that the session has not used yet, `known` the newest revision.
    pub(super) fn any(&self, random: &mut Random, next: u64, known: u64) -> ClientMessage {
        match random.below(12) {
            0..=4 => self.edit(random, next, known),
            5..=7 => self.commands(random, next),
            8 => self.look(random, known),
            9 => self.present(random, known),
            10 => ClientMessage::Ping(random.any()),
            _ => refused(number(random, next), "edit", "is broken"),
        }
    }

    fn edit(&self, random: &mut Random, next: u64, known: u64) -> ClientMessage {
        let (sequence, base) = (number(random, next), Revision(revision(random, known)));
        match convert::delta_within(self.delta(random), &Limits::DEFAULT) {
            Ok(delta) => ClientMessage::Edit {
                sequence: Sequence(sequence),
                base,
                delta: delta.into(),
                group: EditGroup(random.below(3).into()),
            },
            Err(error) => refused(sequence, &error.field, &error.rule),
        }
    }

    fn delta(&self, random: &mut Random) -> v1::Delta {
        let axis = |random: &mut Random, size: u32| {
            let (at, count, to) = (position(random, size), count(random), position(random, size));
            match random.below(4) {
                0 => AxisDelta::insert(at, count),
                1 => AxisDelta::delete(at, count),
                _ => AxisDelta::move_lines(at, count, to),
            }
        };
        let mut delta = match random.below(6) {
            0 => Delta::rows(axis(random, self.rows)),
            1 => Delta::cols(axis(random, self.columns)),
            2 => {
                let rows = 1 + random.below(30);
                let cells = (0..rows).map(|row| (row, random.below(self.columns + 1)));
                Delta::set_cells(cells.map(|(row, col)| (row, col, Value::from("x"))))
            }
            _ => {
                let (row, col) = (position(random, self.rows), position(random, self.columns));
                Delta::set_cell(row, col, value(random))
            }
        };
        if random.below(8) == 0 {
            delta.columns = vec![ot_engine::ColumnEdit {
                col: position(random, self.columns),
                name: Some("name".into()),
                kind: None,
                width: Some(random.below(5_000)),
                settings: Some("option a\noption b".into()),
            }];
        }
        let mut wire = convert::delta_to_wire(&delta);
        if random.below(4) == 0 {
            wire.texts = vec![self.text(random)];
        }
        if random.below(6) == 0 {
            wire.rows.push(v1::Run { run: Some(run::Run::Keep(random.below(9))) });
        }
        wire
    }

    fn text(&self, random: &mut Random) -> v1::TextEdit {
        let runs = (0..random.below(5)).map(|_| {
            let run = match random.below(3) {
                0 => text_run::Run::Retain(count(random)),
                1 => text_run::Run::Delete(count(random)),
                _ => text_run::Run::Insert("é".into()),
            };
            v1::TextRun { run: Some(run) }
        });
        let runs = runs.collect();
        let (row, col) = (position(random, self.rows), position(random, self.columns));
        v1::TextEdit { row, col, runs }
    }

    fn commands(&self, random: &mut Random, next: u64) -> ClientMessage {
        let sequence = number(random, next);
        let commands = (0..random.below(6))
            .map(|_| v1::Command { command: Some(self.command(random)) })
            .collect();
        let commands = v1::CommandList { commands };
        match commands::check_counts(&commands, &Limits::DEFAULT) {
            Ok(()) => ClientMessage::Commands {
                sequence: Sequence(sequence),
                commands: commands.into(),
                group: EditGroup(random.below(3).into()),
            },
            Err(refusal) => ClientMessage::Refused { sequence: Sequence(sequence), refusal },
        }
    }

    fn command(&self, random: &mut Random) -> command::Command {
        let row = Some(v1::RowRef { row: Some(v1::row_ref::Row::At(position(random, self.rows))) });
        let at = v1::column_ref::Column::At(position(random, self.columns));
        let col = Some(v1::ColumnRef { column: Some(at) });
        let (at, from, count) =
            (position(random, self.rows), position(random, self.rows), count(random));
        let lines = v1::InsertLines { at, count };
        match random.below(8) {
            0 => command::Command::InsertRows(lines),
            1 => command::Command::InsertColumns(lines),
            2 => command::Command::DeleteRows(v1::DeleteLines { at, count }),
            3 => command::Command::MoveRows(v1::MoveLines { from, count, to: at }),
            4 => command::Command::MoveColumns(v1::MoveLines { from, count, to: at }),
            5 => command::Command::ClearCells(v1::ClearCells {
                row,
                col,
                height: count,
                width: from,
            }),
            6 => {
                command::Command::EditText(v1::EditText { row, col, runs: self.text(random).runs })
            }
            _ => {
                let values = vec![v1::Value::default(); 1 + random.below(4) as usize];
                command::Command::SetCells(v1::SetCells {
                    row,
                    col,
                    width: random.below(3),
                    values,
                })
            }
        }
    }

    fn look(&self, random: &mut Random, known: u64) -> ClientMessage {
        let range = |random: &mut Random, size: u32| {
            let start = position(random, size);
            start..start.saturating_add(count(random))
        };
        let fetch = (0..random.below(5)).map(|_| range(random, self.rows)).collect();
        let window = Window { rows: range(random, self.rows), cols: range(random, self.columns) };
        ClientMessage::Look { revision: Revision(revision(random, known)), window, fetch }
    }

    fn present(&self, random: &mut Random, known: u64) -> ClientMessage {
        let cell = (position(random, self.rows), position(random, self.columns));
        let presence = Presence { cursor: Some(cell), ..Presence::default() };
        ClientMessage::Present { revision: Revision(revision(random, known)), presence }
    }
}

fn refused(sequence: u64, field: &str, rule: &str) -> ClientMessage {
    let refusal = Refusal::Malformed { field: field.to_owned(), rule: rule.to_owned() };
    ClientMessage::Refused { sequence: Sequence(sequence), refusal }
}

/// A number of an edit: mostly the next one.
fn number(random: &mut Random, next: u64) -> u64 {
    match random.below(12) {
        0 => 0,
        1 => u64::MAX,
        2 => 1 << 63,
        3 => next.saturating_sub(1),
        4 => next + u64::from(random.below(5)),
        _ => next,
    }
}

fn revision(random: &mut Random, known: u64) -> u64 {
    match random.below(8) {
        0 => 0,
        1 => u64::MAX,
        2 => known + 1 + u64::from(random.below(3)),
        3 => known.saturating_sub(u64::from(random.below(20))),
        _ => known,
    }
}

fn position(random: &mut Random, size: u32) -> u32 {
    match random.below(10) {
        0 => u32::MAX,
        1 => 1 << 30,
        2 => size,
        _ => random.below(size),
    }
}

fn count(random: &mut Random) -> u32 {
    match random.below(16) {
        0 => u32::MAX,
        1 => 50_000_001,
        2 => 0,
        _ => 1 + random.below(3),
    }
}

fn value(random: &mut Random) -> Value {
    match random.below(5) {
        0 => Value::Empty,
        1 => Value::Number(f64::INFINITY),
        2 => Value::Text("x".repeat(70_000).into()),
        3 => Value::Instant(i64::MAX),
        _ => Value::from("text"),
    }
}
