//! Edits of one text: Gridloom's and those of the `operational-transform` library. Both count Unicode scalar values.
//!
//! Not edits of a grid. Invariant: both libraries get the same text and the same edits.

use std::time::Instant;

use operational_transform::OperationSeq;
use ot_engine::{TextDelta, TextRun};

use super::Random;

/// Characters of the text.
const CHARACTERS: u32 = 10_000;
/// Places that one large edit changes.
const PLACES: u32 = 200;
/// Repetitions of each operation.
const OPERATIONS: u32 = 2_000;

/// One change of an edit: at this place some characters are deleted and some inserted.
#[derive(Clone, Copy)]
struct Place {
    kept_before: u32,
    gone: u32,
    new: &'static str,
}

/// An edit of a text of `len` characters at so many places.
fn places(random: &mut Random, mut len: u32, count: u32) -> Vec<Place> {
    let mut places = Vec::new();
    for left in (1..=count).rev() {
        let kept_before = random.below(len / left);
        let gone = random.below(3).min(len - kept_before);
        len -= kept_before + gone;
        places.push(Place {
            kept_before,
            gone,
            new: ["é", "typed", "x y"][random.below(3) as usize],
        });
    }
    places
}

fn ours(places: &[Place]) -> TextDelta {
    TextDelta::from_runs(places.iter().flat_map(|place| {
        [
            TextRun::Retain(place.kept_before),
            TextRun::Insert(place.new.into()),
            TextRun::Delete(place.gone),
        ]
    }))
}

fn theirs(places: &[Place], len: u32) -> OperationSeq {
    let mut edit = OperationSeq::default();
    let mut left = u64::from(len);
    for place in places {
        edit.retain(place.kept_before.into());
        edit.insert(place.new);
        edit.delete(place.gone.into());
        left -= u64::from(place.kept_before + place.gone);
    }
    edit.retain(left);
    edit
}

fn length(text: &str) -> u32 {
    text.chars().count() as u32
}

/// Microseconds for each of `OPERATIONS`.
fn each(work: impl Fn()) -> f64 {
    let run = || {
        let begun = Instant::now();
        (0..OPERATIONS).for_each(|_| work());
        Some(begun.elapsed().as_secs_f64() * 1e6 / f64::from(OPERATIONS))
    };
    super::fastest(run).unwrap_or_default()
}

/// Prints the table.
pub fn measure() {
    let text = "the quick brown föx ".repeat(CHARACTERS as usize / 20);
    println!();
    println!(
        "microseconds for each operation; a text of {CHARACTERS} characters, edits of one place and \
         of {PLACES}"
    );
    println!(
        "| library | apply 1 | apply {PLACES} | transform 1 | transform {PLACES} | compose {PLACES} |"
    );
    println!("| --- | --- | --- | --- | --- | --- |");
    let mut random = Random(5);
    let mut draw = |count| places(&mut random, CHARACTERS, count);
    let (one, other, many, others) = (draw(1), draw(1), draw(PLACES), draw(PLACES));
    let after = ours(&many).apply(&text);
    let next = places(&mut Random(6), length(&after), PLACES);

    let (a, b, c, d) = (ours(&one), ours(&other), ours(&many), ours(&others));
    let e = ours(&next);
    let figures = [
        each(|| drop(std::hint::black_box(a.apply(&text)))),
        each(|| drop(std::hint::black_box(c.apply(&text)))),
        each(|| drop(std::hint::black_box(a.transform(&b)))),
        each(|| drop(std::hint::black_box(c.transform(&d)))),
        each(|| drop(std::hint::black_box(c.compose(&e)))),
    ];
    row("Gridloom", &figures);

    let their = |places: &[Place]| theirs(places, CHARACTERS);
    let (a2, b2, c2, d2) = (their(&one), their(&other), their(&many), their(&others));
    let e2 = theirs(&next, length(&after));
    let figures = [
        each(|| drop(std::hint::black_box(a2.apply(&text)))),
        each(|| drop(std::hint::black_box(c2.apply(&text)))),
        each(|| drop(std::hint::black_box(a2.transform(&b2)))),
        each(|| drop(std::hint::black_box(c2.transform(&d2)))),
        each(|| drop(std::hint::black_box(c2.compose(&e2)))),
    ];
    row("operational-transform", &figures);

    let (_, d_over_c) = c.transform(&d);
    let (_, d2_over_c2) = c2.transform(&d2).expect("both are of the text");
    let met = d2_over_c2.apply(&c2.apply(&text).expect("fits")).expect("fits");
    assert_eq!(d_over_c.apply(&after), met, "both merge to the same text");
    let both = c2.compose(&e2).expect("one follows the other").apply(&text).expect("fits");
    assert_eq!(c.compose(&e).apply(&text), both, "both compose to the same");
}

fn row(name: &str, figures: &[f64]) {
    let figures: Vec<_> = figures.iter().map(|micros| format!("{micros:.2}")).collect();
    println!("| {name} | {} |", figures.join(" | "));
}
