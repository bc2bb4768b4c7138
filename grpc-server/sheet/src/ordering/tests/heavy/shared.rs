//! Heavy edits of several accounts: their places, what they cost, and when their work ends.
//!
//! Not here: what they become (`heavy`). Invariant: each account with a heavy edit has a place after a few others.

use uuid::Uuid;

use super::*;
use crate::ordering::heavy::list_tokens;
use model::allowance::tokens;
use model::limits::edge::LIST_COMMANDS;

fn heavy_edits(core: &mut Core, account: AccountId, count: u128) {
    for at in 0..count {
        let client = ClientId(account.0.as_u128() * 1_000 + at);
        let delta = cells(CHANGES as u32..CHANGES as u32 + 1_000);
        core.edit_of(account, client, (1, 0), delta);
    }
}

#[test]
fn an_account_with_many_heavy_edits_leaves_places_to_others() {
    let account = |number| AccountId(Uuid::from_u128(number));
    let mut core = Core::new(ROWS);
    core.change_lines(1, CHANGES);
    heavy_edits(&mut core, account(1), 20);
    heavy_edits(&mut core, account(2), 20);
    assert_eq!(core.begun, [1, 1, 2, 2].map(account), "two places of each");
    // All places are taken, and both have many edits before these.
    for late in 3..=6 {
        heavy_edits(&mut core, account(late), 1);
    }
    core.begun.clear();
    for _ in 0..6 {
        core.end_first();
    }
    for late in 3..=6 {
        assert!(core.begun.contains(&account(late)), "{late} in {:?}", core.begun);
    }
    core.end_heavy();
    assert!(core.published.len() == 44 && core.core.is_idle());
}

#[test]
fn heavy_work_ends_with_its_edit() {
    for (name, work) in kinds() {
        let mut core = Core::new(ROWS);
        core.change_lines(1, CHANGES);
        core.push(work);
        assert_eq!(core.heavy.len(), 1, "{name}");
        core.core.rejoined(HEAVY, ACCOUNT, SessionKey(2));
        core.run();
        assert!(core.heavy.is_empty() && core.core.heavy.is_empty(), "{name}");
        assert!(core.core.is_idle(), "{name}");
    }
}

#[test]
fn an_edit_that_is_transformed_at_once_costs_its_steps() {
    let mut core = Core::new(ROWS);
    core.change_lines(1, CHANGES);
    core.edit(OTHER, 1, CHANGES, cells(0..100));
    assert_eq!(core.charged, 0, "nothing follows its base");
    core.edit(OTHER, 2, 0, cells(100..200));
    assert!(core.heavy.is_empty() && core.charged >= 100 * CHANGES as usize, "{}", core.charged);
}

#[test]
fn a_list_costs_what_it_may_lead_to_and_its_bytes() {
    let limits = Limits::DEFAULT;
    let list = |command: Command, count| v1::CommandList {
        commands: vec![v1::Command { command: Some(command) }; count],
    };
    for (height, width) in [(u32::MAX, 1), (1, u32::MAX), (u32::MAX, u32::MAX)] {
        let clear = v1::ClearCells { height, width, ..Default::default() };
        let cost = list_tokens(&list(Command::ClearCells(clear), LIST_COMMANDS), &limits);
        assert!(cost <= tokens(limits.max_cells as usize + LIST_COMMANDS, 0), "{cost}");
    }
    let text = v1::Value { kind: Some(v1::value::Kind::Text("x".repeat(1 << 20))) };
    let set = v1::SetCells { values: vec![text], width: 1, ..Default::default() };
    let cost = list_tokens(&list(Command::SetCells(set), 1), &limits);
    assert!(cost >= tokens(0, 1 << 20), "{cost}");
}
