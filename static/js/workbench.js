// The integration form and its test run: progress, tabs, the response tree, copying, and what is not saved yet.
(function () {
  "use strict";
  const parley = window.parley;
  const form = () => document.getElementById("integration-form");

  /* What is not saved yet */
  let dirty = false;
  let pending = 0;

  const changed = (event) => {
    const target = event.target;
    if (!form() || !form().contains(target)) return;
    dirty = true;
    const state = form().querySelector("[data-save-state]");
    state.className = "save-state";
    state.textContent = "Not saved yet";
    clearTimeout(pending);
    pending = setTimeout(() => htmx.trigger(document.body, "definition-changed"), 500);
  };
  document.addEventListener("input", changed);
  document.addEventListener("change", changed);

  /* A browser that comes back to a page fills in what was typed when it was left: that is not saved either. */
  window.addEventListener("pageshow", () => {
    const [arrival] = performance.getEntriesByType("navigation");
    if (arrival?.type !== "navigate" && form() && parley.differing(form()).length) changed({ target: form() });
  });
  window.addEventListener("beforeunload", (event) => {
    if (dirty) event.preventDefault();
  });
  document.addEventListener("submit", () => (dirty = false));
  document.addEventListener("integration-saved", () => (dirty = false));

  /* Copying */
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copies]");
    if (!button) return;
    const source = document.querySelector(`#${button.dataset.copies} pre`);
    if (!source) return;
    try {
      await navigator.clipboard.writeText(source.textContent);
      parley.announce("Copied.");
      button.dataset.done = "";
      setTimeout(() => delete button.dataset.done, 1500);
    } catch {
      const range = document.createRange();
      range.selectNodeContents(source);
      getSelection().removeAllRanges();
      getSelection().addRange(range);
      parley.announce("Selected. Press Ctrl+C to copy.");
    }
  });

  /* Tabs */
  const choose = (tab) => {
    const tabs = Array.from(tab.parentElement.querySelectorAll("[role=tab]"));
    for (const each of tabs) {
      const chosen = each === tab;
      each.setAttribute("aria-selected", String(chosen));
      each.tabIndex = chosen ? 0 : -1;
      document.getElementById(each.getAttribute("aria-controls")).hidden = !chosen;
    }
    sessionStorage.setItem("parley.view", tab.id);
  };
  const STEPS = { ArrowRight: 1, ArrowLeft: -1 };
  document.addEventListener("click", (event) => {
    const tab = event.target.closest("[data-tabs] [role=tab]");
    if (tab) choose(tab);
  });
  document.addEventListener("keydown", (event) => {
    const tab = event.target.closest?.("[data-tabs] [role=tab]");
    if (!tab || !STEPS[event.key]) return;
    const tabs = Array.from(tab.parentElement.querySelectorAll("[role=tab]"));
    const next = tabs[(tabs.indexOf(tab) + STEPS[event.key] + tabs.length) % tabs.length];
    next.focus();
    choose(next);
  });

  /* The response as a tree; a click on a value makes it a custom data field. */
  const fieldName = (path) => {
    const keys = path.match(/[A-Za-z_]\w*(?=[^\w"]*$)|"([^"]+)"\]$/) || ["value"];
    const base = (keys[1] || keys[0]).replace(/\W+/g, "_") || "value";
    const taken = new Set(Array.from(form().querySelectorAll('[name="fields.key"]'), (input) => input.value));
    let name = base;
    for (let number = 2; taken.has(name); number += 1) name = `${base}${number}`;
    return name;
  };

  const useField = (path) => {
    const name = fieldName(path);
    const row = parley.addRow(document.getElementById("id_fields"), name, `{${path}}`);
    row.scrollIntoView({ block: "center" });
    row.querySelector("[data-key]").select();
    row.querySelector("[data-key]").focus();
    parley.announce(`Custom data field added: ${path}`);
    return name;
  };
  const pick = parley.pickedValue(useField);

  const LARGE = 1024 * 1024;
  const plant = async (box, which) => {
    const suffix = which === "transformed" ? "?transformed" : "";
    const plain = box.parentElement.querySelector("[data-plain]");
    try {
      const response = await fetch(box.dataset.bodyUrl + suffix, { credentials: "same-origin" });
      if (!response.ok) throw new SyntaxError(`status ${response.status}`);
      box.replaceChildren(parley.jsonTree(await response.text(), box.dataset.root, pick));
      plain.hidden = true;
      box.hidden = false;
    } catch (error) {
      if (!(error instanceof SyntaxError) && !(error instanceof TypeError)) throw error;
      plain.hidden = false;
      box.hidden = true;
      box.parentElement.querySelector("[data-hint]").hidden = true;
    }
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-document]");
    if (!button) return;
    for (const each of button.parentElement.children) each.setAttribute("aria-pressed", String(each === button));
    plant(button.closest("[role=tabpanel]").querySelector("[data-tree]"), button.dataset.document);
  });

  document.addEventListener("click", async (event) => {
    const link = event.target.closest("[data-unfold]");
    if (!link) return;
    event.preventDefault();
    const response = await fetch(link.href, { credentials: "same-origin" });
    if (!response.ok) return;
    document.getElementById(link.dataset.unfold).textContent = await response.text();
    link.remove();
  });

  /* Progress of a run */
  let stream = null;

  const outage = ({ away }) =>
    away ? { text: "The queue (Redis) does not answer; this goes on when it does.", error: true } : { text: "The queue answers again." };

  const follow = (box) => {
    if (stream) stream.close();
    const list = box.querySelector("[data-progress]");
    const over = () => {
      stream.close();
      htmx.trigger(box, "run-ended");
      htmx.trigger(document.body, "test-run-ended");
    };
    const show = ({ event, data }) => {
      if (event === "end") return over();
      const line = document.createElement("li");
      const { text, error } = event === "outage" ? outage(JSON.parse(data)) : JSON.parse(data);
      line.className = error ? "log-line bad" : "log-line";
      line.textContent = text;
      list.append(line);
      if (event === "started") box.querySelector("[data-doing]").textContent = "Calling …";
      return undefined;
    };
    stream = parley.openStream(box.dataset.stream, { onEvent: show });
  };

  /* New fragments */
  const prepare = (root) => {
    for (const box of root.querySelectorAll("[data-stream]")) follow(box);
    for (const box of root.querySelectorAll("[data-tree]")) {
      if (Number(box.dataset.size) <= LARGE) plant(box, box.dataset.documentShown);
      else box.hidden = true;
    }
    for (const tabs of root.querySelectorAll("[data-tabs]")) {
      const kept = document.getElementById(sessionStorage.getItem("parley.view") || "tab-Pretty");
      choose(kept && tabs.contains(kept) ? kept : tabs.querySelector("[role=tab]"));
    }
    if (root.id === "run" && !matchMedia("(min-width: 56rem)").matches) root.scrollIntoView({ block: "start" });
    if (root.matches("#integration-form") || root.querySelector("#integration-form")) dirty = form().dataset.dirty === "";
  };

  document.addEventListener("htmx:load", (event) => prepare(event.detail.elt));
  document.addEventListener("htmx:afterRequest", (event) => {
    const dialog = event.target.closest?.("dialog");
    if (dialog && event.detail.successful && event.detail.elt.matches("form")) dialog.close();
  });
})();
