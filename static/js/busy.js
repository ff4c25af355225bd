/* What takes its time: after 300 ms a line at the top of the page shows that something runs, after 3 s a box at the
   corner says what and offers to stop it. And nothing is sent twice by an impatient second press.
   It knows no page; saving as one types has a state of its own and is left to app.js. */
"use strict";

const SHOWN_AFTER = 300;
const NAMED_AFTER = 3000;
const running = new Map(); // what runs, by the form or element that began it

function line() {
  const made = document.createElement("div");
  made.className = "busy-line";
  made.setAttribute("aria-hidden", "true");
  return made;
}

/** Say what runs, for people who wait: the words on the button that was pressed. */
function nameOf(element, submitter) {
  const words = (submitter || element).textContent.replace(/\s+/g, " ").trim();
  const short = words && words.length < 40 && !(submitter || element).matches("form") ? words : "";
  return short ? `“${short}” is still running` : "Still working";
}

function box(text, stop) {
  const made = document.createElement("div");
  made.className = "toast";
  const spinner = document.createElement("span");
  spinner.className = "spinner";
  spinner.setAttribute("aria-hidden", "true");
  const words = document.createElement("span");
  words.textContent = `${text} …`;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button small";
  button.textContent = "Stop";
  button.addEventListener("click", stop);
  made.append(spinner, words, button);
  return made;
}

function begin(element, { submitter, stop }) {
  const shown = {};
  const later = [
    setTimeout(() => document.body.append((shown.line = line())), SHOWN_AFTER),
    setTimeout(() => toastHome().append((shown.box = box(nameOf(element, submitter), stop))), NAMED_AFTER),
  ];
  running.set(element, () => {
    later.forEach(clearTimeout);
    shown.line?.remove();
    shown.box?.remove();
    running.delete(element);
  });
}

function end(element) {
  running.get(element)?.();
}

const ownState = (element) => element.matches("[data-autosave], [data-quietly]");

document.addEventListener("htmx:beforeRequest", (event) => {
  const { elt, requestConfig } = event.detail;
  if (ownState(elt) || !requestConfig.triggeringEvent?.isTrusted) return; // polls and what a page asks by itself
  if (running.has(elt) && requestConfig.verb !== "get") {
    event.preventDefault(); // it is on its way already
    return;
  }
  end(elt);
  begin(elt, { submitter: requestConfig.triggeringEvent.submitter, stop: () => htmx.trigger(elt, "htmx:abort") });
});

/* The element that asked may be gone by now, and the event then comes from one that held it. */
for (const name of ["htmx:afterRequest", "htmx:abort"]) {
  document.addEventListener(name, (event) => end(event.detail?.requestConfig?.elt || event.target));
}

/* Forms that load a page: the second press of an impatient hand is dropped. (Links are left to the browser, which shows
   by itself that a page is on its way.) */
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.getAttribute("method") !== "post" || form.hasAttribute("target")) return;
  if (running.has(form)) {
    event.preventDefault();
    return;
  }
  const stop = () => { window.stop(); end(form); };
  begin(form, { submitter: event.submitter, stop });
});

/* Back to a page that the browser kept: nothing runs here any more. */
addEventListener("pageshow", () => { for (const done of [...running.values()]) done(); });
