// Draws a universal rich message: layouts, carousels, texts, buttons, images, maps, links, quick replies.
// Whatever it does not know is named in its place.
(function () {
  "use strict";
  const parley = (window.parley = window.parley || {});
  const DEEPEST = 12;
  const MOST_ELEMENTS = 200;
  const SIZES = new Set(["small", "medium", "large"]);

  const list = (value) => (Array.isArray(value) ? value : []);
  const words = (value) => (value === null || value === undefined ? "" : String(value));

  const style = (element, given) => {
    if (!given || typeof given !== "object") return;
    if (given.bold) element.classList.add("bold");
    if (given.italic) element.classList.add("italic");
    if (SIZES.has(given.size)) element.classList.add(given.size);
  };

  const mapAddress = ({ la, lo }) => `https://www.openstreetmap.org/?mlat=${Number(la)}&mlon=${Number(lo)}#map=16/${Number(la)}/${Number(lo)}`;

  // What pressing an element does: addresses to open and taps to send.
  const deeds = (click, label) => {
    const actions = list(click && click.actions).filter((action) => action && typeof action === "object");
    const metadata = list(click && click.metadata);
    return {
      links: actions.flatMap((action) => {
        if (action.type === "link") return [words(action.uri)];
        return action.type === "navigate" ? [mapAddress(action)] : [];
      }).filter(parley.isSafeAddress),
      taps: actions.filter((action) => action.type === "publishText").map((action) => {
        return { kind: "publish_text", label: label || words(action.text), payload: words(action.text), metadata };
      }),
    };
  };

  const pressable = (content, name, click, label, on) => {
    const { links, taps } = deeds(click, label);
    if (links.length === 1 && !taps.length) {
      const link = parley.link(links[0], content);
      link.className = name;
      return link;
    }
    const button = parley.make("button", name, content);
    button.type = "button";
    button.disabled = !links.length && !taps.length;
    button.addEventListener("click", () => {
      links.forEach((address) => window.open(address, "_blank", "noopener,noreferrer"));
      taps.forEach((tap) => on.tap(tap));
    });
    return button;
  };

  const withClick = (node, name, item, on) => {
    const { links, taps } = deeds(item.click, words(item.caption || item.tooltip));
    return links.length || taps.length ? pressable(node, name, item.click, words(item.caption || item.tooltip), on) : node;
  };

  const layout = (name) => (item, on, state) => {
    const box = parley.make("div", name);
    box.append(...list(item.elements).map((child) => draw(child, on, { ...state, depth: state.depth + 1 })));
    return box;
  };

  const carousel = (item, on, state) => {
    const box = parley.make("ul", "tiles");
    box.tabIndex = 0;
    box.setAttribute("aria-label", `${list(item.elements).length} cards`);
    for (const child of list(item.elements)) {
      box.append(parley.make("li", "tile rich-tile", draw(child, on, { ...state, depth: state.depth + 1 })));
    }
    return box;
  };

  const text = (item, on) => {
    const box = parley.make("div", "rich-text", words(item.text));
    style(box, item.style);
    return withClick(box, "rich-press", item, on);
  };

  const image = (item, on) => {
    const picture = parley.picture(words(item.url), words(item.caption || item.tooltip));
    const box = withClick(picture, "rich-press", item, on);
    if (!item.caption) return box;
    return parley.make("figure", "", box, parley.make("figcaption", "", words(item.caption)));
  };

  const map = (item, on) => {
    const place = `${Number(item.la).toFixed(5)}, ${Number(item.lo).toFixed(5)}`;
    const label = words(item.tooltip) || "Map";
    const box = parley.make("div", "rich-map", parley.make("strong", "", label), parley.make("span", "muted", place));
    box.append(parley.link(mapAddress(item), "Open the map"));
    return withClick(box, "rich-press", item, on);
  };

  const button = (item, on) =>
    pressable(words(item.title) || "Button", item.class === "bold" ? "chat-button bold" : "chat-button", item.click, words(item.title), on);

  const linkPreview = (item) => {
    const address = words(item.url || item.originalUrlRequest);
    const title = words(item.title) || address;
    const head = parley.isSafeAddress(address) ? parley.link(address, title) : title;
    return parley.make("div", "rich-map", head, parley.make("span", "muted", words(item.description)));
  };

  const quickReplies = (item, on) => {
    const items = list(item.items).filter((each) => each && each.type === "button");
    return parley.chips(items.map((each) => pressable(words(each.title), "chat-chip", each.click, words(each.title), on)));
  };

  const KINDS = {
    vertical: layout("rich-vertical"),
    horizontal: layout("rich-horizontal"),
    carousel,
    text,
    image,
    map,
    button,
    linkPreview,
    quickReplies,
  };

  const unknown = (type) => parley.make("div", "picture-missing", `An element of the type ${words(type) || "?"}, which the preview cannot show.`);

  const draw = (item, on, state) => {
    state.count.n += 1;
    if (!item || typeof item !== "object") return unknown(typeof item);
    if (state.depth > DEEPEST || state.count.n > MOST_ELEMENTS) return unknown("… too many elements");
    const known = KINDS[item.type];
    return known ? known(item, on, state) : unknown(item.type);
  };

  // Answers the nodes of a rich message; a list is drawn one below the other.
  parley.rich = (document, on) => {
    const state = { depth: 0, count: { n: 0 } };
    const items = Array.isArray(document) ? document : [document];
    const nodes = items.map((item) => {
      const drawn = draw(item, on, state);
      if (drawn.matches(".tiles, [data-chips]")) return drawn;
      return parley.make("div", "bubble rich", drawn);
    });
    for (const item of items) {
      if (item && item.quickReplies) nodes.push(quickReplies(item.quickReplies, on));
    }
    return nodes;
  };
})();
