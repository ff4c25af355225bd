/* What is offered while one writes: functions of botContext with their help, names of variables where a function takes
   one, starting points of a transform script, and variables after a brace in a JSON text. */

const QUOTED = /\bbotContext\s*\.\s*(\w+)\(\s*(["'])([^"'\\\n]*)$/;

/* Which of the bot's names a function takes as its first argument, read from how they are written in a text. */
const VARIABLES = [/^\{\$botContext\.(.+)\}$/, /^\{\$(slot\..+)\}$/, /^\{([^${}][^${}]*)\}$/];
const TAKES = { getBotVariable: VARIABLES, setBotVariable: VARIABLES, getEnvVariable: [/^\{\$env\.(.+)\}$/] };

const known = () => window.parley.variableOffers();

function nameOf(written, patterns) {
  for (const pattern of patterns) {
    const found = pattern.exec(written);
    if (found) return found[1];
  }
  return null;
}

/* A call that takes something leaves the caret between its brackets. */
function call(name, takes) {
  return (view, completion, from, to) => {
    const bracket = view.state.sliceDoc(to, to + 1) === "(";
    const insert = bracket ? name : `${name}()`;
    const anchor = from + name.length + (bracket || takes ? 1 : 2);
    view.dispatch({ changes: { from, to, insert }, selection: { anchor }, userEvent: "input.complete" });
  };
}

/* The library sorts by how well a name fits, then by letters: what authors made first stays first. */
const inOrder = (options) => options.map((each, index) => ({ ...each, boost: Math.max(-99, -index) }));

const split = ([signature, help]) => {
  const [, name, argument] = /^(\w+)\((.*)\)$/.exec(signature);
  return { name, signature, argument, help };
};

function ofBotContext(kit) {
  const options = kit.botContextHelp.map(split).map(({ name, argument, help }) => ({
    label: name, detail: `(${argument})`, help, type: "function", apply: call(name, argument),
  }));
  return (context) => {
    const written = context.matchBefore(/\bbotContext\s*\.\s*\w*/);
    if (!written) return null;
    const from = context.pos - /\w*$/.exec(written.text)[0].length;
    return { from, options: inOrder(options), validFor: /^\w*$/ };
  };
}

function ofNames(area) {
  return async (context) => {
    const line = context.state.doc.lineAt(context.pos);
    const [, method, , begun] = QUOTED.exec(line.text.slice(0, context.pos - line.from)) || [];
    if (!TAKES[method]) return null;
    const offers = await known();
    const options = offers
      .map(({ written, origin }) => ({ label: nameOf(written, TAKES[method]), help: origin, type: "variable" }))
      .filter((each) => each.label);
    const answer = area.dataset.place === "transform" && document.getElementById("id_response_variable")?.value.trim();
    if (answer && method !== "getEnvVariable") options.unshift({ label: `api_${answer}`, help: "The response: its jsonData is the text of it", type: "variable" });
    return { from: context.pos - begun.length, options: inOrder(options), validFor: /^[^"'\\\n]*$/ };
  };
}

/* In JSON a brace begins an object far more often than a variable: there, a name must follow it. */
function ofBraces() {
  return async (context) => {
    const begun = context.matchBefore(/\{[$A-Za-z_][^{}\n"]*$/);
    if (!begun) return null;
    const apply = (view, { label }, from, to) => {
      const end = view.state.sliceDoc(to, to + 1) === "}" ? to + 1 : to;
      view.dispatch({ changes: { from, to: end, insert: label }, selection: { anchor: from + label.length }, userEvent: "input.complete" });
    };
    const options = (await known()).map(({ written, origin }) => ({ label: written, help: origin, type: "variable", apply }));
    return { from: begun.from, options: inOrder(options), validFor: /^\{[^{}\n"]*$/ };
  };
}

function ofSnippets(area) {
  return (context) => {
    const word = context.matchBefore(/^\s*\w+$/m);
    if (area.dataset.place !== "transform" || !word || !window.parley.snippets) return null;
    const options = window.parley.snippets().map(({ name, help, text }) => ({ label: name, help, type: "snippet", apply: text }));
    return { from: context.pos - word.text.trim().length, options, validFor: /^\w*$/ };
  };
}

/* Names of the script itself only on request: a list that opens at every word would take the Enter that ends a line. */
const ofScript = (kit) => (context) => (context.explicit ? kit.localCompletionSource(context) : null);

const helpOf = (completion) => {
  if (!completion.help) return null;
  const element = document.createElement("span");
  element.className = "code-help";
  element.textContent = completion.help;
  return element;
};

/* The same help for what stands there already, under the mouse. */
function helpUnderMouse(kit) {
  const found = new Map(kit.botContextHelp.map(split).map((each) => [each.name, each]));
  return kit.hoverTooltip((view, at) => {
    const line = view.state.doc.lineAt(at);
    for (const match of line.text.matchAll(/\bbotContext\s*\.\s*(\w+)/g)) {
      const from = line.from + match.index;
      const help = found.get(match[1]);
      if (!help || at < from || at > from + match[0].length) continue;
      const dom = document.createElement("div");
      dom.className = "code-hover";
      dom.append(Object.assign(document.createElement("code"), { textContent: help.signature }), helpOf(help));
      return { pos: from, end: from + match[0].length, above: true, create: () => ({ dom }) };
    }
    return null;
  });
}

/* An open list goes along when the page moves the field, as an answer that is put in above it does. The library looks where
   the field is only when the window is scrolled or changes its size. */
const followField = (kit) => kit.ViewPlugin.fromClass(class {
  constructor(view) {
    this.view = view;
    this.look = this.look.bind(this);
  }

  update() {
    this.frame ??= requestAnimationFrame(this.look);
  }

  look() {
    const { left, top } = this.view.dom.getBoundingClientRect();
    const open = this.view.dom.querySelector(".cm-tooltip");
    const moved = open && this.place && (left !== this.place.left || top !== this.place.top);
    if (moved) dispatchEvent(new Event("resize"));
    this.place = open && { left, top };
    this.frame = open ? requestAnimationFrame(this.look) : null;
  }

  destroy() {
    cancelAnimationFrame(this.frame);
  }
});

const SOURCES = {
  javascript: (kit, area) => [ofBotContext(kit), ofNames(area), ofSnippets(area), ofScript(kit)],
  json: () => [ofBraces()],
};

export function offers(kit, area) {
  const kind = area.dataset.code;
  return [
    kit.autocompletion({
      override: SOURCES[kind](kit, area), icons: false, maxRenderedOptions: 60, interactionDelay: 0,
      addToOptions: [{ render: helpOf, position: 90 }],
    }),
    kit.EditorState.phrases.of({ Completions: kind === "json" ? "Variables" : "Functions and variables" }),
    kind === "javascript" ? helpUnderMouse(kit) : [],
    followField(kit),
    kit.EditorView.updateListener.of(({ view }) => view.dom.querySelector(".cm-tooltip-autocomplete > ul")?.setAttribute("tabindex", "0")), // it scrolls
  ];
}
