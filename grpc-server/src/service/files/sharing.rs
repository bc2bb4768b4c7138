//! What gives roles on files, besides the store: the parts that the sharing of sheets uses, too.
//!
//! Not the calls: see `shares`. Invariant: an account has one pace for sheets and files.

use std::sync::Arc;

use crate::edge::auth::Auth;
use crate::edge::sign_in::login_throttle::LoginThrottle;
use crate::service::sharing::SharePace;
use crate::service::sharing::invitations::Invitations;

/// What gives roles on files, besides the store.
pub(crate) struct FileSharing {
    pub(crate) auth: Arc<Auth>,
    pub(crate) throttle: Arc<LoginThrottle>,
    /// That of sheets.
    pub(crate) pace: SharePace,
    pub(crate) invitations: Invitations,
}
