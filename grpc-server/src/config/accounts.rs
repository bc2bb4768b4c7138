//! The settings of accounts: the rule for new ones, and whether an address has to be confirmed.
//!
//! Not the limits of callers. Invariants: without a setting each address may have an
//! account; a server that sends mail has each new address confirmed.

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
    /// --smtp-url the link is in the log [default: true with --smtp-url, false without]
    #[arg(long, env = "GRIDLOOM_CONFIRM_EMAIL", value_name = "BOOL", num_args = 0..=1,
        require_equals = true, default_missing_value = "true",
        value_parser = clap::builder::BoolishValueParser::new())]
    pub confirm_email: Option<bool>,
}

impl AccountOptions {
    /// Whether the address of a new account has to be confirmed by these settings; other servers of the database may decide
    /// so, too (`cluster::confirmation`). A server that sends mail can ask for that; otherwise a person who types the address
    /// of another one has the roles that are given to it.
    #[must_use]
    pub fn confirms_email(&self, sends_mail: bool) -> bool {
        self.confirm_email.unwrap_or(sends_mail)
    }
}
