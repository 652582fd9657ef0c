-- ARGV: ..., lifetime below which it is renewed (ms), the log that was read so far, the number and the mark
--       of the last entry read, at most
-- Gives the log's name, when it was begun, the number it is read after, and the next entries as number,
-- what and entry: from the first one for whoever has read another log, or entries that this one has lost.
local log, sequence = open_log()
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[4]) then
  keep_log()
end
local after = tonumber(ARGV[6])
if log ~= ARGV[5] or sequence < after then
  after = 0
else
  local last = redis.call('ZRANGEBYSCORE', KEYS[2], after, after)
  if last[1] then
    local mark = string.match(redis.call('HGET', KEYS[3], last[1]), '[^:]*$')
    if mark ~= ARGV[7] then
      after = 0
    end
  end
end
local from = '(' .. string.format('%.0f', after)
local found = redis.call('ZRANGEBYSCORE', KEYS[2], from, '+inf', 'WITHSCORES', 'LIMIT', 0, ARGV[8])
local read = {}
for i = 1, #found, 2 do
  read[#read + 1] = { found[i + 1], found[i], redis.call('HGET', KEYS[3], found[i]) }
end
return { log, redis.call('HGET', KEYS[1], 'begun_at_ms'), after, read }
