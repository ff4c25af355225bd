// What a click on a value of the response can become: a field at once, or inside a list one of three: all, first, count.
(function () {
  "use strict";
  const parley = (window.parley = window.parley || {});
  let menu = null;
  let anchor = null; // the button that the menu belongs to, and where it stood then

  const close = (back) => {
    menu?.remove();
    menu = null;
    back?.focus();
  };

  const item = (words, help, action) => {
    const button = document.createElement("button");
    button.type = "button";
    button.setAttribute("role", "menuitem");
    const small = document.createElement("span");
    small.className = "muted small mono";
    small.textContent = help;
    button.append(words, small);
    button.addEventListener("click", () => {
      close();
      action();
    });
    return button;
  };

  const show = (button, items) => {
    close();
    menu = document.createElement("div");
    menu.className = "menu-items picked-menu";
    menu.setAttribute("role", "menu");
    menu.setAttribute("aria-label", "Use as custom data field");
    menu.append(...items);
    document.getElementById("main").append(menu);
    const box = button.getBoundingClientRect();
    menu.style.left = `${Math.max(8, Math.min(box.left, innerWidth - menu.offsetWidth - 8))}px`;
    menu.style.top = `${Math.max(8, Math.min(box.bottom + 4, innerHeight - menu.offsetHeight - 8))}px`;
    items[0].focus({ preventScroll: true });
    anchor = { button, top: box.top };
    const steps = { ArrowDown: 1, ArrowUp: -1 };
    menu.addEventListener("keydown", (event) => {
      const at = items.indexOf(document.activeElement);
      if (event.key in steps) items[(at + steps[event.key] + items.length) % items.length].focus();
      else if (event.key === "Escape" || event.key === "Tab") close(button);
      else return;
      event.preventDefault();
      event.stopPropagation();
    });
  };

  document.addEventListener("click", (event) => {
    if (menu && !menu.contains(event.target) && !event.target.closest(".tree")) close();
  });
  // The page may still tell of the scrolling that brought the button into view: only what moved it since counts.
  document.addEventListener("scroll", (event) => {
    if (menu && event.target === document && Math.abs(anchor.button.getBoundingClientRect().top - anchor.top) > 1) close();
  }, true);

  // Answers what is to be done with a picked value; `use` makes a field of a path and answers its name.
  parley.pickedValue = (use) => (path, node, exact, button) => {
    const every = node.type === "array" ? `${path}[i]` : path;
    if (!every.includes("[i]")) return use(path);
    const first = every.replaceAll("[i]", "[0]");
    const count = () => {
      const name = use(every);
      const integration = document.getElementById("id_name").value.trim() || "Integration";
      toast({ text: `Read how many there are as {${integration}.${name}.count}.` });
    };
    const items = [
      item("All of them", every, () => use(every)),
      item("The first", first, () => use(first)),
      item("How many", "….count", count),
    ];
    if (node.type !== "array" && exact !== first) items.splice(2, 0, item("Just this one", exact, () => use(exact)));
    if (node.type === "array") items.push(item("The list as JSON", path, () => use(path)));
    return show(button, items);
  };
})();
