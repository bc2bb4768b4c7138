//! What sessions have not received of changes besides cells: the name of the sheet, its roles and links, its comments.
//!
//! Not the name itself, which the actor has. Invariant: sessions receive at most [`CHANGES_PER_SECOND`] frames in a second,
//! whatever the number of changes.

use std::time::Duration;

use tokio::time::Instant;

/// Frames that a session receives in a second; each has the newest name.
const CHANGES_PER_SECOND: u32 = 20;

/// What a frame has besides the name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Taken {
    /// Roles, links or names of persons have changed.
    pub(crate) sharing: bool,
    /// Comments may have changed.
    pub(crate) comments: bool,
}

/// What has changed since the last frame.
pub(crate) struct SheetChanges {
    name: bool,
    taken: Taken,
    /// When the next frame may be sent.
    next: Instant,
}

impl SheetChanges {
    pub(crate) fn none() -> Self {
        Self { name: false, taken: Taken::default(), next: Instant::now() }
    }

    /// The sheet has another name.
    pub(crate) fn renamed(&mut self) {
        self.name = true;
    }

    /// Roles, links or names of persons have changed.
    pub(crate) fn shared(&mut self) {
        self.taken.sharing = true;
    }

    /// Comments may have changed.
    pub(crate) fn commented(&mut self) {
        self.taken.comments = true;
    }

    /// When a frame is due; `None` when there is nothing to send.
    pub(crate) fn due(&self) -> Option<Instant> {
        (self.name || self.taken != Taken::default()).then_some(self.next)
    }

    /// Takes what is sent now, if a frame is due.
    pub(crate) fn take(&mut self) -> Option<Taken> {
        let now = Instant::now();
        self.due().filter(|due| *due <= now)?;
        let next = now + Duration::from_secs(1) / CHANGES_PER_SECOND;
        let before = std::mem::replace(self, Self { next, ..Self::none() });
        Some(before.taken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn changes_share_a_frame_and_the_next_one_waits_for_its_turn() {
        let mut changes = SheetChanges::none();
        assert_eq!((changes.due(), changes.take()), (None, None));
        changes.renamed();
        changes.renamed();
        assert_eq!(changes.take(), Some(Taken::default()));
        assert_eq!(changes.due(), None);
        changes.renamed();
        changes.shared();
        let due = changes.due().expect("there is a change");
        assert_eq!(changes.take(), None, "is not due yet");
        tokio::time::advance(due - Instant::now()).await;
        assert_eq!(changes.take(), Some(Taken { sharing: true, comments: false }));
        changes.commented();
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(changes.take(), Some(Taken { sharing: false, comments: true }));
        assert_eq!(changes.take(), None);
    }
}
