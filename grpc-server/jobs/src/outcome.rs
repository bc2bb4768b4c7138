//! What became of an attempt: its result, or why it failed.
//!
//! Not the state of the job, which also depends on the attempts that are left. Invariant: no text holds a secret, since
//! texts are stored and logged.

use serde_json::Value;
use store::StoreError;

/// The result of an attempt that is in effect, or why it failed.
pub type Outcome = Result<Value, Failure>;

/// Why an attempt failed. The texts are stored and logged, so they hold no secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// A later attempt may succeed.
    Later(String),
    /// No attempt can succeed.
    Final(String),
}

impl Failure {
    pub(crate) fn text(&self) -> &str {
        match self {
            Self::Later(text) | Self::Final(text) => text,
        }
    }

    pub(crate) const fn is_final(&self) -> bool {
        matches!(self, Self::Final(_))
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        match error.is_refused() {
            true => Self::Final(error.to_string()),
            false => Self::Later(error.to_string()),
        }
    }
}
