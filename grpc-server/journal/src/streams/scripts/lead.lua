-- Takes (2) or keeps (1) the right to commit a sheet.
-- KEYS: lease
-- ARGV: node, time to live in milliseconds
local leader = redis.call('GET', KEYS[1])
if leader and leader ~= ARGV[1] then
    return 0
end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return leader and 1 or 2
