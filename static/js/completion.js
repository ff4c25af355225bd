/* A brace in a field with data-completes offers what the bot knows: variables, slots, environment keys, fields.
   Arrow keys choose, Enter or Tab takes, Escape closes; the mouse too. The field keeps the focus all the time. */
(() => {
  "use strict";

  const FRESH = 15000; // milliseconds that a fetched list is good for
  const MOST = 50;
  const OPEN = /\{([^{}\n"]*)$/; // an open brace before the caret, and what stands behind it
  let field = null;
  let menu = null;
  let status = null;
  const known = { offers: [], at: 0, coming: null };
  let chosen = 0;

  const address = () => document.querySelector("[data-completions]")?.dataset.completions;
  const before = () => field.value.slice(0, field.selectionStart);
  const selectionIsCaret = () => field.selectionStart === field.selectionEnd;

  /* For the code editor, which has a list of its own. */
  (window.parley ??= {}).variableOffers = async () => {
    await fetchOffers();
    return known.offers;
  };

  /* Whoever asks while the list is on its way waits for the same answer. */
  function fetchOffers() {
    if (address() && Date.now() - known.at > FRESH) {
      known.at = Date.now();
      known.coming = fetchNow();
    }
    return known.coming;
  }

  async function fetchNow() {
    try {
      const response = await fetch(address(), { headers: { Accept: "application/json" } });
      if (response.ok) known.offers = (await response.json()).offers;
    } catch {
      known.at = 0; // the server is away: ask again at the next brace
    }
  }

  function ranked(words) {
    const wanted = words.toLowerCase();
    const place = (offer) => offer.written.toLowerCase().indexOf(wanted);
    const found = known.offers.filter((offer) => place(offer) >= 0 || offer.origin.toLowerCase().includes(wanted));
    const rank = (offer) => (place(offer) < 0 ? 2 : place(offer) <= 1 ? 0 : 1);
    return found.sort((one, other) => rank(one) - rank(other)).slice(0, MOST);
  }

  /* In JSON a brace begins an object far more often than a variable: there, a name must follow it. */
  function typedPart() {
    const match = selectionIsCaret() ? before().match(OPEN) : null;
    if (!match || (field.dataset.code === "json" && !/^[$A-Za-z_]/.test(match[1]))) return null;
    return match[1];
  }

  async function offer() {
    const asked = field;
    if (typedPart() === null) return close();
    await fetchOffers();
    if (field !== asked || document.activeElement !== field) return close();
    const words = typedPart();
    const found = words === null ? [] : ranked(words);
    return found.length ? show(found, words) : close();
  }

  function make(tag, name, text) {
    const element = document.createElement(tag);
    element.className = name;
    element.textContent = text;
    return element;
  }

  function show(offers, words) {
    if (!menu) {
      menu = make("ul", "code-offers variables", "");
      menu.id = "variable-offers";
      menu.setAttribute("role", "listbox");
      menu.setAttribute("aria-label", "Variables");
      menu.tabIndex = 0; // it scrolls; the field's keys do that, and Tab never gets here
      menu.addEventListener("mousedown", (event) => event.preventDefault()); // the field keeps the focus
      (field.closest("dialog") || document.getElementById("main")).append(menu);
      field.setAttribute("aria-controls", menu.id);
      if (field.matches("input")) field.setAttribute("aria-expanded", "true");
    }
    menu.replaceChildren(...offers.map((each, index) => item(each, index, words)));
    if (status) status.textContent = `${offers.length} variable${offers.length === 1 ? "" : "s"}`;
    placeBelowCaret();
    choose(0);
  }

  function item(each, index, words) {
    const element = document.createElement("li");
    element.id = `variable-offer-${index}`;
    element.setAttribute("role", "option");
    element.dataset.written = each.written;
    const name = make("span", "code-offer", "");
    const at = words ? each.written.toLowerCase().indexOf(words.toLowerCase()) : -1;
    if (at < 0) name.textContent = each.written;
    else name.append(each.written.slice(0, at), make("mark", "", each.written.slice(at, at + words.length)), each.written.slice(at + words.length));
    element.append(name, make("span", "code-help", each.origin));
    element.addEventListener("mousedown", (event) => {
      event.preventDefault();
      choose(index);
      take();
    });
    return element;
  }

  /* Where the caret is: a copy of the field up to it, laid out in the same way, tells. */
  function caret() {
    const style = getComputedStyle(field);
    const copy = document.createElement("div");
    for (const name of ["font", "letterSpacing", "padding", "border", "boxSizing", "lineHeight", "tabSize", "textTransform", "overflowWrap"]) copy.style[name] = style[name];
    copy.style.position = "fixed";
    copy.style.visibility = "hidden";
    copy.style.width = `${field.clientWidth}px`;
    copy.style.whiteSpace = field.matches("input") ? "pre" : style.whiteSpace;
    copy.textContent = before().slice(0, before().lastIndexOf("{"));
    const mark = document.createElement("span");
    mark.textContent = "{";
    copy.append(mark);
    document.body.append(copy);
    const box = field.getBoundingClientRect();
    const found = { left: box.left + mark.offsetLeft - field.scrollLeft, top: box.top + mark.offsetTop - field.scrollTop, height: mark.offsetHeight };
    copy.remove();
    return found;
  }

  function placeBelowCaret() {
    const { left, top, height } = caret();
    const box = field.getBoundingClientRect();
    const foot = Math.min(top + height + 4, box.bottom + 2);
    const above = foot + menu.offsetHeight > innerHeight && top > menu.offsetHeight;
    menu.style.left = `${Math.max(8, Math.min(left, innerWidth - menu.offsetWidth - 8))}px`;
    menu.style.top = above ? `${Math.max(8, top - menu.offsetHeight - 4)}px` : `${foot}px`;
  }

  function choose(index) {
    const items = [...menu.children];
    chosen = (index + items.length) % items.length;
    items.forEach((each, place) => each.setAttribute("aria-selected", String(place === chosen)));
    items[chosen].scrollIntoView({ block: "nearest" });
    field.setAttribute("aria-activedescendant", items[chosen].id);
  }

  function take() {
    const end = field.selectionStart;
    const start = before().lastIndexOf("{");
    const closed = field.value[end] === "}" ? end + 1 : end;
    field.setRangeText(menu.children[chosen].dataset.written, start, closed, "end");
    close();
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  function close() {
    menu?.remove();
    menu = null;
    if (status) status.textContent = "";
    field?.removeAttribute("aria-activedescendant");
    field?.removeAttribute("aria-controls");
    if (field?.matches("input")) field.setAttribute("aria-expanded", "false");
  }

  document.addEventListener("focusin", (event) => {
    if (!event.target.matches?.("[data-completes]")) return;
    field = event.target;
    if (field.matches("input")) {
      field.setAttribute("role", "combobox");
      field.setAttribute("aria-expanded", "false");
    }
    field.setAttribute("aria-autocomplete", "list");
    if (!status) {
      status = make("p", "visually-hidden", "");
      status.setAttribute("role", "status");
      document.getElementById("main").append(status);
    }
    fetchOffers();
  });

  document.addEventListener("focusout", (event) => { if (event.target === field) close(); });
  document.addEventListener("input", (event) => { if (event.target === field) offer(); });
  document.addEventListener("click", (event) => { if (menu && event.target === field) offer(); });
  document.addEventListener("scroll", (event) => { if (menu && !menu.contains(event.target)) close(); }, true);

  /* Before anybody else: while the list is open, these keys are its own. */
  document.addEventListener("keydown", (event) => {
    if (!menu || event.target !== field || event.altKey || event.ctrlKey || event.metaKey || event.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) choose(chosen + step);
    else if (event.key === "Enter" || (event.key === "Tab" && !event.shiftKey)) take();
    else if (event.key === "Escape") close();
    else if (event.key === "ArrowLeft" || event.key === "ArrowRight" || event.key === "Home" || event.key === "End") return close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }, true);
})();
