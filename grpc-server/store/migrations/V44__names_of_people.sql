-- People are found by the first characters of a name in any letter case and encoding of accents, in a database of any locale.

-- The index of V15, by `lower` of the database, stays for servers of an earlier release.
create index accounts_by_folded_name on accounts (
    (upper(lower(normalize(display_name, nfc) collate texts))) text_pattern_ops, id);
