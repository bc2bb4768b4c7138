-- Others read and change the accounts meanwhile.
alter table accounts validate constraint accounts_locale_check;
