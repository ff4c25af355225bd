// The preview as a page of its own, and as a panel that slides over any page of the bot.
(function () {
  "use strict";
  const parley = window.parley;
  const OPEN = "parley.preview.open";
  let live = null;

  const start = (root) => {
    const interaction = (key) => (key ? root.dataset.interaction.replace("KEY", encodeURIComponent(key)) : "");
    const ticket = (conversation) => root.dataset.logTicket.replace("CONVERSATION", encodeURIComponent(conversation));
    const log = new parley.BotLog(root, { interaction, ticket });
    let variables = null;
    const isShown = (name) => !root.querySelector(`[data-pane="${name}"]`).hidden;
    const chat = new parley.Chat(root, {
      interaction,
      turnEnded: () => isShown("variables") && variables.refresh(),
      live: (conversation) => {
        log.follow(conversation);
        if (isShown("variables")) variables.refresh();
      },
      begun: () => log.begin(),
    });
    variables = new parley.Variables(root, () => chat.conversation.variables());
    root.querySelector("[data-reset]").addEventListener("click", () => chat.conversation.reset());

    root.querySelector("[data-save-test]").addEventListener("submit", (event) => {
      event.target.elements.conversation.value = chat.conversation.kept.id || "";
      sessionStorage.removeItem(OPEN); // the test's page comes next, and the drawer would cover what its run found
    });

    const show = (name) => {
      for (const pane of root.querySelectorAll("[data-pane]")) pane.hidden = pane.dataset.pane !== name;
      for (const toggle of root.querySelectorAll("[data-shows]")) {
        toggle.setAttribute("aria-pressed", String(toggle.dataset.shows === name));
      }
      root.classList.toggle("inspecting", Boolean(name));
      sessionStorage.setItem("parley.preview.pane", name);
      if (name === "variables") variables.refresh();
    };
    for (const toggle of root.querySelectorAll("[data-shows]")) {
      toggle.addEventListener("click", () => show(toggle.getAttribute("aria-pressed") === "true" ? "" : toggle.dataset.shows));
    }
    const roomy = matchMedia("(min-width: 56rem)").matches && !root.closest(".drawer");
    show(sessionStorage.getItem("parley.preview.pane") ?? (roomy ? "log" : ""));
    live = { chat, log, root };
    return live;
  };

  const stop = () => {
    if (!live) return;
    live.chat.stop();
    live.log.stop();
    live = null;
  };

  const link = () => document.getElementById("preview-link");

  const close = () => {
    stop();
    document.getElementById("preview-drawer")?.remove();
    sessionStorage.removeItem(OPEN);
    link()?.setAttribute("aria-expanded", "false");
    link()?.focus();
  };

  const open = async (address, { focus }) => {
    const response = await fetch(address, { headers: { "HX-Request": "true" }, credentials: "same-origin" }).catch(() => null);
    if (!response || !response.ok) {
      location.href = address;
      return;
    }
    const drawer = parley.make("aside", "drawer preview-drawer");
    drawer.id = "preview-drawer";
    drawer.setAttribute("aria-label", "Preview");
    const parsed = new DOMParser().parseFromString(await response.text(), "text/html");
    drawer.append(...parsed.body.children);
    document.body.append(drawer);
    drawer.querySelector("[data-close]").addEventListener("click", close);
    drawer.addEventListener("keydown", (event) => event.key === "Escape" && close());
    sessionStorage.setItem(OPEN, address);
    link().setAttribute("aria-expanded", "true");
    start(drawer.querySelector("[data-preview]"));
    if (focus) drawer.querySelector("textarea").focus();
  };

  document.addEventListener("click", (event) => {
    const target = event.target.closest("#preview-link");
    if (!target || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    if (document.getElementById("preview-drawer")) close();
    else if (!document.querySelector("[data-preview]")) open(target.href, { focus: true });
  });

  addEventListener("DOMContentLoaded", () => {
    const page = document.querySelector("[data-preview]");
    if (page) start(page);
    else if (link() && sessionStorage.getItem(OPEN) === link().href) open(link().href, { focus: false });
  });
})();
