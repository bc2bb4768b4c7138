//! How fast an account shares with new addresses, and reads lists of roles: on sheets and files together.
//!
//! Not the letters to addresses (`invitations`), and not the changes of one role, which are counted over all nodes. Invariant:
//! a clone takes from the same allowances.

use std::sync::Arc;

use tonic::Status;

use crate::edge::errors::{ServiceError, StatusBuilder};
use crate::edge::refusals;
use model::AccountId;
use model::allowance::AccountAllowance;
use model::limits::edge::{SHARE_LISTS, SHARES_OF_ACCOUNT};

/// See the [module](self). Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct SharePace {
    /// New addresses with which an account shares.
    addresses: Arc<AccountAllowance>,
    /// Lists of roles that an account reads.
    lists: Arc<AccountAllowance>,
}

impl SharePace {
    pub(super) fn new() -> Self {
        let addresses = Arc::new(AccountAllowance::new(SHARES_OF_ACCOUNT));
        Self { addresses, lists: Arc::new(AccountAllowance::new(SHARE_LISTS)) }
    }

    /// Takes the allowance of one new address.
    ///
    /// # Errors
    /// RESOURCE_EXHAUSTED: the account has shared with too many.
    pub(crate) fn take_address(&self, account: AccountId) -> Result<(), ServiceError> {
        self.addresses.take(account).map_err(|after| {
            refusals::log("addresses that an account shares with", &account);
            let what = "new addresses to share with";
            ServiceError::TooManyAttempts { what, after }
        })
    }

    /// Takes the allowance of one list of roles.
    ///
    /// # Errors
    /// RESOURCE_EXHAUSTED: the account reads too many.
    pub(crate) fn take_list(&self, account: AccountId) -> Result<(), Status> {
        let taken = self.lists.take(account);
        Ok(taken.map_err(|after| StatusBuilder::rate_limited("lists of roles", after))?)
    }
}
