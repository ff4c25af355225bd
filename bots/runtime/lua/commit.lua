-- Make a turn visible in one step. ARGV: conversation, owner, turn, lease ms, outcome (done, failed), duration in µs,
-- histogram bucket, go on (1: answer the next claim), ms to park for when there is none (0: do not), most parked, number of
-- events that this turn is known to have said early, number of the first events here that it may have said, too (the
-- answer was lost), then six lists, each as its length and its items: variables (name, value), names to delete, fields of
-- the session (name, value), events (event, data), log lines, writes to what outlives it.
-- Answers {'refused'} when the lease was lost, else {'done', wake, claim, 'parked' or 'nothing'}.
local conversation, owner = ARGV[1], ARGV[2]
local meta, inbox = key(conversation, 'meta'), key(conversation, 'inbox')
local about = holds(conversation, owner, ARGV[3])
if not about then
  return {'refused'}
end
local position = 13
local function list() -- where its items begin and end
  local first = position + 1
  position = first + tonumber(ARGV[position])
  return first, position - 1
end

-- Some at once: Lua's stack does not hold as many arguments as a conversation may have variables. Returns how many were new.
local function change(command, first, last)
  local new = 0
  for start = first, last, 1000 do
    new = new + redis.call(command, key(conversation, 'vars'), unpack(ARGV, start, math.min(start + 999, last)))
  end
  return new
end
local first, last = list()
local fresh = last > first and change('HSET', first, last) == (last - first + 1) / 2 -- they may have made `vars` new
change('HDEL', list())
local first_field, last_field = list()
first, last = list()
if ARGV[12] ~= '0' then
  local early = redis.call('LLEN', key(conversation, 'early')) - tonumber(ARGV[11])
  first = first + 2 * math.max(0, math.min(early, tonumber(ARGV[12])))
end
local lines, log_lines = append(conversation, ARGV[3], about.entry, ARGV, first, last), {}
first, last = list()
for index = first, last do
  log_lines[#log_lines + 1] = append_log(conversation, ARGV[index])
end
local outbox_first, outbox_last = list()
for index = outbox_first, outbox_last do
  redis.call('RPUSH', base .. 'outbox', ARGV[index])
end
redis.call('HSET', meta, 'done', ARGV[3], 'attempts', '0', 'owner', '', 'entry', about.entry + #lines,
  unpack(ARGV, first_field, last_field))
local more = about.turn ~= ARGV[3] -- turns are counted as messages come
if more then
  redis.call('LPOP', inbox)
  redis.call('DEL', key(conversation, 'early'), key(conversation, 'journal'))
else
  redis.call('DEL', inbox, key(conversation, 'early'), key(conversation, 'journal'))
end
if touch(conversation, about, fresh and 'vars' or nil) and #log_lines > 0 then -- by now no part is missing
  redis.call('HSET', meta, 'pushed', now())
end
publish(conversation, 'log', log_lines)
publish(conversation, 'stream', lines)
redis.call('HINCRBY', base .. 'metrics', ARGV[5] .. ':' .. ARGV[7], '1')
redis.call('HINCRBY', base .. 'metrics', 'microseconds', ARGV[6])

local wake = 0
if not more then
  redis.call('ZREM', active, conversation)
else
  redis.call('ZADD', active, now() + QUEUE_GRACE, conversation)
  if ARGV[8] == '1' then -- behind those that wait; this runner takes the next one at once
    redis.call('RPUSH', ready, conversation)
  else
    wake = offer(conversation)
  end
end
if ARGV[8] ~= '1' then
  return {'done', wake}
end
return {'done', wake, take_ready(owner, tonumber(ARGV[4])) or park(owner, tonumber(ARGV[9]), tonumber(ARGV[10]))}
