// Turns the HTML of a bot's text into nodes: only the tags and addresses that the contract names, all else as text.
// Never assigns innerHTML.
(function () {
  "use strict";
  const parley = (window.parley = window.parley || {});
  const TAGS = new Set(["P", "BR", "STRONG", "B", "I", "UL", "OL", "LI", "A"]);
  const ADDRESSES = /^(https?:|tel:|mailto:)/i;

  parley.isSafeAddress = (text) => ADDRESSES.test((text || "").trim());

  // A link that opens beside the page and tells the other side nothing.
  parley.link = (address, label) => {
    const link = document.createElement("a");
    link.href = address.trim();
    link.target = "_blank";
    link.rel = "noopener noreferrer";
    link.append(label);
    return link;
  };

  const rebuildElement = (source) => {
    if (source.tagName === "SCRIPT" || source.tagName === "STYLE" || !TAGS.has(source.tagName)) {
      return [document.createTextNode(source.textContent)];
    }
    const children = Array.from(source.childNodes).flatMap(rebuild);
    if (source.tagName !== "A") {
      const element = document.createElement(source.tagName);
      element.append(...children);
      return [element];
    }
    const address = source.getAttribute("href") || "";
    if (!parley.isSafeAddress(address)) return children;
    const link = parley.link(address, "");
    link.append(...children);
    return [link];
  };

  const rebuild = (node) => {
    if (node.nodeType === Node.TEXT_NODE) return [document.createTextNode(node.data)];
    return node.nodeType === Node.ELEMENT_NODE ? rebuildElement(node) : [];
  };

  // Answers a fragment; `html` was already cleaned by the server, this is the second lock on the door.
  parley.safeHtml = (html) => {
    const parsed = new DOMParser().parseFromString(html || "", "text/html");
    const fragment = document.createDocumentFragment();
    fragment.append(...Array.from(parsed.body.childNodes).flatMap(rebuild));
    return fragment;
  };
})();
