// Beside the chat: the bot log, one line an event, and the live session's variables.
(function () {
  "use strict";
  const parley = window.parley;
  const { make } = parley;
  const MOST_LINES = 2000;

  const time = (seconds) => new Date(seconds * 1000).toLocaleTimeString(undefined, { hour12: false });

  class BotLog {
    constructor(root, options) {
      this.root = root;
      this.options = options;
      this.list = root.querySelector("[data-log]");
      this.filter = root.querySelector("[data-log-filter]");
      this.filter.addEventListener("input", () => this.sift(this.list.children));
      root.querySelector("[data-log-times]").addEventListener("change", (event) => {
        this.list.classList.toggle("with-times", event.target.checked);
      });
      root.querySelector("[data-log-clear]").addEventListener("click", () => this.clear());
    }

    get key() {
      return `parley.log.${this.conversation}`;
    }

    // Follows the log of a conversation; the address of the stream is a ticket that the server gives to authors.
    async follow(conversation) {
      if (conversation === this.conversation && this.stream) return;
      this.stop();
      this.conversation = conversation;
      this.list.replaceChildren();
      this.last = sessionStorage.getItem(this.key) || "";
      await this.connect();
    }

    async connect() {
      const conversation = this.conversation;
      let response;
      try {
        response = await fetch(this.options.ticket(conversation), { credentials: "same-origin" });
      } catch {
        response = { ok: false };
      }
      if (conversation !== this.conversation || !response.ok) return;
      const { url } = await response.json();
      this.stream = parley.openStream(url, {
        lastId: this.last,
        onEvent: ({ event, data, id }) => event === "log" && this.line(JSON.parse(data), id),
        onState: (state) => state === "gone" && this.connect(),
      });
    }

    line(entry, id) {
      this.last = id || this.last;
      const item = make("li", entry.error ? "log-line bad" : "log-line");
      const stamp = make("time", "log-time", time(entry.at));
      const place = this.options.interaction(entry.interaction);
      const text = make(place ? "a" : "span", "log-text", entry.text);
      if (place) text.href = place;
      item.append(stamp, make("span", "log-code", entry.code), text);
      this.list.append(item);
      if (this.list.children.length > MOST_LINES) this.list.firstElementChild.remove();
      this.sift([item]);
      this.list.scrollTop = this.list.scrollHeight;
      if (entry.error && this.options.error) this.options.error();
    }

    sift(items) {
      const wanted = this.filter.value.trim().toLowerCase();
      for (const item of items) item.hidden = Boolean(wanted) && !item.textContent.toLowerCase().includes(wanted);
    }

    // What was cleared stays cleared after a reload.
    clear() {
      this.list.replaceChildren();
      if (this.last) sessionStorage.setItem(this.key, this.last);
    }

    begin() {
      this.list.replaceChildren();
    }

    stop() {
      if (this.stream) this.stream.close();
      this.stream = null;
    }
  }

  const written = (node) => {
    if (node.type === "object") return `{${node.value.map(([key, child]) => `${JSON.stringify(key)}:${written(child)}`).join(",")}}`;
    if (node.type === "array") return `[${node.value.map(written).join(",")}]`;
    return node.type === "text" ? JSON.stringify(node.value) : node.value;
  };

  const isResponse = (node) => node.type === "object" && node.value.length === 1 && node.value[0][0] === "jsonData";

  const shown = (node) => {
    if (isResponse(node)) return node.value[0][1].value;
    return node.type === "text" ? node.value : written(node);
  };

  class Variables {
    constructor(root, read) {
      this.root = root;
      this.read = read;
      this.body = root.querySelector("[data-variables]");
      this.filter = root.querySelector("[data-variables-filter]");
      this.filter.addEventListener("input", () => this.sift());
    }

    async refresh() {
      const text = await this.read();
      if (text === null) return;
      const variables = parley.readJson(text).value.find(([key]) => key === "variables")[1].value;
      this.body.replaceChildren(...variables.map(([name, node]) => this.row(name, shown(node))));
      this.root.querySelector("[data-no-variables]").hidden = variables.length > 0;
      this.sift();
    }

    row(name, value) {
      const row = make("tr", "");
      const head = make("th", "mono", name);
      head.scope = "row";
      const cell = make("td", "mono");
      if (value.length <= 160) cell.append(value);
      else cell.append(make("details", "", make("summary", "", `${value.slice(0, 160)}…`), make("pre", "prewrap", value)));
      row.append(head, cell);
      return row;
    }

    sift() {
      const wanted = this.filter.value.trim().toLowerCase();
      for (const row of this.body.children) row.hidden = Boolean(wanted) && !row.textContent.toLowerCase().includes(wanted);
    }
  }

  parley.BotLog = BotLog;
  parley.Variables = Variables;
})();
