//! Any message from outside is converted or refused.
//!
//! Invariant: no message makes a conversion panic, and a delta that the engine accepts can be applied.

use ot_engine::{Limits, Size, validate};
use proptest::prelude::*;
use prost::Message as _;

use super::any_message::any_message;
use super::*;
use crate::v1;

/// A size on which small positions are often valid.
const SIZE: Size = Size { rows: 5, cols: 4 };

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn any_delta_is_converted_or_refused(bytes in any_message()) {
        let Ok(delta) = v1::Delta::decode(&*bytes) else { return Ok(()) };
        let Ok(delta) = delta_from_wire(delta) else { return Ok(()) };
        if validate(&delta, SIZE, &Limits::DEFAULT).is_ok() {
            delta.check_invariants();
            prop_assert_eq!(delta_from_wire(delta_to_wire(&delta)), Ok(delta));
        }
    }

    #[test]
    fn any_value_text_and_column_is_converted_or_refused(bytes in any_message()) {
        if let Ok(value) = v1::Value::decode(&*bytes) {
            let _ = value_from_wire(value);
        }
        if let Ok(column) = v1::Column::decode(&*bytes) {
            let _ = column_from_wire(column);
        }
        if let Ok(edit) = v1::TextEdit::decode(&*bytes) && let Ok(edit) = text_from_wire(edit.runs) {
            let _ = edit.apply("some text");
        }
        if let Ok(window) = v1::Window::decode(&*bytes) {
            let window = window_from_wire(window);
            prop_assert!(window.rows.start <= window.rows.end && window.cols.start <= window.cols.end);
        }
    }

    #[test]
    fn any_change_is_decoded_or_refused(bytes in any_message()) {
        let _ = decode_change(bytes.into());
    }

    #[test]
    fn any_client_id_is_converted_or_refused(text: String, like in "[0-9a-fA-F-]{30,38}") {
        for text in [text, like] {
            if let Ok(id) = client_id_from_wire(&text) {
                prop_assert_eq!(client_id_from_wire(&client_id_to_wire(id)), Ok(id));
            }
        }
    }
}
