-- How work is handed out.
local waking = base .. 'waking'
local MOST_WAKING = 64

-- Hand an active conversation to a parked runner, or put it on the list; returns 1 when somebody should be woken.
local function offer(conversation)
  local time = now()
  while true do
    local runner = redis.call('ZPOPMAX', parked)
    if not runner[1] then
      break
    end
    if tonumber(runner[2]) > time then
      redis.call('RPUSH', base .. 'hand:' .. runner[1], conversation)
      redis.call('EXPIRE', base .. 'hand:' .. runner[1], 60)
      return 0
    end
  end
  redis.call('RPUSH', ready, conversation)
  if tonumber(redis.call('GET', waking) or 0) >= MOST_WAKING then
    return 0 -- enough wake-ups are on their way, and whoever comes takes all that is ready
  end
  redis.call('INCR', waking)
  redis.call('EXPIRE', waking, 5)
  return 1
end
