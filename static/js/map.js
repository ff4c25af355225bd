/* The map of a dialog: larger, smaller, fit to width; drag to look around. Without this script it fits the width. */
(() => {
  "use strict";
  const view = document.querySelector(".map-view");
  if (!view) return;
  const map = view.querySelector(".map");
  const natural = Number(map.dataset.width);
  const STEP = 1.25;
  const LARGEST = 2.5;
  let zoom = 1;

  const fitting = () => Math.min(1, view.clientWidth / natural);

  /* Keep what is in the middle (or under the pointer) where it is. */
  function set(wanted, x = view.clientWidth / 2, y = view.clientHeight / 2) {
    const next = Math.min(LARGEST, Math.max(Math.min(fitting(), 0.2), wanted));
    const left = ((view.scrollLeft + x) * next) / zoom - x;
    const top = ((view.scrollTop + y) * next) / zoom - y;
    zoom = next;
    map.classList.add("zoomed");
    map.setAttribute("width", natural * zoom);
    map.setAttribute("height", (natural * zoom * map.viewBox.baseVal.height) / map.viewBox.baseVal.width);
    view.scrollTo(left, top);
  }

  const verbs = {
    in: () => set(zoom * STEP),
    out: () => set(zoom / STEP),
    fit: () => set(fitting(), 0, 0),
  };
  const KEYS = { "+": "in", "=": "in", "-": "out", 0: "fit" };

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-zoom]");
    if (button) verbs[button.dataset.zoom]();
  });
  view.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !(event.key in KEYS)) return;
    event.preventDefault();
    verbs[KEYS[event.key]]();
  });
  view.addEventListener("wheel", (event) => {
    if (!event.ctrlKey) return; // a pinch on a touchpad comes as this too
    event.preventDefault();
    const box = view.getBoundingClientRect();
    set(zoom * Math.exp(-event.deltaY / 300), event.clientX - box.left, event.clientY - box.top);
  }, { passive: false });

  /* Drag the ground; a finger scrolls by itself. */
  let held = null;
  view.addEventListener("pointerdown", (event) => {
    if (event.pointerType === "touch" || event.button || event.target.closest("a[href]")) return;
    held = { x: event.clientX + view.scrollLeft, y: event.clientY + view.scrollTop };
    view.classList.add("panning");
    view.setPointerCapture(event.pointerId);
  });
  view.addEventListener("pointermove", (event) => {
    if (held) view.scrollTo(held.x - event.clientX, held.y - event.clientY);
  });
  const release = () => { held = null; view.classList.remove("panning"); };
  view.addEventListener("pointerup", release);
  view.addEventListener("pointercancel", release);

  view.addEventListener("focusin", (event) => event.target !== view && event.target.scrollIntoView({ block: "nearest", inline: "nearest" }));
  verbs.fit();
})();
