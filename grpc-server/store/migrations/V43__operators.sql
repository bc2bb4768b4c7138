-- What an operator sees: the jobs of all accounts, what their steps have cost, and the servers that run them.

-- Whether it sees and cancels the jobs of all accounts; `gridloom admin operator` sets it.
alter table accounts add column is_operator boolean not null default false;

-- The steps of the last attempt, and what each has cost so far; null: it has none.
alter table jobs add column plan jsonb check (octet_length(plan::text) <= 65536);

-- What a server has for queries, and its release; null: it is of an earlier one.
alter table nodes
    add column query_threads integer check (query_threads >= 0),
    add column query_memory_bytes bigint check (query_memory_bytes >= 0),
    add column release text check (octet_length(release) <= 100);

-- The jobs of all accounts, and of one account also those without a title. For each state alone, as those of persons.
create index jobs_of_all on jobs (state, created_at desc, id desc);
create index jobs_of_account_by_time on jobs (account, state, created_at desc, id desc) where account is not null;
-- The one above begins with the same column.
drop index jobs_of_account;
