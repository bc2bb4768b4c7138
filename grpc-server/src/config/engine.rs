//! The setting of the engine of queries over tables: the one in this process, or one of other processes.
//!
//! Not the engine. Invariant: what the setting names is what answers; there is no other one behind it.

use std::fmt;
use std::str::FromStr;

/// What an address begins with.
const SCHEME: &str = "ballista://";
/// The name of the engine in this process.
const EMBEDDED: &str = "embedded";

/// Queries over tables.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "Queries over tables")]
pub struct EngineOptions {
    /// What makes views and summaries of tables: `embedded`, this process, or `ballista://HOST:PORT`, the scheduler of
    /// `gridloom-engine`. While that does not answer, jobs wait and calls are refused. It has no authentication: reach it over a
    /// private network
    #[arg(long, env = "GRIDLOOM_ENGINE", value_name = "ENGINE", default_value_t)]
    pub engine: EngineChoice,
}

/// What makes views and summaries of tables.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum EngineChoice {
    /// This process.
    #[default]
    Embedded,
    /// The scheduler at this host and port.
    Cluster(String),
}

impl FromStr for EngineChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let rule = || "neither `embedded` nor an address such as ballista://host:50050".to_owned();
        if text == EMBEDDED {
            return Ok(Self::Embedded);
        }
        let address = text.strip_prefix(SCHEME).ok_or_else(rule)?;
        let (host, port) = address.rsplit_once(':').ok_or_else(rule)?;
        let is_host = |c: char| c.is_ascii_alphanumeric() || ".-_[]:".contains(c);
        match !host.is_empty() && host.chars().all(is_host) && port.parse::<u16>().is_ok() {
            true => Ok(Self::Cluster(address.to_owned())),
            false => Err(rule()),
        }
    }
}

impl fmt::Display for EngineChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Embedded => f.write_str(EMBEDDED),
            Self::Cluster(address) => write!(f, "{SCHEME}{address}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_engine_is_this_process_or_an_address() {
        for text in ["embedded", "ballista://10.0.0.7:50050", "ballista://[::1]:1"] {
            let engine: EngineChoice = text.parse().expect(text);
            assert_eq!(engine.to_string(), text);
        }
        assert_eq!(EngineChoice::default().to_string(), "embedded");
        for text in [
            "",
            "ballista",
            "ballista://host",
            "ballista://:1",
            "http://host:1",
            "ballista://a/b:1",
        ] {
            assert!(text.parse::<EngineChoice>().is_err(), "{text}");
        }
    }
}
