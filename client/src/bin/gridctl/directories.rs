//! Where `gridctl` saves what it keeps between its commands.
//!
//! Not what it keeps: see `credentials` and `place`. Invariant: only the owner can read it.

use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::{fs, io};

use crate::failure::Failure;

/// The directory of what is saved.
pub(crate) fn directory() -> Result<PathBuf, Failure> {
    // The XDG base directory specification says to ignore relative paths.
    let absolute = |name| std::env::var_os(name).map(PathBuf::from).filter(|dir| dir.is_absolute());
    let config = absolute("XDG_CONFIG_HOME").or_else(|| Some(absolute("HOME")?.join(".config")));
    let nowhere = "no directory for the token; set HOME or XDG_CONFIG_HOME";
    let config = config.ok_or_else(|| Failure::Message(nowhere.to_owned()))?;
    Ok(config.join("gridloom"))
}

/// An empty file at this path, in a directory that is made if it is missing.
pub(crate) fn private_file(path: &Path) -> io::Result<fs::File> {
    if let Some(dir) = path.parent() {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(dir)?;
    }
    fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)
}
