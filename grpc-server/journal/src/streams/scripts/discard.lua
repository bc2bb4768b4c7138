-- Removes a sheet that was deleted, or one whose entries are parked up to a revision.
-- KEYS: state, log, dirty, lease
-- ARGV: sheet, its head, or nothing where that does not matter
if ARGV[2] ~= '' and redis.call('HGET', KEYS[1], 'head') ~= ARGV[2] then
    return 0
end
redis.call('DEL', KEYS[1], KEYS[2], KEYS[4])
redis.call('SREM', KEYS[3], ARGV[1])
return 1
