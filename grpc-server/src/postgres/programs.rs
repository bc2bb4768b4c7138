//! Finds the programs of Postgres on this machine.
//!
//! Not how they are run (`launcher`). Invariant: only their `--version` is run here.

use std::cmp::Reverse;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::PostgresError;

/// Where Debian and its kin keep one directory for each major version.
const DEBIAN_ROOT: &str = "/usr/lib/postgresql";
/// Where others put them.
const OTHER_DIRECTORIES: [&str; 4] =
    ["/usr/local/pgsql/bin", "/opt/homebrew/opt/postgresql/bin", "/usr/local/bin", "/usr/bin"];

/// A directory with `postgres` and `initdb`, and their major version.
#[derive(Clone, Debug)]
pub(super) struct Programs {
    directory: PathBuf,
    major: String,
}

impl Programs {
    /// The newest on this machine, or the ones of the major version that made a cluster.
    pub(super) fn find(cluster: Option<(&Path, &str)>) -> Result<Self, PostgresError> {
        let candidates = candidates();
        let mut found: Vec<Programs> =
            candidates.iter().filter_map(|directory| Self::in_directory(directory)).collect();
        found.sort_by_key(|programs| Reverse(programs.major.parse().unwrap_or(0_u32)));
        if found.is_empty() {
            let looked: Vec<_> = candidates.iter().map(|p| p.display().to_string()).collect();
            return Err(PostgresError::NoBinaries(looked.join(", ")));
        }
        let Some((path, major)) = cluster else {
            return Ok(found.swap_remove(0));
        };
        let versions: Vec<_> = found.iter().map(|programs| programs.major.clone()).collect();
        let fitting = found.into_iter().find(|programs| programs.major == major);
        fitting.ok_or_else(|| PostgresError::OtherVersion {
            path: path.to_owned(),
            cluster: major.to_owned(),
            found: versions.join(", "),
        })
    }

    /// Their major version.
    pub(super) fn major(&self) -> &str {
        &self.major
    }

    /// The path of one program.
    pub(super) fn path(&self, program: &str) -> PathBuf {
        self.directory.join(program)
    }

    fn in_directory(directory: &Path) -> Option<Self> {
        if !directory.join("initdb").is_file() {
            return None;
        }
        let output = Command::new(directory.join("postgres")).arg("--version").output().ok()?;
        let major = major_version(std::str::from_utf8(&output.stdout).ok()?)?;
        Some(Self { directory: directory.to_owned(), major: major.to_owned() })
    }
}

/// From text like `postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)`.
fn major_version(text: &str) -> Option<&str> {
    let version = text.split_whitespace().nth(2)?;
    let digits = version.split(|c: char| !c.is_ascii_digit()).next()?;
    (!digits.is_empty()).then_some(digits)
}

/// Directories that may hold the programs, without repeats.
fn candidates() -> Vec<PathBuf> {
    let mut directories = Vec::new();
    if let Ok(versions) = std::fs::read_dir(DEBIAN_ROOT) {
        directories.extend(versions.flatten().map(|version| version.path().join("bin")));
    }
    if let Ok(output) = Command::new("pg_config").arg("--bindir").output() {
        directories.push(PathBuf::from(String::from_utf8_lossy(&output.stdout).trim()));
    }
    if let Some(path) = std::env::var_os("PATH") {
        directories.extend(std::env::split_paths(&path));
    }
    directories.extend(OTHER_DIRECTORIES.map(PathBuf::from));
    let mut seen = std::collections::HashSet::new();
    directories.retain(|directory| directory.is_absolute() && seen.insert(directory.clone()));
    directories
}

#[cfg(test)]
mod tests {
    use super::major_version;

    #[test]
    fn the_major_version_is_read_from_releases_and_betas() {
        let debian = "postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)\n";
        assert_eq!(major_version(debian), Some("15"));
        assert_eq!(major_version("postgres (PostgreSQL) 18beta1"), Some("18"));
        assert_eq!(major_version("postgres: not found"), None);
    }
}
