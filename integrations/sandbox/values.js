// How values cross between scripts and the engine: texts, structures, Java-style maps, lists of replies.

const MAX_TEXT_SHOWN = 4000;

function isPlain(value) {
  return !isObject(value) || value instanceof Date || value instanceof String || value instanceof Number || value instanceof Boolean;
}

function jsonOf(value) {
  try {
    const text = JSON.stringify(value);
    return text === undefined ? 'null' : text;
  } catch (error) {
    if (!(error instanceof TypeError) || !/circular structure/.test(error.message)) throw error;
    throw new TypeError('The value refers to itself, so it cannot be stored.');
  }
}

// What a variable holds after a script has set it, as JSON text; 'null' is "not set".
function storedForm(value) {
  if (value === null || value === undefined) return 'null';
  if (typeof value === 'string') return JSON.stringify(value);
  // Kept as JSON's own, so that a request body outside of a string gets 5 and not "5"; scripts read them as text.
  if (typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value))) return JSON.stringify(value);
  if (!isObject(value) || isPlain(value) || typeof value === 'function') return JSON.stringify(String(value));
  if (value instanceof Error || value instanceof RegExp) return JSON.stringify(String(value));
  if (Array.isArray(value)) return value.every(isPlain) ? JSON.stringify(joined(value)) : jsonOf(value);
  if (responses.has(value) && typeof value.jsonData !== 'string') return jsonOf({ jsonData: textOf(value.jsonData) });
  return jsonOf(value);
}

// A variable as getBotVariable gives it back after this script has set it.
function readBack(json) {
  const value = JSON.parse(json);
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : revive(value);
}

function joined(list) {
  return list.map((item) => (item === null || item === undefined ? '' : String(item))).join(',');
}

// A value as messages and the log show it.
function textOf(value) {
  if (!isObject(value) || typeof value === 'function' || isPlain(value)) return String(value);
  if (value instanceof Error || value instanceof RegExp || responses.has(value)) return String(value);
  if (Array.isArray(value) && value.every(isPlain)) return joined(value);
  try {
    return jsonOf(value);
  } catch (error) {
    return String(value);
  }
}

function nullToEmpty(value) {
  return value === null || value === undefined ? '' : textOf(value);
}

function listOf(value) {
  if (value === null || value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}

function hide(object, methods) {
  for (const name of Object.keys(methods)) {
    Object.defineProperty(object, name, { value: methods[name], enumerable: false, writable: true, configurable: true });
  }
  return object;
}

// The objects of `api_R` variables: used as text they are their jsonData.
const responses = new WeakSet();

function revive(value) {
  if (!isObject(value) || Array.isArray(value)) return value;
  const keys = Object.keys(value);
  if (keys.length !== 1 || keys[0] !== 'jsonData' || typeof value.jsonData !== 'string') return value;
  responses.add(value);
  return hide(value, { toString() { return textOf(this.jsonData); } });
}

// java.util.HashMap as the documented samples use it, on a plain object. The methods are inherited, so that a key
// named "size" is still a key.
function javaMap(object) {
  return Object.setPrototypeOf(object, hide({}, {
    keySet() { return javaList(Object.keys(this)); },
    values() { return javaList(Object.values(this)); },
    get(key) { return Object.hasOwn(this, key) ? this[key] : null; },
    containsKey(key) { return Object.hasOwn(this, key); },
    size() { return Object.keys(this).length; },
    isEmpty() { return Object.keys(this).length === 0; },
    toString() { return '{' + Object.keys(this).map((key) => key + '=' + textOf(this[key])).join(', ') + '}'; },
  }));
}

function javaList(list) {
  return hide(list, {
    get(index) { return list[index]; },
    contains(item) { return list.includes(item); },
    size() { return list.length; },
    isEmpty() { return list.length === 0; },
  });
}

function copy(value) {
  return isObject(value) ? JSON.parse(JSON.stringify(value)) : value;
}

function member(object, key) {
  return isObject(object) && Object.hasOwn(object, key) ? object[key] : null;
}

// What `for each (x in coll)` loops over.
function each(collection) {
  if (collection === null || collection === undefined) return [];
  if (typeof collection[Symbol.iterator] === 'function') return Array.from(collection);
  return Object.values(collection);
}

// `Title~payload` as the quick-reply functions take it.
function quickReply(item) {
  const text = nullToEmpty(item);
  const cut = text.indexOf('~');
  return cut < 0 ? { title: text.trim(), payload: '' } : { title: text.slice(0, cut).trim(), payload: text.slice(cut + 1).trim() };
}

function byteLength(text, enough) {
  if (text.length * 3 <= enough) return text.length;
  let bytes = 0;
  for (let i = 0; i < text.length && bytes <= enough; i++) {
    const unit = text.charCodeAt(i);
    bytes += unit < 0x80 ? 1 : unit < 0x800 ? 2 : unit >= 0xd800 && unit < 0xe000 ? 2 : 3;
  }
  return bytes;
}

function isTooDeep(json, most) {
  let depth = 0;
  let inText = false;
  for (let i = 0; i < json.length; i++) {
    const sign = json[i];
    if (inText) {
      if (sign === '\\') i++;
      else if (sign === '"') inText = false;
    } else if (sign === '"') inText = true;
    else if (sign === '{' || sign === '[') { if (++depth > most) return true; } else if (sign === '}' || sign === ']') depth--;
  }
  return false;
}
