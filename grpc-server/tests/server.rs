//! The real server, started as a library on a free port with its own embedded Postgres. The tests call it as clients
//! do: over gRPC, over grpc-web on HTTP/1.1, and as a browser that requests files.

#![expect(clippy::unwrap_used, reason = "a test that can't continue should stop where it stands")]

#[path = "server/accounts.rs"]
mod accounts;
#[path = "server/cells.rs"]
mod cells;
#[path = "server/columns.rs"]
mod columns;
#[path = "server/harness.rs"]
mod harness;
#[path = "server/imports.rs"]
mod imports;
#[path = "server/origins.rs"]
mod origins;
#[path = "server/sheets.rs"]
mod sheets;
#[path = "server/start.rs"]
mod start;
// Shared with the whole-system tests, which are another package.
#[path = "server/strangers.rs"]
mod strangers;
#[path = "../../integration/src/harness/stores/template.rs"]
mod template;
#[path = "server/web.rs"]
mod web;
