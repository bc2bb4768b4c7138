//! The statuses of refusals for a file, an upload, or the place of the files.
//!
//! Not the decision to refuse (`service::files`, the store). Invariant: each of them ends with what to do.

use std::time::Duration;

use model::FileUsage;
use model::limits::FileLimits;
use tonic::Code;

use super::file_roles::{self, FileRoleRefusal, OriginalRefusal};
use super::status_builder::{RETRY_AFTER, StatusBuilder};

/// When it makes sense to try again what an operator has to correct.
const OPERATOR_RETRY: Duration = Duration::from_secs(60);

/// Why a call for a file or an upload is refused.
#[derive(Clone, Debug)]
pub enum FileRefusal {
    /// No such file that the caller may know of.
    NoFile,
    /// The file of the owner that calls is removed, and the call needs one that is not.
    WhileRemoved,
    /// For a role on the file.
    Role(FileRoleRefusal),
    /// For the content that the file was uploaded with.
    Original(OriginalRefusal),
    /// The id of the request names an upload with another name or size.
    OtherUpload,
    /// The account has as many bytes of files as it may.
    StorageFull(FileUsage, FileLimits),
    /// The account has as many files as it may, or as many deleted ones that wait for the sweep.
    TooManyFiles(FileUsage, FileLimits),
    /// The account has as many uploads under way as it may.
    TooManyUploads(u32),
    /// The account has as many links to downloads as it may have.
    TooManyLinks(u32),
    /// The upload has another piece of this number.
    OtherPiece(u32),
    /// An upload lacks so many pieces.
    PiecesMissing(u32),
    /// The file is removed.
    Removed,
    /// The file was changed since its etag was read.
    OtherVersion,
    /// A part of the content is not in the place.
    PieceLost(u32),
    /// A part of the content has other bytes in the place.
    PieceChanged(u32),
    /// The place has no room.
    PlaceFull,
    /// The place is not that of this database, for this reason.
    WrongPlace(WrongPlace),
}

/// Why a place is not that of the files of this database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WrongPlace {
    /// It has no marker, as a folder whose disk is not mounted.
    Unmarked,
    /// It has the marker of another database, or of a second place of this one.
    Other,
}

impl WrongPlace {
    /// The sentence for the log and for callers.
    pub(crate) const fn sentence(self) -> &'static str {
        match self {
            Self::Unmarked => {
                "the place of --files lacks the marker that this database has left in its place: is its disk mounted, \
                 and is it the same place for all servers?"
            }
            Self::Other => {
                "the place of --files has the marker of another place: give each database a place of its own, and all \
                 servers of one database the same"
            }
        }
    }
}

fn no_file(message: &'static str) -> StatusBuilder {
    StatusBuilder::new(Code::NotFound, "NOT_FOUND", message).with("what", "file")
}

pub(super) fn builder(why: &FileRefusal) -> StatusBuilder {
    match why {
        FileRefusal::NoFile => no_file(
            "no such file of yours or shared with you, or it is deleted for good; ListFiles shows those there are",
        ),
        FileRefusal::WhileRemoved => no_file("the file is removed; restore it first"),
        FileRefusal::Role(why) => file_roles::builder(*why),
        FileRefusal::Original(why) => file_roles::original(*why),
        FileRefusal::OtherUpload => {
            let message = "request_id: it names an upload with another name or size; send another request_id for another file";
            StatusBuilder::new(Code::AlreadyExists, "OTHER_UPLOAD", message)
        }
        FileRefusal::StorageFull(usage, limits) => storage_full(usage, limits),
        FileRefusal::TooManyFiles(usage, limits) => too_many_files(usage, limits),
        FileRefusal::TooManyUploads(limit) => {
            let message = format!(
                "your account has {limit} uploads under way, the most it may have; finish or cancel some first"
            );
            exceeded("UPLOADS_EXCEEDED", message).with("limit", limit)
        }
        FileRefusal::TooManyLinks(limit) => {
            let message = format!(
                "your account has {limit} links to downloads, the most it may have; each ends an hour after it was made: \
                 try again later"
            );
            exceeded("LINKS_EXCEEDED", message).with("limit", limit)
        }
        FileRefusal::OtherPiece(number) => {
            let message = format!(
                "the upload has another piece {number}: the file was changed meanwhile; cancel the upload, and begin again"
            );
            failed("OTHER_PIECE", message).with("number", number)
        }
        FileRefusal::PiecesMissing(missing) => {
            let message =
                format!("{missing} pieces are missing; GetUpload names them: send them first");
            failed("PIECES_MISSING", message).with("missing", missing)
        }
        FileRefusal::Removed => failed("FILE_REMOVED", "the file is removed; restore it first"),
        FileRefusal::OtherVersion => {
            let message =
                "the file was changed since its etag was read; read it again, then decide";
            StatusBuilder::new(Code::Aborted, "ETAG_MISMATCH", message)
        }
        FileRefusal::PieceLost(number) => {
            damaged("PIECE_LOST", "is not in the place of the files", *number)
        }
        FileRefusal::PieceChanged(number) => {
            damaged("PIECE_CHANGED", "has other bytes than were uploaded", *number)
        }
        FileRefusal::PlaceFull => {
            let message = "the place of the files has no room: try again later, or ask the server's operator for more; what \
                           has arrived of an upload is kept";
            exceeded("PLACE_FULL", message).retry(OPERATOR_RETRY)
        }
        FileRefusal::WrongPlace(why) => wrong_place(*why),
    }
}

fn exceeded(reason: &'static str, message: impl Into<String>) -> StatusBuilder {
    StatusBuilder::new(Code::ResourceExhausted, reason, message)
}

fn failed(reason: &'static str, message: impl Into<String>) -> StatusBuilder {
    StatusBuilder::new(Code::FailedPrecondition, reason, message)
}

fn storage_full(usage: &FileUsage, limits: &FileLimits) -> StatusBuilder {
    let (used, removed, leaving) = (usage.used, usage.removed, usage.leaving);
    let limit = limits.account_file_bytes;
    let message = format!(
        "account_file_bytes: your files and uploads hold {used} bytes, {removed} of them in removed files, and {leaving} in \
         deleted ones, which are freed within two hours; they may hold {limit} with this one; delete removed files for \
         good, or ask the server's operator for more"
    );
    exceeded("STORAGE_FULL", message)
        .with("used", used)
        .with("limit", limit)
        .with("removed", removed)
        .with("leaving", leaving)
}

fn too_many_files(usage: &FileUsage, limits: &FileLimits) -> StatusBuilder {
    let (used, limit) = (usage.files, limits.account_files);
    if used < limit {
        let (used, message) = (
            usage.leaving_contents,
            "account_files: as many deleted files of your account as it may have files wait until their bytes are freed, \
             within two hours; try again then",
        );
        return exceeded("FILES_EXCEEDED", message).with("used", used).with("limit", limit);
    }
    let message = format!(
        "account_files: your account has {used} files, with removed ones and uploads under way, and may have {limit}; \
         delete some for good, or ask the server's operator for more"
    );
    exceeded("FILES_EXCEEDED", message).with("used", used).with("limit", limit)
}

fn damaged(reason: &'static str, what: &str, number: u32) -> StatusBuilder {
    let message = format!(
        "piece {number} of the file {what}; the pieces before it are whole: upload the file again, or ask the server's \
         operator for a backup"
    );
    StatusBuilder::new(Code::DataLoss, reason, message).with("number", number)
}

fn wrong_place(why: WrongPlace) -> StatusBuilder {
    let (fact, retry) = match why {
        WrongPlace::Unmarked => ("UNMARKED", RETRY_AFTER),
        WrongPlace::Other => ("OTHER", OPERATOR_RETRY),
    };
    let message = format!(
        "files are not available at this server until its operator has corrected their place: {}",
        why.sentence()
    );
    StatusBuilder::new(Code::Unavailable, "WRONG_PLACE", message).with("why", fact).retry(retry)
}

#[cfg(test)]
mod tests {
    use tonic_types::StatusExt as _;

    use super::*;

    #[test]
    fn each_refusal_has_its_reason_and_its_facts() {
        let usage = FileUsage { used: 7, removed: 3, leaving: 2, files: 5, ..FileUsage::default() };
        let limits = FileLimits { file_bytes: 8, account_file_bytes: 9, account_files: 6 };
        let many = FileUsage { files: 6, ..usage };
        let cases = [
            (
                FileRefusal::StorageFull(usage, limits),
                "STORAGE_FULL",
                vec![("used", "7"), ("limit", "9"), ("removed", "3"), ("leaving", "2")],
            ),
            (
                FileRefusal::TooManyFiles(many, limits),
                "FILES_EXCEEDED",
                vec![("used", "6"), ("limit", "6")],
            ),
            (FileRefusal::NoFile, "NOT_FOUND", vec![("what", "file")]),
            (FileRefusal::WhileRemoved, "NOT_FOUND", vec![("what", "file")]),
            (FileRefusal::TooManyUploads(64), "UPLOADS_EXCEEDED", vec![("limit", "64")]),
            (FileRefusal::TooManyLinks(100), "LINKS_EXCEEDED", vec![("limit", "100")]),
            (FileRefusal::PiecesMissing(2), "PIECES_MISSING", vec![("missing", "2")]),
            (FileRefusal::PieceLost(4), "PIECE_LOST", vec![("number", "4")]),
            (
                FileRefusal::WrongPlace(WrongPlace::Unmarked),
                "WRONG_PLACE",
                vec![("why", "UNMARKED")],
            ),
        ];
        for (refusal, reason, facts) in cases {
            let status = tonic::Status::from(builder(&refusal));
            let details = status.get_error_details();
            let info = details.error_info().expect("all have it");
            assert_eq!(info.reason, reason);
            for (key, fact) in facts {
                assert_eq!(info.metadata.get(key).map(String::as_str), Some(fact), "{reason}");
            }
        }
    }
}
