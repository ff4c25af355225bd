"""Lets the clock of a Redis server jump: everything that is kept there as a point in time moves the other way."""

from __future__ import annotations

import redis

# What counts is the distance to now, so moving every kept time by -n is the same as moving the clock by n.
JUMP = """
local milliseconds = tonumber(ARGV[1])
for _, key in ipairs(redis.call('KEYS', '*')) do
  local left = redis.call('PTTL', key)
  local kind = redis.call('TYPE', key)['ok']
  if kind == 'zset' and (string.match(key, ':active$') or string.match(key, ':parked$')) then
    for _, member in ipairs(redis.call('ZRANGE', key, 0, -1)) do
      redis.call('ZINCRBY', key, -milliseconds, member)
    end
  elseif string.match(key, '}:clock$') then
    redis.call('INCRBY', key, -milliseconds)
  end
  if string.match(key, ':meta$') then
    for _, field in ipairs({'pushed', 'minute'}) do
      if redis.call('HEXISTS', key, field) == 1 then
        redis.call('HINCRBY', key, field, -milliseconds)
      end
    end
  end
  if left > 0 then
    redis.call('PEXPIRE', key, left - milliseconds)
  end
end
"""


def jump(store: redis.Redis, *, seconds: float) -> None:
    """Move the server's clock forward, or back when negative."""
    store.eval(JUMP, 0, round(seconds * 1000))
