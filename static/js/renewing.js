/* What others change shows by itself: the part with data-renews is asked for again while somebody looks at the page, and says
   what it has seen already, so that an answer comes only when there is something else. Nothing is said when none comes. */
(() => {
  "use strict";
  const EVERY = 5000; // milliseconds
  let asking = false;

  /* The keyboard stays where it was: on the link that leads to the same place, if that is still there. */
  function replace(old, fresh) {
    const address = old.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
    old.replaceWith(fresh);
    if (address) [...fresh.querySelectorAll("a")].find((link) => link.getAttribute("href") === address)?.focus({ preventScroll: true });
  }

  async function renew() {
    const part = document.querySelector("[data-renews]");
    if (asking || document.hidden || !part) return;
    asking = true;
    const asked = new URLSearchParams({ seen: part.dataset.seen });
    const answer = await fetch(`${part.dataset.renews}?${asked}`).catch(() => null);
    const html = answer?.status === 200 && !answer.redirected ? await answer.text().catch(() => "") : "";
    asking = false;
    for (const fresh of new DOMParser().parseFromString(html, "text/html").querySelectorAll("body > [id]")) {
      const old = document.getElementById(fresh.id);
      if (old) replace(old, fresh);
    }
  }

  setInterval(renew, EVERY);
  document.addEventListener("visibilitychange", renew);
  addEventListener("pageshow", (event) => { if (event.persisted) renew(); });
})();
