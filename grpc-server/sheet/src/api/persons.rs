//! The names and colors of the persons with sessions on a sheet.
//!
//! Not where they are looked up. Invariant: a session keeps those of the latest lookup.

use rustc_hash::FxHashMap;

use crate::fanout::sessions::SessionOwner;
use model::AccountId;
use model::people::Named;

/// Persons with sessions on a sheet, as one lookup found them.
#[derive(Clone, Debug)]
pub struct Persons {
    /// The number of the lookup, which grows with its time.
    pub asked: u64,
    /// The persons, by their accounts.
    pub of: FxHashMap<AccountId, Named>,
}

impl Persons {
    /// Gives the owner of a session the newer name and color, where this is one. True when they differ.
    pub(crate) fn update(&self, owner: &mut SessionOwner) -> bool {
        let newer = self.of.get(&owner.account).filter(|_| owner.person_asked < self.asked);
        let Some(person) = newer else { return false };
        owner.person_asked = self.asked;
        let differs = owner.name != person.name || owner.color != person.color;
        (owner.name, owner.color) = (person.name.clone(), person.color);
        differs
    }
}
