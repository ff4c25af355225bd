-- Keep the answer of a finished call. ARGV: conversation, owner, turn, step, answer. Answers 1, or 0 when the lease was lost.
local conversation = ARGV[1]
local about = holds(conversation, ARGV[2], ARGV[3])
if not about then
  return 0
end
redis.call('HSET', key(conversation, 'journal'), ARGV[4], ARGV[5])
touch(conversation, about, 'journal')
return 1
