-- Last step of an end, once the log knows: forgets the sessions. Gives the ids that this call has forgotten.
-- KEYS: ending, used, begun; then session, portals, account, ...
-- ARGV: id, ...
local ended = {}
for i = 1, #ARGV do
  local id, at = ARGV[i], 3 * i + 1
  if redis.call('HEXISTS', KEYS[at], 'ending') == 1 then
    redis.call('DEL', KEYS[at])
    ended[#ended + 1] = id
  end
  redis.call('DEL', KEYS[at + 1])
  redis.call('SREM', KEYS[at + 2], id)
  for index = 1, 3 do
    redis.call('ZREM', KEYS[index], id)
  end
end
return ended
