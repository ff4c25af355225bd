-- Make a turn visible in one step. ARGV: conversation, owner, turn, lease ms, outcome (done, failed), duration in seconds,
-- histogram bucket, go on (1: answer the next claim), ms to park for when there is none (0: do not), most parked, number of
-- events that this turn is known to have said early, number of the first events here that it may have said, too (the
-- answer was lost), then six lists, each as its length and its items: variables (name, value), names to delete, fields of
-- the session (name, value), events (event, data), log lines, writes to what outlives it.
-- Answers {'refused'} when the lease was lost, else {'done', wake, claim, 'parked' or 'nothing'}.
local conversation, owner = ARGV[1], ARGV[2]
local meta, inbox = key(conversation, 'meta'), key(conversation, 'inbox')
if not holds(conversation, owner, ARGV[3]) then
  return {'refused'}
end
local position = 13
local function list()
  local items, length = {}, tonumber(ARGV[position])
  for index = 1, length do
    items[index] = ARGV[position + index]
  end
  position = position + length + 1
  return items
end
local written, deleted, fields, events, logs, writes = list(), list(), list(), list(), list(), list()

-- Some at once: Lua's stack does not hold as many arguments as a conversation may have variables.
local function change(command, items)
  for first = 1, #items, 1000 do
    redis.call(command, key(conversation, 'vars'), unpack(items, first, math.min(first + 999, #items)))
  end
end
change('HSET', written)
change('HDEL', deleted)
local early = redis.call('LLEN', key(conversation, 'early')) - tonumber(ARGV[11])
for _ = 1, math.min(early, tonumber(ARGV[12])) do
  table.remove(events, 1)
  table.remove(events, 1)
end
local lines, log_lines = append(conversation, ARGV[3], events), {}
for index, line in ipairs(logs) do
  log_lines[index] = append_log(conversation, line)
end
for _, write in ipairs(writes) do
  redis.call('RPUSH', base .. 'outbox', write)
end
redis.call('LPOP', inbox)
redis.call('HSET', meta, 'done', ARGV[3], 'attempts', 0, unpack(fields))
redis.call('HDEL', meta, 'owner')
redis.call('DEL', key(conversation, 'early'), key(conversation, 'journal'))
local more = redis.call('LLEN', inbox) > 0
touch(conversation, more and 'inbox' or nil)
publish(conversation, 'log', log_lines)
publish(conversation, 'stream', lines)

local metrics = base .. 'metrics'
redis.call('HINCRBY', metrics, 'turns:' .. ARGV[5], 1)
redis.call('HINCRBYFLOAT', metrics, 'seconds', ARGV[6])
redis.call('HINCRBY', metrics, 'bucket:' .. ARGV[7], 1)

local wake = 0
if not more then
  redis.call('ZREM', active, conversation)
elseif ARGV[8] == '1' then -- behind those that wait; this runner takes the next one at once
  redis.call('ZADD', active, now() + QUEUE_GRACE, conversation)
  redis.call('RPUSH', ready, conversation)
else
  wake = offer(conversation)
end
if ARGV[8] ~= '1' then
  return {'done', wake}
end
return {'done', wake, take_any(owner, tonumber(ARGV[4])) or park(owner, tonumber(ARGV[9]), tonumber(ARGV[10]))}
