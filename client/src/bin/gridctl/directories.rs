//! Where `gridctl` saves what it keeps between its commands.
//!
//! Not what it keeps: see `credentials` and `place`. Invariant: it makes no directory.

use std::path::PathBuf;

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
