//! The tables of files: `files`, `file_uploads`, `file_contents`, `file_pieces`, `file_tables`, `file_table_drafts`,
//! `file_views`, `file_shares`, `file_links`, `file_purges`, `file_strays`, `file_place` and `file_place_offers`.
//!
//! Not the bytes, which lie in the place of the files, and not the digest of a content, which the caller computes.
//!
//! Locks are taken in one order: the account, a job, the upload or the file, the content that gets a name, tables and views
//! that go, the contents that they leave, pieces. Several contents are locked in the order of their ids, or without a wait.
//! Invariants: an upload and the quota that it needs are one transaction, which locks the account; a transaction that names a
//! content writes its row, so that the sweep marks none that is named; a marked content is never named again.

/// What [`decode::upload`] reads, of `file_uploads as upload` and `file_contents as content`.
macro_rules! upload_columns {
    () => {
        "upload.id, upload.owner, upload.name, upload.content, content.bytes, content.piece_bytes,
        upload.received, upload.started_at, upload.last_at"
    };
}

/// What [`decode::file`] reads, of `files` and `file_contents as content`, which a file without its original has not.
macro_rules! file_columns {
    () => {
        "files.id, files.owner, files.name, files.content, files.bytes, content.piece_bytes,
        content.digest, files.created_at, files.removed_at, files.version, files.original_deleted_at,
        (select count(*) from file_shares where file_shares.file = files.id)"
    };
}

/// What [`decode::found`] reads: the role of the account `$account` among them, which one function decides.
macro_rules! found_columns {
    ($account:literal) => {
        concat!(
            file_columns!(),
            ", case when files.owner = ",
            $account,
            " then 'owner' else file_role_on(files.id, ",
            $account,
            ") end, case when files.owner <> ",
            $account,
            " then (select display_name from accounts where accounts.id = files.owner) end"
        )
    };
}

pub(crate) mod changes;
mod damage;
mod decode;
pub(crate) mod finish;
pub(crate) mod links;
pub(crate) mod list;
pub(crate) mod made;
pub(crate) mod original;
pub(crate) mod pieces;
mod place;
pub(crate) mod shares;
mod strays;
mod sweep;
pub(crate) mod tables;
mod transaction;
pub(crate) mod uploads;
mod usage;
pub(crate) mod views;
