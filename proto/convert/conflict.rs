//! Converts conflicts to the wire; a client shows them and never sends them.
//!
//! It finds no conflicts; the engine does. Invariant: the conflicts of an answer fit the given bytes.

use ot_engine::{Attribute, Conflict, Content, Edit, Reason, TextRun, Value};

use super::columns::kind_to_wire;
use super::size::conflict_bytes_most;
use super::text::text_to_wire;
use super::value::value_to_wire;
use crate::v1;
use crate::v1::conflict::Reason as WireReason;

/// The conflicts of one answer, up to a size.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Conflicts {
    /// The first conflicts.
    pub listed: Vec<v1::Conflict>,
    /// Number of further conflicts.
    pub left_out: u32,
}

impl Conflicts {
    /// The first conflicts that fit `most_bytes` bytes.
    pub fn of<'a>(conflicts: impl Iterator<Item = &'a Conflict>, most_bytes: usize) -> Self {
        let (mut all, mut bytes) = (Self::default(), 0_usize);
        for conflict in conflicts {
            bytes = bytes.saturating_add(conflict_bytes_most(conflict));
            if bytes <= most_bytes {
                all.listed.push(conflict_to_wire(conflict));
            } else {
                all.left_out = all.left_out.saturating_add(1);
            }
        }
        all
    }
}

/// A conflict for the wire.
#[must_use]
pub fn conflict_to_wire(conflict: &Conflict) -> v1::Conflict {
    let reason = match conflict.reason {
        Reason::Overwritten => WireReason::Overwritten,
        Reason::RowDeleted | Reason::ColumnDeleted => WireReason::LineDeleted,
    };
    v1::Conflict {
        reason: reason.into(),
        row: conflict.row.unwrap_or_default(),
        col: conflict.col,
        lost: Some(content_to_wire(&conflict.lost)),
        lost_text: match &conflict.lost {
            Content::Cell(Edit::Text(edit)) => text_to_wire(edit),
            _ => Vec::new(),
        },
        kept: conflict.kept.as_ref().map(content_to_wire),
    }
}

fn content_to_wire(content: &Content) -> v1::Value {
    match content {
        Content::Cell(Edit::Text(edit)) => {
            let new = edit.runs().iter().map(|run| match run {
                TextRun::Insert(new) => &**new,
                TextRun::Retain(_) | TextRun::Delete(_) => "",
            });
            value_to_wire(&Value::Text(new.collect::<String>().into()))
        }
        Content::Cell(edit) => value_to_wire(edit.as_set().unwrap_or(&Value::Empty)),
        Content::Attribute(Attribute::Name(name)) => value_to_wire(&Value::Text(name.clone())),
        Content::Attribute(Attribute::Kind(kind)) => {
            value_to_wire(&Value::from(kind_to_wire(*kind).as_str_name()))
        }
        Content::Attribute(Attribute::Width(width)) => {
            value_to_wire(&Value::Number(f64::from(*width)))
        }
        Content::Attribute(Attribute::Settings(settings)) => {
            value_to_wire(&Value::Text(settings.clone()))
        }
    }
}
