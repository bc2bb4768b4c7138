-- How numbers and days are read for an account, as a language tag; empty: by no language; null: not chosen. Servers of an
-- earlier release leave it as it is.

alter table accounts add column locale text check (octet_length(locale) <= 35);
