-- Give back what dead runners held or lost. ARGV: lease ms, alone (1: no other worker can be holding anything). Answers {number given back, number that wait for a runner}.
local time, lease, given = now(), tonumber(ARGV[1]), 0
local alone = ARGV[2] == '1'
local clock = base .. 'clock'
local last = tonumber(redis.call('GET', clock) or time)
redis.call('SET', clock, time, 'EX', 86400)

-- Nobody looked for longer than a lease lasts: the clock jumped, or Redis or all workers were away. Leases that seem to be
-- over may not be, and some may seem to last for hours: their holders get half a lease to show life, where there are any.
if time - last > lease or last - time > 1000 then
  local held = redis.call('ZRANGE', active, 0, -1, 'WITHSCORES')
  for index = 1, #held, 2 do
    local over, far = tonumber(held[index + 1]) <= time, tonumber(held[index + 1]) > time + lease
    if far or (over and not alone and owned(redis.call('HGET', key(held[index], 'meta'), 'owner'))) then
      redis.call('ZADD', active, time + lease / 2, held[index])
    end
  end
  redis.call('ZREMRANGEBYSCORE', parked, time + 60000, '+inf')
end

redis.call('ZREMRANGEBYSCORE', parked, '-inf', time)
for _, conversation in ipairs(redis.call('ZRANGEBYSCORE', active, '-inf', time, 'LIMIT', 0, 100)) do
  local meta = key(conversation, 'meta')
  if redis.call('LLEN', key(conversation, 'inbox')) == 0 then
    redis.call('ZREM', active, conversation)
  else
    redis.call('ZADD', active, time + QUEUE_GRACE, conversation)
    if owned(redis.call('HGET', meta, 'owner')) or not redis.call('LPOS', ready, conversation) then
      redis.call('HDEL', meta, 'owner')
      offer(conversation)
      given = given + 1
    end
  end
end
local waiting = redis.call('LLEN', ready)
if waiting > 0 then
  redis.call('DEL', waking) -- wake-ups may have been lost; the caller sends new ones
end
return {given, waiting}
