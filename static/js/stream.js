// Reads server-sent events with fetch, so that a token can go along, and resumes after the last event it saw.
// Knows nothing of what the events mean.
(function () {
  "use strict";
  const parley = (window.parley = window.parley || {});
  const FINAL = new Set([401, 403, 404, 410]);
  const SILENCE = 45000;
  const LONGEST_WAIT = 15000;

  // Splits a growing text into events; `push` hands each complete one to `deliver({event, data, id})`.
  class EventParser {
    constructor(deliver) {
      this.deliver = deliver;
      this.rest = "";
      this.clear();
    }

    clear() {
      this.event = "message";
      this.data = [];
      this.id = null;
    }

    push(text) {
      const lines = (this.rest + text).split(/\r?\n/);
      this.rest = lines.pop();
      lines.forEach((line) => this.line(line));
    }

    line(line) {
      if (line === "") {
        if (this.data.length || this.id !== null) {
          this.deliver({ event: this.event, data: this.data.join("\n"), id: this.id });
        }
        this.clear();
        return;
      }
      if (line.startsWith(":")) return;
      const colon = line.indexOf(":");
      const field = colon < 0 ? line : line.slice(0, colon);
      const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
      if (field === "event") this.event = value;
      else if (field === "data") this.data.push(value);
      else if (field === "id") this.id = value;
    }
  }

  // One stream that stays open. `onEvent({event, data, id})`, `onState("live" | "retrying" | "gone", status)`.
  class Stream {
    constructor(url, options) {
      this.url = url;
      this.options = options;
      this.lastId = options.lastId || "";
      this.failures = 0;
      this.closed = false;
      this.wake = () => this.retryNow && this.retryNow();
      window.addEventListener("online", this.wake);
      this.run();
    }

    close() {
      this.closed = true;
      window.removeEventListener("online", this.wake);
      if (this.abort) this.abort.abort();
      this.wake();
    }

    async run() {
      while (!this.closed) {
        const status = await this.connect();
        if (this.closed) return;
        if (FINAL.has(status)) {
          this.close();
          this.state("gone", status);
          return;
        }
        this.state("retrying", status);
        await this.pause();
      }
    }

    // Reads until the connection ends; answers the HTTP status, 0 for none.
    async connect() {
      this.abort = new AbortController();
      let status = 0;
      try {
        const response = await fetch(this.url, {
          headers: this.headers(),
          signal: this.abort.signal,
          cache: "no-store",
          credentials: "same-origin",
        });
        status = response.status;
        if (response.ok) await this.read(response.body);
      } catch (error) {
        if (error.name !== "AbortError" && !(error instanceof TypeError)) throw error;
      } finally {
        clearTimeout(this.watchdog);
      }
      return status;
    }

    headers() {
      const headers = { Accept: "text/event-stream" };
      if (this.options.token) headers.Authorization = `Bearer ${this.options.token}`;
      if (this.lastId) headers["Last-Event-ID"] = this.lastId;
      return headers;
    }

    async read(body) {
      const reader = body.pipeThrough(new TextDecoderStream()).getReader();
      const parser = new EventParser((event) => this.take(event));
      this.failures = 0;
      this.state("live");
      for (;;) {
        this.watch();
        const { value, done } = await reader.read();
        if (done || this.closed) return;
        parser.push(value);
      }
    }

    take(event) {
      if (this.closed) return;
      if (event.id) this.lastId = event.id;
      if (event.data) this.options.onEvent(event);
    }

    // A connection that says nothing, not even a comment, is given up.
    watch() {
      clearTimeout(this.watchdog);
      this.watchdog = setTimeout(() => this.abort.abort(), SILENCE);
    }

    state(name, status) {
      if (this.options.onState) this.options.onState(name, status || 0);
    }

    pause() {
      const longest = Math.min(LONGEST_WAIT, 500 * 2 ** this.failures);
      this.failures += 1;
      return new Promise((resolve) => {
        const timer = setTimeout(resolve, longest / 2 + (Math.random() * longest) / 2);
        this.retryNow = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  parley.EventParser = EventParser;
  parley.openStream = (url, options) => new Stream(url, options);
})();
