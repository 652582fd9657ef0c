-- Counts an attempt by GCRA. 0: allowed; otherwise the wait in ms.
-- KEYS: attempt
-- ARGV: now in ms, what an attempt costs in ms, attempts, time to keep the number longer than needed in ms
local now, step, most = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local furthest = now + step * most
local free_at = tonumber(redis.call('GET', KEYS[1]) or nil)

local function keep(moment)
  local lives = math.max(moment - now, 0) + tonumber(ARGV[4])
  redis.call('SET', KEYS[1], string.format('%.0f', moment), 'PX', string.format('%.0f', lives))
end

if not free_at or free_at <= now then
  keep(now + step)
  return 0
end
if free_at <= furthest - step then
  keep(free_at + step)
  return 0
end
-- No attempt gets beyond it; a clock that was set back does. It must not refuse for long.
if free_at > furthest then
  free_at = furthest
  keep(free_at)
end
return free_at + step - furthest
