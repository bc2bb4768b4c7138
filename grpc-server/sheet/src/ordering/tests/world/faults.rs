//! How an append fails, and how the core learns of a rival's entry.
//!
//! Plain data. Invariant: a fault without an answer may have landed.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::ordering::tests) enum AppendFault {
    None,
    /// It landed, and the answer is lost.
    UnknownLanded,
    UnknownNot,
    /// It has not landed, and it may do so later.
    UnknownLandsLater,
    /// Another node appends now.
    OtherTurn,
    Full,
}

impl AppendFault {
    pub(super) fn has_no_answer(self) -> bool {
        matches!(self, Self::UnknownLanded | Self::UnknownNot | Self::UnknownLandsLater)
    }
}

/// How the core learns of a rival's entry.
#[derive(Clone, Copy, Debug)]
pub(in crate::ordering::tests) enum Report {
    Entries,
    Look,
    Nothing,
}
