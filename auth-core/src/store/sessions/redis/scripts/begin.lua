-- Writes a session and puts it into the indexes of its partition.
-- KEYS: session, account, used, begun
-- ARGV: lifetime of the keys in ms, id, last use, sign-in; then field, value, ...
local keep, id = ARGV[1], ARGV[2]
redis.call('HSET', KEYS[1], unpack(ARGV, 5))
redis.call('SADD', KEYS[2], id)
redis.call('ZADD', KEYS[3], ARGV[3], id)
redis.call('ZADD', KEYS[4], ARGV[4], id)
for i = 1, 4 do
  redis.call('PEXPIRE', KEYS[i], keep)
end
return 1
