-- Comments whose first message never came: the sweep finds them.

create index threads_without_messages on threads (created_at) where kind = 'comment' and last = 0;
