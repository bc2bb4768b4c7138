//! The limits of one caller: each with its default and its flag, in one place.
//!
//! Not the bounds of internal queues: those stand as constants where the queue is; nor the fixed ones of
//! connections and strangers, which are in `edge`. Invariant: clients receive each value in `Welcome`, and each
//! refusal names the limit that it met.

use crate::allowance::Rate;

pub mod derivation_jobs;
pub mod derivations;
pub mod edge;
pub mod files;
pub mod jobs;
pub mod outbound;
pub mod quotas;
pub mod tables;

pub use files::FileLimits;
pub use quotas::Quotas;

/// The smallest limit of a message, in bytes: what an answer holds besides its content, such as the token of the next
/// page, fits with room for a part of what was asked for.
const MESSAGE_BYTES_LEAST: i64 = 16 * 1024;

/// The settings of all columns of a sheet, in bytes: an open sheet has them in memory, and each client receives them.
pub const SHEET_SETTINGS_BYTES: usize = 1024 * 1024;

/// The largest limit of a row, in bytes: Postgres holds 256 MiB in one value, and a commit has the row twice.
const ROW_BYTES_MOST: i64 = 64 * 1024 * 1024;

/// The limits of a server.
///
/// The rate of edits is generous: a program may write as fast as the sheet takes its edits. What
/// keeps others safe from it is not the rate but the bounded inbox of the sheet, which makes a
/// fast writer wait for its turn.
///
/// An edit counts by its cost: once, and once more for each 64 cells and runs, or each 4 KiB, that it holds
/// ([`tokens`](crate::allowance::tokens)). An edit on an old base also counts once for each 64 steps of its way to the
/// newest revision, and an undo or a restore for each 64 cells that it leads to. A heavy edit begins when one is
/// allowed, and its account waits afterwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::Args)]
#[command(next_help_heading = "Limits")]
pub struct Limits {
    /// Bytes of UTF-8 in one cell
    #[arg(long = "limit-cell-bytes", env = "GRIDLOOM_LIMIT_CELL_BYTES", value_name = "BYTES",
        default_value_t = Limits::DEFAULT.cell_bytes)]
    pub cell_bytes: u32,
    /// Cells in one edit
    #[arg(long = "limit-edit-cells", env = "GRIDLOOM_LIMIT_EDIT_CELLS", value_name = "COUNT",
        default_value_t = Limits::DEFAULT.edit_cells)]
    pub edit_cells: u32,
    /// Columns in one sheet
    #[arg(long = "limit-columns", env = "GRIDLOOM_LIMIT_COLUMNS", value_name = "COUNT",
        default_value_t = Limits::DEFAULT.columns)]
    pub columns: u32,
    /// Rows in one sheet
    #[arg(long = "limit-rows", env = "GRIDLOOM_LIMIT_ROWS", value_name = "COUNT",
        default_value_t = Limits::DEFAULT.rows)]
    pub rows: u32,
    /// Bytes in one row, as Postgres stores it, at most 67,108,864
    #[arg(long = "limit-row-bytes", env = "GRIDLOOM_LIMIT_ROW_BYTES", value_name = "BYTES",
        default_value_t = Limits::DEFAULT.row_bytes,
        value_parser = clap::value_parser!(u32).range(..=ROW_BYTES_MOST))]
    pub row_bytes: u32,
    /// Spans in one sheet: runs of rows that were made together and still stand together
    #[arg(long = "limit-sheet-spans", env = "GRIDLOOM_LIMIT_SHEET_SPANS", value_name = "COUNT",
        default_value_t = Limits::DEFAULT.sheet_spans)]
    pub sheet_spans: u32,
    /// Bytes in one message, in either direction, at least 16,384
    #[arg(long = "limit-message-bytes", env = "GRIDLOOM_LIMIT_MESSAGE_BYTES", value_name = "BYTES",
        default_value_t = Limits::DEFAULT.message_bytes,
        value_parser = clap::value_parser!(u32).range(MESSAGE_BYTES_LEAST..))]
    pub message_bytes: u32,
    /// Frames that wait for one session to read them
    #[arg(long = "limit-session-frames", env = "GRIDLOOM_LIMIT_SESSION_FRAMES",
        value_name = "COUNT", default_value_t = Limits::DEFAULT.session_frames)]
    pub session_frames: u32,
    /// Live sessions on one sheet
    #[arg(long = "limit-sheet-sessions", env = "GRIDLOOM_LIMIT_SHEET_SESSIONS",
        value_name = "COUNT", default_value_t = Limits::DEFAULT.sheet_sessions)]
    pub sheet_sessions: u32,
    /// Edits a second from one session, on average
    #[arg(long = "limit-edits-per-second", env = "GRIDLOOM_LIMIT_EDITS_PER_SECOND",
        value_name = "COUNT", default_value_t = Limits::DEFAULT.edits_per_second)]
    pub edits_per_second: u32,
    /// Edits at once from one session
    #[arg(long = "limit-edits-burst", env = "GRIDLOOM_LIMIT_EDITS_BURST", value_name = "COUNT",
        default_value_t = Limits::DEFAULT.edits_burst)]
    pub edits_burst: u32,
    /// Edits a second from one account at this server, on average
    #[arg(long = "limit-account-edits-per-second",
        env = "GRIDLOOM_LIMIT_ACCOUNT_EDITS_PER_SECOND", value_name = "COUNT",
        default_value_t = Limits::DEFAULT.account_edits_per_second)]
    pub account_edits_per_second: u32,
    /// Edits at once from one account
    #[arg(long = "limit-account-edits-burst", env = "GRIDLOOM_LIMIT_ACCOUNT_EDITS_BURST",
        value_name = "COUNT", default_value_t = Limits::DEFAULT.account_edits_burst)]
    pub account_edits_burst: u32,
    /// Looks, pings, presence messages and tokens a second from one session, on average; a look counts its ranges
    #[arg(long = "limit-looks-per-second", env = "GRIDLOOM_LIMIT_LOOKS_PER_SECOND",
        value_name = "COUNT", default_value_t = Limits::DEFAULT.looks_per_second)]
    pub looks_per_second: u32,
    /// The same at once from one session
    #[arg(long = "limit-looks-burst", env = "GRIDLOOM_LIMIT_LOOKS_BURST", value_name = "COUNT",
        default_value_t = Limits::DEFAULT.looks_burst)]
    pub looks_burst: u32,
    /// Looks, pings, presence messages and tokens a second from one account at this server, on average
    #[arg(long = "limit-account-looks-per-second",
        env = "GRIDLOOM_LIMIT_ACCOUNT_LOOKS_PER_SECOND", value_name = "COUNT",
        default_value_t = Limits::DEFAULT.account_looks_per_second)]
    pub account_looks_per_second: u32,
    /// The same at once from one account
    #[arg(long = "limit-account-looks-burst", env = "GRIDLOOM_LIMIT_ACCOUNT_LOOKS_BURST",
        value_name = "COUNT", default_value_t = Limits::DEFAULT.account_looks_burst)]
    pub account_looks_burst: u32,
    /// Calls a second from one account at this server, on average; a live session is one
    #[arg(long = "limit-account-calls-per-second",
        env = "GRIDLOOM_LIMIT_ACCOUNT_CALLS_PER_SECOND", value_name = "COUNT",
        default_value_t = Limits::DEFAULT.account_calls_per_second)]
    pub account_calls_per_second: u32,
    /// Calls at once from one account
    #[arg(long = "limit-account-calls-burst", env = "GRIDLOOM_LIMIT_ACCOUNT_CALLS_BURST",
        value_name = "COUNT", default_value_t = Limits::DEFAULT.account_calls_burst)]
    pub account_calls_burst: u32,
    /// What an account may keep, and its sessions.
    #[command(flatten)]
    pub quotas: Quotas,
}

impl Limits {
    /// The defaults.
    pub const DEFAULT: Limits = Limits {
        cell_bytes: 64 * 1024,
        edit_cells: 100_000,
        columns: 16_384,
        rows: 50_000_000,
        row_bytes: 32 * 1024 * 1024,
        sheet_spans: 500_000,
        message_bytes: 4 * 1024 * 1024,
        session_frames: 256,
        // A thousand readers, their writers, and as many again while all of them reconnect.
        sheet_sessions: 2_048,
        edits_per_second: 50_000,
        edits_burst: 100_000,
        account_edits_per_second: 200_000,
        account_edits_burst: 400_000,
        looks_per_second: 1_000,
        looks_burst: 20_000,
        account_looks_per_second: 20_000,
        account_looks_burst: 200_000,
        account_calls_per_second: 5_000,
        account_calls_burst: 20_000,
        quotas: Quotas::DEFAULT,
    };

    /// Edits of one session.
    pub fn session_edits(&self) -> Rate {
        Rate::per_second(self.edits_per_second, self.edits_burst)
    }

    /// Edits of one account, over all of its sessions at this server.
    pub fn account_edits(&self) -> Rate {
        Rate::per_second(self.account_edits_per_second, self.account_edits_burst)
    }

    /// Looks, pings, presence messages and tokens of one session.
    pub fn session_looks(&self) -> Rate {
        Rate::per_second(self.looks_per_second, self.looks_burst)
    }

    /// Looks, pings, presence messages and tokens of one account.
    pub fn account_looks(&self) -> Rate {
        Rate::per_second(self.account_looks_per_second, self.account_looks_burst)
    }

    /// Calls of one account.
    pub fn account_calls(&self) -> Rate {
        Rate::per_second(self.account_calls_per_second, self.account_calls_burst)
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::DEFAULT
    }
}
