-- Forgets a sheet that is gone for good.
-- KEYS: state, log, dirty, lease
-- ARGV: sheet
redis.call('DEL', KEYS[1], KEYS[2], KEYS[4])
redis.call('SREM', KEYS[3], ARGV[1])
return 1
