-- The colour that the owner of an account has chosen; 0: none.

alter table accounts
    add column color smallint not null default 0 check (color between 0 and 12);
