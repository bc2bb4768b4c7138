-- What each sheet takes in these tables, so that the bytes of an account have a limit.

-- The bytes at the last measurement: of rows, log, before images and checkpoints; null before the first one. And what
-- was written since, as the server counted it. The sum is never much below what the sheet takes.
alter table sheets
    add column measured_bytes bigint,
    add column written_bytes bigint not null default 0;

create index sheets_unmeasured on sheets (id) where measured_bytes is null;

-- The registry keeps so many ended sessions of each account.
create index live_sessions_of_account on live_sessions (account, ended_at desc) where ended_at is not null;

-- No row of a sheet takes more bytes. A sheet without a place here has rows of at most 64 KiB. An estimate is replaced
-- by a measurement.
create table largest_rows (
    sheet uuid primary key references sheets on delete cascade,
    bytes bigint not null,
    estimated boolean not null default false
);

create index largest_rows_estimated on largest_rows (bytes desc) where estimated;

-- Of earlier sheets only the number of columns is known, and that a cell has at most 64 KiB.
insert into largest_rows (sheet, bytes, estimated) select id, next_column_id * 66000, true from sheets;
