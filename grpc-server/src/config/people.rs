//! The settings of chat, comments and notices: whom people find, and the size of a page.
//!
//! Not the limits of what they write (`model::limits`). Invariant: by default no person finds a stranger.

use clap::ValueEnum;

use model::limits::edge::PEOPLE_PAGE_MOST;

/// The newest messages on a page.
const PAGE: u32 = 15;

/// The people whom a person finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum PeopleSearch {
    /// Everyone on this server with an e-mail address
    All,
    /// Those who share a sheet
    Shared,
}

/// Chat, comments and notices.
#[derive(Clone, Copy, Debug, clap::Args)]
pub struct PeopleOptions {
    /// The people whom a person finds, to write to or to mention
    #[arg(long, env = "GRIDLOOM_PEOPLE_SEARCH", value_name = "WHOM", value_enum,
        default_value_t = PeopleSearch::Shared)]
    pub people_search: PeopleSearch,
    /// Messages, notices, comments and people on a page where the request names no number, at most 100
    #[arg(long, env = "GRIDLOOM_PEOPLE_PAGE", value_name = "COUNT", default_value_t = PAGE,
        value_parser = clap::value_parser!(u32).range(1..=i64::from(PEOPLE_PAGE_MOST)))]
    pub people_page: u32,
}

impl PeopleOptions {
    /// Whether everyone finds everyone.
    #[must_use]
    pub fn finds_all(&self) -> bool {
        self.people_search == PeopleSearch::All
    }
}

impl Default for PeopleOptions {
    fn default() -> Self {
        Self { people_search: PeopleSearch::Shared, people_page: PAGE }
    }
}
