-- What a conversation's listeners get.

-- Append an event under this id; returns its published line. trim: what is old goes, which once a turn is enough for.
local function add(conversation, id, event, data, trim)
  if trim then
    redis.call('XADD', key(conversation, 'stream'), 'MAXLEN', '~', '1000', id, 'event', event, 'data', data)
  else
    redis.call('XADD', key(conversation, 'stream'), id, 'event', event, 'data', data)
  end
  return id .. ' ' .. event .. ' ' .. data
end

local function publish(conversation, part, lines)
  if #lines > 0 then
    redis.call('PUBLISH', key(conversation, part), table.concat(lines, '\n'))
  end
end
