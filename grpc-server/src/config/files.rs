//! The settings of files: where their contents lie, how a bucket is reached, and the limits of each account.
//!
//! Not the calls (`service::files`). Invariants: without a setting files lie in the data directory; the key of a bucket is
//! never printed.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use files::{BucketOptions, PlaceUrl};

use super::{SecretParser, secret};
use model::limits::FileLimits;

/// The folder in the data directory.
const FOLDER: &str = "files";
/// What a bucket begins with.
const BUCKET: &str = "s3://";

/// Files.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "Files")]
pub struct FileOptions {
    /// Where the contents of files lie: a folder (/path), or a bucket (s3://bucket/prefix). All servers of one database
    /// have the same place; without it, the folder `files` in the data directory
    #[arg(long, env = "GRIDLOOM_FILES", value_name = "PLACE", hide_env_values = true,
        value_parser = SecretParser::<FilesUrl>::default())]
    pub files: Option<FilesUrl>,
    /// The address of a server with the protocol of S3; without it, S3 itself
    #[arg(long, env = "GRIDLOOM_FILES_ENDPOINT", value_name = "URL", hide_env_values = true)]
    pub files_endpoint: Option<String>,
    /// The region of the bucket
    #[arg(long, env = "GRIDLOOM_FILES_REGION", value_name = "REGION")]
    pub files_region: Option<String>,
    /// The id of the key to the bucket; without it, the credentials of the environment or of the machine
    #[arg(long, env = "GRIDLOOM_FILES_ACCESS_KEY_ID", value_name = "ID", hide_env_values = true)]
    pub files_access_key_id: Option<String>,
    /// The key to the bucket
    #[arg(long, env = "GRIDLOOM_FILES_SECRET_ACCESS_KEY", value_name = "KEY", hide_env_values = true,
        value_parser = SecretParser::<BucketKey>::default(), requires = "files_access_key_id")]
    pub files_secret_access_key: Option<BucketKey>,
    /// A file with the value of --files-secret-access-key, which no list of processes shows
    #[arg(
        long,
        env = "GRIDLOOM_FILES_SECRET_ACCESS_KEY_FILE",
        value_name = "FILE",
        conflicts_with = "files_secret_access_key",
        requires = "files_access_key_id"
    )]
    pub files_secret_access_key_file: Option<PathBuf>,
    /// Allows --files-endpoint to be http://, where all files can be read on their way
    #[arg(long, env = "GRIDLOOM_FILES_ALLOW_HTTP", requires = "files_endpoint")]
    pub files_allow_http: bool,
    /// The limits of each account.
    #[command(flatten)]
    pub limits: FileLimits,
}

impl FileOptions {
    /// Reads the file of the key.
    pub(super) fn read_file(&mut self) -> Result<(), String> {
        if let Some(file) = self.files_secret_access_key_file.take() {
            self.files_secret_access_key = Some(secret::read(&file)?);
        }
        Ok(())
    }

    /// The place of the files.
    pub(crate) fn place(&self, data_dir: &Path) -> PlaceUrl {
        match &self.files {
            Some(FilesUrl(place)) => place.clone(),
            None => PlaceUrl::folder(data_dir.join(FOLDER)),
        }
    }

    /// The place, where it is a folder.
    pub(crate) fn folder(&self, data_dir: &Path) -> Option<PathBuf> {
        let Some(FilesUrl(place)) = &self.files else { return Some(data_dir.join(FOLDER)) };
        let place = place.to_string();
        (!place.starts_with(BUCKET)).then(|| place.into())
    }

    /// How a bucket is reached.
    pub(crate) fn bucket(&self) -> BucketOptions {
        let key = self.files_secret_access_key.as_ref();
        BucketOptions {
            endpoint: self.files_endpoint.clone(),
            region: self.files_region.clone(),
            access_key_id: self.files_access_key_id.clone(),
            secret_access_key: key.map(|BucketKey(key)| key.clone()),
            allow_http: self.files_allow_http,
        }
    }
}

/// The place of the files. A text with a login is none, and is never printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilesUrl(PlaceUrl);

impl FromStr for FilesUrl {
    type Err = String;

    /// Refuses what it can't read, without repeating it.
    fn from_str(text: &str) -> Result<Self, String> {
        text.parse().map(Self).map_err(|_| {
            "neither a folder (/path, file:///path) nor a bucket (s3://bucket/prefix, without a login)"
                .to_owned()
        })
    }
}

/// The key to a bucket. Never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct BucketKey(String);

impl fmt::Debug for BucketKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BucketKey(..)")
    }
}

impl FromStr for BucketKey {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.chars().all(|it| it.is_ascii_graphic()) && !text.is_empty() {
            true => Ok(Self(text.to_owned())),
            false => Err("not a key: one line of letters, digits and signs".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        options: FileOptions,
    }

    fn read(flags: &[&str]) -> Result<FileOptions, String> {
        let line = Line::try_parse_from([&["x"], flags].concat());
        line.map(|line| line.options).map_err(|error| error.to_string())
    }

    #[test]
    fn files_lie_in_the_data_directory_or_where_a_flag_names() {
        let data_dir = Path::new("/data");
        let of = |flags: &[&str]| {
            let options = read(flags).expect("is whole");
            (options.place(data_dir).to_string(), options.folder(data_dir))
        };
        assert_eq!(of(&[]), ("/data/files".to_owned(), Some("/data/files".into())));
        assert_eq!(of(&["--files", "/srv/a"]), ("/srv/a".to_owned(), Some("/srv/a".into())));
        assert_eq!(of(&["--files", "s3://bucket/a"]), ("s3://bucket/a".to_owned(), None));
    }

    #[test]
    fn a_key_has_its_id_and_is_not_shown() {
        let key = ["--files-access-key-id", "me", "--files-secret-access-key", "hunter2"];
        let options = read(&key).expect("is whole");
        assert_eq!(options.bucket().secret_access_key.as_deref(), Some("hunter2"));
        assert!(!format!("{options:?}").contains("hunter2"));
        assert!(read(&key[2..]).is_err(), "it has no id");
    }

    #[test]
    fn a_bad_secret_is_refused_by_its_flag_and_not_repeated() {
        for (flag, value) in
            [("--files", "s3://me:hunter2@bucket"), ("--files-secret-access-key", "hunter2\n")]
        {
            let text = read(&["--files-access-key-id", "me", flag, value]).expect_err(flag);
            assert!(text.contains(&format!("the value of {flag} is n")), "{text}");
            assert!(!text.contains("hunter2"), "{text}");
        }
    }
}
