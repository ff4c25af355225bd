// Makes one isolate safe to use again: removes what scripts must not have, freezes what they share.
// Runs once, before any author code; afterwards the language's own objects can be trusted by our code too.

const compileGlobal = eval; // called under another name it is the indirect, sloppy, global one
const CompileCheck = Function;

const REMOVED = ['WebAssembly', 'SharedArrayBuffer', 'Atomics', 'WeakRef', 'FinalizationRegistry', 'console', 'ShadowRealm'];
const BLANKED = ['__timer_manager', 'setTimeout', 'clearTimeout']; // declared with var by mini-racer: cannot be deleted
const LEGACY_REGEXP = ['input', '$_', 'lastMatch', '$&', 'lastParen', '$+', 'leftContext', '$`', 'rightContext', "$'",
  '$1', '$2', '$3', '$4', '$5', '$6', '$7', '$8', '$9'];

function removeDangers() {
  for (const name of REMOVED) delete globalThis[name];
  for (const name of BLANKED) Object.defineProperty(globalThis, name, { value: undefined, writable: false });
  for (const name of LEGACY_REGEXP) delete RegExp[name];
  // Not "length" of typed arrays or wasm: those went with their constructors. Code from strings goes here.
  const refuse = () => { throw new EvalError('Code cannot be made from text here.'); };
  const kinds = [function () {}, function* () {}, async function () {}, async function* () {}];
  for (const sample of kinds) {
    const proto = Object.getPrototypeOf(sample);
    const stub = function Function() { return refuse(); };
    Object.defineProperty(stub, 'prototype', { value: proto, writable: false });
    Object.defineProperty(proto, 'constructor', { value: stub, writable: false, configurable: true });
    if (sample === kinds[0]) globalThis.Function = stub;
  }
  globalThis.eval = { eval() { return refuse(); } }.eval;
  Object.defineProperty(Error, 'stackTraceLimit', { value: 10, writable: false, configurable: false });
}

// Whether the script that runs may have queued work for later. Without the words `async` and `import`, and without code
// from text, there is no way to that but these three, of which only a getter gives the value.
const queued = { maybe: false };

function watchQueues() {
  for (const [holder, name] of [[globalThis, 'Promise'], [globalThis, 'AsyncDisposableStack'], [Array, 'fromAsync']]) {
    const property = Object.getOwnPropertyDescriptor(holder, name);
    if (property === undefined) continue;
    const value = property.value;
    const get = Object.freeze(() => { queued.maybe = true; return value; });
    Object.defineProperty(holder, name, { get, set: undefined, enumerable: false, configurable: false });
  }
}

// Objects that no property path from the global object reaches, only syntax or a call.
function hiddenIntrinsics() {
  const found = [];
  const add = (value) => { found.push(Object.getPrototypeOf(value)); };
  add(function* () {}); add(async function () {}); add(async function* () {});
  add((function* () {})()); add((async function* () {})());
  add([][Symbol.iterator]()); add(new Map().entries()); add(new Set().values());
  add(''[Symbol.iterator]()); add('a'.matchAll(/a/g));
  add([].values().map((x) => x)); add(Iterator.from({ next() { return { done: true }; } }));
  const segments = new Intl.Segmenter('en').segment('a');
  add(segments); add(segments[Symbol.iterator]());
  found.push((function () { return Object.getOwnPropertyDescriptor(arguments, 'callee').get; })());
  return found;
}

function isObject(value) {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

function reachable() {
  const seen = new Set();
  const queue = hiddenIntrinsics();
  for (const key of Reflect.ownKeys(globalThis)) queue.push(globalThis[key]);
  queue.push(Object.getPrototypeOf(globalThis));
  while (queue.length) {
    const value = queue.pop();
    if (!isObject(value) || value === globalThis || seen.has(value)) continue;
    seen.add(value);
    queue.push(Object.getPrototypeOf(value));
    for (const key of Reflect.ownKeys(value)) {
      const property = Object.getOwnPropertyDescriptor(value, key);
      queue.push(property.value, property.get, property.set);
    }
  }
  return seen;
}

// A frozen data property on a prototype would also forbid `object.toString = ...` on everything that inherits it
// (the override mistake). As an accessor it can be overridden on the inheriting object, and stays frozen itself.
function allowOverriding(holder) {
  for (const key of Reflect.ownKeys(holder)) {
    const property = Object.getOwnPropertyDescriptor(holder, key);
    if (!property.configurable || !('value' in property)) continue;
    const value = property.value;
    const get = () => value;
    const set = { set(own) {
      if (this === holder || !isObject(this)) return;
      Reflect.defineProperty(this, key, { value: own, writable: true, enumerable: true, configurable: true });
    } }.set;
    Object.defineProperty(holder, key, { get: Object.freeze(get), set: Object.freeze(set) });
  }
}

function isPrototype(value, all) {
  if (typeof value === 'function') return value === Object.getPrototypeOf(Object);
  const property = Object.getOwnPropertyDescriptor(value, 'constructor');
  return property !== undefined && all.has(property.value) && property.value.prototype === value;
}

function harden() {
  removeDangers();
  const all = reachable();
  const prototypes = [...all].filter((value) => isPrototype(value, all));
  prototypes.forEach(allowOverriding);
  watchQueues();
  all.forEach((value) => Object.freeze(value));
  for (const key of Reflect.ownKeys(globalThis)) {
    const property = Object.getOwnPropertyDescriptor(globalThis, key);
    if (property.configurable) Object.defineProperty(globalThis, key, { writable: false, configurable: false });
  }
}
