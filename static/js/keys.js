/* The keys of every page inside a bot, and the dialog that lists them. A key that types is never taken:
   `?` counts only outside of fields. Ctrl is the command key on a Mac. */
(() => {
  "use strict";
  const parley = (window.parley = window.parley || {});
  const mac = navigator.platform.startsWith("Mac");
  const CTRL = mac ? "⌘" : "Ctrl";

  /* What the dialog says; the last ones belong to other scripts. */
  const LISTED = [
    ["Everywhere in a bot", [
      ["?", "List these keys"],
      [`${CTRL}+K`, "Find anything in this bot"],
      [`${CTRL}+S`, "Save now"],
      [`${CTRL}+Enter`, "Run the test run, or the tests"],
      ["Esc", "Close a menu, a list, a dialog, the preview"],
    ]],
    ["In texts and lists", [
      ["{", "Offer variables, wherever a text takes them"],
      ["Alt+↑ or Alt+↓", "Move the row, the tile or the dialog that has the focus"],
      ["Enter", "In a row: go to the next row, or make one"],
    ]],
    ["In code", [
      [`${CTRL}+Space`, "Offer functions of botContext, names of variables, names of the script"],
      [`${CTRL}+F`, "Search and replace"],
      [`${CTRL}+/`, "Make a comment of the line, or code again"],
      ["F8", "Go to the next error"],
      ["Esc, then Tab", "Leave the editor; Tab alone indents"],
    ]],
    ["On a map", [["+ − 0", "Larger, smaller, fit to width"], ["Tab, Enter", "Go from box to box, open one"]]],
  ];

  const make = (tag, name, ...inside) => {
    const element = document.createElement(tag);
    if (name) element.className = name;
    element.append(...inside);
    return element;
  };

  function closeButton() {
    const button = make("button", "icon-button push", "✕");
    button.type = "button";
    button.setAttribute("aria-label", "Close");
    button.dataset.closes = "";
    return button;
  }

  function dialog() {
    const made = make("dialog", "dialog");
    made.id = "keys";
    made.setAttribute("aria-labelledby", "keys-title");
    const title = make("h2", "", "Keys");
    title.id = "keys-title";
    const body = make("div", "dialog-body stack");
    for (const [heading, keys] of LISTED) {
      const rows = keys.flatMap(([combo, what]) => [make("dt", "", make("kbd", "", combo)), make("dd", "", what)]);
      const section = make("section", "stack tight", make("h3", "", heading), make("dl", "keys", ...rows));
      body.append(section);
    }
    made.append(make("div", "dialog-head", title, closeButton()), body);
    document.body.append(made);
    return made;
  }

  const list = () => {
    const shown = document.getElementById("keys") || dialog();
    if (!document.querySelector("dialog[open]")) shown.showModal();
  };

  const visible = (element) => element.checkVisibility?.() ?? true;
  const press = (selector) => {
    const button = [...document.querySelectorAll(selector)].find((each) => visible(each) && !each.disabled);
    button?.click();
    return Boolean(button);
  };

  /* Whatever saves as one types is sent now, even if it was; else the page's own save button is pressed. */
  function save() {
    const here = document.activeElement.closest?.("[data-autosave]");
    const forms = here ? [here] : [...document.querySelectorAll("form[data-autosave]")];
    if (forms.length) forms.forEach((form) => htmx.trigger(form, "submit"));
    else if (!press("[data-key-save]")) toast({ text: "There is nothing to save here." });
  }

  const typing = (element) => element.matches?.("input, textarea, select, [contenteditable=true], [contenteditable=true] *");

  const KEYS = {
    k: () => parley.find?.(),
    s: save,
    Enter: () => press("[data-key-run]") || toast({ text: "There is nothing to run here." }),
  };

  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.altKey) return;
    if (event.key === "?" && !event.ctrlKey && !event.metaKey && !typing(event.target)) {
      event.preventDefault();
      list();
      return;
    }
    if (!(mac ? event.metaKey : event.ctrlKey) || event.shiftKey || !(event.key in KEYS)) return;
    event.preventDefault();
    event.stopPropagation();
    KEYS[event.key]();
  }, true);

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-keys]")) list();
  });
})();
