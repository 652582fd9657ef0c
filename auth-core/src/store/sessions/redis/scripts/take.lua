-- Reads and spends a one-time value, kept as its last second, a colon and the payload.
-- KEYS: value
-- ARGV: now
local kept = redis.call('GET', KEYS[1])
if not kept then
  return false
end
redis.call('DEL', KEYS[1])
local ends = string.match(kept, '^(%-?%d+):')
if not ends or tonumber(ends) <= tonumber(ARGV[1]) then
  return false
end
return string.sub(kept, #ends + 2)
