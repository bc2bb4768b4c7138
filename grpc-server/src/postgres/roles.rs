//! The roles of the cluster: a superuser that nothing can sign in as, and the role of the server, which owns its
//! database and nothing else.
//!
//! They are set up by Postgres in its single-user mode, while no server runs: it needs no password and no role that
//! may sign in. Clusters of earlier releases, whose only role was a superuser, get the same. Not the tables: `store`
//! migrates those. Invariant: each statement may run again.

use std::io::{self, Write as _};
use std::process::{Command, Stdio};

use super::PostgresError;

/// The database that the cluster is for.
pub(super) const DATABASE: &str = "gridloom";
/// The role of the server.
pub(super) const ROLE: &str = "gridloom";
/// The superuser; it has no password and may not sign in.
pub(super) const SUPERUSER: &str = "postgres";
/// The number of this set-up; a cluster with another one is set up again.
pub(super) const VERSION: &str = "1";
/// Which role may sign in where: no other one, and nowhere else.
pub(super) const ACCESS: &str = "local gridloom gridloom scram-sha-256\n";
/// What the output has in place of the password.
const HIDDEN: &str = "(password)";
/// The object id of the role that `initdb` makes.
const FIRST_ROLE: u32 = 10;

/// In the database `postgres`. In this mode each line is one statement, and an error ends the statement alone: the
/// first connection of the server shows whether all is there.
fn in_postgres(password: &str) -> Vec<String> {
    vec![
        // Earlier releases gave the name of the server's role to the superuser. No statement renames the role of its
        // own session.
        format!("update pg_authid set rolname = '{SUPERUSER}' where oid = {FIRST_ROLE}"),
        format!("alter role {SUPERUSER} nologin password null"),
        format!(
            "do $$ begin if not exists (select from pg_roles where rolname = '{ROLE}') then \
             create role {ROLE}; end if; end $$"
        ),
        format!(
            "alter role {ROLE} with login nosuperuser nocreatedb nocreaterole noreplication \
             nobypassrls password '{password}'"
        ),
        // It may be there already.
        format!("create database {DATABASE} owner {ROLE}"),
        format!("alter database {DATABASE} owner to {ROLE}"),
        format!("revoke all on database {DATABASE}, postgres, template1 from public"),
    ]
}

/// In the server's database: what the superuser of an earlier release owns there becomes the role's.
fn in_database() -> Vec<String> {
    let owned = format!("relowner = {FIRST_ROLE} and relnamespace = 'public'::regnamespace");
    vec![
        format!(
            "do $$ declare it record; begin for it in select oid::regclass as name from pg_class \
             where {owned} and (relkind in ('r', 'p', 'v', 'm', 'f') or relkind = 'S' and not exists \
             (select from pg_depend where objid = pg_class.oid and deptype in ('a', 'i'))) loop \
             execute format('alter table %s owner to {ROLE}', it.name); end loop; end $$"
        ),
        format!(
            "do $$ declare it record; begin for it in select oid::regprocedure as name from pg_proc \
             where proowner = {FIRST_ROLE} and pronamespace = 'public'::regnamespace loop \
             execute format('alter routine %s owner to {ROLE}', it.name); end loop; end $$"
        ),
        format!(
            "do $$ declare it record; begin for it in select oid::regtype as name from pg_type \
             where typowner = {FIRST_ROLE} and typnamespace = 'public'::regnamespace and \
             typtype in ('e', 'd', 'r') loop \
             execute format('alter type %s owner to {ROLE}', it.name); end loop; end $$"
        ),
    ]
}

/// Sets up the roles. `single` gives the command that runs Postgres alone on a database.
pub(super) fn set_up(
    single: impl Fn(&str) -> Command,
    password: &str,
) -> Result<(), PostgresError> {
    run(single("postgres"), &in_postgres(password), password)?;
    run(single(DATABASE), &in_database(), password)
}

fn run(mut command: Command, statements: &[String], secret: &str) -> Result<(), PostgresError> {
    let fail = |error: io::Error| PostgresError::io("cannot run Postgres alone", error);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(fail)?;
    if let Some(mut input) = child.stdin.take() {
        // It is shorter than a pipe holds. A program that has ended reports why in its output.
        let _ = input.write_all(format!("{}\n", statements.join("\n")).as_bytes());
    }
    let output = child.wait_with_output().map_err(fail)?;
    let printed = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    let printed = printed.replace(secret, HIDDEN);
    if !output.status.success() {
        let output = printed.trim().to_owned();
        return Err(PostgresError::Program { program: "postgres --single", output });
    }
    for line in printed.lines().filter(|line| line.contains("ERROR:")) {
        tracing::debug!(line, "a statement of the set-up had no effect");
    }
    Ok(())
}
