-- Views of tables: rows that match a filter, in an order, kept as Parquet. Their bytes are contents, as those of tables are.

create table file_views (
    -- The job that has made it.
    id uuid primary key,
    file uuid not null,
    number integer not null,
    content uuid not null unique references file_contents,
    -- The filter and the order, as the parameters of the job have them.
    question text not null check (octet_length(question) <= 131072),
    row_count bigint not null check (row_count >= 0),
    -- When it was made or read last, to within a minute.
    used_at timestamptz not null default now(),
    -- A view goes with its table, also when the file is read again.
    foreign key (file, number) references file_tables on delete cascade
);

-- A digest, since a question may be longer than an index allows.
create unique index file_views_once on file_views (file, number, md5(question));
create index file_views_unused on file_views (used_at);

create trigger file_views_release after delete on file_views referencing old table as gone for each statement
execute function release_file_contents();

-- Links that download a file without a token.
create table file_links (
    -- SHA-256 of the secret in the link.
    secret bytea primary key check (octet_length(secret) = 32),
    file uuid not null references files on delete cascade,
    owner uuid not null references accounts on delete cascade,
    ends_at timestamptz not null
);

create index file_links_of_owner on file_links (owner, ends_at);
create index file_links_of_file on file_links (file);
create index file_links_ended on file_links (ends_at);

-- The name that a caller gave the request of a job; null: none.
alter table jobs add column request_id text check (octet_length(request_id) <= 100);
create unique index jobs_once on jobs (account, request_id) where request_id is not null;
