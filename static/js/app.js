/* The small script of every page: theme, menus, dialogs, toasts, and what happens when the server does not answer.
   It knows no page. htmx does the rest. */
"use strict";

const THEMES = { light: "dark", dark: "light" };

function currentTheme() {
  const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  return document.documentElement.dataset.theme || system;
}

function switchTheme() {
  const theme = THEMES[currentTheme()];
  document.documentElement.dataset.theme = theme;
  document.cookie = `theme=${theme}; path=/; max-age=31536000; samesite=lax`;
}

/* What a request that htmx does not make has to carry, where it changes something. */
(window.parley ??= {}).csrfToken = () => JSON.parse(document.body.getAttribute("hx-headers") || "{}")["X-CSRFToken"] || "";

/* Messages lie over an open dialog, too, where they can be seen and pressed; everything else is out of reach then. */
const toasts = document.getElementById("toasts");

function toastHome() {
  const home = document.querySelector("dialog:modal") ?? document.body;
  if (toasts.parentElement !== home) home.append(toasts);
  return toasts;
}

document.addEventListener("close", (event) => { if (event.target.contains(toasts)) document.body.append(toasts); }, true);

/** Show a message at the corner; `undo` is a URL to post to, `href` a page to go to. */
function toast({ text, undo, href, label, bad }) {
  const box = document.createElement("div");
  box.className = bad ? "toast bad" : "toast";
  box.append(text);
  if (undo) box.append(toastButton("Undo", () => { htmx.ajax("POST", undo, { swap: "none" }); box.remove(); }));
  if (href) box.append(toastButton(label || "Open", () => { location.href = href; }));
  const close = toastButton("Dismiss", () => box.remove());
  box.append(close);
  toastHome().append(box);
  if (!bad) setTimeout(() => box.remove(), undo || href ? 12000 : 5000);
}

function toastButton(label, action) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button small";
  button.textContent = label;
  button.addEventListener("click", action);
  return button;
}

function closeMenus(except) {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(except)) menu.open = false;
  }
}

document.addEventListener("click", (event) => {
  const target = event.target;
  closeMenus(target);
  if (target.closest("[data-theme-switch]")) switchTheme();
  if (target.closest("[data-dismiss]")) target.closest(".toast").remove();
  if (target.closest("[data-closes]")) target.closest("dialog").close();
  const chosen = target.closest("details.menu .menu-items :is(a, button)")?.closest("details.menu");
  if (chosen) {
    chosen.querySelector("summary").focus(); // what is fetched in its place gets the focus back, by its id
    chosen.open = false;
  }
  if (target.closest("[data-leaves]")) target.closest("[data-unsaved]")?.removeAttribute("data-unsaved"); // chosen
  const opener = target.closest("[data-opens]");
  if (opener) {
    event.preventDefault();
    document.getElementById(opener.dataset.opens).showModal();
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = event.target.closest?.("details.menu[open]");
  closeMenus(null);
  menu?.querySelector("summary").focus();
});

/* Saving as one types: a <form data-autosave> that htmx posts; #save-state says how it went.
   `edits` counts what was typed, `sent` what the latest request carried, so that nothing newer counts as saved. */
const dirty = new Set();

function saveState(element, state, text) {
  const label = element.closest?.("[data-autosave]") && document.getElementById("save-state");
  if (!label) return;
  label.className = `save-state ${state}`;
  label.textContent = text;
}

function edited(event) {
  const form = event.target.closest?.("[data-autosave]");
  if (!form || (event.type === "change" && event.target.matches("input, select, textarea"))) return; // "input" has counted it
  form.edits = (form.edits || 0) + 1;
  dirty.add(form);
}

/** Send what was typed now, and go on when nothing is under way any more. */
async function flush(form) {
  if (!form.busy || form.sent !== form.edits) htmx.trigger(form, "submit");
  do {
    await new Promise((done) => form.addEventListener("htmx:afterRequest", () => setTimeout(done), { once: true }));
  } while (form.busy);
}

document.addEventListener("input", edited);
document.addEventListener("change", edited, true); // of a list whose rows were moved: before htmx, which sends it at once

/* Whether a field holds something else than what came with the page. */
function differs(field) {
  if (field.options) {
    const given = Math.max([...field.options].findIndex((option) => option.defaultSelected), 0);
    return [...field.options].some((option, at) => option.selected !== (field.multiple ? option.defaultSelected : at === given));
  }
  return field.matches("[type=checkbox], [type=radio]") ? field.checked !== field.defaultChecked : field.value !== field.defaultValue;
}

window.parley.differing = (form) => [...form.querySelectorAll("input, textarea, select")].filter(differs);

/* What was typed before this script ran, on a page that comes slowly. Such forms have autocomplete="off": what a browser would
   fill in again on the way back to a page is saved, and somebody may have changed it since. */
for (const form of document.querySelectorAll("[data-autosave]")) {
  for (const field of parley.differing(form)) edited({ target: field });
}

/* What was typed before htmx had got hold of a form that has just arrived. */
document.addEventListener("htmx:load", (event) => {
  for (const form of dirty) if (event.detail.elt.contains(form) && !form.busy) htmx.trigger(form, "change");
});

document.addEventListener("htmx:beforeRequest", (event) => {
  const element = event.detail.elt;
  element.sent = element.edits;
  element.busy = true;
  saveState(element, "saving", "Saving …");
});

document.addEventListener("htmx:afterRequest", (event) => {
  const element = event.detail.elt;
  element.busy = false;
  const refused = document.querySelector("#save-state.failed"); // an answer that says what is wrong is no success
  if (event.detail.successful && element.sent === element.edits && !refused) dirty.delete(element);
  if (event.detail.successful) { waiting.delete(element); document.getElementById("offline").hidden = waiting.size === 0; }
});

const UNDECIDED = "Somebody else changed this too, and you have not chosen yet. Leave, and lose what you typed?";

/* A request that may replace a form waits until what was typed in it is saved. */
document.addEventListener("htmx:confirm", (event) => {
  for (const form of dirty) if (!form.isConnected) dirty.delete(form);
  const element = event.detail.elt;
  if (element.matches("[data-autosave]") && !dirty.has(element) && event.detail.triggeringEvent?.type !== "submit") {
    event.preventDefault(); // saved already, by an event that came sooner
    return;
  }
  const undecided = document.querySelector("[data-unsaved]")?.closest("form");
  if (undecided && !undecided.contains(element) && !confirm(UNDECIDED)) {
    event.preventDefault();
    return;
  }
  if (!dirty.size || dirty.has(element)) return;
  event.preventDefault();
  Promise.all([...dirty].map(flush)).then(() => {
    const refused = document.querySelector("#save-state.failed");
    if (refused && !confirm("What you typed is not saved, because something in it is wrong. Leave it?")) return;
    dirty.clear();
    event.detail.issueRequest(true);
  });
});

/* Leaving the page: the browser finishes sending what fits into its limit for that, else it asks. */
const MOST_ON_LEAVING = 60000;

function urlEncoded(form) {
  return new URLSearchParams(new FormData(form)).toString();
}

function sendAway(form) {
  const body = urlEncoded(form);
  const keepalive = body.length <= MOST_ON_LEAVING;
  fetch(form.getAttribute("action"), { method: "POST", body, keepalive, headers: { "Content-Type": "application/x-www-form-urlencoded" } });
  dirty.delete(form);
}

addEventListener("pagehide", () => {
  for (const form of dirty) if (form.isConnected) sendAway(form);
});

/* An answer that is not shown still says which state the form has just become; a refusal says nothing of the kind. */
function keepSeen(form, html) {
  const answer = new DOMParser().parseFromString(html, "text/html");
  const seen = answer.querySelector("[name=seen]");
  if (seen && form.elements.seen && !answer.querySelector("[data-unsaved]")) form.elements.seen.value = seen.value;
}

/* What was typed into a form while its successor was on the way. */
document.addEventListener("htmx:beforeSwap", (event) => {
  const { requestConfig, target } = event.detail;
  const asked = requestConfig?.elt;
  if (dirty.has(asked) && asked.sent !== asked.edits && target.contains(asked) && !requestConfig.triggeringEvent?.submitter) {
    event.detail.shouldSwap = false; // what was typed since comes with the next save, whose answer is newer
    keepSeen(asked, event.detail.xhr.responseText);
    return;
  }
  for (const form of dirty) {
    if (event.detail.elt !== form && event.detail.requestConfig?.elt !== form && event.detail.target.contains(form)) sendAway(form);
  }
});

addEventListener("beforeunload", (event) => {
  if (document.querySelector("[data-unsaved]")) event.preventDefault();
  const large = [...dirty].some((form) => form.isConnected && urlEncoded(form).length > MOST_ON_LEAVING);
  if (large) event.preventDefault();
});

/* A field says that it is wrong to people who do not see its red line. */
document.addEventListener("htmx:oobAfterSwap", () => {
  for (const box of document.querySelectorAll("[data-errors-of]")) {
    const field = document.getElementById(box.dataset.errorsOf);
    if (!field?.matches("input, select, textarea")) continue;
    if (box.childElementCount) field.setAttribute("aria-invalid", "true");
    else field.removeAttribute("aria-invalid");
  }
});

/* A dialog that waits for an answer that does not come is closed: what it would have shown is said in a message. */
function giveUp(event) {
  const target = event.detail.target;
  if (target?.querySelector(".spinner")) target.closest("dialog[open]")?.close();
}

document.addEventListener("htmx:sendError", giveUp);
document.addEventListener("htmx:responseError", giveUp);

document.addEventListener("htmx:responseError", (event) => {
  const status = event.detail.xhr.status;
  saveState(event.detail.elt, "failed", "Not saved");
  if (event.detail.xhr.getResponseHeader("HX-Trigger")?.includes("toast")) return; // the answer brings its own sentence
  const gone = "This is not here any more. Somebody may have deleted it; reload the page to see what is.";
  const full = "This could not be saved: the server's disk is full, or its database does not answer. What you typed is still here; try again in a few minutes.";
  const failed = `The server could not do that (${status}). Nothing was changed; try again.`;
  toast({ text: { 404: gone, 503: full }[status] || failed, bad: true });
});

/* The server is gone: keep what was typed, say so, and send it again when it is back. */
const waiting = new Set();

document.addEventListener("htmx:sendError", (event) => {
  saveState(event.detail.elt, "failed", "Not saved yet");
  waiting.add(event.detail.elt);
  document.getElementById("offline").hidden = false;
});

setInterval(async () => {
  if (!waiting.size) return;
  try {
    await fetch(location.pathname, { method: "HEAD" });
  } catch {
    return;
  }
  const left = [...waiting].filter((element) => element.isConnected);
  const forms = left.filter((element) => element.matches("[data-autosave]"));
  if (forms.length < left.length) toast({ text: "The server answers again. What you pressed was not done; press it once more." });
  waiting.clear();
  document.getElementById("offline").hidden = true;
  for (const form of forms) htmx.trigger(form, "submit");
}, 3000);

/* On a narrow screen the bars scroll sideways: where one is must be in view. */
for (const here of document.querySelectorAll(".nav [aria-current]")) {
  const bar = here.parentElement;
  bar.scrollLeft = here.offsetLeft - bar.offsetLeft - (bar.clientWidth - here.offsetWidth) / 2;
}

document.addEventListener("toast", (event) => toast(event.detail));
document.querySelector("[data-theme-switch]")?.removeAttribute("hidden");
