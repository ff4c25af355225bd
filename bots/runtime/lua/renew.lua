-- Push leases forward. ARGV: lease ms, then (conversation, owner) pairs. Answers the conversations that were lost.
local lost, deadline = {}, now() + tonumber(ARGV[1])
for index = 2, #ARGV, 2 do
  if redis.call('HGET', key(ARGV[index], 'meta'), 'owner') == ARGV[index + 1] then
    redis.call('ZADD', active, deadline, ARGV[index])
  else
    lost[#lost + 1] = ARGV[index]
  end
end
return lost
