-- Texts are folded as Unicode does it in full: ẞ is ß and SS, ϴ is Θ, and ı is no i.

-- Capitals of small letters: some capitals, such as ẞ, have no other capital, and their small letters have. Since `ı` has the
-- capital of `i`, a noncharacter marks it meanwhile. No index and no column depends on the function.
create or replace function folded_text(of_text text) returns text language sql immutable parallel safe as $$
    select case
        when octet_length(of_text) = length(of_text) then upper(of_text collate "C") collate texts
        when has_mark_run(of_text) then replace(
            upper(replace(lower(of_text collate texts), U&'\0131', U&'\FDD0i')), U&'\FDD0I', U&'\0131')
        else normalize(replace(
            upper(replace(lower(normalize(of_text, nfc) collate texts), U&'\0131', U&'\FDD0i')),
            U&'\FDD0I', U&'\0131'), nfc)
    end
$$;
