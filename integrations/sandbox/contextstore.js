// The context service (older name: context session store): a copy to read and write in one script, operations for the rest.

const SCOPES = ['global', 'user', 'conversation'];

function contextFunctions(job) {
  const functions = {
    isContextApiEnabled: () => true,
    registerContextNamespace(namespace, ttl) {
      const seconds = Number(ttl) > 0 ? Math.min(Math.round(Number(ttl)), 315360000) : null;
      contextAct(job, { action: 'register', namespace: String(namespace), ttl: seconds });
      return true;
    },
    deleteContextNamespace(namespace) {
      const name = String(namespace);
      const store = contextOf(job);
      const existed = SCOPES.some((scope) => store[scope].has(name)) || store.registered.has(name);
      contextAct(job, { action: 'delete_namespace', namespace: name });
      return existed;
    },
  };
  const suffixes = { global: 'GlobalContextData', user: 'ContextDataForUser', conversation: 'ContextDataForConversation' };
  for (const scope of SCOPES) Object.assign(functions, scopeFunctions(job, scope, suffixes[scope]));
  return functions;
}

function scopeFunctions(job, scope, suffix) {
  const space = (namespace) => contextOf(job)[scope].get(String(namespace)) || new Map();
  const functions = {
    ['set' + suffix](namespace, key, value) {
      return contextAct(job, { action: 'set', scope, namespace: String(namespace), key: String(key), value });
    },
    ['get' + suffix](namespace, key) {
      const values = space(namespace);
      if (key !== undefined) return values.has(String(key)) ? JSON.parse(values.get(String(key))) : null;
      const all = {};
      for (const [name, json] of values) {
        Object.defineProperty(all, name, { value: JSON.parse(json), enumerable: true, writable: true, configurable: true });
      }
      return javaMap(all);
    },
    ['delete' + suffix](namespace, key) {
      const existed = space(namespace).has(String(key));
      contextAct(job, { action: 'delete', scope, namespace: String(namespace), key: String(key) });
      return existed;
    },
  };
  if (scope !== 'global') {
    functions['deleteAll' + suffix] = (namespace) => {
      contextAct(job, { action: 'delete_all', scope, namespace: String(namespace) });
      return true;
    };
  }
  return functions;
}

// The store as this script sees it, made at the first use: {scope: Map(namespace, Map(key, JSON text))}.
function contextOf(job) {
  if (job.context !== null) return job.context;
  const given = member(job.facts, 'context');
  job.context = { registered: new Set() };
  for (const scope of SCOPES) {
    const spaces = member(given, scope) || {};
    job.context[scope] = new Map(Object.keys(spaces).map((name) => [name, new Map(
      Object.keys(spaces[name] || {}).map((key) => [key, JSON.stringify(spaces[name][key])]))]));
  }
  return job.context;
}

function contextAct(job, { action, scope = '', namespace, key = '', value = null, ttl = null }) {
  const json = jsonOf(value);
  if (!fitsValue(job, namespace, '') || !fitsValue(job, key, json)) return false;
  const taken = emit(job, 'writes', JSON.stringify({ op: 'context', action, scope, namespace, key, ttl }).slice(0, -1)
    + ',"value":' + json + '}');
  if (taken) APPLY[action](contextOf(job), { scope, namespace, key, json });
  return taken;
}

const APPLY = {
  register(store, { namespace }) { store.registered.add(namespace); },
  set(store, { scope, namespace, key, json }) {
    if (!store[scope].has(namespace)) store[scope].set(namespace, new Map());
    store[scope].get(namespace).set(key, json);
  },
  delete(store, { scope, namespace, key }) { store[scope].get(namespace)?.delete(key); },
  delete_all(store, { scope, namespace }) { store[scope].get(namespace)?.clear(); },
  delete_namespace(store, { namespace }) {
    SCOPES.forEach((scope) => store[scope].delete(namespace));
    store.registered.delete(namespace);
  },
};
