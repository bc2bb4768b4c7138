//! The store against a real Postgres: one embedded server and one database for all tests; each
//! keeps to its own account and sheets.

mod accounts;
mod bytes;
mod commit;
mod files;
mod filters;
mod gone;
mod history;
mod import;
mod jobs;
mod kept_back;
mod large_reads;
mod lineage;
mod nodes;
mod outage;
mod people;
mod queries;
mod resets;
mod retention;
mod sheets;
mod statements;
mod storable;
mod support;
