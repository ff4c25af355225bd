// Two documented helpers that only compute: typed choices and opening hours.

function evaluateOptions(text, options) {
  const said = text.trim().toLowerCase();
  for (const option of options) {
    const whole = nullToEmpty(option).trim().toLowerCase();
    if (said === whole) return option;
    const parts = /^([a-z]|\d+)([).])([\s\S]*)$/.exec(whole);
    if (parts === null) continue;
    const [, label, sign, rest] = parts;
    if (said === label || said === label + sign || (said !== '' && said === rest.trim())) return option;
  }
  return null;
}

const DAYS = ['SUNDAY', 'MONDAY', 'TUESDAY', 'WEDNESDAY', 'THURSDAY', 'FRIDAY', 'SATURDAY'];

// Later entries win. `now` is in seconds since 1970; `warn` is told what cannot be understood.
function hoursType(spec, zone, now, warn) {
  const here = localTime(zone, now === null ? Date.now() : now * 1000);
  if (here === null) {
    warn('getHoursType: "' + zone.slice(0, 100) + '" is not a time zone.');
    return null;
  }
  let result = null;
  for (const item of spec) {
    const entry = hoursEntry(nullToEmpty(item));
    if (entry === null) warn('getHoursType: "' + nullToEmpty(item).slice(0, 100) + '" is not of the form [DAY|]NAME~9:00~17:00.');
    else if (covers(entry, here)) result = entry.name;
  }
  return result;
}

// Minutes of the day, and the names that today and yesterday go by.
function localTime(zone, milliseconds) {
  try {
    const format = new Intl.DateTimeFormat('en-US', { timeZone: zone, hourCycle: 'h23', year: 'numeric', month: '2-digit',
      day: '2-digit', hour: '2-digit', minute: '2-digit' });
    const part = {};
    for (const { type, value } of format.formatToParts(new Date(milliseconds))) part[type] = Number(value);
    const names = (offset) => {
      const day = new Date(Date.UTC(part.year, part.month - 1, part.day + offset));
      const two = (number) => String(number).padStart(2, '0');
      return [DAYS[day.getUTCDay()], two(day.getUTCMonth() + 1) + '.' + two(day.getUTCDate()) + '.' + day.getUTCFullYear()];
    };
    return { minute: part.hour * 60 + part.minute, today: names(0), yesterday: names(-1) };
  } catch (error) {
    return null; // an unknown zone
  }
}

function hoursEntry(text) {
  const parts = /^\s*(?:([A-Za-z]+|\d{1,2}\.\d{1,2}\.\d{4})\|)?([^~|]*)~\s*(\d{1,2}):(\d{2})\s*~\s*(\d{1,2}):(\d{2})\s*$/.exec(text);
  if (parts === null) return null;
  const day = parts[1] === undefined ? null : parts[1].toUpperCase().replace(/\b\d\b/g, '0$&');
  if (day !== null && /^[A-Z]/.test(day) && !DAYS.includes(day)) return null;
  const start = Number(parts[3]) * 60 + Number(parts[4]);
  const end = Number(parts[5]) * 60 + Number(parts[6]);
  return { day, name: parts[2].trim(), start, end: end === 23 * 60 + 59 ? 24 * 60 : end };
}

function covers(entry, here) {
  const onDay = (names) => entry.day === null || names.includes(entry.day);
  if (entry.start < entry.end) return onDay(here.today) && here.minute >= entry.start && here.minute < entry.end;
  if (entry.start === entry.end) return false;
  return (onDay(here.today) && here.minute >= entry.start) || (onDay(here.yesterday) && here.minute < entry.end);
}
