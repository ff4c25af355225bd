// A textarea with data-code="javascript" or "json" becomes an editor: colours, indentation, completion of botContext.
// The textarea stays the control: it is typed into, read aloud and submitted. Tab moves on, as everywhere.
(function () {
  "use strict";
  const parley = (window.parley = window.parley || {});
  const LONGEST = 100000;
  const MOST_OFFERS = 8;

  const COMMENT = "(?<comment>\\/\\/[^\\n]*|\\/\\*[\\s\\S]*?(?:\\*\\/|$))";
  const VARIABLE = "(?<variable>\\{(?:\\$[\\w.[\\]$]+|[A-Za-z_]\\w*\\.[\\w.$]+)\\})";
  const STRING = "(?<string>\"(?:[^\"\\\\\\n]|\\\\.)*\"?|'(?:[^'\\\\\\n]|\\\\.)*'?|`(?:[^`\\\\]|\\\\[\\s\\S])*`?)";
  const NUMBER = "(?<number>\\b\\d[\\w.]*)";
  const WORDS = "var|let|const|function|return|if|else|for|while|do|switch|case|break|continue|new|typeof|instanceof|in|of|try|catch|finally|throw|delete|void|this|default";
  const TOKENS = {
    javascript: new RegExp(`${COMMENT}|${STRING}|${NUMBER}|(?<host>\\bbotContext(?:\\.\\w+)?)|(?<word>\\b(?:${WORDS})\\b)|(?<value>\\b(?:true|false|null|undefined)\\b)`, "g"),
    json: new RegExp(`${VARIABLE}|(?<string>"(?:[^"\\\\\\n]|\\\\.)*"?)|(?<number>-?\\b\\d[\\w.+-]*)|(?<value>\\b(?:true|false|null)\\b)`, "g"),
  };

  const span = (name, text) => {
    const element = document.createElement("span");
    element.className = `code-${name}`;
    element.textContent = text;
    return element;
  };

  // Answers the coloured pieces of a text.
  const coloured = (text, kind) => {
    const pieces = [];
    let at = 0;
    for (const match of text.matchAll(TOKENS[kind])) {
      const [name] = Object.entries(match.groups).find(([, value]) => value !== undefined);
      if (match.index > at) pieces.push(text.slice(at, match.index));
      pieces.push(span(name, match[0]));
      at = match.index + match[0].length;
    }
    pieces.push(`${text.slice(at)}\n`);
    return pieces;
  };

  class Editor {
    constructor(area) {
      this.area = area;
      this.kind = area.dataset.code;
      this.box = document.createElement("div");
      this.box.className = "code-editor";
      this.paint = document.createElement("pre");
      this.paint.className = "code-paint";
      this.paint.setAttribute("aria-hidden", "true");
      area.replaceWith(this.box);
      this.box.append(this.paint, area);
      area.addEventListener("input", () => this.typed());
      area.addEventListener("scroll", () => this.follow());
      area.addEventListener("keydown", (event) => this.pressed(event));
      area.addEventListener("blur", () => this.close());
      this.draw();
    }

    draw() {
      const text = this.area.value;
      const plain = text.length > LONGEST;
      this.box.classList.toggle("painted", !plain);
      if (plain) this.paint.replaceChildren();
      else this.paint.replaceChildren(...coloured(text, this.kind));
      this.follow();
    }

    follow() {
      this.paint.scrollTop = this.area.scrollTop;
      this.paint.scrollLeft = this.area.scrollLeft;
    }

    typed() {
      this.draw();
      if (this.kind === "javascript") this.offer();
    }

    before() {
      return this.area.value.slice(0, this.area.selectionStart);
    }

    /* Completion */
    offer() {
      const match = this.before().match(/botContext\s*\.\s*(\w*)$/);
      if (!match) return this.close();
      const wanted = match[1].toLowerCase();
      const found = parley.botContextHelp.filter(([name]) => name.toLowerCase().includes(wanted));
      found.sort(([one], [other]) => other.toLowerCase().startsWith(wanted) - one.toLowerCase().startsWith(wanted));
      if (!found.length || (found.length === 1 && found[0][0].split("(")[0] === match[1])) return this.close();
      this.typedPart = match[1].length;
      return this.show(found.slice(0, MOST_OFFERS));
    }

    show(offers) {
      if (!this.menu) {
        this.menu = document.createElement("ul");
        this.menu.className = "code-offers";
        this.menu.id = `${this.area.id}_offers`;
        this.menu.setAttribute("role", "listbox");
        this.menu.setAttribute("aria-label", "Functions of botContext");
        this.box.append(this.menu);
        this.area.setAttribute("aria-controls", this.menu.id);
      }
      this.menu.replaceChildren(...offers.map(([name, help], index) => this.offerItem(name, help, index)));
      const lines = this.before().split("\n");
      const style = getComputedStyle(this.area);
      const top = lines.length * parseFloat(style.lineHeight) + parseFloat(style.paddingTop) - this.area.scrollTop + 4;
      this.menu.style.top = `${Math.min(top, this.area.clientHeight)}px`;
      this.menu.style.left = `${Math.max(0, Math.min(lines.at(-1).length * 7.2 - this.area.scrollLeft, this.area.clientWidth - 260))}px`;
      this.choose(0);
    }

    offerItem(name, help, index) {
      const item = document.createElement("li");
      item.id = `${this.menu.id}_${index}`;
      item.setAttribute("role", "option");
      item.dataset.name = name.split("(")[0];
      item.dataset.call = name.endsWith("()") ? "()" : "(";
      item.append(span("offer", name), span("help", help));
      item.addEventListener("mousedown", (event) => {
        event.preventDefault();
        this.choose(index);
        this.take();
      });
      return item;
    }

    choose(index) {
      const items = Array.from(this.menu.children);
      this.chosen = (index + items.length) % items.length;
      items.forEach((item, place) => item.setAttribute("aria-selected", String(place === this.chosen)));
      items[this.chosen].scrollIntoView({ block: "nearest" });
      this.area.setAttribute("aria-activedescendant", items[this.chosen].id);
    }

    take() {
      const item = this.menu.children[this.chosen];
      const at = this.area.selectionStart;
      this.area.setRangeText(item.dataset.name + item.dataset.call, at - this.typedPart, at, "end");
      this.close();
      this.area.dispatchEvent(new Event("input", { bubbles: true }));
      this.close();
    }

    close() {
      if (this.menu) this.menu.remove();
      this.menu = null;
      this.area.removeAttribute("aria-activedescendant");
      this.area.removeAttribute("aria-controls");
    }

    pressed(event) {
      if (this.menu && !event.altKey) {
        const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
        if (step) this.choose(this.chosen + step);
        else if (event.key === "Enter") this.take();
        else if (event.key === "Escape") this.close();
        else return;
        event.preventDefault();
        event.stopPropagation();
      } else if (event.key === "Enter" && !event.isComposing && !event.ctrlKey && !event.metaKey) {
        this.indent(event);
      }
    }

    // A new line begins where the one above does, deeper after an opening brace.
    indent(event) {
      const line = this.before().split("\n").at(-1);
      const deeper = /[{[(]\s*$/.test(line) ? "  " : "";
      const margin = line.match(/^\s*/)[0] + deeper;
      if (!margin) return;
      event.preventDefault();
      this.area.setRangeText(`\n${margin}`, this.area.selectionStart, this.area.selectionEnd, "end");
      this.area.dispatchEvent(new Event("input", { bubbles: true }));
    }
  }

  const prepare = (root) => {
    const areas = Array.from(root.querySelectorAll("textarea[data-code]"));
    if (root.matches("textarea[data-code]")) areas.push(root);
    for (const area of areas) {
      if (!area.closest(".code-editor") && TOKENS[area.dataset.code]) area.editor = new Editor(area);
    }
  };

  document.addEventListener("htmx:load", (event) => prepare(event.detail.elt));
  document.addEventListener("DOMContentLoaded", () => prepare(document.body));
})();
