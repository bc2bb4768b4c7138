-- Finds a sheet's line of entries, or begins one at the head that Postgres has.
-- KEYS: state, log
-- ARGV: head in Postgres, seed of a new line, time to live in seconds
local known = redis.call('HMGET', KEYS[1], 'head', 'seed')
if not known[1] then
    redis.call('DEL', KEYS[2])
    redis.call('HSET', KEYS[1], 'head', ARGV[1], 'seed', ARGV[2], 'committed', ARGV[1])
    redis.call('EXPIRE', KEYS[1], ARGV[3])
    return {'seeded', ARGV[2]}
end
if tonumber(known[1]) < tonumber(ARGV[1]) then
    -- Begun by somebody who had read Postgres long before: nothing can have been appended to it.
    redis.call('DEL', KEYS[1], KEYS[2])
    return {'stale'}
end
return {'open', known[2]}
