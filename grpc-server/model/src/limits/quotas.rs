//! The quotas of an account: what it may keep on the server, and how many sessions it may have.
//!
//! Not here: what an account has stored (`storage`), nor the rates of edits and calls (the parent). Invariant: clients
//! receive each quota in `Welcome` and `WhoAmI`, and each refusal names the quota, what is used, and the limit.

use crate::allowance::Rate;

const GIB: u64 = 1 << 30;

/// The quotas of each account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::Args)]
pub struct Quotas {
    /// Bytes of the rows and the history of all sheets of one account, in Postgres
    #[arg(long = "limit-account-bytes", env = "GRIDLOOM_LIMIT_ACCOUNT_BYTES", value_name = "BYTES",
        default_value_t = Quotas::DEFAULT.account_bytes)]
    pub account_bytes: u64,
    /// Sheets of one account; deleted ones do not count
    #[arg(long = "limit-account-sheets", env = "GRIDLOOM_LIMIT_ACCOUNT_SHEETS", value_name = "COUNT",
        default_value_t = Quotas::DEFAULT.account_sheets)]
    pub account_sheets: u32,
    /// Live sessions of one account at this server, on all sheets
    #[arg(long = "limit-account-sessions", env = "GRIDLOOM_LIMIT_ACCOUNT_SESSIONS",
        value_name = "COUNT", default_value_t = Quotas::DEFAULT.account_sessions)]
    pub account_sessions: u32,
    /// Live sessions that one account opens in a second at this server, on average
    #[arg(long = "limit-account-sessions-per-second",
        env = "GRIDLOOM_LIMIT_ACCOUNT_SESSIONS_PER_SECOND", value_name = "COUNT",
        default_value_t = Quotas::DEFAULT.account_sessions_per_second)]
    pub account_sessions_per_second: u32,
    /// Live sessions that one account opens at once
    #[arg(long = "limit-account-sessions-burst", env = "GRIDLOOM_LIMIT_ACCOUNT_SESSIONS_BURST",
        value_name = "COUNT", default_value_t = Quotas::DEFAULT.account_sessions_burst)]
    pub account_sessions_burst: u32,
    /// Ended sessions of one account that the session registry keeps; the oldest go first
    #[arg(long = "limit-account-recorded-sessions",
        env = "GRIDLOOM_LIMIT_ACCOUNT_RECORDED_SESSIONS", value_name = "COUNT",
        default_value_t = Quotas::DEFAULT.account_recorded_sessions)]
    pub account_recorded_sessions: u32,
}

impl Quotas {
    /// The defaults.
    pub const DEFAULT: Quotas = Quotas {
        account_bytes: 100 * GIB,
        account_sheets: 10_000,
        // Twice the sessions of one sheet.
        account_sessions: 4_096,
        account_sessions_per_second: 100,
        account_sessions_burst: 8_192,
        account_recorded_sessions: 10_000,
    };

    /// The sessions that one account opens.
    pub fn sessions(&self) -> Rate {
        Rate::per_second(self.account_sessions_per_second, self.account_sessions_burst)
    }
}

impl Default for Quotas {
    fn default() -> Self {
        Self::DEFAULT
    }
}
