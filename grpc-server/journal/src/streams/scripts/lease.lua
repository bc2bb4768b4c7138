-- Acquires (2) or renews (1) the lease on a sheet's commits.
-- KEYS: lease
-- ARGV: node, time to live in milliseconds
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then
    return 0
end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return holder and 1 or 2
