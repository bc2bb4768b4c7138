//! Random callers, jobs and ends against the turns.

use std::collections::BTreeMap;

use model::AccountId;
use proptest::prelude::*;
use uuid::Uuid;

use super::*;

const AT_ONCE: usize = 2;

#[derive(Clone, Debug)]
enum Move {
    Add(u128),
    Begin,
    /// A running job ends.
    End(usize),
    /// A caller leaves.
    Remove(usize),
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let step = prop_oneof![
        4 => (0..4_u128).prop_map(Move::Add),
        3 => Just(Move::Begin),
        3 => any::<usize>().prop_map(Move::End),
        1 => any::<usize>().prop_map(Move::Remove),
    ];
    prop::collection::vec(step, 1..200)
}

fn account(number: u128) -> Caller {
    Caller::Account(AccountId(Uuid::from_u128(number)))
}

/// The turns beside what they must be.
struct World {
    turns: Turns<u64>,
    added: u64,
    waiting: Vec<(Ticket, u64)>,
    running: Vec<Caller>,
    /// How often others have begun since a caller could have begun.
    passed: BTreeMap<Caller, usize>,
}

impl World {
    fn running_of(&self, caller: Caller) -> usize {
        self.running.iter().filter(|running| **running == caller).count()
    }

    fn may_begin(&self, caller: Caller) -> bool {
        let waits = self.waiting.iter().any(|(ticket, _)| ticket.caller == caller);
        waits && self.running_of(caller) < AT_ONCE
    }

    fn step(&mut self, step: &Move) {
        match *step {
            Move::Add(number) => {
                let ticket = self.turns.add(account(number), self.added);
                self.waiting.push((ticket, self.added));
                self.added += 1;
            }
            Move::Begin => self.begin(),
            Move::End(at) if !self.running.is_empty() => {
                let caller = self.running.swap_remove(at % self.running.len());
                self.turns.end(caller);
            }
            Move::Remove(at) if !self.waiting.is_empty() => {
                let (ticket, job) = self.waiting.remove(at % self.waiting.len());
                assert_eq!(self.turns.remove(ticket), Some(job));
                assert_eq!(self.turns.remove(ticket), None, "it is removed once");
                if !self.may_begin(ticket.caller) {
                    self.passed.remove(&ticket.caller);
                }
            }
            Move::End(_) | Move::Remove(_) => {}
        }
    }

    fn begin(&mut self) {
        let able: Vec<Caller> = (0..4).map(account).filter(|it| self.may_begin(*it)).collect();
        let Some((caller, job)) = self.turns.begin() else {
            assert!(able.is_empty(), "{able:?} may begin");
            return;
        };
        assert!(able.contains(&caller), "{caller:?} runs too many");
        let first = self.waiting.iter().position(|(ticket, _)| ticket.caller == caller);
        let (_, expected) = self.waiting.remove(first.expect("it waits"));
        assert_eq!(job, expected, "the jobs of one caller keep their order");
        self.running.push(caller);
        self.passed.remove(&caller);
        for other in able.iter().filter(|other| **other != caller) {
            let passed = self.passed.entry(*other).or_default();
            *passed += 1;
            assert!(*passed < 4, "{other:?} is passed by more than all others once");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    /// Round robin: no caller that may begin is passed by another twice.
    #[test]
    fn callers_take_turns(moves in moves()) {
        let (waiting, running, passed) = (Vec::new(), Vec::new(), BTreeMap::new());
        let mut world = World { turns: Turns::new(AT_ONCE), added: 0, waiting, running, passed };
        for step in &moves {
            world.step(step);
        }
        while !world.waiting.is_empty() || !world.running.is_empty() {
            world.step(&Move::End(0));
            world.step(&Move::Begin);
        }
        world.step(&Move::Begin);
        prop_assert_eq!(world.turns.callers(), 0, "nothing is left of callers without jobs");
    }
}
