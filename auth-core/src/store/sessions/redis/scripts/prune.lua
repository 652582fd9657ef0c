-- Forgets entries that cover no living token any more.
-- ARGV: ..., now, at most
open_log()
local dead = redis.call('ZRANGEBYSCORE', KEYS[4], '-inf', ARGV[4], 'LIMIT', 0, ARGV[5])
for _, what in ipairs(dead) do
  redis.call('ZREM', KEYS[2], what)
  redis.call('HDEL', KEYS[3], what)
  redis.call('ZREM', KEYS[4], what)
end
if #dead > 0 then
  redis.call('HINCRBY', KEYS[1], 'entries', -#dead)
end
return #dead
