/* The two-way bridge between a textarea and the editor that stands in its place. */

const own = Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, "value");
const write = (area, text) => own.set.call(area, text);

/* The one stretch in which two texts differ; what lies around it keeps its marks, its selection, its undo. */
function difference(before, after) {
  const shorter = Math.min(before.length, after.length);
  let from = 0;
  while (from < shorter && before[from] === after[from]) from += 1;
  let same = 0;
  while (same < shorter - from && before[before.length - 1 - same] === after[after.length - 1 - same]) same += 1;
  return { from, to: before.length - same, insert: after.slice(from, after.length - same) };
}

/* What was typed after a form was sent is newer than what came back with its answer. */
function textFor(area, old) {
  const newer = old && old.asked !== undefined && old.text !== old.asked && area.value === old.asked;
  return newer ? old.text : area.value;
}

function begin(kit, text, { old, selection }, extensions) {
  const fields = { history: kit.historyField };
  if (old && old.text === text) return kit.EditorState.fromJSON(old.state, { extensions }, fields);
  const anchor = Math.min(old?.state.selection.ranges[0].anchor ?? selection.anchor, text.length);
  return kit.EditorState.create({ doc: text, selection: old ? { anchor } : selection, extensions });
}

/* The label names the editor now: it cannot point at what is not shown. A click on it still leads there. */
function takeLabel(area, view, signal) {
  const label = area.labels[0];
  if (!label) return { "aria-label": area.getAttribute("aria-label") || "Code" };
  label.id ||= `${area.id}_label`;
  label.removeAttribute("for");
  label.addEventListener("click", () => view().focus(), { signal });
  return { "aria-labelledby": label.id };
}

/* A page's script that writes into the field, or gives it the focus, need not know that there is an editor. */
function takeField(area, editor) {
  Object.defineProperty(area, "value", {
    configurable: true,
    get: () => own.get.call(area),
    set: (text) => { write(area, text); editor.compare(); },
  });
  area.focus = () => editor.view.focus();
  area.setSelectionRange = (from, to) => editor.select(from, to);
  area.setRangeText = (...change) => {
    HTMLTextAreaElement.prototype.setRangeText.apply(area, change);
    editor.compare();
  };
}

/* What happens inside of the editor is no input of the form: only the field's own events are. And a key that it has used
   is not the page's any more: Esc that closes its list does not close the preview, too. */
function keepInside(box, area, signal) {
  box.addEventListener("keydown", (event) => { if (event.defaultPrevented) event.stopPropagation(); }, { signal });
  for (const name of ["input", "change"]) {
    box.addEventListener(name, (event) => { if (event.target !== area) event.stopPropagation(); }, { signal });
  }
}

export function openEditor(kit, area, old) {
  const outside = kit.Annotation.define();
  const stop = new AbortController();
  const box = document.createElement("div");
  const foot = kit.makeFoot(area);
  let committed = area.value;
  const selection = area.pointed || document.activeElement === area ? { anchor: area.selectionStart, head: area.selectionEnd } : { anchor: 0 };
  const editor = { box };

  const state = () => ({ text: area.value, state: editor.view.state.toJSON({ history: kit.historyField }), focused: editor.view.hasFocus, asked: editor.asked });
  editor.compare = () => {
    const now = editor.view.state.doc.toString();
    if (area.value !== now) editor.view.dispatch({ changes: difference(now, area.value), annotations: outside.of(true) });
  };
  editor.select = (anchor, head) => {
    const { length } = editor.view.state.doc;
    editor.view.dispatch({ selection: { anchor: Math.min(anchor, length), head: Math.min(head, length) }, scrollIntoView: true });
  };
  editor.sent = () => { editor.asked = area.value; };
  editor.insertLines = (lines) => {
    const { main } = editor.view.state.selection;
    const apart = main.from > editor.view.state.doc.lineAt(main.from).from ? "\n" : "";
    editor.view.dispatch(editor.view.state.replaceSelection(apart + lines), { scrollIntoView: true, userEvent: "input" });
    editor.view.focus();
  };
  editor.close = () => {
    const left = state();
    stop.abort();
    editor.view.destroy();
    return left;
  };

  const through = kit.EditorView.updateListener.of((update) => {
    if (!update.docChanged || update.transactions.every((each) => each.annotation(outside))) return;
    write(area, update.state.doc.toString());
    area.dispatchEvent(new Event("input", { bubbles: true }));
  });
  const left = kit.EditorView.domEventHandlers({
    blur: () => {
      if (area.value === committed) return;
      committed = area.value;
      area.dispatchEvent(new Event("change", { bubbles: true }));
    },
  });

  const text = textFor(area, old);
  const label = takeLabel(area, () => editor.view, stop.signal);
  const extensions = [kit.writing(kit, area, foot), kit.attributes(kit, area, label, foot), kit.offers(kit, area), kit.checks(kit, area, foot), through, left];
  box.className = area.className.includes("tall") ? "code-editor tall" : "code-editor";
  box.dataset.code = area.dataset.code;
  area.replaceWith(box);
  editor.view = new kit.EditorView({ state: begin(kit, text, { old, selection }, extensions), parent: box });
  box.append(foot.element, area);
  takeField(area, editor);
  keepInside(box, area, stop.signal);
  area.addEventListener("input", editor.compare, { signal: stop.signal });
  if (area.pointed) editor.select(selection.anchor, selection.head);
  delete area.pointed;
  area.form?.addEventListener("reset", () => setTimeout(editor.compare), { signal: stop.signal });
  if (text !== area.value) {
    write(area, text);
    area.dispatchEvent(new Event("input", { bubbles: true }));
  }
  return editor;
}
