-- What it takes to look back and to undo: who meant what by a change, how to take it back, what
-- rows held before, and the order of lines now and then.

-- An undo, a redo and a restore are changes like any other; they say what they are, and what the
-- first two took back (`target` is a revision of the same sheet).
alter table changes
    add column origin text not null default 'edit'
        check (origin in ('edit', 'undo', 'redo', 'restore')),
    add column target bigint check ((target is not null) = (origin in ('undo', 'redo'))),
    -- The part of the inverse that can't be read off the tables later: where lines came from, which
    -- ones went, what columns were called. Null when the change sets cells only.
    add column inverse bytea,
    -- The head that the commit with this change stood on: the rows of `befores` that go with it.
    add column batch bigint;

update changes set batch = revision - 1;
alter table changes alter column batch set not null;

-- A person's own changes, newest first: what can be undone.
create index changes_by_account on changes (sheet, account, revision desc);

-- The changes that do more than set cells: going back walks over these.
create index changes_of_lines on changes (sheet, revision) where inverse is not null;

-- The cells of a row as they were at `revision`, those that the commit from there up to `through`
-- wrote. With the rows as they are now it gives any older state of any row.
create table befores (
    sheet uuid not null,
    id bigint not null,
    revision bigint not null,
    through bigint not null,
    cells jsonb not null,
    primary key (sheet, id, revision)
);

-- Written in the order of time, so this small kind of index finds the newest.
create index befores_by_time on befores using brin (sheet, through) with (pages_per_range = 16);

-- The order of rows and the columns at some revisions: where going back begins. `spans` are
-- (first id, length) pairs one after the other, `columns` a list of objects.
create table checkpoints (
    sheet uuid not null references sheets on delete cascade,
    revision bigint not null,
    spans bigint[] not null,
    columns jsonb not null,
    next_row_id bigint not null,
    next_column_id bigint not null,
    primary key (sheet, revision)
);

-- History begins where it was when this came.
insert into checkpoints (sheet, revision, spans, columns, next_row_id, next_column_id)
select
    sheets.id,
    sheets.head,
    coalesce((
        select array_agg(value order by spans.key, place)
        from spans, unnest(array[spans.start, spans.length]) with ordinality as pair (value, place)
        where spans.sheet = sheets.id
    ), '{}'),
    coalesce((
        select jsonb_agg(
            jsonb_build_object(
                'id', columns.id, 'name', columns.name, 'kind', columns.kind, 'width', columns.width
            ) order by columns.position
        )
        from columns where columns.sheet = sheets.id
    ), '[]'),
    sheets.next_row_id,
    sheets.next_column_id
from sheets;
