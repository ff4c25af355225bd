// One conversation with the API: begins it, keeps it across page loads, posts messages until they arrive, follows events.
// Knows nothing of how a chat looks. `on` is told: state, events, refusals, and when a new conversation begins.
(function () {
  "use strict";
  const parley = (window.parley = window.parley || {});
  const API = "/api/v1/conversations";
  const GONE = new Set([401, 403, 404, 410]);
  const LONGEST_WAIT = 10000;

  const asJson = { "Content-Type": "application/json" };
  const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

  // A sentence out of a problem document.
  const problem = async (response) => {
    try {
      const { title, detail, mend } = await response.json();
      return [detail || title, mend].filter(Boolean).join(" ");
    } catch {
      return `The server answered ${response.status}.`;
    }
  };

  // What is in the way, without what to do about it: the page tries again by itself.
  const obstacle = async (response) => {
    if (!response.status) return "";
    try {
      return (await response.json()).detail || "";
    } catch {
      return `The server is there but cannot answer at the moment (${response.status}).`;
    }
  };

  // Fetch that never throws: a lost server is a response without a status.
  const ask = async (url, options) => {
    try {
      return await fetch(url, { credentials: "same-origin", cache: "no-store", ...options });
    } catch {
      return { ok: false, status: 0, json: () => Promise.reject(new Error("no answer")) };
    }
  };

  class Conversation {
    constructor(bot, beginUrl, on) {
      this.beginUrl = beginUrl;
      this.on = on;
      this.key = `parley.preview.${bot}`;
      this.kept = this.load();
      this.sending = false;
    }

    load() {
      try {
        return JSON.parse(sessionStorage.getItem(this.key)) || {};
      } catch {
        return {};
      }
    }

    keep(values) {
      Object.assign(this.kept, values);
      sessionStorage.setItem(this.key, JSON.stringify(this.kept));
    }

    get outbox() {
      return this.kept.outbox || [];
    }

    // Goes on where this tab was, or begins.
    async open() {
      if (this.kept.id) this.follow();
      else await this.begin();
      this.flush();
    }

    async begin() {
      this.close();
      this.on.state("beginning");
      for (let failures = 0; ; failures += 1) {
        const body = JSON.stringify({ draft: true });
        const headers = { ...asJson, "X-CSRFToken": parley.csrfToken() };
        const response = await ask(this.beginUrl, { method: "POST", headers, body });
        if (response.ok) {
          const { id, token } = await response.json();
          this.keep({ id, token, seen: "", begun: Date.now() });
          break;
        }
        if (response.status >= 400 && response.status < 500 && response.status !== 429) {
          this.on.refused(await problem(response));
          return;
        }
        this.on.state("retrying", await obstacle(response));
        await pause(Math.min(LONGEST_WAIT, 1000 * 2 ** failures));
      }
      this.on.begun();
      this.follow();
    }

    follow() {
      const onState = (state, status) => {
        this.following = state;
        if (state === "gone") this.lost();
        else this.on.state(state, status > 400 ? `The server is there but cannot answer at the moment (${status}).` : "");
      };
      this.stream = parley.openStream(`${API}/${this.kept.id}/events`, {
        token: this.kept.token,
        onEvent: ({ event, data, id }) => this.on.event(event, JSON.parse(data), id),
        onState,
      });
    }

    // The session ended: what is still to be sent goes into a new one.
    async lost() {
      this.close();
      this.keep({ id: "", token: "", seen: "" });
      this.on.ended();
      await this.begin();
      this.flush();
    }

    close() {
      if (this.stream) this.stream.close();
      this.stream = null;
    }

    send(body) {
      const message = { message_id: crypto.randomUUID ? crypto.randomUUID() : String(Math.random()).slice(2), ...body };
      this.keep({ outbox: [...this.outbox, message] });
      this.flush();
      return message;
    }

    drop(message) {
      this.keep({ outbox: this.outbox.filter((each) => each.message_id !== message.message_id) });
    }

    // Posts what waits, one after the other, each with its own id until the server has it.
    async flush() {
      if (this.sending || this.resetting || !this.kept.id) return;
      this.sending = true;
      for (let failures = 0; this.outbox.length && this.kept.id; ) {
        const message = this.outbox[0];
        const response = await this.post(message);
        if (response.ok) {
          if (failures) this.on.state(this.following);
          failures = 0;
          this.drop(message);
          this.on.accepted(message, (await response.json()).turn);
        } else if (GONE.has(response.status)) {
          this.sending = false;
          if (this.stream) this.lost();
          return;
        } else if (response.status >= 400 && response.status < 500 && response.status !== 429) {
          this.drop(message);
          this.on.rejected(message, await problem(response));
        } else {
          this.on.state("retrying", await obstacle(response));
          await pause(Math.min(LONGEST_WAIT, 500 * 2 ** failures));
          failures += 1;
        }
      }
      this.sending = false;
    }

    post(message) {
      const headers = { ...asJson, Authorization: `Bearer ${this.kept.token}` };
      return ask(`${API}/${this.kept.id}/messages`, { method: "POST", headers, body: JSON.stringify(message) });
    }

    async reset() {
      this.keep({ outbox: [], seen: "" });
      if (!this.kept.id) return; // one is just being begun
      this.resetting = true; // what is said from now on is said to the new one
      const response = await ask(`${API}/${this.kept.id}/reset`, { method: "POST", headers: { "X-CSRFToken": parley.csrfToken() } });
      this.resetting = false;
      if (response.ok) {
        this.keep({ begun: Date.now() });
        this.on.begun();
      } else if (GONE.has(response.status)) await this.lost();
      else this.on.refused(response.status ? await problem(response) : "The server does not answer. Try again.");
      this.flush();
    }

    async variables() {
      if (!this.kept.id) return null;
      const response = await ask(`${API}/${this.kept.id}/variables`);
      return response.ok ? response.text() : null;
    }
  }

  parley.Conversation = Conversation;
})();
