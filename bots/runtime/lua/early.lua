-- Say something while the turn still runs. ARGV: conversation, owner, turn, number of events said before by this turn, number
-- of events, then (event, data, fingerprint) of each, then log lines. Answers 1, or 0 when the lease was lost.
-- The number said before makes it safe to send the call again when its answer was lost.
local conversation, owner = ARGV[1], ARGV[2]
local about = holds(conversation, owner, ARGV[3])
if not about then
  return 0
end
local early, events, log_lines, last = key(conversation, 'early'), {}, {}, 5 + tonumber(ARGV[5]) * 3
local there = redis.call('LLEN', early) - tonumber(ARGV[4])
for index = 6 + there * 3, last, 3 do
  events[#events + 1] = ARGV[index]
  events[#events + 1] = ARGV[index + 1]
  redis.call('RPUSH', early, ARGV[index + 2])
end
local lines = append(conversation, ARGV[3], about.entry, events, 1, #events)
redis.call('HSET', key(conversation, 'meta'), 'entry', about.entry + #lines)
for index = last + 1, #ARGV do
  log_lines[#log_lines + 1] = append_log(conversation, ARGV[index])
end
touch(conversation, about, 'early')
publish(conversation, 'log', log_lines)
publish(conversation, 'stream', lines)
return 1
