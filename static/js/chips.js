/* Under a field that takes variables stands what each of its placeholders is: known, empty, a secret or unknown,
   with a way to mend it. The field itself stays a plain one; the server looks, so that it says what a check would say. */
(() => {
  "use strict";
  const PAUSE = 500;
  const HOLDS = /\{(?:\$[A-Za-z]|[A-Za-z_]\w*\.)/;
  const timers = new WeakMap();
  const numbers = new WeakMap();

  const takes = (element) => element.matches?.("[data-completes]") && !element.closest("template");

  function lineOf(field) {
    const anchor = field.closest(".code-editor") || field;
    const row = field.closest(".row, .list-row");
    const lines = [...(row || anchor.parentElement).querySelectorAll(":scope > .chips")];
    let line = row ? lines.find((each) => each.field === field) : lines[0];
    if (!line) {
      line = document.createElement("div");
      line.className = "chips";
      line.setAttribute("role", "group");
      line.setAttribute("aria-label", "Placeholders in this text");
      line.field = field;
      if (row) row.append(line);
      else anchor.after(line);
    }
    return line;
  }

  async function look(field) {
    const number = (numbers.get(field) || 0) + 1;
    numbers.set(field, number);
    if (!HOLDS.test(field.value)) return clear(field);
    const token = JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];
    const body = new URLSearchParams({ text: field.value });
    const address = document.getElementById("bot-bar").dataset.placeholders;
    const answer = await fetch(address, { method: "POST", body, headers: { "X-CSRFToken": token, "HX-Request": "true" } }).catch(() => null);
    if (!answer?.ok || numbers.get(field) !== number || !field.isConnected) return undefined;
    const found = new DOMParser().parseFromString(await answer.text(), "text/html").body.children;
    if (!found.length) return clear(field);
    lineOf(field).replaceChildren(...found);
    return undefined;
  }

  function clear(field) {
    (field.closest(".row") || (field.closest(".code-editor") || field).parentElement).querySelector(":scope > .chips")?.remove();
  }

  function soon(field, pause) {
    clearTimeout(timers.get(field));
    timers.set(field, setTimeout(() => look(field), pause));
  }

  function all(root) {
    for (const field of root.querySelectorAll("[data-completes]")) if (HOLDS.test(field.value)) soon(field, 50);
  }

  document.addEventListener("input", (event) => { if (takes(event.target)) soon(event.target, PAUSE); });
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
