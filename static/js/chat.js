// The chat of the preview: what was said, what is being typed, and the composer. Plays the delays of the bot.
(function () {
  "use strict";
  const parley = window.parley;
  const { make } = parley;
  const LONGEST_DELAY = 10000;
  const AWAY = "The conversation store (Redis) does not answer. What was accepted is kept, and goes on when it is back.";

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
      this.status = root.querySelector("[data-waiting]");
      this.form = root.querySelector("[data-composer]");
      this.field = this.form.querySelector("textarea");
      this.queue = Promise.resolve();
      this.epoch = 0;
      this.conversation = new parley.Conversation(root.dataset.bot, root.dataset.begin, {
        state: (state, reason) => this.state(state, reason),
        event: (event, data, id) => this.event(event, data, id),
        accepted: (message, turn) => this.accepted(message, turn),
        rejected: (message, reason) => this.rejected(message, reason),
        refused: (reason) => this.say(reason, "bad"),
        begun: () => this.begun(),
        ended: () => this.say("The session had ended; a new one begins with the bot as it is now."),
      });
      this.waiting = new parley.Waiting({
        kept: this.conversation.kept.waiting,
        keep: (waiting) => this.conversation.keep({ waiting }),
        show: (text, failed) => this.wait(text, failed),
      });
      this.compose();
      this.waiting.open.forEach((message) => this.own(message).classList.add("restored"));
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
      const message = this.conversation.send(body);
      this.own(message);
      this.waiting.sent(message);
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
      if (this.waiting.last < turn) this.typing();
      this.waiting.accepted(message, turn);
    }

    rejected(message, reason) {
      const item = this.own(message);
      this.waiting.refused(message);
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
      const fresh = !id || isAfter(id, this.conversation.kept.seen);
      this.sign(event, data, fresh);
      if (!handle) return;
      const epoch = this.epoch;
      if (event === "reset" || event === "typing") this[handle](data, fresh);
      else {
        this.queue = this.queue.then(() => epoch === this.epoch && this.play(handle, data, id, fresh)).catch((error) => {
          this.say("A message could not be shown.", "bad");
          console.error(error);
        });
      }
    }

    // What tells the waiting that something goes on; at once, whatever is still being played.
    sign(event, data, fresh) {
      if (event === "consumer") this.waiting.begun(data.message_id);
      else if (event === "turn") this.waiting.ended(data.turn);
      else if (event === "outage") this.waiting.outage(data.away ? AWAY : "");
      if (fresh && event !== "outage") this.waiting.life();
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
      this.own(message).classList.remove("sending", "restored");
      if (this.waiting.find(message.message_id)) this.typing();
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
        item.classList.add("leads");
        item.addEventListener("click", (event) => {
          if (!event.target.closest("a, button, input, select, summary") && !getSelection().toString()) link.click();
        });
      }
      this.add(item);
    }

    typing() {
      this.dots.hidden = false;
      this.scroll();
    }

    wait(text, failed) {
      this.status.textContent = text;
      this.status.hidden = !text;
      this.status.classList.toggle("bad", failed);
      if (failed) this.dots.hidden = true;
      if (text) this.scroll();
    }

    turn(data, fresh) {
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
      if (this.hurry) this.hurry();
      this.waiting.forget(this.conversation.outbox);
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

    state(state, reason) {
      const lost = state === "retrying";
      this.waiting.trouble(lost ? reason : "");
      if (state === "live") this.waiting.outage("");
      this.banner.textContent = `${reason || "The server does not answer."} What you typed is kept and is sent as soon as it does.`;
      this.banner.hidden = !lost;
      this.root.dataset.state = state;
      if (state === "live") this.options.live(this.conversation.kept.id);
    }

    // What was said before this page was loaded, and is not answered yet, stays below what the stream repeats.
    add(item) {
      this.list.insertBefore(item, this.list.querySelector(".restored"));
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
      this.waiting.stop();
      this.conversation.close();
    }
  }

  parley.Chat = Chat;
})();
