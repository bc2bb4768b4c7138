//! Which sheet is read, and for whom.
//!
//! Not its rows. Invariant: an account whose role has ended and one without a sheet have the same sentence.

use jobs::Failure;
use ot_engine::Revision;

use model::{AccountId, SheetId};
use sheet::Registry;
use store::Store;

/// A sheet that is to be read.
pub(in crate::service::transfers) struct Asked {
    pub(in crate::service::transfers) store: Store,
    pub(in crate::service::transfers) registry: Registry,
    pub(in crate::service::transfers) account: AccountId,
    pub(in crate::service::transfers) sheet: SheetId,
    /// `None`: the newest one.
    pub(in crate::service::transfers) revision: Option<Revision>,
}

/// The sheet is not there any longer, or not for this account.
pub(in crate::service::transfers) fn gone() -> Failure {
    let text = "the sheet was deleted, or you have no role on it any longer";
    Failure::Final(text.to_owned())
}
