-- Put before every script. KEYS[1] is any key of the shard; all keys of a shard share its hash tag and so its slot.
local base = string.match(KEYS[1], '^(.-{%d+}:)')
local active, ready, parked, waking = base .. 'active', base .. 'ready', base .. 'parked', base .. 'waking'
local PARTS = {'meta', 'vars', 'inbox', 'seen', 'stream', 'log', 'journal', 'early', 'calls'}
local QUEUE_GRACE = 2000 -- a conversation that is neither on a list nor held that long was lost by a dead runner
local MOST_WAKING = 64
local LINES_REACH = 1000000 -- more lines than a turn can have

local function now()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

local function key(conversation, part)
  return base .. 'c:' .. conversation .. ':' .. part
end

-- Whether this runner holds the conversation for this turn. Without the turn, a commit that is sent again because its
-- answer was lost could answer the next message of the conversation, which the same runner may hold by then.
local function holds(conversation, owner, turn)
  local held = redis.call('HMGET', key(conversation, 'meta'), 'owner', 'at')
  return held[1] == owner and held[2] == turn
end

-- Push the end of the session forward, for those parts that are there once a turn is over, and others that are named.
local function touch(conversation, ...)
  local about = redis.call('HMGET', key(conversation, 'meta'), 'seconds', 'ref')
  for _, part in ipairs({'meta', 'vars', 'seen', 'stream', 'log', ...}) do
    redis.call('EXPIRE', key(conversation, part), about[1])
  end
  if string.sub(about[2], 1, 2) == 'd:' then
    redis.call('EXPIRE', key(conversation, 'calls'), about[1])
    redis.call('EXPIRE', base .. 'spec:' .. string.sub(about[2], 3), about[1] + 60)
  end
end

-- Append an event under this id; returns its published line.
local function add(conversation, id, event, data)
  redis.call('XADD', key(conversation, 'stream'), 'MAXLEN', '~', 1000, id, 'event', event, 'data', data)
  return id .. ' ' .. event .. ' ' .. data
end

-- Append events (event, data, event, data ...) of a turn under the next ids `turn-n`; returns their published lines.
local function append(conversation, turn, events)
  local lines, count = {}, #events / 2
  if count > 0 then
    local before = redis.call('HINCRBY', key(conversation, 'meta'), 'entry', count) - count
    for index = 1, count do
      lines[index] = add(conversation, turn .. '-' .. (before + index), events[2 * index - 1], events[2 * index])
    end
  end
  return lines
end

-- A line of the log, or a list of all lines of a turn. Readers count the lines of a list on from its id, so a second entry
-- of the same millisecond is moved out of the first one's reach.
local function append_log(conversation, data)
  local log, event, most = key(conversation, 'log'), 'log', 2000
  if string.sub(data, 1, 1) == '[' then
    event, most = 'lines', 200
  end
  local id = redis.call('XADD', log, 'MAXLEN', '~', most, '*', 'event', event, 'data', data)
  local time, place = string.match(id, '^(%d+)-(%d+)$')
  if event == 'lines' and place ~= '0' then
    redis.call('XDEL', log, id)
    id = time .. '-' .. string.format('%.0f', (math.floor(tonumber(place) / LINES_REACH) + 1) * LINES_REACH)
    redis.call('XADD', log, 'MAXLEN', '~', most, id, 'event', event, 'data', data)
  end
  return id .. ' ' .. event .. ' ' .. data
end

local function publish(conversation, part, lines)
  if #lines > 0 then
    redis.call('PUBLISH', key(conversation, part), table.concat(lines, '\n'))
  end
end

-- Hand a conversation to a parked runner, or put it on the list; returns 1 when somebody should be woken.
local function offer(conversation)
  local time = now()
  redis.call('ZADD', active, time + QUEUE_GRACE, conversation)
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

-- Take the lease and answer everything that the turn needs, or nothing when there is nothing to do or another holds it.
local function take(conversation, owner, lease)
  local meta, time = key(conversation, 'meta'), now()
  local head = redis.call('LINDEX', key(conversation, 'inbox'), 0)
  if not head then
    redis.call('ZREM', active, conversation)
    return nil
  end
  local held = redis.call('HMGET', meta, 'owner', 'attempts')
  if held[1] and tonumber(redis.call('ZSCORE', active, conversation) or 0) > time then
    return nil
  end
  redis.call('ZADD', active, time + lease, conversation)
  local attempts = tonumber(held[2] or 0) + 1
  local turn, message = string.match(head, '^(%d+) (.*)$')
  local lines = {}
  if attempts == 1 then
    redis.call('HSET', meta, 'owner', owner, 'attempts', attempts, 'at', turn, 'entry', 0)
    lines[1] = add(conversation, turn .. '-0', 'consumer', message)
  else
    redis.call('HSET', meta, 'owner', owner, 'attempts', attempts)
  end
  lines[#lines + 1] = '- typing {"turn":' .. turn .. '}'
  publish(conversation, 'stream', lines)
  return {
    conversation, turn, message, attempts,
    redis.call('HGETALL', meta), redis.call('HGETALL', key(conversation, 'vars')),
    attempts > 1 and redis.call('LRANGE', key(conversation, 'early'), 0, -1) or {},
  }
end

local function take_any(owner, lease)
  while true do
    local conversation = redis.call('LPOP', base .. 'hand:' .. owner) or redis.call('LPOP', ready)
    if not conversation then
      return nil
    end
    local claim = conversation ~= '' and take(conversation, owner, lease)
    if claim then
      return claim
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
