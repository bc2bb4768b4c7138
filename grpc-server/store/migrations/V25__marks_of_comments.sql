-- Marks of comments: a walk from cell to cell, which passes over the comments of a cell.

create index threads_marks on threads (sheet, row_id, column_id)
    where kind = 'comment' and last > 0 and resolved_at is null and deleted_at is null;

-- The cells of some rows with open comments, `most` at most, and how many each of them has, up to `counted`. The next cell
-- of a row is looked up by the index, so that a cell costs no more than what is counted of it.
create function comment_marks(of_sheet uuid, of_rows bigint[], most bigint, counted bigint)
returns table (row_id bigint, column_id bigint, comments bigint) language sql stable as $$
    select named.row_id, cell.column_id, cell.comments
    from unnest(of_rows) as named (row_id) cross join lateral (
        with recursive cells (column_id) as (
            (select threads.column_id from threads
            where sheet = of_sheet and kind = 'comment' and last > 0
                and resolved_at is null and deleted_at is null and threads.row_id = named.row_id
            order by threads.column_id limit 1)
            union all
            select (select threads.column_id from threads
                where sheet = of_sheet and kind = 'comment' and last > 0
                    and resolved_at is null and deleted_at is null and threads.row_id = named.row_id
                    and threads.column_id > cells.column_id
                order by threads.column_id limit 1)
            from cells where cells.column_id is not null
        )
        select cells.column_id, (
            select count(*) from (
                select from threads
                where sheet = of_sheet and kind = 'comment' and last > 0
                    and resolved_at is null and deleted_at is null and threads.row_id = named.row_id
                    and threads.column_id = cells.column_id
                limit counted
            ) as open
        ) as comments
        from cells where cells.column_id is not null
    ) as cell
    limit most
$$;
