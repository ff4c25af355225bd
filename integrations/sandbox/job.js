// One run of one script: what it may read, the operations it has made so far, and the limits on them.

const LIMITS = {
  messages: { most: 20, sentence: 'a script may send 20 messages' },
  writes: { most: 1000, sentence: 'a script may make 1,000 writes' },
  debugs: { most: 100, sentence: 'a script may log 100 lines' },
  others: { most: 200, sentence: 'a script may make 200 other calls that have an effect' },
};
const MAX_MESSAGE_BYTES = 64 * 1024;
const MAX_VALUE_BYTES = 256 * 1024;
const MAX_VALUE_DEPTH = 100;
const MAX_NAME_LENGTH = 200;
const MAX_OUTPUT = 4 * 1024 * 1024;

// Thrown to end a script after its immediate reply. Frozen and shared: it carries nothing.
const STOP = Object.freeze({ message: 'The script has sent its immediate reply and ends here.' });

function newJob(call) {
  return {
    facts: call.facts, variables: call.variables, written: new Map(), context: null,
    operations: [], size: 0, counts: { messages: 0, writes: 0, debugs: 0, others: 0 }, noted: new Set(),
    stopped: false, closed: false, ran: false, error: null,
  };
}

function fact(job, name) {
  return copy(member(job.facts, name));
}

function textFact(job, name) {
  const value = member(job.facts, name);
  return value === null ? null : String(value);
}

function append(job, text) {
  job.operations[job.operations.length] = text;
  job.size += text.length;
}

// A refusal is told once for each reason, outside of the script's own hundred lines.
function note(job, sentence) {
  if (job.noted.has(sentence) || job.noted.size >= 100) return;
  job.noted.add(sentence);
  append(job, JSON.stringify({ op: 'refused', text: 'Refused: ' + sentence + '.' }));
}

// Returns whether the operation was taken. `text` is its JSON.
function emit(job, group, text) {
  if (job.closed) return false;
  if (job.stopped) throw STOP;
  const limit = LIMITS[group];
  if (job.counts[group] >= limit.most) {
    note(job, limit.sentence);
    return false;
  }
  if (!hasRoom(job, text)) return false;
  job.counts[group] += 1;
  append(job, text);
  return true;
}

function act(job, group, operation) {
  return emit(job, group, JSON.stringify(operation));
}

function debug(job, text) {
  const shown = text.length > MAX_TEXT_SHOWN ? text.slice(0, MAX_TEXT_SHOWN) + '…' : text;
  act(job, 'debugs', { op: 'debug', text: shown });
}

// A function that has no meaning here: told once a script, its documented answer is given.
function stub(job, name, answer) {
  if (job.stopped) throw STOP;
  if (!job.noted.has('stub ' + name)) {
    job.noted.add('stub ' + name);
    append(job, JSON.stringify({ op: 'stub', name }));
  }
  return answer;
}

function fitsMessage(job, text) {
  if (!hasRoom(job, text)) return false;
  if (byteLength(text, MAX_MESSAGE_BYTES) <= MAX_MESSAGE_BYTES) return true;
  note(job, 'a message may have 64 KB');
  return false;
}

function fitsValue(job, name, json) {
  if (!hasRoom(job, json)) return false;
  if (name.length > MAX_NAME_LENGTH) {
    note(job, 'the name of a variable may have ' + MAX_NAME_LENGTH + ' characters');
    return false;
  }
  if (byteLength(json, MAX_VALUE_BYTES) > MAX_VALUE_BYTES) {
    note(job, 'the value of ' + name + ' has more than 256 KB');
    return false;
  }
  // Most values are obviously shallow: the text would be longer.
  if (json.length > 2 * MAX_VALUE_DEPTH && !json.startsWith('"') && isTooDeep(json, MAX_VALUE_DEPTH)) {
    note(job, 'the value of ' + name + ' is nested more than ' + MAX_VALUE_DEPTH + ' levels');
    return false;
  }
  return true;
}

// Before anything costly is done with a text that is refused anyway.
function hasRoom(job, text) {
  if (job.stopped) throw STOP;
  if (job.size + text.length <= MAX_OUTPUT) return true;
  note(job, 'a script may give 4 MB in all');
  return false;
}
