-- The log of revocations: what its scripts have in common.
-- KEYS: head, order, entries, ends
-- ARGV: a name for the log if it must be begun, when that would be (ms), lifetime of the keys in ms; ...

-- Name and last number of the log. One that has lost a part is of no use to anybody who has read some of it,
-- so it is begun anew, under another name.
local function open_log()
  local head = redis.call('HMGET', KEYS[1], 'log', 'sequence', 'entries')
  local entries = tonumber(head[3] or -1)
  if head[1] and redis.call('ZCARD', KEYS[2]) == entries
    and redis.call('HLEN', KEYS[3]) == entries and redis.call('ZCARD', KEYS[4]) == entries then
    return head[1], tonumber(head[2])
  end
  for i = 1, 4 do
    redis.call('DEL', KEYS[i])
  end
  redis.call('HSET', KEYS[1], 'log', ARGV[1], 'begun_at_ms', ARGV[2], 'sequence', 0, 'entries', 0)
  redis.call('PEXPIRE', KEYS[1], ARGV[3])
  return ARGV[1], 0
end

local function keep_log()
  for i = 1, 4 do
    redis.call('PEXPIRE', KEYS[i], ARGV[3])
  end
end
