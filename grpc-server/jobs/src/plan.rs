//! The steps of an attempt, which its worker reads while it runs.
//!
//! Not their form, which the kind chooses. Invariant: an attempt has one source of them.

use std::fmt;
use std::sync::OnceLock;

use serde_json::Value;

type Source = Box<dyn Fn() -> Value + Send + Sync>;

/// The source of the steps of an attempt.
#[derive(Default)]
pub(crate) struct Plan(OnceLock<Source>);

impl fmt::Debug for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Plan").field(&self.is_known()).finish()
    }
}

impl Plan {
    /// The steps come from here, unless another source was named before.
    pub(crate) fn set(&self, source: Source) {
        // The only error is that there is one.
        let _ = self.0.set(source);
    }

    pub(crate) fn is_known(&self) -> bool {
        self.0.get().is_some()
    }

    /// The steps as they are now.
    pub(crate) fn now(&self) -> Option<Value> {
        self.0.get().map(|source| source())
    }
}
