-- Give back what dead runners held or lost. Answers {number given back, number that wait for a runner}.
local time, given = now(), 0
redis.call('ZREMRANGEBYSCORE', parked, '-inf', time)
for _, conversation in ipairs(redis.call('ZRANGEBYSCORE', active, '-inf', time, 'LIMIT', 0, 100)) do
  local meta = key(conversation, 'meta')
  if redis.call('LLEN', key(conversation, 'inbox')) == 0 then
    redis.call('ZREM', active, conversation)
  elseif redis.call('HDEL', meta, 'owner') == 0 and redis.call('LPOS', ready, conversation) then
    redis.call('ZADD', active, time + QUEUE_GRACE, conversation)
  else
    offer(conversation)
    given = given + 1
  end
end
local waiting = redis.call('LLEN', ready)
if waiting > 0 then
  redis.call('DEL', waking) -- wake-ups may have been lost; the caller sends new ones
end
return {given, waiting}
