-- First step of an end: the sessions that are meant live no more from here on, for any reader.
-- KEYS: ending, used, begun, session, ...
-- ARGV: when whoever began this may be presumed gone (s), now in ms, until, bound of last use or '',
--       bound of sign-in or '', '' or 'd' and a device, lifetime of the index in ms; then id, ...
-- Gives id, end's ms, until, account and cookie of each, those whose end another process has begun included.
local due, at_ms, ends = ARGV[1], ARGV[2], ARGV[3]
local used_bound, begun_bound = tonumber(ARGV[4]), tonumber(ARGV[5])
local device, keep = ARGV[6], ARGV[7]

local function meant(session)
  if device ~= '' and session[5] ~= string.sub(device, 2) then
    return false
  end
  if used_bound then
    return tonumber(session[3]) <= used_bound or tonumber(session[4]) <= begun_bound
  end
  return true
end

local found = {}
for i = 4, #KEYS do
  local id = ARGV[i + 4]
  local session = redis.call('HMGET', KEYS[i],
    'account', 'cookie', 'last_seen_at', 'created_at', 'device', 'ending')
  if not session[1] then
    for index = 1, 3 do
      redis.call('ZREM', KEYS[index], id)
    end
  else
    local ending = session[6]
    if not ending and meant(session) then
      ending = at_ms .. ':' .. ends
      redis.call('HSET', KEYS[i], 'ending', ending)
      redis.call('ZADD', KEYS[1], due, id)
      redis.call('PEXPIRE', KEYS[1], keep)
      redis.call('ZREM', KEYS[2], id)
      redis.call('ZREM', KEYS[3], id)
    end
    if ending and (device == '' or session[5] == string.sub(device, 2)) then
      local begun_at, until_then = string.match(ending, '^(%-?%d+):(%-?%d+)$')
      found[#found + 1] = { id, begun_at, until_then, session[1], session[2] }
    end
  end
end
return found
