-- Removes a stream that began at a head which Postgres has passed.
-- KEYS: state
-- ARGV: head, stream
local known = redis.call('HMGET', KEYS[1], 'head', 'stream')
if known[1] == ARGV[1] and known[2] == ARGV[2] then
    redis.call('DEL', KEYS[1])
end
return 1
