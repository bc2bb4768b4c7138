//! The command line of `attack`.

use clap::Parser;

use super::catalog::{ATTACKS, Attack};

/// Attacks a server of its own, and measures how others are served meanwhile.
#[derive(Clone, Debug, Parser)]
#[command(name = "attack", version)]
pub struct Options {
    /// Only this one; may be given several times
    #[arg(long, value_name = "NAME", value_parser = named)]
    pub only: Vec<Attack>,
    /// How long each attack lasts, and each control run
    #[arg(long, default_value_t = 10, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=600))]
    pub seconds: u64,
    /// How long the server has to give back what an attack held
    #[arg(long, default_value_t = 5, value_name = "SECONDS")]
    pub recovery: u64,
    /// The address space of the server's process
    #[arg(long, default_value_t = 2048, value_name = "MIB")]
    pub memory_mib: u64,
    /// The most that an attack may lengthen the 99th percentile of others, beside the control run
    #[arg(long, default_value_t = 3.0, value_name = "TIMES")]
    pub times: f64,
}

fn named(name: &str) -> Result<Attack, String> {
    let found = ATTACKS.into_iter().find(|attack| attack.name == name);
    found.ok_or_else(|| format!("there are {}", ATTACKS.map(|attack| attack.name).join(", ")))
}
