-- Put before every script. KEYS[1] is any key of the shard; all keys of a shard share its hash tag and so its slot.
local base = string.match(KEYS[1], '^(.-{%d+}:)')
local active, ready, parked = base .. 'active', base .. 'ready', base .. 'parked'
local QUEUE_GRACE = 2000 -- a conversation that is neither on a list nor held that long was lost by a dead runner
local clock

local function now() -- asked once: a step takes no time
  if not clock then
    local time = redis.call('TIME')
    clock = time[1] * 1000 + math.floor(time[2] / 1000)
  end
  return clock
end

local function key(conversation, part)
  return base .. 'c:' .. conversation .. ':' .. part
end

-- Whether a field `owner` names somebody: a commit leaves it empty.
local function owned(owner)
  return owner and owner ~= ''
end
