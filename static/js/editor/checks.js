/* What is wrong in a script or a JSON text, live: the server's V8 reads the script, the browser reads the JSON. */

const PAUSE = 500;

/* Where a line and a column of the message are in the text; the mark covers a word, or one sign, so that it can be seen. */
function spot(doc, { line, column }) {
  const row = doc.line(Math.max(1, Math.min(line || 1, doc.lines)));
  const at = Math.min(row.from + Math.max(0, (column || 1) - 1), row.to);
  const word = /^\w+/.exec(row.text.slice(at - row.from))?.[0].length || 1;
  if (at < row.to) return { from: at, to: Math.min(at + word, row.to) };
  return { from: Math.max(row.from, at - 1), to: at };
}

async function askServer(area, text) {
  const address = document.querySelector("[data-script-checks]").dataset.scriptChecks;
  const body = new URLSearchParams({ source: text, place: area.dataset.place });
  const answer = await fetch(address, { method: "POST", body, headers: { "X-CSRFToken": window.parley.csrfToken(), Accept: "application/json" } }).catch(() => null);
  return answer?.ok ? (await answer.json()).problems : []; // the server is away: it says so when the form is saved
}

/* A placeholder outside of quotes stands for a value: any will do to see whether the rest is JSON. */
const PLACEHOLDER = /\{(?:\$[\w.[\]$]+|[A-Za-z_]\w*\.[\w.$[\]]+)\}/g;

/* Browsers word this differently, and some do not say where: the editor's own reader of JSON does. */
function firstFault(kit, text) {
  let at = -1;
  kit.jsonLanguage.parser.parse(text).iterate({ enter: (node) => { if (at < 0 && node.type.isError) at = node.from; } });
  if (at < 0) return { message: "This is not JSON yet." };
  const gap = /^\s*/.exec(text.slice(at))[0].length;
  const before = text.slice(0, at + gap).split("\n");
  const found = /^(?:\w+|[^]?)/.exec(text.slice(at + gap))[0];
  const why = found ? `“${found}” cannot stand here` : "something is missing at the end";
  return { line: before.length, column: before.at(-1).length + 1, message: `This is not JSON yet: ${why}.` };
}

function readJson(area, text, kit) {
  if (!/^\s*[[{]/.test(text)) return []; // a body may be something else
  const filled = text.replace(PLACEHOLDER, (found) => "0".padEnd(found.length));
  try {
    JSON.parse(filled);
    return [];
  } catch {
    return [firstFault(kit, filled)];
  }
}

const READERS = { javascript: askServer, json: readJson };
const SEVERITY = { javascript: "error", json: "warning" };

const sentence = ({ line, column, message }) => (line ? `Line ${line}, column ${column}: ${message}` : message);

export function checks(kit, area, foot) {
  const kind = area.dataset.code;
  const read = async (view) => {
    const { doc } = view.state;
    const problems = doc.toString().trim() ? await READERS[kind](area, doc.toString(), kit) : [];
    if (view.state.doc !== doc) return []; // what was typed since is looked at next, and this is dropped
    foot.say(problems.length ? sentence(problems[0]) : "");
    foot.problem.onclick = () => {
      const { from } = spot(view.state.doc, problems[0]);
      view.dispatch({ selection: { anchor: from }, scrollIntoView: true });
      view.focus();
    };
    return problems.map((each) => ({ ...spot(doc, each), severity: SEVERITY[kind], message: each.message }));
  };
  return [kit.linter(read, { delay: PAUSE }), kit.lintGutter()];
}
