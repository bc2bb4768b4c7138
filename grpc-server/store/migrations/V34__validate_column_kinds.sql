-- Others read and change the columns meanwhile.
alter table columns validate constraint columns_kind_check;
