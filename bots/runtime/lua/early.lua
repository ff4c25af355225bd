-- Say something while the turn still runs. ARGV: conversation, owner, number of events, then (event, data, fingerprint)
-- of each, then log lines. Answers 1, or 0 when the lease was lost.
local conversation, owner = ARGV[1], ARGV[2]
if redis.call('HGET', key(conversation, 'meta'), 'owner') ~= owner then
  return 0
end
local lines, log_lines, last = {}, {}, 3 + tonumber(ARGV[3]) * 3
for index = 4, last, 3 do
  lines[#lines + 1] = append(conversation, ARGV[index], ARGV[index + 1])
  redis.call('RPUSH', key(conversation, 'early'), ARGV[index + 2])
end
for index = last + 1, #ARGV do
  log_lines[#log_lines + 1] = append_log(conversation, ARGV[index])
end
touch(conversation)
publish(conversation, 'log', log_lines)
publish(conversation, 'stream', lines)
return 1
