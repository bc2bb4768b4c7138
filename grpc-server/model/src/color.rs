//! The colour of a person, as the owner of an account chooses it.
//!
//! Not how it looks: clients draw it. Invariant: the number of a colour is one of the palette, or 0.

/// A colour of the palette by its number, which is that of `AccountColor` in the protocol; 0: none was chosen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AccountColor(u8);

impl AccountColor {
    /// The number of the last colour.
    pub const LAST: u8 = 12;

    /// The colour of a number; `None` for a number without one.
    #[must_use]
    pub fn new(number: i32) -> Option<Self> {
        u8::try_from(number).ok().filter(|number| *number <= Self::LAST).map(Self)
    }

    /// Its number.
    #[must_use]
    pub fn number(self) -> u8 {
        self.0
    }
}
