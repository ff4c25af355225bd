/* How the editor is written in: language, colours, brackets, keys, the way in and out; and the line at its foot. */

const LANGUAGES = { javascript: (kit) => kit.javascript(), json: (kit) => kit.json() };
const NARROW = matchMedia("(max-width: 40rem)");

/* Names that are ours get a colour of their own: botContext with its function, and a variable in a JSON text. */
const MARKED = {
  javascript: { regexp: /\bbotContext\b(?:\s*\.\s*\w+)?/g, name: "code-host", where: ["VariableName"] },
  json: { regexp: /\{(?:\$[\w.[\]$]+|[A-Za-z_]\w*\.[\w.$]+)\}/g, name: "code-variable" },
};

function marks(kit, { regexp, name, where }) {
  const mark = kit.Decoration.mark({ class: name });
  const finder = new kit.MatchDecorator({
    regexp,
    decorate: (add, from, to, match, view) => {
      if (!where || where.includes(kit.syntaxTree(view.state).resolveInner(from, 1).name)) add(from, to, mark);
    },
  });
  const plugin = class {
    constructor(view) { this.decorations = finder.createDeco(view); }
    update(update) {
      const grown = kit.syntaxTree(update.startState) !== kit.syntaxTree(update.state);
      this.decorations = grown ? finder.createDeco(update.view) : finder.updateDeco(update, this.decorations);
    }
  };
  return kit.ViewPlugin.fromClass(plugin, { decorations: (value) => value.decorations });
}

/* Tab indents, as everybody who writes code expects; after Esc it leads on, for as long as nothing else is pressed. */
function wayOut(kit, foot) {
  const STAYS = new Set(["Escape", "Tab", "Shift", "Control", "Alt", "Meta"]);
  const turn = (view, free) => {
    view.setTabFocusMode(free);
    foot.free(free);
  };
  const escape = { key: "Escape", run: (view) => { turn(view, true); return false; } };
  return [
    kit.Prec.lowest(kit.keymap.of([escape, kit.indentWithTab])),
    kit.Prec.highest(kit.EditorView.domEventHandlers({
      keydown: (event, view) => { if (!STAYS.has(event.key)) turn(view, false); return false; },
      blur: (event, view) => turn(view, false),
    })),
  ];
}

/* Where a selection is typed over, Chromium keeps the colour of what was there in a style attribute, which the page's policy
   refuses, loudly. So the change is made here, in the same way as the library makes one. */
function typedOver(kit) {
  return kit.EditorView.domEventHandlers({
    beforeinput: (event, view) => {
      const marked = document.getSelection(); // what is about to go; the library's own may be a moment behind
      const text = event.data ?? event.dataTransfer?.getData("text/plain");
      if (event.inputType !== "insertText" || marked.isCollapsed || !text || view.composing || view.state.readOnly) return false;
      const range = marked.getRangeAt(0);
      const from = view.posAtDOM(range.startContainer, range.startOffset);
      const to = view.posAtDOM(range.endContainer, range.endOffset);
      event.preventDefault();
      const insert = view.state.toText(text);
      const change = () => view.state.update({ changes: { from, to, insert }, selection: { anchor: from + insert.length }, scrollIntoView: true, userEvent: "input.type" });
      if (!view.state.facet(kit.EditorView.inputHandler).some((handles) => handles(view, from, to, text, change))) view.dispatch(change());
      return true;
    },
  });
}

/* On a narrow screen lines are broken: reading sideways there is worse. */
function wrapping(kit) {
  const room = new kit.Compartment();
  const chosen = () => (NARROW.matches ? kit.EditorView.lineWrapping : []);
  const watcher = kit.ViewPlugin.define((view) => {
    const turned = () => view.dispatch({ effects: room.reconfigure(chosen()) });
    NARROW.addEventListener("change", turned);
    return { destroy: () => NARROW.removeEventListener("change", turned) };
  });
  return [room.of(chosen()), watcher];
}

const WORDS = { next: "Next", previous: "Previous", all: "All", replace: "Replace", "replace all": "Replace all", "match case": "Match case", regexp: "Expression", "by word": "Words", close: "Close the search" };

export function writing(kit, area, foot) {
  const language = area.dataset.code;
  return [
    kit.lineNumbers(), kit.highlightActiveLine(), kit.highlightActiveLineGutter(), kit.highlightSpecialChars(), kit.history(),
    kit.indentOnInput(), kit.bracketMatching(), kit.closeBrackets(), kit.highlightSelectionMatches(), kit.search({ top: true }),
    kit.EditorState.phrases.of(WORDS), kit.indentUnit.of("  "), kit.EditorState.tabSize.of(2), kit.EditorState.readOnly.of(area.readOnly || area.disabled),
    LANGUAGES[language](kit), kit.syntaxHighlighting(kit.classHighlighter), marks(kit, MARKED[language]), wrapping(kit), wayOut(kit, foot), typedOver(kit),
    kit.keymap.of([...kit.closeBracketsKeymap, ...kit.defaultKeymap, ...kit.searchKeymap, ...kit.historyKeymap, ...kit.lintKeymap]),
  ];
}

/* What the field says of itself to people who do not see it, the editor says, too. */
export function attributes(kit, area, label, foot) {
  const room = new kit.Compartment();
  const said = () => {
    const found = { ...label, tabindex: "0", "aria-describedby": `${area.getAttribute("aria-describedby") || ""} ${foot.hint.id}`.trim() };
    if (area.getAttribute("aria-invalid") === "true") found["aria-invalid"] = "true";
    return kit.EditorView.contentAttributes.of(found);
  };
  const watcher = kit.ViewPlugin.define((view) => {
    const observer = new MutationObserver(() => view.dispatch({ effects: room.reconfigure(said()) }));
    observer.observe(area, { attributeFilter: ["aria-invalid", "aria-describedby"] });
    return { destroy: () => observer.disconnect() };
  });
  return [room.of(said()), watcher];
}

const make = (tag, name) => {
  const element = document.createElement(tag);
  element.className = name;
  return element;
};

const HINT = "Tab indents; Esc, then Tab leaves";

/* The line at the foot: what is wrong and where, and how to get out by keyboard. */
export function makeFoot(area) {
  const element = make("div", "code-foot");
  const problem = make("button", "code-problem");
  const voice = make("span", "visually-hidden");
  const hint = make("span", "code-hint");
  problem.type = "button";
  problem.hidden = true;
  voice.setAttribute("role", "status");
  hint.id = `${area.id}_hint`;
  hint.textContent = HINT;
  element.append(problem, voice, hint);
  return {
    element,
    hint,
    problem,
    say: (sentence) => {
      if (voice.textContent === sentence) return;
      problem.hidden = !sentence;
      problem.textContent = sentence;
      voice.textContent = sentence;
    },
    free: (free) => {
      const text = free ? "Tab leaves now" : HINT;
      if (hint.textContent !== text) hint.textContent = text;
      element.classList.toggle("free", free);
    },
  };
}
