-- Reads the columns that there were before V28. Others read and write the table meanwhile.
alter table columns validate constraint columns_kind_check;
