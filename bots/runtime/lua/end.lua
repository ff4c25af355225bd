-- End a conversation and forget it. ARGV: conversation, token digest (or nothing: trusted). Answers 1, or 0: unknown.
local conversation = ARGV[1]
local token = redis.call('HGET', key(conversation, 'meta'), 'token')
if not token or (ARGV[2] ~= '' and token ~= ARGV[2]) then
  return 0
end
publish(conversation, 'stream', {append(conversation, 'closed', '{"how":"ended"}')})
for _, part in ipairs(PARTS) do
  redis.call('DEL', key(conversation, part))
end
redis.call('DEL', base .. 'rate:c:' .. conversation)
redis.call('ZREM', active, conversation)
return 1
