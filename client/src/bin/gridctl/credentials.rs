//! The tokens that are kept between commands, one for each server, in
//! `$XDG_CONFIG_HOME/gridloom/credentials.json`, readable by their owner only.

use std::fs;
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use serde_json::{Map, Value as Json};

use crate::failure::Failure;

/// The token for a server.
pub(crate) fn token(server: &str) -> Result<Option<String>, Failure> {
    let kept = load(&path()?)?;
    Ok(kept.get(server).and_then(Json::as_str).map(str::to_owned))
}

/// Keeps a token.
pub(crate) fn keep(server: &str, token: &str) -> Result<(), Failure> {
    let path = path()?;
    let mut kept = load(&path)?;
    kept.insert(server.to_owned(), Json::from(token));
    save(&path, kept)
}

/// Forgets the token for a server.
pub(crate) fn forget(server: &str) -> Result<(), Failure> {
    let path = path()?;
    let mut kept = load(&path)?;
    match kept.remove(server) {
        Some(_) => save(&path, kept),
        None => Ok(()),
    }
}

fn path() -> Result<PathBuf, Failure> {
    // Relative paths are to be ignored, says the XDG base directory specification.
    let absolute = |name| std::env::var_os(name).map(PathBuf::from).filter(|dir| dir.is_absolute());
    let config = absolute("XDG_CONFIG_HOME").or_else(|| Some(absolute("HOME")?.join(".config")));
    let nowhere = "there is no place to keep the token: set HOME or XDG_CONFIG_HOME";
    let config = config.ok_or_else(|| Failure::Told(nowhere.to_owned()))?;
    Ok(config.join("gridloom").join("credentials.json"))
}

fn load(path: &Path) -> Result<Map<String, Json>, Failure> {
    let text = match fs::read(path) {
        Ok(text) => text,
        Err(cause) if cause.kind() == ErrorKind::NotFound => return Ok(Map::new()),
        Err(cause) => return Err(Failure::File { what: "read", path: path.to_owned(), cause }),
    };
    serde_json::from_slice(&text).map_err(|error| {
        Failure::Told(format!(
            "{} is not what gridctl wrote ({error}); delete it and sign in again",
            path.display()
        ))
    })
}

/// Written beside and renamed, so that a crash leaves the old file or the new one.
fn save(path: &Path, kept: Map<String, Json>) -> Result<(), Failure> {
    let new = path.with_extension(format!("json.{}", std::process::id()));
    let write = || {
        if let Some(dir) = path.parent() {
            fs::DirBuilder::new().recursive(true).mode(0o700).create(dir)?;
        }
        let mut file = fs::OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&new)?;
        file.write_all(Json::Object(kept).to_string().as_bytes())?;
        file.sync_all()?;
        fs::rename(&new, path)
    };
    write().map_err(|cause| Failure::File { what: "write", path: path.to_owned(), cause })
}
