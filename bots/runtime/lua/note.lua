-- Keep the answer of a finished call. ARGV: conversation, owner, step, answer. Answers 1, or 0 when the lease was lost.
local conversation = ARGV[1]
if redis.call('HGET', key(conversation, 'meta'), 'owner') ~= ARGV[2] then
  return 0
end
redis.call('HSET', key(conversation, 'journal'), ARGV[3], ARGV[4])
touch(conversation)
return 1
