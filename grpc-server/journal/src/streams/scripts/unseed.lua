-- Takes a line of entries back that was begun at a head which was no longer that of Postgres.
-- KEYS: state
-- ARGV: head, seed
local known = redis.call('HMGET', KEYS[1], 'head', 'seed')
if known[1] == ARGV[1] and known[2] == ARGV[2] then
    redis.call('DEL', KEYS[1])
end
return 1
