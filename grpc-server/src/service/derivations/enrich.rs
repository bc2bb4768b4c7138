//! Columns of the answers of a remote API beside the rows of a table, by a key.
//!
//! | file | holds |
//! | --- | --- |
//! | `begin` | a request, and its job |
//! | `preview` | the rows of the first keys with their columns |
//! | `asked` | an enrichment as a request and a job have it; its secret part |
//! | `api` | the same, ready to be asked |
//! | `template` | an address with columns in braces |
//! | `path`, `json` | paths to members of an answer, and members as values |
//! | `objects` | the objects of an answer, and the values that are taken of them |
//! | `keys` | the different keys of the rows |
//! | `pace` | how many requests are sent in a second |
//! | `asker` | the request of one key, with its further attempts |
//! | `unread` | the sentence about an answer that is no JSON |
//! | `answers` | the answers to all keys, and what became of the others |
//! | `rows` | the rows with their new columns |
//! | `kind` | the kind of jobs `enrich-file` |
//!
//! Not the requests (the crate `outbound`), and not the file (`transfers`). Invariants: memory does not grow with the rows; each key
//! is asked once in an attempt, but for attempts that had no answer; no log, no answer and no job that has ended has a header or the
//! query of an address.

mod answers;
mod api;
mod asked;
mod asker;
mod begin;
mod json;
mod keys;
mod kind;
mod objects;
mod pace;
mod path;
mod preview;
mod rows;
mod template;
mod unread;

pub(super) use self::begin::begin;
pub(crate) use self::kind::EnrichFile;
pub(super) use self::preview::preview;
