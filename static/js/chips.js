/* Under a field that takes variables stands what each of its placeholders is: known, empty, a secret or unknown,
   with a way to mend it. The field itself stays a plain one; the server looks, so that it says what a check would say.
   Fields that wait at the same time are asked about in one request. */
(() => {
  "use strict";
  const PAUSE = 500;
  const HOLDS = /\{[$_\p{L}]/u;
  const lines = new WeakMap();
  const waiting = new Set();
  let timer = 0;

  const takes = (element) => element.matches?.("[data-completes]") && !element.closest("template");
  const row = (field) => field.closest(".row, .list-row");

  // A row of a grid carries the chips of all its fields at its end; another field has them below.
  function lineOf(field) {
    let line = lines.get(field);
    if (!line) {
      line = document.createElement("div");
      line.className = "chips";
      line.setAttribute("role", "group");
      line.setAttribute("aria-label", "Placeholders");
      line.field = field;
      lines.set(field, line);
    }
    if (row(field)) row(field).append(line);
    else (field.closest(".code-editor") || field.closest("label") || field).after(line);
    return line;
  }

  function clear(field) {
    lines.get(field)?.remove();
  }

  function ask(texts) {
    const body = new URLSearchParams(texts.map((text) => ["text", text]));
    const headers = { "X-CSRFToken": parley.csrfToken(), "HX-Request": "true" };
    return fetch(document.getElementById("bot-bar").dataset.placeholders, { method: "POST", body, headers }).catch(() => null);
  }

  async function look() {
    const due = [...waiting].filter((field) => field.isConnected);
    waiting.clear();
    for (const field of due) if (!HOLDS.test(field.value)) clear(field);
    const fields = due.filter((field) => HOLDS.test(field.value));
    if (!fields.length) return;
    const texts = fields.map((field) => field.value);
    const answer = await ask(texts);
    if (!answer?.ok) return;
    const found = new DOMParser().parseFromString(await answer.text(), "text/html").body.children;
    fields.forEach((field, place) => {
      if (!field.isConnected || field.value !== texts[place] || !found[place]) return;
      const chips = [...found[place].children];
      if (chips.length) lineOf(field).replaceChildren(...chips);
      else clear(field);
    });
  }

  function soon(fields, pause) {
    for (const field of fields) waiting.add(field);
    clearTimeout(timer);
    timer = setTimeout(look, pause);
  }

  function all(root) {
    const fields = [...root.querySelectorAll("[data-completes]")].filter((field) => takes(field) && HOLDS.test(field.value));
    if (fields.length) soon(fields, 50);
  }

  document.addEventListener("input", (event) => { if (takes(event.target)) soon([event.target], PAUSE); });
  document.addEventListener("htmx:load", (event) => all(event.detail.elt));
  document.addEventListener("placeholders-mended", () => all(document));
  document.addEventListener("click", (event) => {
    const mend = event.target.closest("[data-mend]");
    if (mend) htmx.ajax("POST", mend.dataset.mend, { source: mend, swap: "none", values: { written: mend.dataset.written } });
    const swap = event.target.closest("[data-replace]");
    if (!swap) return;
    const field = swap.closest(".chips").field;
    field.value = field.value.replaceAll(swap.dataset.replace, swap.dataset.with);
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.focus();
  });
})();
