-- Appends one batch after `previous`, or returns what came first.
-- KEYS: state, log, dirty, turn
-- ARGV: previous, head after the batch, stream, node, sheet, topic, losses in a row, turn in
-- milliseconds, inline limit in bytes, bytes after which no batch follows, prefix of the message, batch
local known = redis.call('HMGET', KEYS[1], 'head', 'stream')
if not known[1] or known[2] ~= ARGV[3] then
    return {'gap'}
end
local turn = redis.call('GET', KEYS[4])
if known[1] ~= ARGV[1] then
    -- The other nodes wait for a moment for a node that has lost several times in a row.
    if tonumber(ARGV[7]) >= 2 and not turn then
        redis.call('SET', KEYS[4], ARGV[4], 'PX', ARGV[8])
    end
    local answer, at, bytes = {'lost'}, ARGV[1] .. '-0', 0
    while at ~= known[1] .. '-0' and #answer < 65 and bytes < tonumber(ARGV[10]) do
        local item = redis.call('XRANGE', KEYS[2], '(' .. at, '+', 'COUNT', 1)[1]
        if not item then
            break
        end
        at, bytes = item[1], bytes + #item[2][2]
        answer[#answer + 1] = item[2][2]
    end
    return answer
end
if turn and turn ~= ARGV[4] then
    return {'wait'}
end
-- Each batch has the bytes of the stream up to its end, by which `commit` knows how far it is behind the head.
local bytes = redis.call('HINCRBY', KEYS[1], 'bytes', #ARGV[12])
redis.call('XADD', KEYS[2], ARGV[2] .. '-0', 'b', ARGV[12], 'end', bytes)
redis.call('HSET', KEYS[1], 'head', ARGV[2])
redis.call('SADD', KEYS[3], ARGV[5])
redis.call('PERSIST', KEYS[1])
redis.call('PERSIST', KEYS[2])
if turn then
    redis.call('DEL', KEYS[4])
end
local message = ARGV[11]
if #ARGV[12] <= tonumber(ARGV[9]) then
    message = message .. ARGV[12]
end
redis.call('PUBLISH', ARGV[6], message)
return {'ok'}
