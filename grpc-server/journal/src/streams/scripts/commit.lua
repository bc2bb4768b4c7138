-- Stores how far a sheet is in Postgres, trims the log, and publishes the event.
-- KEYS: state, log, dirty
-- ARGV: committed, bytes behind the head that are kept, time to live in seconds, sheet, topic, message
local known = redis.call('HMGET', KEYS[1], 'head', 'committed', 'bytes')
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
-- The batch that ends at the committed revision stays in any case: it shows a node that opens the sheet its history.
-- A batch of an earlier release has no number of bytes, and lies before all that have one.
local all, at, trimmed = tonumber(known[3] or 0), '-', 0
while trimmed < 1024 do
    local item = redis.call('XRANGE', KEYS[2], at, '(' .. ARGV[1] .. '-0', 'COUNT', 1)[1]
    if not item or all - tonumber(item[2][4] or 0) <= tonumber(ARGV[2]) then
        break
    end
    at, trimmed = '(' .. item[1], trimmed + 1
end
if trimmed > 0 then
    -- The ids after it: the part behind its revision is 0 in all of them.
    redis.call('XTRIM', KEYS[2], 'MINID', string.sub(at, 2, -2) .. '1')
end
if known[1] == known[2] then
    redis.call('SREM', KEYS[3], ARGV[4])
    redis.call('EXPIRE', KEYS[1], ARGV[3])
    redis.call('EXPIRE', KEYS[2], ARGV[3])
end
redis.call('PUBLISH', ARGV[5], ARGV[6])
return 1
