-- What belongs to the kind of a column: options, the form of numbers, a locale; and four more kinds.

-- A constant default rewrites no row. V34 reads the columns that there are.
alter table columns add column settings text not null default '';
alter table columns drop constraint columns_kind_check;
alter table columns add constraint columns_kind_check check (kind in (
    'any', 'bool', 'number', 'text', 'datetime', 'date', 'local', 'choice', 'choices', 'link', 'email'
)) not valid;
