//! Where a place is, as a configuration names it.
//!
//! Not the credentials of a bucket. Invariant: a text with a secret in it is no place, and its error does not repeat it; the
//! prefix of a bucket is made of plain segments, so a key is the name that it looks like.

use std::ffi::OsStr;
use std::fmt;
use std::os::unix::ffi::OsStrExt as _;
use std::path::PathBuf;
use std::str::FromStr;

use percent_encoding::percent_decode_str;

use crate::VaultError;

/// The most bytes of the prefix in a bucket: a key has 1,024, and the names of pieces need some of these.
const PREFIX_BYTES: usize = 512;

/// A folder, `/path` or `file:///path`, or a bucket, `s3://bucket/prefix`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlaceUrl(pub(crate) Place);

/// The kinds of places.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// A folder of this machine.
    Folder(PathBuf),
    /// A bucket of S3.
    Bucket {
        /// Its name.
        bucket: String,
        /// What stands before each key: nothing, or segments that each end with a slash.
        prefix: String,
    },
}

impl PlaceUrl {
    /// A folder; a relative path is one of the process's directory.
    #[must_use]
    pub fn folder(path: impl Into<PathBuf>) -> Self {
        Self(Place::Folder(path.into()))
    }
}

impl FromStr for PlaceUrl {
    type Err = VaultError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let place = match text.split_once("://") {
            Some(("s3", rest)) => bucket(rest),
            Some(("file", path)) => folder(&percent_decode_str(path).collect::<Vec<u8>>()),
            Some(_) => None,
            None => folder(text.as_bytes()),
        };
        place.map(Self).ok_or_else(|| {
            VaultError::BadPlace(
                "the place of the files is neither a folder (/path, file:///path) nor a bucket \
                 (s3://bucket/prefix, without a login)"
                    .to_owned(),
            )
        })
    }
}

impl fmt::Display for PlaceUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Place::Folder(path) => path.display().fmt(f),
            Place::Bucket { bucket, prefix } => {
                write!(f, "s3://{bucket}/{}", prefix.trim_end_matches('/'))
            }
        }
    }
}

/// An absolute path.
fn folder(path: &[u8]) -> Option<Place> {
    let is_path = path.starts_with(b"/") && !path.contains(&0);
    is_path.then(|| Place::Folder(PathBuf::from(OsStr::from_bytes(path))))
}

/// A bucket, and the prefix after its name.
fn bucket(rest: &str) -> Option<Place> {
    let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
    if !is_bucket(bucket) || prefix.len() > PREFIX_BYTES {
        return None;
    }
    let prefix = if prefix.is_empty() {
        String::new()
    } else {
        let segments = prefix.strip_suffix('/').unwrap_or(prefix);
        if !segments.split('/').all(is_segment) {
            return None;
        }
        format!("{segments}/")
    };
    Some(Place::Bucket { bucket: bucket.to_owned(), prefix })
}

/// The rule of S3.
fn is_bucket(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    (3..=63).contains(&name.len())
        && name.chars().all(|c| plain(c) || c == '-' || c == '.')
        && name.starts_with(plain)
        && name.ends_with(plain)
}

/// Characters that no client and no server encodes.
fn is_segment(segment: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._".contains(c);
    !segment.is_empty() && segment != "." && segment != ".." && segment.chars().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Option<String> {
        text.parse::<PlaceUrl>().ok().map(|place| place.to_string())
    }

    #[test]
    fn folders_and_buckets_are_places() {
        for (text, place) in [
            ("/var/lib/files", "/var/lib/files"),
            ("file:///var/lib/my%20files", "/var/lib/my files"),
            ("s3://bucket", "s3://bucket/"),
            ("s3://bucket/", "s3://bucket/"),
            ("s3://my.bucket-2/a/b_c.d", "s3://my.bucket-2/a/b_c.d"),
            ("s3://bucket/a/", "s3://bucket/a"),
        ] {
            assert_eq!(shown(text).as_deref(), Some(place), "{text}");
        }
        assert_eq!(PlaceUrl::folder("here").to_string(), "here");
    }

    #[test]
    fn other_texts_are_none_and_their_error_does_not_repeat_them() {
        let long = format!("s3://bucket/{}", "a".repeat(PREFIX_BYTES + 1));
        for text in [
            "",
            "files",
            "../files",
            "file://host/path",
            "file:///a%00b",
            "https://bucket/a",
            "S3://bucket",
            "s3://",
            "s3://ab",
            "s3://Bucket",
            "s3://key:secret@bucket/a",
            "s3://bucket/a//b",
            "s3://bucket/a/../b",
            "s3://bucket/./a",
            "s3://bucket//",
            "s3://bucket/a?secret=1",
            "s3://bucket/a b",
            "s3://bucket/%61",
            &long,
        ] {
            let error = text.parse::<PlaceUrl>().expect_err(text);
            assert!(!error.to_string().contains("secret"), "{text}");
        }
    }
}
