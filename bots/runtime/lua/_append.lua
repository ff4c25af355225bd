-- What a turn says, to the consumer and in the log.
local LINES_REACH = 1000000 -- more lines than a turn can have

-- Append the events (event, data, event, data ...) between two places of a list, under the next ids `turn-n` of a turn that
-- has appended some before; returns their published lines. The caller notes how many there are then.
local function append(conversation, turn, before, items, first, last)
  local lines = {}
  for index = first, last, 2 do
    lines[#lines + 1] = add(conversation, turn .. '-' .. (before + #lines + 1), items[index], items[index + 1])
  end
  return lines
end

-- A line of the log, or a list of all lines of a turn. Readers count the lines of a list on from its id, so a second entry
-- of the same millisecond is moved out of the first one's reach.
local function append_log(conversation, data)
  local log, event, most = key(conversation, 'log'), 'log', '2000'
  if string.sub(data, 1, 1) == '[' then
    event, most = 'lines', '200'
  end
  local id = redis.call('XADD', log, 'MAXLEN', '~', most, '*', 'event', event, 'data', data)
  local time, place = string.match(id, '^(%d+)-(%d+)$')
  if event == 'lines' and place ~= '0' then
    redis.call('XDEL', log, id)
    id = time .. '-' .. string.format('%.0f', (math.floor(tonumber(place) / LINES_REACH) + 1) * LINES_REACH)
    redis.call('XADD', log, 'MAXLEN', '~', most, id, 'event', event, 'data', data)
  end
  return id .. ' ' .. event .. ' ' .. data
end
