//! The limits of requests to other servers, and of the enrichments that make them.
//!
//! Not the addresses that are refused (the crate `outbound`). Invariants: each limit has its unit in its name; a request ends
//! within [`OUTBOUND_WITHIN`], whatever its server does; the memory of an enrichment does not grow with the rows. All enrichments of
//! a server together hold about 256 MiB of keys, 704 MiB of values, and 512 MiB of answers on their way at most.

use std::time::Duration;

use super::edge::JOB_PARAMETERS_BYTES;

/// How long one address may take to be found, to be connected to, and to agree on TLS.
pub const OUTBOUND_CONNECT: Duration = Duration::from_secs(10);

/// How long an answer may take to begin.
pub const OUTBOUND_FIRST_BYTE: Duration = Duration::from_secs(20);

/// How long an answer may pause.
pub const OUTBOUND_IDLE: Duration = Duration::from_secs(10);

/// How long a request may take with its redirects, from the look-up of the host to the last byte of the answer, unless the
/// operator chooses another time.
pub const OUTBOUND_WITHIN: Duration = Duration::from_secs(30);

/// The most seconds that an operator may choose for it.
pub const OUTBOUND_SECONDS_MOST: u64 = 300;

/// Bytes of one answer.
pub const OUTBOUND_ANSWER_BYTES: usize = 8 * 1024 * 1024;

/// Bytes of the head of an answer.
pub const OUTBOUND_HEAD_BYTES: usize = 64 * 1024;

/// Redirects of one request.
pub const OUTBOUND_REDIRECTS: usize = 5;

/// Addresses of one host that are tried.
pub const OUTBOUND_ADDRESSES: usize = 4;

/// Bytes of an address with its query.
pub const OUTBOUND_URL_BYTES: usize = 8 * 1024;

/// Bytes of the address of an enrichment, before its columns are replaced.
pub const ENRICH_URL_BYTES: usize = 4 * 1024;

/// Headers of a request.
pub const ENRICH_HEADERS: usize = 16;

/// Bytes of all of them.
pub const ENRICH_HEADERS_BYTES: usize = 8 * 1024;

/// Columns that are taken of an answer.
pub const ENRICH_TAKEN: usize = 64;

/// Characters of a path in an answer.
pub const ENRICH_PATH_CHARACTERS: usize = 200;

/// Names of a path in an answer: an answer is read once for each of them.
pub const ENRICH_PATH_NAMES: usize = 20;

/// Bytes of all paths and names of an enrichment.
pub const ENRICH_PATHS_BYTES: usize = 16 * 1024;

/// Requests in a second, where the enrichment names no number.
pub const ENRICH_PER_SECOND: u32 = 5;

/// Requests in a second at most.
pub const ENRICH_PER_SECOND_MOST: u32 = 50;

/// Requests of one enrichment at once.
pub const ENRICH_AT_ONCE: usize = 4;

/// Attempts at the request of one key.
pub const ENRICH_TRIES: u32 = 5;

/// The pause before the second attempt; each further one is twice as long.
pub const ENRICH_BACK_OFF: Duration = Duration::from_secs(1);

/// The longest pause that an API may ask for by `Retry-After`.
pub const ENRICH_RETRY_AFTER_MOST: Duration = Duration::from_secs(60);

/// Keys without an answer, one after the other, after which the API counts as down.
pub const ENRICH_FAILURES_IN_A_ROW: u32 = 20;

/// Different keys of one enrichment.
pub const ENRICH_KEYS: usize = 100_000;

/// Bytes of all keys of one enrichment.
pub const ENRICH_KEYS_BYTES: usize = 16 * 1024 * 1024;

/// Bytes of the values that one enrichment takes of all answers.
pub const ENRICH_VALUES_BYTES: usize = 64 * 1024 * 1024;

/// Enrichments that one server makes at once. They wait for APIs, for hours perhaps, and take no thread meanwhile.
pub const ENRICHMENTS_AT_ONCE: usize = 16;

/// Those of one account among them: a slow API keeps no other account waiting.
pub const ENRICHMENTS_OF_ACCOUNT: usize = 2;

/// Passes over the rows that the enrichments of one server make at once, each on a thread of its own; one of an account.
pub const ENRICH_PASSES: usize = 3;

/// Bytes of taken values up to which an enrichment counts as a small one.
pub const ENRICH_SMALL_BYTES: usize = 16 * 1024 * 1024;

/// Larger ones that one server makes at once, one of an account; further ones wait with what they have.
pub const ENRICHMENTS_LARGE: usize = 4;

/// How long an attempt may ask: for as many keys as there may be, at the pace without a choice.
pub const ENRICH_ASKING_WITHIN: Duration = Duration::from_secs(6 * 60 * 60);

/// How long one attempt at an enrichment may take, with the reading of the keys, the writing of the rows, and the waits for both.
pub const ENRICH_WITHIN: Duration = Duration::from_secs(12 * 60 * 60);

/// Keys of a preview.
pub const ENRICH_PREVIEW_KEYS: usize = 10;

/// Rows among which a preview looks for them.
pub const ENRICH_PREVIEW_ROWS: usize = 1_000;

/// How long a preview may take, once it has its turn.
pub const ENRICH_PREVIEW_WITHIN: Duration = Duration::from_secs(20);

/// Previews of enrichments of one account that a server makes at once; further ones wait.
pub const ENRICH_PREVIEWS_AT_ONCE: usize = 1;

/// Previews of enrichments of all accounts that a server makes at once; further ones wait.
pub const ENRICH_PREVIEWS: usize = 4;

const _: () = assert!(ENRICH_PREVIEWS_AT_ONCE < ENRICH_PREVIEWS);
const _: () = assert!(ENRICHMENTS_OF_ACCOUNT < ENRICHMENTS_AT_ONCE);
/// What the invariant states. Of an answer with all objects there are two copies of the values.
const _: () = assert!(ENRICHMENTS_AT_ONCE * ENRICH_KEYS_BYTES == 256 << 20);
const _: () = assert!(
    ENRICHMENTS_AT_ONCE * ENRICH_SMALL_BYTES
        + ENRICHMENTS_LARGE * (2 * ENRICH_VALUES_BYTES - ENRICH_SMALL_BYTES)
        == 704 << 20
);
const _: () = assert!(ENRICHMENTS_AT_ONCE * ENRICH_AT_ONCE * OUTBOUND_ANSWER_BYTES == 512 << 20);
const _: () =
    assert!(ENRICH_KEYS as u64 / (ENRICH_PER_SECOND as u64) < ENRICH_ASKING_WITHIN.as_secs());
const _: () = assert!(ENRICH_ASKING_WITHIN.as_secs() < ENRICH_WITHIN.as_secs());
/// Room is left for the source: a job keeps the paths, the headers and the address.
const _: () = assert!(
    ENRICH_PATHS_BYTES + ENRICH_HEADERS_BYTES + ENRICH_URL_BYTES + 8 * 1024 <= JOB_PARAMETERS_BYTES
);
