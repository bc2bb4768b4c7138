-- An edit of a message by a server of a release before V23 sets the text and the mentions, and leaves the names of the
-- text before. It is recognized by the names, which it does not change.

create or replace function mention_names_of_edit() returns trigger language plpgsql as $$
begin
    new.mention_names := mention_names(new.mentions, new.text, old.mentions, old.mention_names);
    return new;
end
$$;

-- An edit of this release that changes no name has computed the same names.
create or replace trigger messages_mention_names before update of text, mentions on messages for each row
    when (new.mention_names is not distinct from old.mention_names)
    execute function mention_names_of_edit();
