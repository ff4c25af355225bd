// What has been said and not been answered yet, kept across page loads, and the sentence that says what it waits for.
// Knows nothing of how a chat looks and asks nobody: accepted or not, taken by a worker or not, is all it is told.
(function () {
  "use strict";
  const parley = (window.parley = window.parley || {});
  const SOON = 800;
  const SLOW = 20000;
  const FAILED = 28000;

  const STEPS = {
    sending: {
      soon: () => "Sending …",
      failed: (reason) => `Not sent yet: ${reason || "the server does not answer."} It stays here and goes out as soon as it can.`,
    },
    queued: {
      soon: () => "Waiting for a worker to take this up …",
      failed: () => "No answer: no worker has taken this up. Are the workers running? It is kept, and answered as soon as one runs.",
    },
    begun: {
      soon: () => "",
      slow: () => "This takes longer than usual; the bot still works on it.",
      failed: () => "No answer for half a minute. If its worker has stopped, another one answers as soon as it can.",
    },
  };

  // `show(text, failed)` is called whenever the sentence changes. `kept`, `keep` load and store the list.
  class Waiting {
    constructor({ kept, keep, show }) {
      this.open = kept || [];
      this.keep = keep;
      this.show = show;
      this.reason = "";
      this.store = ""; // what the server says of its own store
      this.last = 0;
      this.since = Date.now() - FAILED + SOON; // after a page load the answer gets a moment to arrive before the apology
      this.timers = [];
      this.look();
    }

    sent(message) {
      this.open.push({ ...message, at: Date.now(), turn: 0, begun: false });
      this.changed();
    }

    accepted(message, turn) {
      this.reason = "";
      const one = this.find(message.message_id);
      if (one) one.turn = turn;
      if (this.last >= turn) this.ended(turn);
      this.life();
    }

    begun(id) {
      const one = this.find(id);
      if (one) one.begun = true;
      this.changed();
    }

    // The turn ended, and with it all before it.
    ended(turn) {
      this.last = Math.max(this.last, turn);
      this.open = this.open.filter((one) => !one.turn || one.turn > turn);
      this.changed();
    }

    refused(message) {
      this.open = this.open.filter((one) => one.message_id !== message.message_id);
      this.changed();
    }

    // A new conversation begins: only what is still to be sent is answered.
    forget(unsent) {
      const ids = new Set(unsent.map((message) => message.message_id));
      this.last = 0;
      this.open = this.open.filter((one) => ids.has(one.message_id));
      for (const one of this.open) Object.assign(one, { turn: 0, begun: false });
      this.life();
    }

    trouble(reason) {
      this.reason = reason;
      this.say();
    }

    outage(text) {
      this.store = text;
      this.say();
    }

    // The server or the bot has shown life: the time to an apology begins anew.
    life() {
      this.since = Date.now();
      this.changed();
    }

    find(id) {
      return this.open.find((one) => one.message_id === id);
    }

    changed() {
      this.keep(this.open);
      this.look();
    }

    // Looks again at each moment at which the sentence may change.
    look() {
      this.timers.forEach(clearTimeout);
      const passed = Date.now() - this.from();
      const ahead = this.open.length ? [SOON, SLOW, FAILED].filter((moment) => moment > passed) : [];
      this.timers = ahead.map((moment) => setTimeout(() => this.say(), moment - passed));
      this.say();
    }

    from() {
      return this.open.length ? Math.max(this.open[0].at, this.since) : 0;
    }

    say() {
      const first = this.open[0];
      if (!first) return this.show(this.store, Boolean(this.store));
      const step = STEPS[!first.turn && !first.begun ? "sending" : first.begun ? "begun" : "queued"];
      const passed = Date.now() - this.from() + 20;
      if (passed >= FAILED) return this.show(step.failed(this.reason || this.store), true);
      if (this.store) return this.show(this.store, true);
      if (passed >= SLOW && step.slow) return this.show(step.slow(), false);
      return this.show(passed >= SOON ? step.soon() : "", false);
    }

    stop() {
      this.timers.forEach(clearTimeout);
    }
  }

  parley.Waiting = Waiting;
})();
