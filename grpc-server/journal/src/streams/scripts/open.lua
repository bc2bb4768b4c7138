-- Finds a sheet's stream, or begins one at the head that Postgres has.
-- KEYS: state, log
-- ARGV: head in Postgres, id of a new stream, time to live in seconds
local known = redis.call('HMGET', KEYS[1], 'head', 'stream')
if not known[1] then
    redis.call('DEL', KEYS[2])
    redis.call('HSET', KEYS[1], 'head', ARGV[1], 'stream', ARGV[2], 'committed', ARGV[1])
    redis.call('EXPIRE', KEYS[1], ARGV[3])
    return {'begun', ARGV[2]}
end
if tonumber(known[1]) < tonumber(ARGV[1]) then
    -- It began at an outdated head in Postgres: nothing can have been appended to it.
    redis.call('DEL', KEYS[1], KEYS[2])
    return {'stale'}
end
return {'open', known[2]}
