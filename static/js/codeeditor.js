/* A textarea with data-code="javascript" or "json" becomes a code editor (CodeMirror, with our parts in js/editor/) once it
   is seen. The textarea stays the control: what is typed is written through to it, and what others write into it shows.
   The library is fetched when the first such field is seen, and never on a page without one. */
(() => {
  "use strict";
  const { library, parts } = document.currentScript.dataset;
  const BELATED = 5000; // milliseconds after which a field that comes back is no answer to a save any more
  const MOST_KEPT = 20;
  const kept = new Map(); // of editors that were swapped out: by their form and name
  let coming = null;
  let kit = null; // the library and our parts as one object: the names of files carry hashes, so they cannot import each other

  const load = () => {
    coming ??= Promise.all([library, ...parts.split(" ")].map((address) => import(address)))
      .then((modules) => (kit = Object.assign({}, ...modules)))
      .catch(() => (coming = null)); // a plain textarea does, until another field is seen
    return coming;
  };

  const place = (area) => `${area.form?.getAttribute("action")} ${area.name}`;

  function open(area) {
    if (area.editor || !area.isConnected) return;
    const old = kept.get(place(area));
    kept.delete(place(area));
    const inside = document.activeElement === area;
    const back = old?.focused && performance.now() - old.at < BELATED && document.activeElement === document.body;
    area.editor = kit.openEditor(kit, area, old);
    if (inside || back) area.focus();
  }

  function close(area) {
    kept.set(place(area), { ...area.editor.close(), at: performance.now() });
    if (kept.size > MOST_KEPT) kept.delete(kept.keys().next().value);
    delete area.editor;
  }

  const seen = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) {
        if (!isIntersecting) continue;
        seen.unobserve(target);
        load().then((ready) => ready && open(target));
      }
    },
    { rootMargin: "200px" },
  );

  function prepare(root) {
    for (const area of [root, ...root.querySelectorAll("textarea[data-code]")]) {
      if (!area.matches("textarea[data-code]") || area.editor) continue;
      if (kit && area.checkVisibility()) open(area);
      else seen.observe(area);
    }
  }

  /* A problem leads to its line, "3:7", whether the field is an editor already, becomes one, or stays what it is. */
  function pointAt(area, at) {
    const [line, column] = at.split(":").map(Number);
    if (!line) return;
    const before = area.value.split("\n").slice(0, line - 1).map((each) => each.length + 1);
    const place = before.reduce((sum, each) => sum + each, Math.max(0, column - 1));
    area.setSelectionRange(place, place);
    area.pointed = !area.editor; // an editor that comes takes this place, whatever it remembers
  }

  window.parley.pointAt = pointAt;

  const within = (root) => [...root.querySelectorAll("textarea[data-code]")].filter((area) => area.editor);

  document.addEventListener("htmx:load", (event) => prepare(event.detail.elt));
  document.addEventListener("DOMContentLoaded", () => prepare(document.body));
  document.addEventListener("htmx:beforeCleanupElement", (event) => { if (event.target.editor) close(event.target); });
  document.addEventListener("htmx:beforeRequest", (event) => within(event.detail.elt).forEach((area) => area.editor.sent()));
  document.addEventListener("click", (event) => {
    const link = event.target.closest('a[href^="#"]');
    const area = link && document.getElementById(link.hash.slice(1));
    if (!area?.matches("textarea[data-code]")) return;
    pointAt(area, link.dataset.thenAt ?? "");
    setTimeout(() => area.focus()); // behind an editor the field itself cannot take the focus that the link brings
  });
  document.addEventListener("DOMContentLoaded", () => {
    const area = document.getElementById(location.hash.slice(1));
    const at = new URLSearchParams(location.search).get("at");
    if (!at || !area?.matches("textarea[data-code]")) return;
    pointAt(area, at);
    area.focus();
  });
  addEventListener("pageshow", () => within(document).forEach((area) => area.editor.compare())); // a browser puts back what it kept
})();
