//! Mapped positions agree with `apply_to_vec`.
//!
//! Invariant: each lookup agrees with the applied list.

#[path = "support/generate.rs"]
mod generate;

use ot_engine::{AxisMap, Bias, Origin, Run};
use proptest::prelude::*;

proptest! {
    #![proptest_config(generate::config(3000))]

    #[test]
    fn positions_agree_with_apply((len, delta) in (0_u32..14).prop_flat_map(|len| {
        (Just(len), generate::axis(len))
    })) {
        let lines: Vec<Option<u32>> = (0..len).map(Some).collect();
        let after = delta.apply_to_vec(lines, |_| None);
        prop_assert_eq!(after.len() as u32, delta.len_after(len));
        let map = AxisMap::new(&delta);
        for line in 0..len {
            let found = after.iter().position(|at| *at == Some(line)).map(|at| at as u32);
            prop_assert_eq!(map.map_line(line), found);
            let (left, right) = (map.map_position(line, Bias::Left), map.map_position(line, Bias::Right));
            if let Some(at) = found {
                prop_assert_eq!((left, right), (at, at));
            } else {
                prop_assert!(left <= right && right as usize <= after.len());
            }
        }
        // Boundaries keep their order; between left and right are only the placed lines.
        let mut last = 0;
        for boundary in 0..=len {
            let (left, right) = (map.map_boundary(boundary, Bias::Left), map.map_boundary(boundary, Bias::Right));
            prop_assert!(last <= left && left <= right && right as usize <= after.len());
            last = right;
        }
        // The reverse lookup.
        for (new, line) in after.iter().enumerate() {
            let origin = delta.map_back(new as u32);
            match line {
                Some(old) => prop_assert_eq!(origin, Origin::Old(*old)),
                None => prop_assert!(matches!(origin, Origin::Inserted(at) if at <= len)),
            }
        }
    }

    #[test]
    fn selected_lines_stay_selected(
        (len, delta) in (1_u32..14).prop_flat_map(|len| (Just(len), generate::axis(len))),
        start in 0_u32..13,
        count in 1_u32..6,
    ) {
        let lines: Vec<Option<u32>> = (0..len).map(Some).collect();
        let after = delta.apply_to_vec(lines, |_| None);
        let start = start.min(len - 1);
        let chosen = start..(start + count).min(len);
        let is_selected = |line: &Option<u32>| line.is_some_and(|line| chosen.contains(&line));
        let now = AxisMap::new(&delta).map_lines(&chosen);
        prop_assert_eq!(now.is_some(), after.iter().any(is_selected));
        let Some(now) = now else { return Ok(()) };
        prop_assert!(now.start < now.end && now.end as usize <= after.len());
        let inside = &after[now.start as usize..now.end as usize];
        prop_assert!(inside.iter().any(is_selected));
        // No new line at the edges, and without moves no line outside the selection.
        let moves = delta.runs().iter().any(|run| matches!(run, Run::Lift { .. }));
        if !moves {
            prop_assert!(inside.first().is_some_and(is_selected) && inside.last().is_some_and(is_selected));
            prop_assert!(inside.iter().all(|line| line.is_none() || is_selected(line)));
            prop_assert_eq!(after.iter().filter(|line| is_selected(line)).count(), inside.iter().filter(|line| is_selected(line)).count());
        }
    }

    #[test]
    fn a_range_back_holds_every_old_line(
        (len, delta) in (0_u32..14).prop_flat_map(|len| (Just(len), generate::axis(len))),
        start in 0_u32..10,
        count in 1_u32..6,
    ) {
        let lines: Vec<Option<u32>> = (0..len).map(Some).collect();
        let after = delta.apply_to_vec(lines, |_| None);
        let seen = after.iter().skip(start as usize).take(count as usize).copied();
        let old: Vec<u32> = seen.flatten().collect();
        let back = AxisMap::new(&delta).map_range_back(&(start..start + count));
        for line in &old {
            prop_assert!(back.clone().is_some_and(|back| back.contains(line)));
        }
    }
}
