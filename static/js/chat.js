// The chat of the preview: what was said, what is being typed, and the composer. Plays the delays of the bot.
(function () {
  "use strict";
  const parley = window.parley;
  const { make } = parley;
  const LONGEST_DELAY = 10000;
  const SLOW = 20000;

  // Compares event ids such as 12-3.
  const isAfter = (one, other) => {
    const [a, b] = (one || "0-0").split("-").map(Number);
    const [c, d] = (other || "0-0").split("-").map(Number);
    return a > c || (a === c && b > d);
  };

  class Chat {
    constructor(root, options) {
      this.root = root;
      this.options = options;
      this.list = root.querySelector("[data-messages]");
      this.dots = root.querySelector("[data-typing]");
      this.banner = root.querySelector("[data-banner]");
      this.form = root.querySelector("[data-composer]");
      this.field = this.form.querySelector("textarea");
      this.queue = Promise.resolve();
      this.epoch = 0;
      this.conversation = new parley.Conversation(root.dataset.bot, root.dataset.begin, {
        state: (state) => this.state(state),
        event: (event, data, id) => this.event(event, data, id),
        accepted: (message, turn) => this.accepted(message, turn),
        rejected: (message, reason) => this.rejected(message, reason),
        refused: (reason) => this.say(reason, "bad"),
        begun: () => this.begun(),
        ended: () => this.say("The session had ended; a new one begins with the bot as it is now."),
      });
      this.compose();
      this.conversation.outbox.forEach((message) => this.own(message));
      this.conversation.open();
    }

    /* What the consumer says */
    compose() {
      const kept = `${this.conversation.key}.typed`;
      this.field.value = sessionStorage.getItem(kept) || "";
      this.field.addEventListener("input", () => sessionStorage.setItem(kept, this.field.value));
      this.field.addEventListener("keydown", (event) => {
        if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
        event.preventDefault();
        this.form.requestSubmit();
      });
      this.form.addEventListener("submit", (event) => {
        event.preventDefault();
        const text = this.field.value.trim();
        if (!text) return;
        this.field.value = "";
        sessionStorage.removeItem(kept);
        this.send({ text });
      });
    }

    tap(tap) {
      this.send({ tap });
      this.field.focus();
    }

    send(body) {
      this.retireChips();
      this.own(this.conversation.send(body));
    }

    // The consumer's own bubble; drawn once, whether the page or the stream comes first.
    own(message) {
      const known = this.list.querySelector(`[data-message="${CSS.escape(message.message_id)}"]`);
      if (known) return known;
      const text = message.tap ? message.tap.label || message.tap.payload : message.text;
      const item = make("li", "said own", make("div", "bubble", make("div", "bubble-text", text || "")));
      item.dataset.message = message.message_id;
      item.classList.add("sending");
      this.add(item);
      return item;
    }

    accepted(message, turn) {
      this.own(message).classList.remove("sending");
      this.wait(turn);
    }

    rejected(message, reason) {
      const item = this.own(message);
      item.classList.replace("sending", "failed");
      const again = make("button", "button small", "Put it back");
      again.type = "button";
      again.addEventListener("click", () => {
        this.field.value = message.text || "";
        this.field.focus();
        item.remove();
      });
      item.append(make("p", "said-note", `Not sent: ${reason} `, ...(message.text ? [again] : [])));
    }

    /* What the bot says */
    event(event, data, id) {
      const handle = { consumer: "consumer", message: "message", typing: "typing", turn: "turn", closed: "closed", reset: "clear" }[event];
      if (!handle) return;
      const fresh = !id || isAfter(id, this.conversation.kept.seen);
      const epoch = this.epoch;
      if (event === "reset" || event === "typing") this[handle](data, fresh);
      else {
        this.queue = this.queue.then(() => epoch === this.epoch && this.play(handle, data, id, fresh)).catch((error) => {
          this.say("A message could not be shown.", "bad");
          console.error(error);
        });
      }
    }

    async play(handle, data, id, fresh) {
      if (handle === "message" && fresh && data.delay) await this.delay(data.delay);
      this[handle](data, fresh);
      if (id && fresh) this.conversation.keep({ seen: id });
    }

    delay(milliseconds) {
      this.typing();
      return new Promise((resolve) => {
        this.hurry = resolve;
        setTimeout(resolve, Math.min(LONGEST_DELAY, milliseconds));
      });
    }

    consumer(message) {
      this.own(message).classList.remove("sending");
    }

    message(message) {
      this.retireChips();
      const item = make("li", "said bot", ...parley.drawMessage(message, { tap: (tap) => this.tap(tap) }));
      const place = this.options.interaction(message.interaction);
      if (place) {
        const link = make("a", "said-source", "Open");
        link.href = place;
        link.title = "Open the interaction that said this";
        link.setAttribute("aria-label", link.title);
        item.append(link);
      }
      this.add(item);
    }

    typing() {
      this.dots.hidden = false;
      this.scroll();
    }

    wait(turn) {
      if (this.lastTurn >= turn) return;
      this.typing();
      clearTimeout(this.slow);
      this.slow = setTimeout(() => this.say("This takes longer than usual; the bot still works on it."), SLOW);
    }

    turn(data, fresh) {
      this.lastTurn = data.turn;
      clearTimeout(this.slow);
      this.dots.hidden = true;
      for (const event of data.events || []) this.occurrence(event);
      if (data.outcome === "failed") this.say("The turn failed; the bot log says why.", "bad");
      if (fresh) this.options.turnEnded();
    }

    occurrence(event) {
      if (event.type === "transfer") this.say("Waiting for an agent: the bot's part ends here. Reset begins anew.");
      else if (event.type === "custom_event") this.say(`Event sent: ${event.name || ""}`);
      else if (event.type === "escalation") this.say("The script asked for an escalation.");
    }

    closed(data) {
      this.dots.hidden = true;
      if (data.how === "ended") return;
      this.say(data.how === "close_dialog" ? "The bot closed the dialog." : "The bot closed the conversation. Write again to begin a new one.");
    }

    clear() {
      this.epoch += 1;
      this.lastTurn = 0;
      if (this.hurry) this.hurry();
      clearTimeout(this.slow);
      this.queue = Promise.resolve();
      this.list.replaceChildren();
      this.dots.hidden = true;
    }

    begun() {
      this.clear();
      this.say("A new conversation with the draft as it is now. Say hello.");
      this.options.begun(this.conversation.kept.id);
    }

    /* What the page says */
    say(text, kind) {
      const last = this.list.lastElementChild;
      if (last && last.matches(".note") && last.textContent === text) return;
      this.add(make("li", kind ? `note ${kind}` : "note", text));
    }

    state(state) {
      const lost = state === "retrying";
      this.banner.hidden = !lost;
      this.root.dataset.state = state;
      if (state === "live") this.options.live(this.conversation.kept.id);
    }

    add(item) {
      this.list.append(item);
      this.scroll();
    }

    scroll() {
      this.list.parentElement.scrollTop = this.list.parentElement.scrollHeight;
    }

    retireChips() {
      for (const chips of this.list.querySelectorAll("[data-chips]")) chips.remove();
    }

    stop() {
      this.epoch += 1;
      clearTimeout(this.slow);
      this.conversation.close();
    }
  }

  parley.Chat = Chat;
})();
