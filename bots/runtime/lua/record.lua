-- Keep what a call was answered, as long as the conversation lasts. ARGV: conversation, owner, record, the same without
-- its body, bytes for all records of a conversation, most records. Answers 1, or 0 when it was not kept.
local conversation = ARGV[1]
local meta, calls = key(conversation, 'meta'), key(conversation, 'calls')
if redis.call('HGET', meta, 'owner') ~= ARGV[2] or redis.call('LLEN', calls) >= tonumber(ARGV[6]) then
  return 0
end
local record = ARGV[3]
if tonumber(redis.call('HGET', meta, 'calls_bytes') or 0) + #record > tonumber(ARGV[5]) then
  record = ARGV[4]
end
redis.call('HINCRBY', meta, 'calls_bytes', #record)
redis.call('RPUSH', calls, record)
touch(conversation, look(conversation), 'calls')
return 1
