//! How large the steps of an edit and of a read may be, in bytes, and how these sizes relate.
//!
//! Each size stands here once, from the message of a client to the frame of a reader. The limits of a caller are in
//! `limits`; how much memory all callers together occupy is in `memory`. Not here: any code that applies a size.
//!
//! Invariant, checked when this is compiled: an edit within the limits can be queued, journaled, published, replayed,
//! committed, undone and restored.

use crate::limits::Limits;

const MIB: usize = 1 << 20;

/// The largest journal entry: an edit, an undo or a restore that makes a larger one is refused.
pub const ENTRY_BYTES: usize = 16 * MIB;
/// A batch of at least this size takes no further entry before it is appended.
pub const BATCH_BYTES: usize = 8 * MIB;
/// The same, in cells and runs: what they write takes many times their bytes until it is committed, and edits of other
/// sheets wait while a batch is written to the disk.
pub const BATCH_ITEMS: usize = COMMIT_CELLS;
/// The largest append: a batch that was almost full, and one more entry.
pub const APPEND_BYTES: usize = BATCH_BYTES + ENTRY_BYTES;
/// The largest frame of the local journal.
pub const JOURNAL_FRAME_BYTES: usize = 32 * MIB;
/// Appends of several sheets share one frame up to this size; one large append may pass it. Small edits of others wait for
/// one such frame.
pub const GROUP_BYTES: usize = JOURNAL_FRAME_BYTES / 16;
/// The room in a frame for the marks of committed sheets.
const MARKS_BYTES: usize = 4 * MIB;
/// The appends that wait for the journal's thread together.
pub const APPEND_QUEUE_BYTES: usize = 128 * MIB;
/// An append of at most this size is small: hundreds of edits of single cells, one paste of some thousand.
pub const SMALL_APPEND_BYTES: usize = 64 << 10;
/// The part of the queue for small appends.
pub const SMALL_APPENDS_BYTES: usize = 8 * MIB;
/// The conflicts of an entry that a journal of several servers keeps.
pub const JOURNALED_CONFLICTS_BYTES: usize = MIB / 2;

/// The entries of one transaction; a single entry may be larger.
pub const COMMIT_BYTES: usize = BATCH_BYTES;
/// The cells of one transaction.
pub const COMMIT_CELLS: usize = 100_000;
/// The largest message of Postgres' protocol, and the largest value of one field.
const POSTGRES_MESSAGE_BYTES: usize = 1 << 30;
/// One cell in a statement: its key, its quotes, and six characters for each of its bytes at most.
const CELL_ESCAPED: usize = 6;

/// The cells that a restore writes.
pub const RESTORED_BYTES: usize = 8 * MIB;

/// The conflicts that one frame lists.
pub const CONFLICTS_BYTES: usize = 16 * MIB;
/// The largest frame that a reader puts together from pieces.
pub const FRAME_BYTES: usize = 64 * MIB;
/// What a session's queue holds when it takes no further entry.
pub const SESSION_QUEUE_BYTES: usize = 64 * MIB;
/// The same, while the unread frames of all sessions pass the server's share.
pub const PRESSED_QUEUE_BYTES: usize = MIB;

/// The frames that one session sends before it is admitted.
pub const EARLY_BYTES: usize = 8 * MIB;
/// The frames that all sessions send before one sheet admits them.
pub const EARLY_BYTES_OF_SHEET: usize = 64 * MIB;
/// The edits of one sheet that wait: in its inbox, for their order, for data, or for the journal.
pub const WAITING_BYTES: usize = 256 * MIB;
/// The work of one sheet that waits for rows or older changes, with what was fetched for it.
pub const PARKED_BYTES: usize = 64 * MIB;

/// The rows that one edit of texts needs, in memory; a single row may take more.
pub const TEXT_ROWS_BYTES: usize = 64 * MIB;
/// The rows of one read for a look, in memory; a single row may take more.
pub const LOOK_BYTES: usize = 8 * MIB;
/// The rows of one `ReadCells`, in memory: whole rows, also where few columns are asked for.
pub const READ_BYTES: usize = 64 * MIB;
/// A page of a search ends behind the row with which its rows pass this size in memory.
pub const SEARCH_PAGE_BYTES: usize = 8 * MIB;
/// The same of a page of an export.
pub const EXPORT_PAGE_BYTES: usize = 4 * MIB;

/// The changes of one open sheet in memory, for clients that are a little late.
pub const HISTORY_BYTES: usize = 256 * MIB;
/// The same, in cells and runs.
pub const HISTORY_WORK: usize = 4_000_000;
/// The changes that one read of the operation log returns, encoded; a single change may be larger.
pub const LOG_PAGE_BYTES: usize = 8 * MIB;
/// The changes that are read for a session that resumes, or for an edit on an old base, in memory. With more, the
/// session loads the sheet again, and the edit is refused. Half of the share where that is less, so that two accounts
/// have their turns at the same time ...
pub const RESUME_BYTES: usize = 256 * MIB;
/// ... and this size at least.
pub const RESUME_LEAST_BYTES: usize = 64 * MIB;

/// The former values that one undo reads, and then the texts that it compares and carries over later changes, in
/// memory. With more it is refused.
pub const UNDO_BYTES: usize = 64 * MIB;
/// The changes over which an undo is carried, in memory, one after the other. With more it is refused.
pub const UNDO_CHANGES_BYTES: usize = 4096 * MIB;
/// The bytes of texts that an undo applies and compares in all: one to two seconds. With more it is refused.
pub const UNDO_TEXT_WORK: usize = 4096 * MIB;
/// A step of that work which is no comparison, a cell or a run of a change, in bytes: it takes as long.
pub const UNDO_STEP_BYTES: usize = 64;
/// An undo of a group of edits begins no further edit after this size of changes ...
pub const UNDO_GROUP_BYTES: usize = 64 * MIB;
/// ... or after so many steps: cells and runs that it has read, compared and changed, about two seconds.
pub const UNDO_GROUP_STEPS: usize = 20_000_000;
/// The rows that a restore compares, in memory, one after the other. With more it is refused.
pub const RESTORE_READ_BYTES: usize = 4096 * MIB;
/// The rows that were overwritten since a revision, as ranges in memory. With more no restore compares them.
pub const OVERWRITTEN_BYTES: usize = 16 * MIB;

/// The steps of a transform that is done at once, in the task of the sheet: the cells and runs that it visits. A step
/// takes 10 to 50 nanoseconds.
pub const LIGHT_STEPS: usize = 20_000;
/// The steps of one part of a longer transform; other accounts have their turn between two parts.
pub const CARRY_PART_STEPS: usize = 500_000;
/// The steps of the longest transform: about two seconds. An edit whose base is too old for that is refused, as too many
/// cells and runs were changed since.
pub const CARRY_STEPS: usize = 100_000_000;
/// The conflicts of such an edit ...
pub const CARRY_CONFLICTS: usize = 500_000;
/// ... of about 150 bytes each.
pub const CARRY_BYTES: usize = CARRY_CONFLICTS * 150;

/// The memory of a decoded message, as a multiple of its bytes: an empty value is two bytes in a message and 32 in
/// memory, and its cell as many again.
pub const DECODED_FACTOR: usize = 32;

/// Work on an input of at most this size runs at once; on a larger one it leaves the threads that serve connections and
/// sheets. To decode 32 KiB takes a fraction of a millisecond, and an edit that a person makes is far smaller.
pub const LIGHT_BYTES: usize = 32 << 10;
/// The same for an input that is counted in items: cells, runs, commands, nodes. Each takes 0.1 to 0.3 microseconds.
pub const LIGHT_ITEMS: usize = 2_000;

/// A cell in an edit takes this many bytes besides its text.
const CELL_BYTES: usize = 64;

const MESSAGE_BYTES: usize = Limits::DEFAULT.message_bytes as usize;
const EDIT_CELLS: usize = Limits::DEFAULT.edit_cells as usize;
/// The largest edit of a client in memory: its texts fit its message.
const EDIT_BYTES: usize = MESSAGE_BYTES + EDIT_CELLS * CELL_BYTES;

// An edit is journaled.
const _: () = assert!(EDIT_BYTES <= ENTRY_BYTES);
const _: () = assert!(RESTORED_BYTES + EDIT_CELLS * CELL_BYTES <= ENTRY_BYTES);
const _: () = assert!(BATCH_BYTES <= ENTRY_BYTES);
const _: () = assert!(GROUP_BYTES + APPEND_BYTES + MARKS_BYTES < JOURNAL_FRAME_BYTES);
const _: () = assert!(APPEND_BYTES + SMALL_APPENDS_BYTES <= APPEND_QUEUE_BYTES);
const _: () = assert!(JOURNALED_CONFLICTS_BYTES + ENTRY_BYTES <= APPEND_BYTES);
// An entry is queued and parked.
const _: () = assert!(TEXT_ROWS_BYTES <= RESUME_BYTES);
const _: () = assert!(EDIT_BYTES <= PARKED_BYTES && MESSAGE_BYTES <= EARLY_BYTES);
const _: () = assert!(EARLY_BYTES <= EARLY_BYTES_OF_SHEET);
const _: () =
    assert!(EARLY_BYTES_OF_SHEET + PARKED_BYTES + APPEND_BYTES + EDIT_BYTES <= WAITING_BYTES);
// An entry is published, with the conflicts that it made.
const _: () = assert!(ENTRY_BYTES + CONFLICTS_BYTES <= FRAME_BYTES);
const _: () = assert!(FRAME_BYTES <= u32::MAX as usize);
const _: () = assert!(ENTRY_BYTES + CONFLICTS_BYTES <= SESSION_QUEUE_BYTES);
// An entry is kept and replayed.
const _: () = assert!(ENTRY_BYTES <= HISTORY_BYTES && RESUME_LEAST_BYTES <= RESUME_BYTES);
const _: () = assert!(LOG_PAGE_BYTES + ENTRY_BYTES <= RESUME_LEAST_BYTES);
// What an edit has replaced, and what another undo brings back, can be read to be undone.
const _: () = assert!(ENTRY_BYTES <= UNDO_BYTES && ENTRY_BYTES <= UNDO_CHANGES_BYTES);
const _: () = assert!(RESTORED_BYTES + EDIT_CELLS * CELL_BYTES <= UNDO_BYTES);
// One page of the log has all changes of a commit.
const _: () = assert!(COMMIT_BYTES <= LOG_PAGE_BYTES);
// An edit that a client makes on the newest revisions is never too far behind: one that edits cells alone, over all
// changes in memory.
const _: () = assert!(HISTORY_WORK + EDIT_CELLS <= CARRY_STEPS);
const _: () = assert!(LIGHT_STEPS < CARRY_PART_STEPS && CARRY_PART_STEPS < CARRY_STEPS);
// An entry is committed: its texts as JSON, and its delta and the inverse in binary form.
const _: () = assert!((COMMIT_BYTES + ENTRY_BYTES) * (CELL_ESCAPED + 2) <= POSTGRES_MESSAGE_BYTES);
