/* Drag tiles and dialogs by their icons: within the list, and a tile onto another dialog.
   Pointer events only. Everything here can also be done from the menus: Move up, Move down, Move to another dialog. */
(() => {
  "use strict";

  const FAR = 5; // pixels that tell a drag from a click
  const EDGE = 60; // near the edge of the window, the page scrolls along
  let drag = null;

  const rowsOf = (item) => [...item.parentElement.children].filter((each) => each.querySelector("[data-drag]"));

  function begin(event) {
    const grip = event.target.closest?.("[data-drag]");
    if (!grip || event.button !== 0 || drag) return;
    event.preventDefault(); // no selection, no dragging of the link
    const item = grip.closest("li");
    drag = { grip, item, pointer: event.pointerId, from: event.clientY, moving: false, rows: rowsOf(item), to: null, dialog: null };
    grip.setPointerCapture(event.pointerId);
  }

  function start() {
    drag.moving = true;
    drag.line = document.createElement("div");
    drag.line.className = "drop-line";
    drag.item.classList.add("dragged");
    document.body.classList.add("dragging");
    document.body.append(drag.line);
  }

  function move(event) {
    if (!drag || event.pointerId !== drag.pointer) return;
    if (!drag.moving && Math.abs(event.clientY - drag.from) + Math.abs(event.movementX) < FAR) return;
    if (!drag.moving) start();
    if (event.clientY < EDGE) scrollBy(0, -12);
    if (event.clientY > innerHeight - EDGE) scrollBy(0, 12);
    aim(event.clientX, event.clientY);
  }

  /* Over another dialog's name a tile moves there; else the line shows between which two neighbours it lands. */
  function aim(x, y) {
    document.querySelector(".drop-target")?.classList.remove("drop-target");
    const over = document.elementFromPoint(x, y)?.closest("[data-drop-dialog]");
    const foreign = drag.grip.dataset.drag === "tile" && over && !over.matches("[aria-current]") ? over : null;
    drag.dialog = foreign?.dataset.dropDialog ?? null;
    foreign?.classList.add("drop-target");
    drag.line.hidden = Boolean(foreign);
    const boxes = drag.rows.map((row) => row.getBoundingClientRect());
    const after = boxes.filter((box) => y > box.top + box.height / 2).length;
    const edge = after < boxes.length ? boxes[after].top : boxes.at(-1).bottom;
    const own = drag.rows.indexOf(drag.item);
    drag.to = after > own ? after - 1 : after;
    drag.line.style.top = `${edge - 1}px`;
    drag.line.style.left = `${boxes[0].left}px`;
    drag.line.style.width = `${boxes[0].width}px`;
  }

  function swallow(event) {
    event.preventDefault();
    event.stopPropagation();
  }

  function end(drops) {
    if (!drag) return;
    const { grip, item, line, moving, rows, to, dialog } = drag;
    drag = null;
    line?.remove();
    item.classList.remove("dragged");
    document.body.classList.remove("dragging");
    document.querySelector(".drop-target")?.classList.remove("drop-target");
    if (!moving) return;
    document.addEventListener("click", swallow, { capture: true, once: true }); // the click that ends a drag is none
    setTimeout(() => document.removeEventListener("click", swallow, true));
    if (!drops || (dialog === null && to === rows.indexOf(item))) return;
    send(grip, dialog === null ? to : 10000, dialog ?? "");
  }

  function send(grip, to, dialog) {
    const item = grip.closest("li");
    const target = item.closest("[hx-target]").getAttribute("hx-target");
    const current = document.querySelector("[data-drop-dialog][aria-current]")?.dataset.dropDialog ?? "";
    htmx.ajax("POST", grip.dataset.dragUrl.replace(/\d+\/$/, `${to}/`), { source: item, target, swap: "outerHTML", values: { dialog, current } });
  }

  /* Alt and an arrow move the tile or dialog whose name has the focus, which htmx gives back by its id. */
  function step(event) {
    const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    const item = event.altKey && by ? event.target.closest?.("a.tile-name, a[data-drop-dialog]")?.closest("li") : null;
    if (!item) return;
    event.preventDefault();
    const rows = rowsOf(item);
    const to = rows.indexOf(item) + by;
    if (to >= 0 && to < rows.length) send(item.querySelector("[data-drag]"), to, "");
  }

  document.addEventListener("keydown", step);
  document.addEventListener("pointerdown", begin);
  document.addEventListener("pointermove", move);
  document.addEventListener("pointerup", () => end(true));
  document.addEventListener("pointercancel", () => end(false));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !drag) return;
    event.stopPropagation();
    end(false);
  }, true);
})();
