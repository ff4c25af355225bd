-- End a conversation and forget it. ARGV: conversation, token digest (or nothing: trusted). Answers 1, or 0: unknown.
local conversation = ARGV[1]
local about = redis.call('HMGET', key(conversation, 'meta'), 'token', 'at')
if not about[1] or (ARGV[2] ~= '' and about[1] ~= ARGV[2]) then
  return 0
end
publish(conversation, 'stream', append(conversation, about[2], {'closed', '{"how":"ended"}'}))
for _, part in ipairs(PARTS) do
  redis.call('DEL', key(conversation, part))
end
redis.call('DEL', base .. 'rate:c:' .. conversation)
redis.call('ZREM', active, conversation)
return 1
