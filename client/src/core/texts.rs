//! The texts that were lost with edits of them.
//!
//! A conflict about a text edit says which characters it brought. What its author wants back is the
//! text as they saw it, which only this side knows: what the person saw after each edit that awaits
//! its answer, and what the server's state holds before a change that overwrites it.

use std::collections::VecDeque;

use gridloom::convert::value_to_wire;
use gridloom::v1;
use ot_engine::{Delta, Sequence, Value, View};

/// What the person saw after each text edit that is not answered.
#[derive(Debug, Default)]
pub(super) struct TypedTexts(VecDeque<(Sequence, String)>);

impl TypedTexts {
    /// An edit led to this text. Edits that go out together have one number.
    pub(super) fn typed(&mut self, sequence: Sequence, text: String) {
        self.0.push_back((sequence, text));
    }

    /// The edit of this number was answered: completes what was lost with it.
    pub(super) fn answered(&mut self, sequence: Sequence, conflicts: &mut [v1::Conflict]) {
        let lost = conflicts.iter_mut().filter(|conflict| !conflict.lost_text.is_empty());
        for conflict in lost {
            let brought = text_of(conflict.lost.as_ref());
            // The last of an edit's texts is what was seen in the end.
            let seen = self.0.iter().rev().find(|(of, text)| {
                *of == sequence && brought.chars().all(|character| text.contains(character))
            });
            if let Some((_, text)) = seen {
                conflict.lost = Some(value_to_wire(&Value::from(text.as_str())));
            }
        }
        self.0.retain(|(of, _)| *of > sequence);
    }
}

/// Completes what is lost with texts that `change` overwrites in `before`.
pub(super) fn complete(conflicts: &mut [v1::Conflict], change: &Delta, before: &View) {
    for conflict in conflicts.iter_mut().filter(|conflict| !conflict.lost_text.is_empty()) {
        let place = change.map_cell_back(conflict.row, conflict.col);
        if let Some(Value::Text(text)) = place.and_then(|(row, col)| before.get(row, col)) {
            conflict.lost = Some(value_to_wire(&Value::Text(text.clone())));
        }
    }
}

fn text_of(value: Option<&v1::Value>) -> &str {
    match value.and_then(|value| value.kind.as_ref()) {
        Some(v1::value::Kind::Text(text)) => text,
        _ => "",
    }
}
