//! The whole system from outside: real programs, real files, one property to a file.
//!
//! One test program for all of them, because linking one takes longer than running most.

#[path = "system/abuse.rs"]
mod abuse;
#[path = "system/account.rs"]
mod account;
#[path = "system/account_bounds.rs"]
mod account_bounds;
#[path = "system/admin_check.rs"]
mod admin_check;
#[path = "system/aside.rs"]
mod aside;
#[path = "system/attacks.rs"]
mod attacks;
#[path = "system/away.rs"]
mod away;
#[path = "system/backup.rs"]
mod backup;
#[path = "system/bad_input.rs"]
mod bad_input;
#[path = "system/benchmark.rs"]
mod benchmark;
#[path = "system/browser.rs"]
mod browser;
#[path = "system/bucket.rs"]
mod bucket;
#[path = "system/changes.rs"]
mod changes;
#[path = "system/chat.rs"]
mod chat;
#[path = "system/comments.rs"]
mod comments;
#[path = "system/confirmation.rs"]
mod confirmation;
#[path = "system/conflicts.rs"]
mod conflicts;
#[path = "system/connect.rs"]
mod connect;
#[path = "system/converge.rs"]
mod converge;
#[path = "system/conversion.rs"]
mod conversion;
#[path = "system/crash.rs"]
mod crash;
#[path = "system/csv_readers.rs"]
mod csv_readers;
#[path = "system/deletion.rs"]
mod deletion;
#[path = "system/drain.rs"]
mod drain;
#[path = "system/drills.rs"]
mod drills;
#[path = "system/early_frames.rs"]
mod early_frames;
#[path = "system/fat_rows.rs"]
mod fat_rows;
#[path = "system/files.rs"]
mod files;
#[path = "system/gridctl.rs"]
mod gridctl;
#[path = "system/grpc_web.rs"]
mod grpc_web;
#[path = "system/heavy.rs"]
mod heavy;
#[path = "system/history.rs"]
mod history;
#[path = "system/import.rs"]
mod import;
#[path = "system/jobs_of_persons.rs"]
mod jobs_of_persons;
#[path = "system/large.rs"]
mod large;
#[path = "system/largest_edit.rs"]
mod largest_edit;
#[path = "system/leaks.rs"]
mod leaks;
#[path = "system/letters.rs"]
mod letters;
#[path = "system/long_rows.rs"]
mod long_rows;
#[path = "system/memory.rs"]
mod memory;
#[path = "system/million.rs"]
mod million;
#[path = "system/names.rs"]
mod names;
#[path = "system/nodes.rs"]
mod nodes;
#[path = "system/notice_bounds.rs"]
mod notice_bounds;
#[path = "system/operator.rs"]
mod operator;
#[path = "system/own_postgres.rs"]
mod own_postgres;
#[path = "system/owner.rs"]
mod owner;
#[path = "system/page_tokens.rs"]
mod page_tokens;
#[path = "system/people.rs"]
mod people;
#[path = "system/people_drill.rs"]
mod people_drill;
#[path = "system/places.rs"]
mod places;
#[path = "system/presence.rs"]
mod presence;
#[path = "system/provider.rs"]
mod provider;
#[path = "system/query.rs"]
mod query;
#[path = "system/query_pages.rs"]
mod query_pages;
#[path = "system/quick_start.rs"]
mod quick_start;
#[path = "system/quotas.rs"]
mod quotas;
#[path = "system/readers.rs"]
mod readers;
#[path = "system/reflection.rs"]
mod reflection;
#[path = "system/relay.rs"]
mod relay;
#[path = "system/renewals.rs"]
mod renewals;
#[path = "system/resets.rs"]
mod resets;
#[path = "system/resume.rs"]
mod resume;
#[path = "system/retention.rs"]
mod retention;
#[path = "system/rights.rs"]
mod rights;
#[path = "system/role_changes.rs"]
mod role_changes;
#[path = "system/role_notices.rs"]
mod role_notices;
#[path = "system/secrets.rs"]
mod secrets;
#[path = "system/sessions.rs"]
mod sessions;
#[path = "system/sharing.rs"]
mod sharing;
#[path = "system/sheet_bounds.rs"]
mod sheet_bounds;
#[path = "system/sign_up.rs"]
mod sign_up;
#[path = "system/slow_reader.rs"]
mod slow_reader;
#[path = "system/small_messages.rs"]
mod small_messages;
#[path = "system/statements.rs"]
mod statements;
#[path = "system/tables.rs"]
mod tables;
#[path = "system/texts.rs"]
mod texts;
#[path = "system/three_servers.rs"]
mod three_servers;
#[path = "system/tls.rs"]
mod tls;
#[path = "system/two_servers.rs"]
mod two_servers;
#[path = "system/undo.rs"]
mod undo;
#[path = "system/values.rs"]
mod values;
