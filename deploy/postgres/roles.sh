#!/usr/bin/env bash
# Sets up a new cluster, once: the role `gridloom` owns its database and nothing else, and no role signs in from
# elsewhere but this one to this database. The image runs it as the superuser, before Postgres listens. The superuser
# has no password; in the container, `psql` as the account postgres reaches it.
set -euo pipefail

: "${POSTGRES_PASSWORD:?the password of the servers is needed}"
: "${PGDATA:?the directory of the cluster is needed}"

psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" --dbname postgres <<'SQL'
\getenv password POSTGRES_PASSWORD
create role gridloom with login nosuperuser nocreatedb nocreaterole noreplication nobypassrls password :'password';
create database gridloom owner gridloom;
revoke all on database gridloom, postgres, template1 from public;
alter role current_user password null;
SQL

cat >"$PGDATA/pg_hba.conf" <<'ACCESS'
local all      postgres     peer
host  gridloom gridloom all scram-sha-256
ACCESS
