-- A runner asks for work. ARGV: runner, lease ms, park ms (0: do not park), most parked, started (1: came by a wake-up),
-- waited (1: it was parked until it was handed something, or for as long as that lasts; it parks again only if it was).
-- Answers a claim, 'parked' or 'nothing'.
local runner, lease, ms = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
redis.call('ZREM', parked, runner)
if ARGV[5] == '1' and tonumber(redis.call('GET', waking) or 0) > 0 then
  redis.call('DECR', waking)
end
if ARGV[6] == '1' and (redis.call('LINDEX', base .. 'hand:' .. runner, 0) or '') == '' then
  ms = 0 -- nothing came, or the keeper's word that it is time to end
end
return take_any(runner, lease) or park(runner, ms, tonumber(ARGV[4]))
