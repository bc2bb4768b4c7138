-- The right of a write is read where the write happens, after its waits. A volatile function reads at the time of its call,
-- a stable one, as `role_on` alone, at the beginning of the statement.

-- Whether an account has a role on a sheet that is not deleted, or a higher one. The share and the links that give it are
-- locked until the commit, so their end waits for the write; an owner that gives the sheet away stays an editor.
create function holds_role(of_sheet uuid, of_account uuid, at_least text) returns boolean language plpgsql volatile as $$
declare
    roles constant text[] := array['viewer', 'commenter', 'editor', 'owner'];
begin
    -- As the end of an account does: the account first.
    perform from accounts where id = of_account for key share;
    perform from shares
    where sheet = of_sheet and email = (select email from accounts where id = of_account)
    for share;
    perform from links
    where sheet = of_sheet and id in (select link from link_members where account = of_account)
    order by id for key share;
    perform from link_members
    where account = of_account and link in (select id from links where sheet = of_sheet)
    order by link for key share;
    return exists (select from sheets where id = of_sheet and deleted_at is null)
        and coalesce(array_position(roles, role_on(of_sheet, of_account)) >= array_position(roles, at_least), false);
end
$$;
