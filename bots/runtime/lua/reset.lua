-- Begin anew under the same id: what was said, set and queued is forgotten, a running turn loses its lease.
-- ARGV: conversation, then the number of items of the session's fields (name, value), the items, and the variables (name, value).
-- Answers 1, or 0: unknown.
local conversation = ARGV[1]
local meta = key(conversation, 'meta')
if redis.call('EXISTS', meta) == 0 then
  return 0
end
for _, part in ipairs({'vars', 'inbox', 'stream', 'log', 'journal', 'early', 'calls'}) do
  redis.call('DEL', key(conversation, part))
end
redis.call('HDEL', meta, 'owner', 'state', 'calls_bytes', 'pushed')
redis.call('ZREM', active, conversation)
redis.call('HSET', meta, 'attempts', 0, 'done', redis.call('HGET', meta, 'turn'))
local last = 2 + tonumber(ARGV[2])
for index = 3, last, 2 do
  redis.call('HSET', meta, ARGV[index], ARGV[index + 1])
end
for index = last + 1, #ARGV, 2 do
  redis.call('HSET', key(conversation, 'vars'), ARGV[index], ARGV[index + 1])
end
local about = look(conversation)
publish(conversation, 'stream', append(conversation, about.at, about.entry, {'reset', '{}'}, 1, 2))
redis.call('HSET', meta, 'entry', about.entry + 1)
touch(conversation, about)
return 1
