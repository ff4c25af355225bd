-- Make a turn visible in one step. ARGV: conversation, owner, turn, lease ms, outcome (done, failed), duration in seconds,
-- histogram bucket, go on (1: answer the next claim), ms to park for when there is none (0: do not), most parked, then six
-- lists, each as its length and its items: variables (name, value), names to delete, fields of the session (name, value),
-- events (event, data), log lines, writes to what outlives it.
-- Answers {'refused'} when the lease was lost, else {'done', wake, claim, 'parked' or 'nothing'}.
local conversation, owner = ARGV[1], ARGV[2]
local meta, inbox = key(conversation, 'meta'), key(conversation, 'inbox')
if not holds(conversation, owner, ARGV[3]) then
  return {'refused'}
end
local position = 11
local function list()
  local items, length = {}, tonumber(ARGV[position])
  for index = 1, length do
    items[index] = ARGV[position + index]
  end
  position = position + length + 1
  return items
end
local written, deleted, fields, events, logs, writes = list(), list(), list(), list(), list(), list()

for index = 1, #written, 2 do
  redis.call('HSET', key(conversation, 'vars'), written[index], written[index + 1])
end
for _, name in ipairs(deleted) do
  redis.call('HDEL', key(conversation, 'vars'), name)
end
for index = 1, #fields, 2 do
  redis.call('HSET', meta, fields[index], fields[index + 1])
end
local lines, log_lines = {}, {}
for index = 1, #events, 2 do
  lines[#lines + 1] = append(conversation, events[index], events[index + 1])
end
for index, line in ipairs(logs) do
  log_lines[index] = append_log(conversation, line)
end
for _, write in ipairs(writes) do
  redis.call('RPUSH', base .. 'outbox', write)
end
redis.call('LPOP', inbox)
redis.call('HSET', meta, 'done', redis.call('HGET', meta, 'at'), 'attempts', 0)
redis.call('HDEL', meta, 'owner')
redis.call('DEL', key(conversation, 'early'), key(conversation, 'journal'))
touch(conversation)
publish(conversation, 'log', log_lines)
publish(conversation, 'stream', lines)

local metrics = base .. 'metrics'
redis.call('HINCRBY', metrics, 'turns:' .. ARGV[5], 1)
redis.call('HINCRBYFLOAT', metrics, 'seconds', ARGV[6])
redis.call('HINCRBY', metrics, 'bucket:' .. ARGV[7], 1)

local wake = 0
if redis.call('LLEN', inbox) == 0 then
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
