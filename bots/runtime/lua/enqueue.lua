-- Accept a consumer's message. ARGV: conversation, token digest (or nothing: trusted), message id, message,
-- most messages waiting, most messages a minute. Answers {word, turn, wake or ended}.
local conversation, digest, message_id, message = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local meta, inbox, seen = key(conversation, 'meta'), key(conversation, 'inbox'), key(conversation, 'seen')
local about = redis.call('HMGET', meta, 'token', 'turn', 'done', 'minute', 'count', 'seconds', 'ref', 'pushed')
-- Lua compares texts by their place in memory, and these are digests: how long it takes tells nothing of the token.
if not about[1] or (digest ~= '' and about[1] ~= digest) then
  return {'unknown'}
end
local last, done, time = tonumber(about[2]), tonumber(about[3]), now()
local minute, count = tonumber(about[4] or 0), tonumber(about[5] or 0) -- since when, and how many since then
if time < minute or time >= minute + 60000 then
  minute, count = time, 0
end
local refusal
if count >= tonumber(ARGV[6]) then
  refusal = {'rate', math.ceil((minute + 60000 - time) / 1000)}
elseif last - done >= tonumber(ARGV[5]) then
  refusal = {'full'}
end
local turn = last + 1
if refusal or redis.call('HSETNX', seen, message_id, turn) == 0 then
  local before = redis.call('HGET', seen, message_id)
  if before then
    return {'again', tonumber(before), done >= tonumber(before) and 1 or 0}
  end
  return refusal
end
redis.call('HSET', meta, 'turn', turn, 'minute', minute, 'count', count + 1)
local first = redis.call('RPUSH', inbox, turn .. ' ' .. message) == 1
local pushed, seconds = tonumber(about[8] or 0), tonumber(about[6])
if string.sub(about[7], 1, 2) == 'd:' or math.abs(time - pushed) > seconds * 500 then
  touch(conversation, look(conversation))
elseif first then -- far from the end, which the commit of this message pushes forward: what is new is enough
  redis.call('EXPIRE', inbox, seconds + spare(seconds))
end
local wake = 0
if redis.call('ZADD', active, 'NX', time + QUEUE_GRACE, conversation) == 1 then
  wake = offer(conversation)
end
return {'queued', turn, wake}
