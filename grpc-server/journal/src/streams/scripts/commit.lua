-- Stores how far a sheet is in Postgres, trims the log, and publishes the event.
-- KEYS: state, log, dirty
-- ARGV: committed, oldest revision kept in the log, time to live in seconds, sheet, topic, message
local known = redis.call('HMGET', KEYS[1], 'head', 'committed')
if not known[1] then
    redis.call('SREM', KEYS[3], ARGV[4])
    return 0
end
if tonumber(ARGV[1]) > tonumber(known[1]) then
    return 0
end
if tonumber(ARGV[1]) > tonumber(known[2]) then
    redis.call('HSET', KEYS[1], 'committed', ARGV[1])
    known[2] = ARGV[1]
end
redis.call('XTRIM', KEYS[2], 'MINID', ARGV[2] .. '-0')
if known[1] == known[2] then
    redis.call('SREM', KEYS[3], ARGV[4])
    redis.call('EXPIRE', KEYS[1], ARGV[3])
    redis.call('EXPIRE', KEYS[2], ARGV[3])
end
redis.call('PUBLISH', ARGV[5], ARGV[6])
return 1
