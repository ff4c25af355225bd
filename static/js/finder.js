/* The finder: type a name or any words, go there. A combobox over links that the server finds;
   without this script its button is a link to the search page. */
(() => {
  "use strict";
  const parley = (window.parley = window.parley || {});
  const PAUSE = 120;
  let box = null;
  let asked = 0;

  const options = () => [...box.querySelectorAll("[role=option]")];

  function choose(option) {
    for (const each of options()) each.setAttribute("aria-selected", String(each === option));
    option?.scrollIntoView({ block: "nearest" });
    const input = box.querySelector("input");
    if (option) input.setAttribute("aria-activedescendant", option.id);
    else input.removeAttribute("aria-activedescendant");
  }

  async function ask(words) {
    const number = ++asked;
    const address = `${document.getElementById("bot-bar").dataset.finds}?q=${encodeURIComponent(words)}`;
    const answer = await fetch(address, { headers: { "HX-Request": "true" } }).catch(() => null);
    const text = answer?.ok ? await answer.text() : "";
    if (number !== asked) return; // a later question was asked meanwhile
    const results = box.querySelector(".finder-results");
    if (text) results.replaceChildren(...new DOMParser().parseFromString(text, "text/html").body.children);
    else results.replaceChildren(document.createTextNode("The server does not answer. Type on to try again."));
    choose(options()[0]);
  }

  function pressed(event) {
    const found = options();
    const at = found.findIndex((each) => each.getAttribute("aria-selected") === "true");
    const steps = { ArrowDown: 1, ArrowUp: -1 };
    if (event.key in steps && found.length) {
      event.preventDefault();
      choose(found[(at + steps[event.key] + found.length) % found.length]);
    } else if (event.key === "Enter" && !event.isComposing) {
      event.preventDefault();
      found[at]?.click();
    }
  }

  function build() {
    const made = document.createElement("dialog");
    made.className = "dialog finder";
    made.setAttribute("aria-label", "Find anything in this bot");
    const input = document.createElement("input");
    const said = { type: "text", placeholder: "Find anything in this bot", maxlength: "200", autocomplete: "off", spellcheck: "false",
      role: "combobox", "aria-label": "Find anything in this bot", "aria-expanded": "true", "aria-controls": "found", "aria-describedby": "found-said" };
    for (const [name, value] of Object.entries(said)) input.setAttribute(name, value);
    const results = document.createElement("div");
    results.className = "finder-results";
    results.setAttribute("aria-live", "polite");
    made.append(input, results);
    let timer = 0;
    input.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(() => ask(input.value), PAUSE);
    });
    input.addEventListener("keydown", pressed);
    made.addEventListener("click", (event) => event.target === made && made.close()); // the ground beside it
    made.addEventListener("pointermove", (event) => {
      const option = event.target.closest("[role=option]");
      if (option && option.getAttribute("aria-selected") !== "true") choose(option);
    });
    document.body.append(made);
    return made;
  }

  parley.find = () => {
    if (document.querySelector("dialog[open]:not(.finder)")) return;
    box = box || build();
    const input = box.querySelector("input");
    if (!box.open) box.showModal();
    input.select();
    ask(input.value);
  };

  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-finder]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    parley.find();
  });
})();
