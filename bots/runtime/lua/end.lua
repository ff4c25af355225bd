-- End a conversation and forget it. ARGV: conversation, token digest (or nothing: trusted). Answers 1, or 0: unknown.
local conversation = ARGV[1]
local about = redis.call('HMGET', key(conversation, 'meta'), 'token', 'at', 'entry')
if not about[1] or (ARGV[2] ~= '' and about[1] ~= ARGV[2]) then
  return 0
end
publish(conversation, 'stream', append(conversation, about[2], tonumber(about[3]), {'closed', '{"how":"ended"}'}, 1, 2))
for _, part in ipairs({'meta', unpack(PARTS)}) do
  redis.call('DEL', key(conversation, part))
end
redis.call('ZREM', active, conversation)
return 1
