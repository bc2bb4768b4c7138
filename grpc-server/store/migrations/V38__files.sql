-- Files: their contents in pieces, the uploads that write them, and the place where the pieces lie.

-- The bytes that files share. The pieces themselves are objects in the place of the files, in a folder that has this id.
create table file_contents (
    id uuid primary key,
    -- Whose files may share it. No reference: a content stays until its objects are deleted, also after its account.
    owner uuid not null,
    -- Of one whose upload ended without a file, those that had arrived.
    bytes bigint not null check (bytes >= 0),
    -- Of each piece but the last one, which has the rest.
    piece_bytes bigint not null check (piece_bytes > 0),
    -- SHA-256 over the SHA-256 of all pieces; null while it is uploaded.
    digest bytea check (octet_length(digest) = 32),
    -- When a file or an upload last left it, or it was last given to the sweep; null: none has since it was named. Others may
    -- still name it, which the sweep looks up: no count can drift.
    released_at timestamptz,
    -- Its objects are being deleted. No file shares it any more.
    is_leaving boolean not null default false,
    -- A piece of it was missing in the place, or had other bytes. No further file shares it: its bytes can be uploaded again.
    is_damaged boolean not null default false,
    check (not is_leaving or released_at is not null)
);

create index file_contents_released on file_contents (released_at) where released_at is not null;
-- What an account still occupies with contents that nothing names.
create index file_contents_leaving on file_contents (owner) where released_at is not null;
-- Files of one owner with equal contents share one.
create unique index file_contents_once on file_contents (owner, digest)
    where digest is not null and not is_leaving and not is_damaged;

-- The pieces that are in the place. A row is never changed.
create table file_pieces (
    -- No cascade: the pieces of a large content are deleted in parts.
    content uuid not null references file_contents,
    number bigint not null check (number >= 0),
    -- SHA-256 of its bytes.
    digest bytea not null check (octet_length(digest) = 32),
    bytes bigint not null check (bytes > 0),
    primary key (content, number)
);

create table file_uploads (
    -- Of the file that it becomes, too.
    id uuid primary key,
    owner uuid not null references accounts on delete cascade,
    content uuid not null unique references file_contents,
    name text not null check (octet_length(name) between 1 and 800),
    -- The name that the caller gave its request; null: none.
    request_id text check (octet_length(request_id) <= 100),
    -- The sum of its pieces, which a lock on this row keeps.
    received bigint not null default 0 check (received >= 0),
    started_at timestamptz not null,
    -- When the last piece arrived, or it was started.
    last_at timestamptz not null
);

create index file_uploads_of_owner on file_uploads (owner);
create index file_uploads_idle on file_uploads (last_at);
create unique index file_uploads_once on file_uploads (owner, request_id) where request_id is not null;

create table files (
    id uuid primary key,
    owner uuid not null references accounts on delete cascade,
    content uuid not null references file_contents,
    name text not null check (octet_length(name) between 1 and 800),
    -- Those of the content, which never change: a list is sorted by them.
    bytes bigint not null check (bytes >= 0),
    -- Whether the owner had the content when the upload was finished: what the call that finished it answers again.
    is_known boolean not null,
    -- Of the upload, and the name of then: a call that is sent again finds the file, renamed or not.
    request_id text,
    request_name text,
    created_at timestamptz not null,
    removed_at timestamptz,
    -- Counts changes of the name and the removal; the source of the etag.
    version bigint not null default 1,
    check ((request_id is null) = (request_name is null))
);

create index files_of_content on files (content);
create index files_by_time on files (owner, created_at, id);
create index files_by_size on files (owner, bytes, id);
create index files_removed on files (removed_at) where removed_at is not null;
create unique index files_once on files (owner, request_id) where request_id is not null;

-- Accounts that have ended and whose files are still to be deleted.
create table file_purges (
    account uuid primary key references accounts on delete cascade
);

-- Contents of the place that have no row, and when a sweep has seen that. An operator who has restored a database that is
-- too old has time to restore a later one, before their objects are deleted.
create table file_strays (
    content uuid primary key,
    seen_at timestamptz not null default now()
);

-- Ids that servers have written to the marker of a place, or were about to: one for each server that has found no place
-- yet. A marker with another id belongs to another database.
create table file_place_offers (
    id uuid primary key
);

-- The place where the objects lie: one at most. Its marker has the same id, so that another place is never taken for it.
create table file_place (
    is_only boolean primary key default true check (is_only),
    id uuid not null references file_place_offers
);

-- Notes the contents that files or uploads have left. It locks them in the order of their ids, as all statements do that
-- lock several. They are looked up by an array, so that a plan for many rows, which is kept, reads no table for one.
create function release_file_contents() returns trigger language plpgsql as $$
begin
    perform 1 from file_contents where id = any(array(select content from gone)) order by id for no key update;
    update file_contents set released_at = now() where id = any(array(select content from gone));
    return null;
end
$$;

create trigger files_release after delete on files referencing old table as gone for each statement
execute function release_file_contents();

-- The same for uploads, whose contents have what has arrived. An upload that has become a file has all its bytes.
create function release_upload_contents() returns trigger language plpgsql as $$
begin
    perform 1 from file_contents where id = any(array(select content from gone)) order by id for no key update;
    update file_contents
    set released_at = now(), bytes = (select received from gone where gone.content = file_contents.id)
    where id = any(array(select content from gone));
    return null;
end
$$;

create trigger file_uploads_release after delete on file_uploads referencing old table as gone for each statement
execute function release_upload_contents();
