-- What is known of a session, who holds it, and how long it lives.
local PARTS = {'vars', 'inbox', 'seen', 'stream', 'log', 'journal', 'early', 'calls'} -- of a conversation, beside `meta`

-- What is known of a conversation, or nothing where it has ended.
local function look(conversation)
  local found = redis.call('HMGET', key(conversation, 'meta'), 'owner', 'at', 'turn', 'entry', 'seconds', 'ref', 'pushed')
  return found[5] and {
    owner = found[1], at = found[2], turn = found[3], entry = tonumber(found[4]), seconds = found[5],
    draft = string.match(found[6], '^d:(.*)'), pushed = tonumber(found[7]),
  }
end

-- The same, if this runner holds the conversation for this turn. Without the turn, a commit that is sent again because its
-- answer was lost could answer the next message of the conversation, which the same runner may hold by then.
local function holds(conversation, owner, turn)
  local about = look(conversation)
  return about and about.owner == owner and about.at == turn and about
end

-- The session ends with `meta`, `seconds` after its last turn. Its other parts live up to a sixteenth longer, unreachable, and
-- are pushed forward only when that is used up, and not each in every turn.
local function spare(seconds)
  return math.floor(seconds / 16)
end

-- Push the end of the session forward. Named are the parts that may be new. Returns whether all parts were pushed.
local function touch(conversation, about, ...)
  local whole, parts = about.seconds + spare(about.seconds), {...}
  local all = about.draft or not about.pushed or math.abs(now() - about.pushed) >= spare(about.seconds) * 1000
  redis.call('EXPIRE', key(conversation, 'meta'), about.seconds)
  for _, part in ipairs(all and PARTS or parts) do
    redis.call('EXPIRE', key(conversation, part), whole)
  end
  if about.draft then
    redis.call('EXPIRE', base .. 'spec:' .. about.draft, about.seconds + 60)
  end
  return all
end
