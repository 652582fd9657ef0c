-- Moves a number of a live session forward, never back. 0: the session has ended.
-- KEYS: session, used, portals
-- ARGV: field, value, id, portal that was opened or ''
local was = redis.call('HMGET', KEYS[1], ARGV[1], 'ending')
if not was[1] or was[2] then
  return 0
end
local lives = redis.call('PTTL', KEYS[1])
if tonumber(was[1]) < tonumber(ARGV[2]) then
  redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
  if ARGV[1] == 'last_seen_at' then
    redis.call('ZADD', KEYS[2], ARGV[2], ARGV[3])
    -- The index outlives every session in it, unless somebody has deleted it.
    if redis.call('PTTL', KEYS[2]) < 0 then
      redis.call('PEXPIRE', KEYS[2], lives)
    end
  end
end
if ARGV[4] ~= '' then
  local used = redis.call('HGET', KEYS[3], ARGV[4])
  if not used or tonumber(used) < tonumber(ARGV[2]) then
    redis.call('HSET', KEYS[3], ARGV[4], ARGV[2])
  end
  redis.call('PEXPIRE', KEYS[3], lives)
end
return 1
