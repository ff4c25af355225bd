/* A long list to tick in: narrow it by words, choose a whole group, count what is chosen. Without it, all of it shows. */
(() => {
  "use strict";

  const form = document.querySelector("[data-picking]");
  if (!form) return;
  const words = form.querySelector("[data-pick-words]");
  const groups = [...form.querySelectorAll(".pick-group")];
  const shown = (group) => [...group.querySelectorAll(".pick:not([hidden]) input")];

  function narrow() {
    const wanted = words.value.toLowerCase().split(/\s+/).filter(Boolean);
    let found = 0;
    for (const group of groups) {
      const tag = group.querySelector("legend").textContent.toLowerCase();
      for (const pick of group.querySelectorAll(".pick")) {
        const text = `${tag} ${pick.textContent.toLowerCase()}`;
        pick.hidden = !wanted.every((word) => text.includes(word));
        found += pick.hidden ? 0 : 1;
      }
      group.hidden = shown(group).length === 0;
    }
    form.querySelector("[data-pick-nothing]").hidden = found > 0;
    form.querySelector("[data-pick-status]").textContent = wanted.length ? `${found} operations` : "";
  }

  function count() {
    const chosen = form.querySelectorAll(".pick input:checked").length;
    for (const each of form.querySelectorAll("[data-pick-count]")) {
      each.hidden = chosen === 0;
      each.textContent = chosen;
    }
  }

  words.addEventListener("input", narrow);
  words.addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.preventDefault();
  });
  form.addEventListener("change", count);
  form.addEventListener("click", (event) => {
    const button = event.target.closest("[data-pick-all]");
    if (!button) return;
    const inputs = shown(button.closest(".pick-group"));
    const all = inputs.every((input) => input.checked);
    for (const input of inputs) input.checked = !all;
    count();
  });
  count();
})();
