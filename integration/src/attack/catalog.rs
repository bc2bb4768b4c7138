//! All attacks: name, caller, function.
//!
//! Not what they do: see `kinds`. Invariant: names are unique.

use std::future::Future;
use std::pin::Pin;

use super::field::Field;
use super::kinds::{connections, edits, reads, shared, strangers};

/// A running attack.
pub(super) type Running = Pin<Box<dyn Future<Output = ()> + Send>>;

/// One way to harm others.
#[derive(Clone, Copy, Debug)]
pub struct Attack {
    /// For the command line and the table.
    pub name: &'static str,
    /// Whether it needs an account.
    pub needs_account: bool,
    /// What it does, for the table.
    pub does: &'static str,
    pub(super) begin: fn(Field) -> Running,
}

macro_rules! attacks {
    ($($who:ident $name:literal: $function:path, $does:literal;)*) => {
        /// All of them.
        pub const ATTACKS: [Attack; [$($name),*].len()] = [
            $(Attack {
                name: $name,
                needs_account: stringify!($who).len() == "account".len(),
                does: $does,
                begin: |field| Box::pin($function(field)),
            }),*
        ];
    };
}

attacks! {
    stranger "silent-connections": connections::silent, "3,000 connections that send nothing after their first bytes";
    stranger "unfinished-calls": connections::unfinished, "sign-ups without their last byte, on 40 connections";
    stranger "unread-files": connections::unread_files, "files of the page, in windows of no byte";
    stranger "sign-ups": strangers::sign_ups, "32 sign-ups at once, again and again";
    stranger "guesses": strangers::guesses, "wrong passwords for the e-mail address of another account";
    stranger "made-up-tokens": strangers::made_up_tokens, "32 calls at once with random tokens";
    account "insert-columns": edits::insert_columns, "commands that insert 50 million columns";
    account "pastes": edits::pastes, "edits of 100,000 numbers, 60 without an answer";
    account "empty-values": edits::empty_values, "frames of a million empty values, in 8 sessions";
    account "text-runs": edits::text_runs, "text edits of 300,000 inserts of one letter";
    account "command-lists": edits::command_lists, "one clearing of 99,000 cells and 999 moves in one list";
    account "old-bases": edits::old_bases, "edits whose base is 300 heavy changes old";
    account "undos": edits::undos, "deletion and undo of 100,000 rows";
    account "fat-reads": reads::fat_reads, "reads of rows of 300 KiB, 16 at once";
    account "unread-reads": reads::unread, "reads of the same rows, in windows of no byte";
    account "unread-looks": reads::unread_looks, "30 sessions that look at the same rows and read nothing";
    account "searches": reads::searches, "searches of 64 conditions in 20,000 rows, 24 at once";
    account "fat-searches": reads::fat_searches, "searches for rows of 300 KiB, also for a small column, 24 at once";
    account "fat-exports": shared::fat_exports, "exports of rows of 300 KiB that are read slowly, 16 at once";
    account "fat-undos": edits::fat_undos, "undos of a clearing of 2,000 cells of 60 KB, 8 at once";
    account "histories": reads::histories, "old revisions and whole histories, 16 at once";
    account "resumes": reads::resumes, "sessions that resume 300 heavy changes back, 16 at once";
    account "transfers": shared::transfers, "exports that are not read and imports that are not continued";
    account "sessions": shared::sessions, "sessions that open and close, 16 at once";
    account "attaches": shared::attaches, "64 sessions on a connection that reads nothing, attached and cut, 16 at once";
    account "unread-sends": shared::unread_sends, "frames of 4 MiB to 16 sessions that are slowed after many looks";
    account "presence": shared::presence, "20 sessions that select, look and ping without a pause";
}
