//! What sign-in, sign-up and password links use: the limits on attempts, the work on passwords, the
//! networks of callers, the provider by which people sign in.
//!
//! Not the identity of a call: see `auth`. Invariant: attempts of others do not keep the owner of an account out.

mod known_turns;
pub(crate) mod login_throttle;
pub(crate) mod networks;
pub(crate) mod passwords;
pub(crate) mod provider;
mod strength;
