-- Accept a consumer's message. ARGV: conversation, token digest (or nothing: trusted), message id, message,
-- most messages waiting, most messages a minute. Answers {word, turn, wake or ended}.
local conversation, digest, message_id, message = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local meta, inbox, seen = key(conversation, 'meta'), key(conversation, 'inbox'), key(conversation, 'seen')
local about = redis.call('HMGET', meta, 'token', 'done', 'seconds', 'ref')
-- Lua compares texts by their place in memory, and these are digests: how long it takes tells nothing of the token.
if not about[1] or (digest ~= '' and about[1] ~= digest) then
  return {'unknown'}
end
local before = redis.call('HGET', seen, message_id)
if before then
  return {'again', tonumber(before), tonumber(about[2]) >= tonumber(before) and 1 or 0}
end
local rate = base .. 'rate:c:' .. conversation
local count = redis.call('INCR', rate)
if count == 1 then
  redis.call('EXPIRE', rate, 60)
end
if count > tonumber(ARGV[6]) then
  return {'rate', redis.call('TTL', rate)}
end
if redis.call('LLEN', inbox) >= tonumber(ARGV[5]) then
  return {'full'}
end
local turn = redis.call('HINCRBY', meta, 'turn', 1)
redis.call('HSET', seen, message_id, turn)
redis.call('RPUSH', inbox, turn .. ' ' .. message)
if string.sub(about[4], 1, 2) == 'd:' or redis.call('TTL', meta) < about[3] / 2 then
  touch(conversation, 'inbox', 'early', 'journal')
else -- far from its end, which the commit of this message pushes forward: what may be new is enough
  redis.call('EXPIRE', seen, about[3])
  redis.call('EXPIRE', inbox, about[3])
end
local wake = 0
if not redis.call('ZSCORE', active, conversation) then
  wake = offer(conversation)
end
return {'queued', turn, wake}
