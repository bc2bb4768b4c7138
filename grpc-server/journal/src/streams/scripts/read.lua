-- Reads the batches that end after a revision, and renews the keys while a node has the sheet open.
-- KEYS: state, log
-- ARGV: after, stream, most batches, bytes after which none follows, time to live in seconds
local known = redis.call('HMGET', KEYS[1], 'head', 'committed', 'stream')
if not known[1] or known[3] ~= ARGV[2] then
    return {'gap'}
end
local left = redis.call('TTL', KEYS[1])
if left >= 0 and left < tonumber(ARGV[5]) / 2 then
    redis.call('EXPIRE', KEYS[1], ARGV[5])
    redis.call('EXPIRE', KEYS[2], ARGV[5])
end
local answer = {'ok', known[1], known[2]}
local at, bytes, most = ARGV[1] .. '-0', 0, #answer + tonumber(ARGV[3])
while at ~= known[1] .. '-0' and #answer < most and bytes < tonumber(ARGV[4]) do
    local item = redis.call('XRANGE', KEYS[2], '(' .. at, '+', 'COUNT', 1)[1]
    if not item then
        break
    end
    at, bytes = item[1], bytes + #item[2][2]
    answer[#answer + 1] = item[2][2]
end
return answer
