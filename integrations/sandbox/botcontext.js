// The documented botContext functions, one group each, bound to one job. What a job does leaves it as operations only.

function variableFunctions(job) {
  return {
    getBotVariable(name) {
      const key = String(name);
      if (job.written.has(key)) return readBack(job.written.get(key));
      return revive(copy(member(job.variables, key)));
    },
    setBotVariable(name, value, session, forever) {
      const key = String(name);
      const json = storedForm(value);
      if (!fitsValue(job, key, json)) return;
      const scope = session === true || session === 'true' || forever === true ? 'session' : 'request';
      const kept = emit(job, 'writes', '{"op":"set","name":' + JSON.stringify(key) + ',"value":' + json
        + ',"scope":"' + scope + '","forever":' + (forever === true) + '}');
      if (kept) job.written.set(key, json);
    },
  };
}

function sessionFunctions(job) {
  return {
    getCurrentUserMessage: () => nullToEmpty(fact(job, 'message')),
    getQuickReplyPayload: () => fact(job, 'quickReplyPayload'),
    getButtonPayload: () => fact(job, 'buttonPayload'),
    getChatBotId: () => textFact(job, 'chatBotId'),
    getConversationId: () => textFact(job, 'conversationId'),
    getLPAccountId: () => textFact(job, 'accountId'),
    getLPEngagementAttribute: (name) => member(fact(job, 'engagement'), String(name)),
    getEnvVariable: (name) => member(fact(job, 'env'), String(name)),
    getMetadata(type) {
      const found = listOf(fact(job, 'metadata')).filter((item) => member(item, 'type') === String(type));
      return found.length ? found : null;
    },
    getWebViewVariable: (name) => member(fact(job, 'webView'), String(name)),
    getWebViewVariables: () => javaMap(fact(job, 'webView') || {}),
    getFileCaption() {
      const file = fact(job, 'file');
      return file === null ? null : member(file, 'caption') || '__EMPTYTEXT__';
    },
    getFileType: () => member(fact(job, 'file'), 'type'),
    isApiExecutionSuccessful: () => /^2\d\d$/.test(textFact(job, 'apiStatus')),
    getApiStatusCode: () => textFact(job, 'apiStatus'),
    getHoursType(spec, zone) {
      return hoursType(listOf(spec), String(zone), fact(job, 'now'), (sentence) => debug(job, sentence));
    },
    evaluateOptions: (text, options) => evaluateOptions(nullToEmpty(text), listOf(options)),
  };
}

function userFunctions(job) {
  const channel = () => textFact(job, 'channel') || 'lp_web';
  const changed = {};
  const store = (field, value) => {
    if (!fitsMessage(job, value)) return;
    if (act(job, 'writes', { op: 'user', field, value })) changed[field] = value;
  };
  return {
    getUserChannel: channel,
    getChannel: channel,
    getUserPlatformId: () => textFact(job, 'consumerId'),
    getUserPlatformType: () => 'HTMLCLIENT',
    getLPCustomerInfo: () => fact(job, 'customerInfo'),
    getLPUserPersonalInfo() {
      const info = fact(job, 'personalInfo');
      return ['firstname', 'lastname', 'company'].some((name) => member(info, name)) ? info : null;
    },
    getUserLocation() {
      const place = fact(job, 'location') || {};
      const first = (...names) => names.map((name) => member(place, name)).find((value) => value !== null) ?? null;
      return hide(place, {
        getCityName: () => first('cityName', 'city'), getState: () => first('state'),
        getZipCode: () => first('zipCode', 'zip'), getLatitude: () => first('latitude', 'lat'),
        getLongitude: () => first('longitude', 'lng', 'lon'),
      });
    },
    getUserName: () => changed.name ?? fact(job, 'userName'),
    setUserName(name) { store('name', nullToEmpty(name)); },
    getEmail: () => changed.email ?? fact(job, 'email'),
    setEmail(address) { store('email', nullToEmpty(address)); },
  };
}

// What the vendor's language service would know. Its documented answers for "nothing known", told as stubs.
function languageFunctions(job) {
  const words = (pattern) => nullToEmpty(fact(job, 'message')).split(pattern).map((part) => part.trim()).filter(Boolean);
  return {
    getDialogStarterIntent: () => fact(job, 'starterIntent'),
    getDisambiguatedIntentName: () => stub(job, 'getDisambiguatedIntentName', null),
    getDisambiguatedIntentId: () => stub(job, 'getDisambiguatedIntentId', null),
    getNamedEntities: () => stub(job, 'getNamedEntities', []),
    getNlpResponse: () => stub(job, 'getNlpResponse',
      { nouns: [], verbs: [], phrases: [], sentences: words(/[.!?]+/), tokens: words(/\s+/) }),
    getSentiment: () => stub(job, 'getSentiment', 'Neutral'),
    askMaven: () => stub(job, 'askMaven', '{"rule":{"actions":null}}'),
  };
}

function flowFunctions(job) {
  const transfer = (field, value) => { act(job, 'writes', { op: 'transfer', field, value: nullToEmpty(value) }); };
  const addQuickReplies = (list) => {
    act(job, 'others', { op: 'quick_replies', replies: repliesOf(job, list, 24) });
  };
  return {
    setTriggerNextMessage(name) { act(job, 'others', { op: 'trigger', name: nullToEmpty(name) }); },
    setMessageDelay(ms) {
      const delay = Number(ms);
      if (delay >= 0) act(job, 'others', { op: 'delay', ms: Math.min(Math.round(delay), 3600000) });
      else debug(job, 'setMessageDelay: ' + textOf(ms) + ' is not a number of milliseconds.');
    },
    setAllowMaxTextResponse(value) {
      act(job, 'others', { op: 'allow_max', value: value === true || value === 'true' });
    },
    addQuickReplies,
    addQuickReples: addQuickReplies,
    setBotTransferIntentbyDomain(intent, domain) {
      transfer('intent', intent);
      transfer('domain', domain);
    },
    setBotTransferIntentId(id) { transfer('intent_id', id); },
    setBotTransferUserMessage(text) { transfer('message', text); },
  };
}

function repliesOf(job, list, most) {
  const replies = listOf(list).map(quickReply);
  if (replies.length > most) note(job, 'a message may have ' + most + ' quick replies');
  return replies.slice(0, most);
}

function messageFunctions(job) {
  const send = (value) => {
    const text = nullToEmpty(value);
    if (fitsMessage(job, text)) act(job, 'messages', { op: 'message', text });
  };
  return {
    sendMessage: send,
    sendMessages(list) { listOf(list).forEach(send); },
    sendMessageWithQuickReplies(value, list) {
      const text = nullToEmpty(value);
      if (!fitsMessage(job, text)) return;
      act(job, 'messages', { op: 'message_replies', text, replies: repliesOf(job, list, 10) });
    },
    sendPrivateMessage(value) {
      const text = nullToEmpty(value);
      if (fitsMessage(job, text)) act(job, 'messages', { op: 'private', text });
    },
    sendImmediateReply(value) {
      const texts = listOf(value).map(nullToEmpty).filter((text) => fitsMessage(job, text));
      const room = LIMITS.messages.most - job.counts.messages;
      if (texts.length > room) note(job, LIMITS.messages.sentence);
      act(job, 'others', { op: 'immediate', texts: texts.slice(0, room) });
      job.stopped = true;
      throw STOP;
    },
  };
}

function logFunctions(job) {
  const shown = (value, most) => nullToEmpty(value).slice(0, most);
  return {
    printDebugMessage(value) { debug(job, textOf(value)); },
    logCustomEvent(message, name, detail) {
      act(job, 'others', { op: 'event', message: shown(message, 4000), name: shown(name, 200), detail: shown(detail, 32000) });
    },
    logEscalationEvent(message, type) {
      act(job, 'others', { op: 'escalation', message: shown(message, 4000), type: shown(type, 200) });
    },
  };
}

// Names that the language itself asks for, or that tests of "is it there" should find absent.
const ABSENT = new Set(['then', 'toJSON', 'constructor', 'valueOf', 'toString', 'prototype', 'length', 'inspect', 'nodeType']);

function unsupported(job, name) {
  return function () {
    const shown = String(name).slice(0, 100);
    if (!job.noted.has('unsupported ' + shown) && job.noted.size < 100) {
      job.noted.add('unsupported ' + shown);
      append(job, JSON.stringify({ op: 'unsupported', name: shown }));
    }
    throw new Error('botContext.' + shown + '() is not supported here.');
  };
}

const GROUPS = [variableFunctions, sessionFunctions, userFunctions, languageFunctions, flowFunctions, messageFunctions,
  logFunctions, contextFunctions];
const groupOf = new Map();
for (const group of GROUPS) for (const name of Object.keys(group(newJob({})))) groupOf.set(name, group);

// A group is made when one of its functions is asked for: most scripts use two functions of ninety. Whoever looks at the
// object as a whole, or changes it, finds all of them.
class Functions {
  constructor(job) {
    this.job = job;
    this.made = new Set();
    this.target = Object.create(null);
  }

  make(group) {
    if (this.made.has(group)) return;
    Object.assign(this.target, group(this.job));
    this.made.add(group); // last: a script out of stack may get no further than here, and asks again with more of it
  }

  whole() {
    for (const group of GROUPS) this.make(group);
    return this.target;
  }

  get(target, name) {
    if (this.job.stopped) throw STOP;
    if (name in target) return target[name];
    const group = groupOf.get(name);
    if (group !== undefined && !this.made.has(group)) {
      this.make(group);
      return target[name];
    }
    return typeof name === 'symbol' || ABSENT.has(name) ? Object.prototype[name] : unsupported(this.job, name);
  }

  has(target, name) { return Reflect.has(this.whole(), name); }
  set(target, name, value, receiver) { return Reflect.set(this.whole(), name, value, receiver); }
  ownKeys() { return Reflect.ownKeys(this.whole()); }
  defineProperty(target, name, descriptor) { return Reflect.defineProperty(this.whole(), name, descriptor); }
  deleteProperty(target, name) { return Reflect.deleteProperty(this.whole(), name); }
  preventExtensions() { return Reflect.preventExtensions(this.whole()); }
  getOwnPropertyDescriptor(target, name) { return Reflect.getOwnPropertyDescriptor(this.whole(), name); }
}

function makeBotContext(job) {
  const functions = new Functions(job);
  return new Proxy(functions.target, functions);
}

function makeConsole(job) {
  const log = (...values) => { debug(job, values.map(textOf).join(' ')); };
  return { log, info: log, warn: log, error: log, debug: log };
}
