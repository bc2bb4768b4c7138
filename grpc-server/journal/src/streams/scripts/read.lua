-- Reads the batches that end after a revision, and renews the keys while a node has the sheet open.
-- KEYS: state, log
-- ARGV: after, stream, batches, time to live in seconds
local known = redis.call('HMGET', KEYS[1], 'head', 'committed', 'stream')
if not known[1] or known[3] ~= ARGV[2] then
    return {'gap'}
end
local left = redis.call('TTL', KEYS[1])
if left >= 0 and left < tonumber(ARGV[4]) / 2 then
    redis.call('EXPIRE', KEYS[1], ARGV[4])
    redis.call('EXPIRE', KEYS[2], ARGV[4])
end
local answer = {'ok', known[1], known[2]}
if known[1] ~= ARGV[1] then
    for _, item in ipairs(redis.call('XRANGE', KEYS[2], '(' .. ARGV[1] .. '-0', '+', 'COUNT', ARGV[3])) do
        answer[#answer + 1] = item[2][2]
    end
end
return answer
