-- Which sessions of a partition are past a limit, or were left half-ended.
-- KEYS: ending, used, begun
-- ARGV: now, bound of last use, bound of sign-in, at most
local due, known = {}, {}
for i = 1, 3 do
  local ids = redis.call('ZRANGEBYSCORE', KEYS[i], '-inf', ARGV[i], 'LIMIT', 0, ARGV[4])
  for _, id in ipairs(ids) do
    if not known[id] then
      known[id] = true
      due[#due + 1] = id
    end
  end
end
return due
