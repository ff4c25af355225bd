// Draws one bot message: text, chips, choices, buttons, cards, image, link; rich messages are drawn by rich.js.
// Told by `on.tap(tap)` what a press sends; knows neither the network nor the conversation.
(function () {
  "use strict";
  const parley = (window.parley = window.parley || {});

  const make = (tag, name, ...children) => {
    const element = document.createElement(tag);
    if (name) element.className = name;
    element.append(...children);
    return element;
  };
  parley.make = make;

  const bubble = (...children) => make("div", "bubble", ...children);

  // The server cleaned `html`; a message without it is plain text.
  const text = (message) => {
    const box = make("div", "bubble-text");
    if (message.html) box.append(parley.safeHtml(message.html));
    else box.textContent = message.text || "";
    return box;
  };

  const press = (label, name, action) => {
    const button = make("button", name, label);
    button.type = "button";
    button.addEventListener("click", action);
    return button;
  };

  const nameOf = (address) => address.split(/[?#]/)[0].split("/").pop() || address;

  // An image, or what takes its place. Nothing but https may be shown here: a path would be asked of this very host.
  parley.picture = (address, label) => {
    const missing = () => {
      const box = make("span", "picture-missing", label || "Image");
      if (parley.isSafeAddress(address)) box.append(" ", parley.link(address, nameOf(address)));
      else if (address) box.append(` ${address.slice(0, 100)}`);
      return box;
    };
    if (!/^(https:\/\/|data:image\/)/i.test(address || "")) return missing();
    const image = make("img", "picture");
    image.alt = label || "";
    image.loading = "lazy";
    image.referrerPolicy = "no-referrer";
    image.addEventListener("error", () => image.isConnected && image.replaceWith(missing()));
    image.src = address;
    return image;
  };

  const button = (item, on) => {
    if (item.type === "web_url" && parley.isSafeAddress(item.value)) {
      const link = parley.link(item.value, item.label);
      link.className = "chat-button";
      return link;
    }
    if (item.type === "web_url") {
      const dead = press(item.label, "chat-button", () => {});
      dead.disabled = true;
      dead.title = "It has no address that can be opened.";
      return dead;
    }
    const tap = { kind: "button", label: item.label, payload: item.value || item.label, metadata: item.metadata || [] };
    return press(item.label, "chat-button", () => on.tap(tap));
  };

  const buttons = (items, on) => {
    const box = make("div", "chat-buttons");
    box.append(...(items || []).map((item) => button(item, on)));
    return box;
  };

  const chip = (reply, on) => {
    const tap = reply.type === "location"
      ? { kind: "location", label: reply.title }
      : { kind: "quick_reply", label: reply.title, payload: reply.payload || reply.title };
    const made = press("", "chat-chip", () => on.tap(tap));
    if (reply.image) {
      const image = parley.picture(reply.image, "");
      image.addEventListener("error", () => image.remove());
      if (image.matches("img")) made.append(image);
    }
    made.append(reply.title);
    return made;
  };

  const chips = (items) => {
    const box = make("div", "chat-chips");
    box.dataset.chips = "";
    box.append(...items);
    return box;
  };
  parley.chips = chips;

  const choices = (message, on) => {
    const items = message.choices.map((label) => {
      const tap = { kind: "choice", label, payload: label };
      return press(label, message.display === "quick_replies" ? "chat-chip" : "chat-button", () => on.tap(tap));
    });
    if (message.display === "quick_replies") return [bubble(text(message)), chips(items)];
    return [bubble(text(message), make("div", "chat-buttons", ...items))];
  };

  const tile = (item, on) => {
    const card = make("li", "tile");
    if (item.image) card.append(parley.picture(item.image, item.title));
    const words = make("div", "tile-words", make("strong", "", item.title || ""));
    if (item.subtitle) words.append(make("p", "", item.subtitle));
    card.append(words);
    if (item.buttons && item.buttons.length) card.append(buttons(item.buttons, on));
    return card;
  };

  const tiles = (message, on) => {
    const list = make("ul", "tiles", ...message.tiles.map((item) => tile(item, on)));
    if (message.tiles.length > 1) {
      list.tabIndex = 0;
      list.setAttribute("aria-label", `${message.tiles.length} cards`);
    }
    return [list];
  };

  const link = (message) => {
    const made = parley.isSafeAddress(message.url) ? parley.link(message.url, message.text || message.url) : message.text;
    return [bubble(make("div", "bubble-text", made || ""))];
  };

  const KINDS = {
    text: (message) => [bubble(text(message))],
    quick_replies: (message, on) => [
      bubble(text(message)),
      chips((message.quick_replies || []).map((reply) => chip(reply, on))),
    ],
    choices,
    buttons: (message, on) => [bubble(text(message), buttons(message.buttons, on))],
    tiles,
    rich: (message, on) => parley.rich(message.json, on),
    image: (message) => [bubble(parley.picture(message.url, "Image"))],
    link,
  };

  // Answers the nodes of a message; a kind that this page does not know is named, never dropped.
  parley.drawMessage = (message, on) => {
    const draw = KINDS[message.kind];
    return draw ? draw(message, on) : [bubble(`A message of the kind ${message.kind}, which this page cannot show.`)];
  };
})();
