-- A runner asks for work. ARGV: runner, lease ms, park ms (0: do not park), most parked, started (1: came by a wake-up),
-- waited (1: it was parked until it was handed something, or for as long as that lasts; it parks again only if it was).
-- Answers a claim, 'parked' or 'nothing'.
local runner, lease, ms = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
if ARGV[5] == '1' and tonumber(redis.call('GET', base .. 'waking') or 0) > 0 then
  redis.call('DECR', base .. 'waking')
end
local handed = redis.call('LPOP', base .. 'hand:' .. runner)
if ARGV[6] == '1' and (handed or '') == '' then
  ms = 0 -- nothing came, or the keeper's word that it is time to end
end
while handed do
  local claim = handed ~= '' and take(handed, runner, lease)
  if claim then
    return claim -- who hands over takes the runner from those that are parked
  end
  handed = redis.call('LPOP', base .. 'hand:' .. runner)
end
redis.call('ZREM', parked, runner)
return take_ready(runner, lease) or park(runner, ms, tonumber(ARGV[4]))
