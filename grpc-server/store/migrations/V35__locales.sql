-- How numbers and days are read for an account, as a language tag; empty: by no language; null: not chosen. Servers of an
-- earlier release leave it as it is.

alter table accounts add column locale text;
-- V36 reads the accounts that there are.
alter table accounts add constraint accounts_locale_check check (octet_length(locale) <= 35) not valid;
