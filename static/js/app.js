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

/** Show a message at the corner; `undo` is a URL to post to, `href` a page to go to. */
function toast({ text, undo, href, label, bad }) {
  const box = document.createElement("div");
  box.className = bad ? "toast bad" : "toast";
  box.append(text);
  if (undo) box.append(toastButton("Undo", () => { htmx.ajax("POST", undo, { swap: "none" }); box.remove(); }));
  if (href) box.append(toastButton(label || "Open", () => { location.href = href; }));
  const close = toastButton("Dismiss", () => box.remove());
  box.append(close);
  document.getElementById("toasts").append(box);
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
  if (target.closest("details.menu .menu-items :is(a, button)")) target.closest("details.menu").open = false;
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

/* Saving as one types: <form data-autosave> holds an element .save-state. */
function saveState(element, state, text) {
  const label = element.closest?.("[data-autosave]")?.querySelector(".save-state");
  if (!label) return;
  label.className = `save-state ${state}`;
  label.textContent = text;
}

document.addEventListener("htmx:beforeRequest", (event) => saveState(event.detail.elt, "saving", "Saving …"));
document.addEventListener("htmx:responseError", (event) => {
  const status = event.detail.xhr.status;
  saveState(event.detail.elt, "failed", "Not saved");
  const gone = "This is not here any more. Somebody may have deleted it; reload the page to see what is.";
  const failed = `The server could not do that (${status}). Nothing was changed; try again.`;
  toast({ text: status === 404 ? gone : failed, bad: true });
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
  document.getElementById("offline").hidden = true;
  const elements = [...waiting].filter((element) => element.isConnected && element.matches("[data-autosave]"));
  waiting.clear();
  for (const element of elements) htmx.trigger(element, "submit");
}, 3000);

document.addEventListener("toast", (event) => toast(event.detail));
document.querySelector("[data-theme-switch]")?.removeAttribute("hidden");
