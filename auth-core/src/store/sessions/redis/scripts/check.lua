-- Whether this user may do what the store needs: write, tell, forget.
-- KEYS: check
-- ARGV: channel
redis.call('SET', KEYS[1], '1', 'PX', 1000)
redis.call('PUBLISH', ARGV[1], '')
return redis.call('DEL', KEYS[1])
