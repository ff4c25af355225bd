// Runs one script at a time for the child process: text in, text out, nothing else.

// The names that the wrapper gives to an author's text. The last two are global constants, which can only be shadowed:
// our own entry, and a helper of mini-racer.
const HEAD = '(botContext, console, $parleyEach, $parleyRun, $parley, __TimerManager) => {;';
const MAX_CACHED = 64;
const QUEUES = /async|import/; // words of the language without which a text queues work through harden.js's doors only
const factories = new Map();
let job = null;
let globalNames = null;
let globalCount = 0;
let globalParent = null;

// Each text must be a function body of its own, so that no stray bracket can close the wrapper.
function compile(globals, source) {
  const key = globals + '\u0000' + source;
  const known = factories.get(key);
  if (known) return known;
  const failed = !parses(globals) ? 'globals' : !parses(source) ? 'script' : '';
  if (failed) throw failed;
  const factory = compileGlobal(HEAD + globals + '\nreturn $parleyRun(function () {' + source + '\n})}\n//# sourceURL=author');
  factory.queues = QUEUES.test(key);
  Object.freeze(factory);
  if (factories.size >= MAX_CACHED) factories.delete(factories.keys().next().value);
  factories.set(key, factory);
  return factory;
}

function parses(source) {
  try {
    CompileCheck(source);
    return true;
  } catch (error) {
    return false;
  }
}

function run(call) {
  job = newJob(call);
  let factory;
  try {
    factory = compile(call.globals, call.source);
  } catch (failed) {
    if (typeof failed === 'string') return failed;
    job.error = { message: shorten(String(failed)), line: 0, column: 0 }; // the two texts do not go together
    return '';
  }
  const mine = job;
  queued.maybe = factory.queues;
  try {
    // Every function that author code gets hold of is made for this run: it may be given properties.
    factory(makeBotContext(mine), makeConsole(mine), (list) => each(list), (body) => { mine.ran = true; body(); });
    if (!mine.ran) mine.error = { message: 'The global functions end early with return, so the script did not run.', line: 0, column: 0 };
  } catch (error) {
    if (!mine.stopped) mine.error = describe(error, lines(call.globals));
  }
  return '';
}

function lines(text) {
  return text.split(/\r\n|[\n\r\u2028\u2029]/).length;
}

// A sentence and the place in the author's own text. What was thrown may be anything, and hostile.
function describe(error, globalLines) {
  try {
    if (!isObject(error)) return { message: 'The script threw ' + thrownValue(error) + '.', line: 0, column: 0 };
    const message = String(error.message ?? '');
    const stack = message.length < 10000 && typeof error.stack === 'string' ? error.stack : '';
    return { message: message.trim() === '' ? thrownObject(error) : named(error, message), ...place(stack, globalLines) };
  } catch (unreadable) {
    return { message: 'The script threw something that cannot be read.', line: 0, column: 0 };
  }
}

function named(error, message) {
  const name = String(error.name ?? 'Error');
  return shorten(name.trim() === '' ? message : name + ': ' + message);
}

function thrownValue(value) {
  const text = String(value);
  return text.trim() === '' ? 'an empty text' : shorten(text);
}

// What has no message of its own is shown as its text, if somebody gave it one, else as JSON.
function thrownObject(object) {
  if (object instanceof Error) return 'The script threw ' + shorten(String(object.name || 'Error')) + ' without a message.';
  if (typeof object === 'function') return 'The script threw a function.';
  let text = '';
  try {
    text = Array.isArray(object) ? '' : String(object);
  } catch (unreadable) { /* its JSON may be readable */ }
  if (text.trim() === '' || text.startsWith('[object ')) text = jsonOf(object);
  return 'The script threw ' + (Array.isArray(object) ? 'the list ' : 'the object ') + shorten(text) + '.';
}

function shorten(text) {
  return text.length > 1000 ? text.slice(0, 1000) + '…' : text;
}

function place(stack, globalLines) {
  const frames = stack.indexOf('\n    at ');
  const found = frames < 0 ? null : /\bauthor:(\d+):(\d+)\)?(?:\n|$)/.exec(stack.slice(frames));
  if (found === null) return { line: 0, column: 0 };
  const line = Number(found[1]);
  const column = Number(found[2]);
  if (line <= globalLines) return { line, column: line === 1 ? column - HEAD.length : column, globals: true };
  const first = 'return $parleyRun(function () {'.length;
  return { line: line - globalLines, column: line === globalLines + 1 ? column - first : column };
}

// Called after everything that the script queued has run. '!' tells that the isolate cannot be cleaned.
function harvest() {
  const done = job;
  job = null;
  if (done === null) return '+{"operations":[],"error":null}';
  done.closed = true;
  const clean = sweep();
  return (clean ? '+' : '!') + '{"operations":[' + done.operations.join(',') + '],"error":' + JSON.stringify(done.error) + '}';
}

// Takes away the undeclared variables of the script. Everything else on the global object is frozen and cannot be taken
// away, so that the number of names tells whether there are new ones.
function sweep() {
  let clean = Object.isExtensible(globalThis) && Object.getPrototypeOf(globalThis) === globalParent;
  const keys = Reflect.ownKeys(globalThis);
  if (keys.length === globalCount) return clean;
  for (const key of keys) {
    if (!globalNames.has(key) && !Reflect.deleteProperty(globalThis, key)) clean = false;
  }
  return clean;
}

function match({ expression, text }) {
  const prefix = /^\(\?([ims]+)\)/.exec(expression);
  const source = prefix === null ? expression : expression.slice(prefix[0].length);
  try {
    const found = new RegExp(source, prefix === null ? '' : prefix[1]).exec(text);
    if (found === null) return '{"matched":false,"groups":[]}';
    return JSON.stringify({ matched: true, groups: [...found].slice(1).map((group) => group ?? '') });
  } catch (error) {
    return JSON.stringify({ error: shorten(String(error.message)) });
  }
}

const TASKS = { run, match, check: ({ source }) => (parses(source) ? '' : 'script') };
let held = null;

// What the child holds of an isolate: an object whose members are questions, and their values the answers. V8 asks whether
// there is such a member and takes its value, both in one step of its thread. What a script has queued runs between two
// steps; so a script that may have queued something ('~') is asked for its harvest in a step of its own, and pays for that,
// too. A text that is too long for a name is set first. What is thrown here would end the process, so a defect gives
// nothing, which the child refuses.
const door = new Proxy(Object.freeze({ __proto__: null }), Object.freeze({
  __proto__: null,
  has: () => true,
  set(nothing, name, text) {
    held = text;
    return true;
  },
  get(nothing, name) {
    try {
      return name === 'answer' ? harvest() : answer(name === 'question' ? held : name);
    } catch (defect) {
      job = null;
      return null;
    }
  },
}));

// '=' and the outcome of a match, for which no author code has run; '?' and which text does not parse; else a harvest.
function answer(text) {
  held = null;
  const call = JSON.parse(text);
  const told = TASKS[call.do](call);
  if (told !== '') return told.startsWith('{') ? '=' + told : '?' + told;
  return queued.maybe ? '~' : harvest();
}

new Date().getTimezoneOffset(); // the system's time zone is kept from now on: a child cannot read it later
harden();
globalNames = new Set(Reflect.ownKeys(globalThis));
globalCount = globalNames.size;
globalParent = Object.getPrototypeOf(globalThis);
