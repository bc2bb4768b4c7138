//! Completes conflicts of text edits with the whole text that the author saw.
//!
//! A conflict of a text edit contains only the inserted characters. Only the client knows the whole text:
//! the text after each unanswered edit, and the text before a change that overwrites it.
//!
//! Invariant: texts are kept only while their edit is unanswered.

use std::collections::VecDeque;

use gridloom::convert::value_to_wire;
use gridloom::v1;
use ot_engine::{Delta, Sequence, Value, View};

/// The text after each unanswered text edit.
#[derive(Debug, Default)]
pub(in crate::core) struct TypedTexts(VecDeque<(Sequence, String)>);

impl TypedTexts {
    /// Notes the text after an edit. Joined edits share one number.
    pub(in crate::core) fn note(&mut self, sequence: Sequence, text: String) {
        self.0.push_back((sequence, text));
    }

    /// Completes the conflicts of an answered edit and drops its texts.
    pub(in crate::core) fn answered(&mut self, sequence: Sequence, conflicts: &mut [v1::Conflict]) {
        let lost = conflicts.iter_mut().filter(|conflict| !conflict.lost_text.is_empty());
        for conflict in lost {
            let inserted = text_of(conflict.lost.as_ref());
            // The last text of an edit is the one that the person saw last.
            let seen = self.0.iter().rev().find(|(of, text)| {
                *of == sequence && inserted.chars().all(|character| text.contains(character))
            });
            if let Some((_, text)) = seen {
                conflict.lost = Some(value_to_wire(&Value::from(text.as_str())));
            }
        }
        self.0.retain(|(of, _)| *of > sequence);
    }
}

/// Completes conflicts with the texts that `change` overwrites in `before`.
pub(in crate::core) fn complete(conflicts: &mut [v1::Conflict], change: &Delta, before: &View) {
    let origins = change.cell_origins();
    for conflict in conflicts.iter_mut().filter(|conflict| !conflict.lost_text.is_empty()) {
        let place = origins.of(conflict.row, conflict.col);
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
