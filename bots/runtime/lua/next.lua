-- A runner asks for work. ARGV: runner, lease ms, park ms (0: do not park), most parked, started (1: came by a wake-up),
-- handed conversation (or nothing). Answers a claim, 'parked' or 'nothing'.
local runner, lease = ARGV[1], tonumber(ARGV[2])
redis.call('ZREM', parked, runner)
if ARGV[5] == '1' and tonumber(redis.call('GET', waking) or 0) > 0 then
  redis.call('DECR', waking)
end
local claim = (ARGV[6] ~= '' and take(ARGV[6], runner, lease)) or take_any(runner, lease)
if claim then
  return claim
end
return park(runner, tonumber(ARGV[3]), tonumber(ARGV[4]))
