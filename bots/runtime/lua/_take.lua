-- How work is taken.

-- Take the lease and answer everything that the turn needs, or nothing when there is nothing to do or another holds it.
-- The first nine values of `meta` stand in the answer as bots.runtime.leases names them.
local function take(conversation, owner, lease)
  local meta, time = key(conversation, 'meta'), now()
  local head = redis.call('LINDEX', key(conversation, 'inbox'), 0)
  if not head then
    redis.call('ZREM', active, conversation)
    return nil
  end
  local about = redis.call('HMGET', meta, 'bot', 'bot_key', 'organization', 'ref', 'seconds', 'error_text', 'env',
    'facts', 'state', 'owner', 'attempts')
  if owned(about[10]) and tonumber(redis.call('ZSCORE', active, conversation) or 0) > time then
    return nil
  end
  redis.call('ZADD', active, time + lease, conversation)
  local attempts = tonumber(about[11] or 0) + 1
  local turn, message = string.match(head, '^(%d+) (.*)$')
  local lines = {}
  if attempts == 1 then
    redis.call('HSET', meta, 'owner', owner, 'attempts', attempts, 'at', turn, 'entry', '0')
    lines[1] = add(conversation, turn .. '-0', 'consumer', message, true)
  else
    redis.call('HSET', meta, 'owner', owner, 'attempts', attempts)
  end
  lines[#lines + 1] = '- typing {"turn":' .. turn .. '}'
  publish(conversation, 'stream', lines)
  return {
    conversation, turn, message, attempts, about, redis.call('HGETALL', key(conversation, 'vars')),
    attempts > 1 and redis.call('LRANGE', key(conversation, 'early'), 0, -1) or {},
  }
end

-- Take the first ready conversation that can be taken, or nothing.
local function take_ready(owner, lease)
  while true do
    local conversation = redis.call('LPOP', ready)
    local claim = conversation and take(conversation, owner, lease)
    if claim or not conversation then
      return claim or nil
    end
  end
end

-- Put a runner among those that wait for work, for some ms (0: it does not want to), if not enough of them do.
local function park(runner, ms, most)
  if ms == 0 or redis.call('ZCARD', parked) >= most then
    return 'nothing'
  end
  redis.call('ZADD', parked, now() + ms, runner)
  return 'parked'
end
