//! The statements of a commit: one for batches of cells, one that also changes the order of rows, one for
//! all.
//!
//! Not their parameters: see `arrays`. Invariant: every part depends on `head`, which finds no row unless the
//! sheet is at the batch's previous revision.

/// The part of every commit. All its parts see the tables as they were before it, so `was` finds
/// what the rows held. On a row that exists the patch wins, and its nulls take cells away; on
/// one that does not they stay, and mean nothing to readers: leaving them out of what is inserted
/// would leave them out of `excluded`, too.
macro_rules! commit_cells {
    () => {
        "with head as (
            update sheets set head = $3, next_row_id = $4, next_column_id = $5, row_count = $6,
                changed_at = greatest(changed_at, $7), written_bytes = written_bytes + $21
            where id = $1 and head = $2
            returning id
        ), log as (
            insert into changes (
                sheet, revision, client, sequence, base, account, at, delta, inverse, origin, target,
                edit_group, batch
            )
            select head.id, entry.*, $2 from head, unnest(
                $8::bigint[], $9::uuid[], $10::bigint[], $11::bigint[], $12::uuid[],
                $13::timestamptz[], $14::bytea[], $15::bytea[], $16::text[], $17::bigint[],
                $22::bigint[]
            ) as entry
        ), was as (
            insert into before_images (sheet, id, revision, through, cells)
            select head.id, patch.id, $2, $3, (
                select jsonb_object_agg(key, rows.cells -> key)
                from jsonb_object_keys(patch.cells) as key
            )
            from head
            cross join unnest($18::bigint[], $19::jsonb[]) as patch (id, cells)
            left join rows on rows.sheet = $1 and rows.id = patch.id
            where patch.id < $20
        ), bodies as (
            insert into rows (sheet, id, cells)
            select head.id, patch.* from head, unnest($18::bigint[], $19::jsonb[]) as patch
            on conflict (sheet, id) do update
            set cells = jsonb_strip_nulls(rows.cells || excluded.cells)
            returning rows.id, pg_column_size(rows.cells) as bytes
        ), largest as (
            insert into largest_rows (sheet, bytes)
            select $1, max(bytes) from bodies having max(bytes) > 65536
            on conflict (sheet) do update set bytes = excluded.bytes
            where largest_rows.bytes < excluded.bytes
        )"
    };
}

/// The part of commits that change the order of rows.
macro_rules! commit_spans {
    () => {
        ", gone as (
            delete from spans using head
            where spans.sheet = head.id and spans.key = any($23::bigint[])
        ), placed as (
            insert into spans (sheet, key, start, length)
            select head.id, span.* from head,
                unnest($24::bigint[], $25::bigint[], $26::bigint[]) as span
            on conflict (sheet, key) do update
            set start = excluded.start, length = excluded.length
        )"
    };
}

/// The part of commits that change columns.
macro_rules! commit_columns {
    () => {
        ", dropped as (
            delete from columns using head
            where columns.sheet = head.id and columns.id <> all($27::bigint[])
        ), listed as (
            insert into columns (sheet, id, position, name, kind, width, settings)
            select head.id, item.id, item.place - 1, item.name, item.kind, item.width, item.settings
            from head, unnest($27::bigint[], $28::text[], $29::text[], $30::bigint[], $31::text[])
                with ordinality as item (id, name, kind, width, settings, place)
            on conflict (sheet, id) do update
            set position = excluded.position, name = excluded.name, kind = excluded.kind,
                width = excluded.width, settings = excluded.settings
        )"
    };
}

/// The answer of every commit: its large rows.
macro_rules! large_rows {
    () => {
        " select array(select id from bodies where bytes > 65536 order by id),
            array(select bytes from bodies where bytes > 65536 order by id)
        from head"
    };
}

pub(super) const COMMIT_CELLS: &str = concat!(commit_cells!(), large_rows!());
pub(super) const COMMIT_SPANS: &str = concat!(commit_cells!(), commit_spans!(), large_rows!());
pub(super) const COMMIT_ALL: &str =
    concat!(commit_cells!(), commit_spans!(), commit_columns!(), large_rows!());
