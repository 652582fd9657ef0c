-- Takes an attempt back. A number whose time is past gives nothing away when it moves further back.
-- KEYS: attempt
-- ARGV: what an attempt costs in ms
local free_at = redis.call('GET', KEYS[1])
if free_at then
  local moved = tonumber(free_at) - tonumber(ARGV[1])
  redis.call('SET', KEYS[1], string.format('%.0f', moved), 'KEEPTTL')
end
return 0
