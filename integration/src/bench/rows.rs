//! The rows of the benchmark: the name of each, and its flags of `load`.
//!
//! Not the runs. Invariant: `load` accepts the flags of each row.

use clap::Parser as _;

use super::options::Options;
use crate::load::LoadError;
use crate::load::options::Options as LoadOptions;

/// Each row: its name and its flags.
const ROWS: [(&str, &str); 6] = [
    ("1 writer", "--writers 1"),
    ("16 writers, windows apart", "--writers 16 --windows disjoint"),
    ("64 writers, windows apart", "--writers 64 --windows disjoint"),
    ("64 writers, 64 sheets", "--writers 64 --sheets 64"),
    ("64 writers, all see all", "--writers 64"),
    ("16 writers at 5/s, 1,000 drained sessions", "--writers 16 --rate 5 --drain 1000"),
];
/// Of each run: as much time as the connections need to be at speed.
const WARM_UP_SECONDS: &str = "0.5";

/// A row that is measured.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) name: &'static str,
    pub(super) options: LoadOptions,
}

/// The rows that the options choose, with their flags.
pub(super) fn rows(options: &Options) -> Result<Vec<Row>, LoadError> {
    let chosen = |name: &str| options.only.as_ref().is_none_or(|only| name.contains(only));
    let rows = ROWS.into_iter().filter(|(name, _)| chosen(name));
    let rows: Result<Vec<_>, _> = rows.map(|(name, flags)| row(name, flags, options)).collect();
    let rows = rows?;
    if rows.is_empty() {
        let names: Vec<_> = ROWS.iter().map(|(name, _)| *name).collect();
        return Err(LoadError::Options(format!("--only chooses none of: {}", names.join("; "))));
    }
    Ok(rows)
}

fn row(name: &'static str, flags: &str, options: &Options) -> Result<Row, LoadError> {
    let mut all = vec!["load".to_owned(), "--target".to_owned(), options.target.clone()];
    let mut flag = |name: &str, value: String| all.extend([name.to_owned(), value]);
    flag("--server-pid", options.server_pid.to_string());
    if let Some(pid) = options.postgres_pid {
        flag("--postgres-pid", pid.to_string());
    }
    flag("--data-dir", options.data_dir.to_string_lossy().into_owned());
    flag("--seconds", options.seconds.to_string());
    flag("--warm-up", WARM_UP_SECONDS.to_owned());
    all.extend(flags.split_whitespace().map(str::to_owned));
    all.extend(options.load.iter().cloned());
    let options =
        LoadOptions::try_parse_from(all).map_err(|error| LoadError::Options(error.to_string()))?;
    Ok(Row { name, options })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(flags: &[&str]) -> Options {
        let fixed = ["bench", "--target", "http://x", "--server-pid", "1", "--data-dir", "/"];
        Options::parse_from(fixed.iter().chain(flags))
    }

    #[test]
    fn every_row_has_flags_that_load_knows() {
        let rows = rows(&options(&["--seconds", "1.5"])).expect("are known");
        assert_eq!(rows.len(), ROWS.len());
        assert!(rows.iter().all(|row| row.options.seconds == 1.5));
        let last = &rows[5].options;
        assert_eq!((last.writers, last.drain, last.rate), (16, 1000, 5.0));
    }

    #[test]
    fn rows_are_chosen_by_name_and_take_further_flags() {
        let some = rows(&options(&["--only", "apart", "--", "--columns", "3"])).expect("are known");
        assert_eq!(some.len(), 2);
        assert!(some.iter().all(|row| row.options.columns == 3));
        let none = rows(&options(&["--only", "nothing"])).expect_err("none");
        assert!(none.to_string().contains("1 writer"), "{none}");
        rows(&options(&["--", "--nonsense"])).expect_err("is not known");
    }
}
