-- Appends one batch after `previous`, or returns what came first.
-- KEYS: state, log, dirty, turn
-- ARGV: previous, head after the batch, stream, node, sheet, topic, losses in a row, turn in
-- milliseconds, inline limit in bytes, prefix of the message, batch
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
    local answer = {'lost'}
    for _, item in ipairs(redis.call('XRANGE', KEYS[2], '(' .. ARGV[1] .. '-0', '+', 'COUNT', 64)) do
        answer[#answer + 1] = item[2][2]
    end
    return answer
end
if turn and turn ~= ARGV[4] then
    return {'wait'}
end
redis.call('XADD', KEYS[2], ARGV[2] .. '-0', 'b', ARGV[11])
redis.call('HSET', KEYS[1], 'head', ARGV[2])
redis.call('SADD', KEYS[3], ARGV[5])
redis.call('PERSIST', KEYS[1])
redis.call('PERSIST', KEYS[2])
if turn then
    redis.call('DEL', KEYS[4])
end
local message = ARGV[10]
if #ARGV[11] <= tonumber(ARGV[9]) then
    message = message .. ARGV[11]
end
redis.call('PUBLISH', ARGV[6], message)
return {'ok'}
