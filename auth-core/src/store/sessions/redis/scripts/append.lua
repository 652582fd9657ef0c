-- ARGV: ..., channel; then what is revoked, when (ms), until, a random mark, ...
-- Gives number and entry of each; what is in the log already stays as it is there.
local _, sequence = open_log()
local given, added = {}, 0
for i = 5, #ARGV, 4 do
  local what = ARGV[i]
  local number = redis.call('ZSCORE', KEYS[2], what)
  if number then
    given[#given + 1] = { tonumber(number), redis.call('HGET', KEYS[3], what) }
  else
    local entry = ARGV[i + 1] .. ':' .. ARGV[i + 2] .. ':' .. ARGV[i + 3]
    sequence, added = sequence + 1, added + 1
    redis.call('ZADD', KEYS[2], sequence, what)
    redis.call('HSET', KEYS[3], what, entry)
    redis.call('ZADD', KEYS[4], ARGV[i + 2], what)
    given[#given + 1] = { sequence, entry }
  end
end
if added > 0 then
  redis.call('HSET', KEYS[1], 'sequence', sequence)
  redis.call('HINCRBY', KEYS[1], 'entries', added)
  keep_log()
  -- Says nothing but that there is something to read.
  redis.call('PUBLISH', ARGV[4], '')
end
return given
