//! Text deltas: their laws as properties, and the delta between two texts.
//!
//! Invariant: transform, compose and inverse keep their laws on any text.

use ot_engine::{CellEdit, Limits, Value, validate_text};
use ot_engine::{Rule, TextDelta, TextRun};
use proptest::collection::vec;
use proptest::prelude::*;

fn text() -> impl Strategy<Value = String> {
    "[abé😀]{0,8}"
}

/// An edit of a text with `len` characters.
fn edit(len: u32) -> impl Strategy<Value = TextDelta> {
    let step = prop_oneof![
        (1_u32..4).prop_map(TextRun::Retain),
        (1_u32..4).prop_map(TextRun::Delete),
        "[a-zé😀]{1,3}".prop_map(|new| TextRun::Insert(new.as_str().into())),
    ];
    vec(step, 0..8).prop_map(move |steps| {
        let mut left = len;
        let mut take = |count: u32| {
            let taken = count.min(left);
            left -= taken;
            taken
        };
        TextDelta::from_runs(steps.into_iter().map(|step| match step {
            TextRun::Retain(count) => TextRun::Retain(take(count)),
            TextRun::Delete(count) => TextRun::Delete(take(count)),
            insert @ TextRun::Insert(_) => insert,
        }))
    })
}

fn characters(text: &str) -> u32 {
    text.chars().count() as u32
}

/// A text and two concurrent edits of it.
fn pair() -> impl Strategy<Value = (String, TextDelta, TextDelta)> {
    text().prop_flat_map(|text| {
        let len = characters(&text);
        (Just(text), edit(len), edit(len))
    })
}

/// A text and three consecutive edits.
fn chain() -> impl Strategy<Value = (String, [TextDelta; 3])> {
    let first = text().prop_flat_map(|text| {
        let len = characters(&text);
        (Just(text), edit(len))
    });
    let second = first.prop_flat_map(|(text, a)| {
        let len = characters(&a.apply(&text));
        (Just(text), Just(a), edit(len))
    });
    second.prop_flat_map(|(text, a, b)| {
        let len = characters(&b.apply(&a.apply(&text)));
        (Just(text), Just(a), Just(b), edit(len)).prop_map(|(text, a, b, c)| (text, [a, b, c]))
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn both_orders_lead_to_one_text((text, a, b) in pair()) {
        let (a_rest, b_rest) = a.transform(&b);
        prop_assert_eq!(b_rest.apply(&a.apply(&text)), a_rest.apply(&b.apply(&text)));
        prop_assert!(b_rest.reach() <= characters(&a.apply(&text)).into());
        prop_assert!(a_rest.reach() <= characters(&b.apply(&text)).into());
        // No inserted character is lost.
        prop_assert_eq!(a_rest.inserted_bytes(), a.inserted_bytes());
        prop_assert_eq!(b_rest.inserted_bytes(), b.inserted_bytes());
    }

    #[test]
    fn a_composed_edit_has_the_effect_of_its_parts((text, [a, b, c]) in chain()) {
        let apart = c.apply(&b.apply(&a.apply(&text)));
        prop_assert_eq!(a.compose(&b).compose(&c).apply(&text), apart.clone());
        prop_assert_eq!(a.compose(&b.compose(&c)).apply(&text), apart);
    }

    #[test]
    fn the_inverse_undoes_the_edit((text, a, _) in pair()) {
        prop_assert_eq!(a.inverse(&text).apply(&a.apply(&text)), text);
    }

    #[test]
    fn between_turns_the_old_text_into_the_new(old in text(), new in text()) {
        let edit = TextDelta::between(&old, &new);
        prop_assert_eq!(edit.apply(&old), new.clone());
        prop_assert!(edit.reach() <= characters(&old).into());
        prop_assert_eq!(old == new, edit.is_identity());
    }
}

#[test]
fn runs_are_in_normal_form() {
    let insert = |new: &str| TextRun::Insert(new.into());
    let edit = TextDelta::from_runs([
        TextRun::Retain(1),
        TextRun::Retain(1),
        TextRun::Delete(2),
        insert("a"),
        insert(""),
        insert("b"),
        TextRun::Delete(1),
        TextRun::Retain(9),
    ]);
    assert_eq!(edit.runs(), [TextRun::Retain(2), insert("ab"), TextRun::Delete(3)]);
    assert_eq!((edit.reach(), edit.inserted_bytes()), (5, 2));
}

#[test]
fn only_the_changed_part_is_replaced() {
    let edit = TextDelta::between("the quick fox", "the slow fox!");
    assert_eq!(edit.apply("the quick fox"), "the slow fox!");
    let long = "x".repeat(10_000);
    let edit = TextDelta::between(&format!("a{long}b"), &format!("a{}b", "y".repeat(10_000)));
    assert_eq!(edit.runs().len(), 3, "too long to compare: replaced as a whole");
}

#[test]
fn an_edit_that_does_not_fit_is_refused_by_field() {
    let limits = Limits { max_text_bytes: 8, ..Limits::DEFAULT };
    let cells = [CellEdit::set(0, 0, 1.0), CellEdit::text(0, 1, TextDelta::splice(2, 1, "1234"))];
    let refused = |held: Option<&'static str>| {
        let held = held.map(Value::from);
        let checked = validate_text(&cells, |_| held.as_ref(), &limits);
        checked.err().map(|error| (error.field, error.rule))
    };
    let field = || "texts[0].runs".to_owned();
    assert_eq!(refused(Some("abcd")), None);
    assert_eq!(refused(Some("ab")), Some((field(), Rule::PastText { len: 2 })));
    assert_eq!(refused(Some("abcdef")), Some((field(), Rule::TextTooLong { max: 8 })));
    assert_eq!(refused(None), Some((field(), Rule::TextNotLoaded)));
}
