/* The dialogs page: the palette, the marked tile, and a click anywhere on a tile. Everything here also works as links. */
(() => {
  "use strict";

  function openPalette(link) {
    const palette = document.getElementById("palette");
    palette.querySelector("[name=at]").value = link.dataset.insert;
    for (const button of palette.querySelectorAll("[name=kind]")) {
      button.formAction = link.dataset.insertUrl;
      button.setAttribute("hx-post", link.dataset.insertUrl);
      htmx.process(button);
    }
    palette.showModal();
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-insert]");
    if (link) {
      event.preventDefault();
      openPalette(link);
      return;
    }
    if (event.target.closest("#palette [name=kind]")) document.getElementById("palette").close();
    const tile = event.target.closest(".step");
    if (tile && !event.target.closest("a, button, summary, .menu-items") && !getSelection().toString()) {
      tile.querySelector(".tile-name").click();
    }
  });

  /* A match type shows its own fields at once; the answer to the save says the same, but may come late or not at all. */
  document.addEventListener("change", (event) => {
    if (event.target.name !== "condition") return;
    for (const part of event.target.form.querySelectorAll("[data-condition]")) {
      part.classList.toggle("without-script", !part.dataset.condition.split(" ").includes(event.target.value));
    }
  });

  /* What makes something new leads to its first field, which is ready to be written over. */
  let wanted = "";
  let shown = "";
  let at = "";
  document.addEventListener("click", (event) => {
    wanted = event.target.closest("[data-then-focus]")?.dataset.thenFocus ?? "";
    shown = event.target.closest("[data-then-show]")?.dataset.thenShow ?? "";
    at = event.target.closest("[data-then-at]")?.dataset.thenAt ?? "";
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    if (shown && event.target.id === "panel") showField(shown);
    const field = wanted && document.querySelector(wanted);
    if (!field) return;
    wanted = "";
    field.focus();
    field.select();
  });

  /* A problem leads to the very field: to the first control of it that can be seen. */
  function showField(id) {
    shown = "";
    const field = document.getElementById(id);
    const controls = field?.matches("input, select, textarea") ? [field] : [...(field?.querySelectorAll("input, select, textarea, [contenteditable=true]") ?? [])];
    const control = [...controls, document.getElementById("id_condition")].find((each) => each?.editor || each?.checkVisibility());
    if (at && control?.matches("[data-code]")) window.parley.pointAt(control, at);
    control?.focus();
    control?.closest(".field")?.scrollIntoView({ block: "nearest" });
  }

  addEventListener("DOMContentLoaded", () => showField(location.hash.slice(1)));

  /* What a save changed about the problems of other tiles: it comes in one piece and is put beside each. */
  document.addEventListener("htmx:oobAfterSwap", () => {
    const now = document.querySelector("#problems-now[data-fresh]");
    if (!now) return;
    now.removeAttribute("data-fresh");
    for (const box of document.querySelectorAll("#tiles .tile-problems")) {
      const found = now.querySelector(`[data-of="${box.dataset.of}"]`);
      box.replaceChildren(...(found?.childNodes ?? []));
      htmx.process(box);
    }
  });

  /* The tile whose panel is open is marked, and a new panel is brought into view where the panes stand below each other. */
  document.addEventListener("htmx:afterSettle", (event) => {
    const open = document.querySelector("#panel [data-interaction]")?.dataset.interaction;
    for (const tile of document.querySelectorAll(".step")) {
      if (tile.id === `tile-${open}`) tile.setAttribute("aria-current", "true");
      else tile.removeAttribute("aria-current");
    }
    const panel = document.getElementById("panel");
    if (event.target === panel && matchMedia("(max-width: 56rem)").matches) panel.scrollIntoView();
  });
})();
