//! The settings of accounts: the rule for new ones, and whether an address has to be confirmed.
//!
//! Not the limits of callers. Invariant: without a setting each address may have an account, as in earlier releases.

/// The rule for new accounts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum SignUpRule {
    /// Each address may have one.
    #[default]
    Open,
    /// An address that was invited may have one, by its link.
    Invited,
    /// An address that the operator has invited may have one.
    Closed,
}

/// Accounts.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct AccountOptions {
    /// Which addresses may have an account: each one (open), those that a sheet is shared with, by the link in the mail
    /// (invited), or those with a link of `gridloom admin invite` (closed)
    #[arg(long, env = "GRIDLOOM_SIGN_UP", value_name = "RULE", value_enum,
        default_value_t = SignUpRule::Open)]
    pub sign_up: SignUpRule,
    /// A new account can't be used before its owner has opened the link that is mailed to its address; without
    /// --smtp-url the link is in the log
    #[arg(long, env = "GRIDLOOM_CONFIRM_EMAIL")]
    pub confirm_email: bool,
}
