//! Settings that may hold a password: where Postgres is, and how such a flag is read.
//!
//! Invariant: no message repeats what was given, and nothing prints it.

use std::ffi::OsStr;
use std::fmt;
use std::marker::PhantomData;
use std::path::Path;
use std::str::FromStr;

use clap::builder::TypedValueParser;
use clap::error::ErrorKind;
use store::{Database, StoreError};
use tls::Trust;

/// The address of a Postgres. May hold a password, so it is never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl(String);

impl DatabaseUrl {
    /// The address, password and all.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// As the store takes it, with these authorities for the certificate of Postgres.
    pub(crate) fn database(&self, trust: &Trust) -> Result<Database, StoreError> {
        Database::from_url(&self.0, trust).map_err(StoreError::Internal)
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DatabaseUrl(..)")
    }
}

impl FromStr for DatabaseUrl {
    type Err = String;

    /// Refuses what Postgres' own parser does not read, without repeating it (it may be a secret).
    fn from_str(url: &str) -> Result<Self, String> {
        Database::check(url).map_err(|rule| rule.to_string())?;
        Ok(Self(url.to_owned()))
    }
}

/// Reads the value of a flag from a file.
pub(super) fn read<T: FromStr<Err = String>>(file: &Path) -> Result<T, String> {
    let text = std::fs::read_to_string(file);
    let text = text.map_err(|error| format!("can't read {}: {error}", file.display()))?;
    text.trim().parse().map_err(|rule| format!("the value in {} is {rule}", file.display()))
}

/// Reads a flag. Not left to clap, which repeats in its message what it can't read.
#[derive(Debug)]
pub(crate) struct SecretParser<T>(PhantomData<T>);

impl<T> Default for SecretParser<T> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<T> Clone for SecretParser<T> {
    fn clone(&self) -> Self {
        Self(PhantomData)
    }
}

impl<T> TypedValueParser for SecretParser<T>
where
    T: FromStr<Err = String> + Clone + Send + Sync + 'static,
{
    type Value = T;

    fn parse_ref(
        &self,
        command: &clap::Command,
        arg: Option<&clap::Arg>,
        value: &OsStr,
    ) -> Result<T, clap::Error> {
        let read = value.to_str().ok_or_else(|| "not text".to_owned()).and_then(str::parse);
        read.map_err(|rule| {
            let flag = arg.and_then(clap::Arg::get_long).unwrap_or_default();
            let message = format!("the value of --{flag} is {rule}\n");
            clap::Error::raw(ErrorKind::ValueValidation, message).with_cmd(command)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bad_database_url_is_refused_and_not_repeated() {
        let error = "postgres://me:secret@host:port".parse::<DatabaseUrl>().map(|_| ());
        assert!(error.is_err_and(|text| !text.contains("secret")));
        let url: DatabaseUrl = "postgres://me:secret@db.example:5432/grid".parse().expect("valid");
        assert!(!format!("{url:?}").contains("secret"));
    }
}
