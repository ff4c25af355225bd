/* Ordered lists in forms (ui/list.html): add, remove, reorder without a request, and paste many lines at once.
   Without this script the same buttons submit the form and the server does it. */
(() => {
  "use strict";

  const rowsOf = (list) => [...list.querySelectorAll(":scope > .list-rows > .list-row")];
  const inputs = (row) => [...row.querySelectorAll("input, select")];
  const isEmpty = (row) => inputs(row).every((input) => input.matches("select") || input.value === "");
  const changed = (list) => list.dispatchEvent(new Event("change", { bubbles: true }));

  /* A list that holds all that it may has no button to add more, and no empty row at its end. */
  function fill(list) {
    const full = rowsOf(list).filter((row) => !isEmpty(row)).length >= Number(list.dataset.most);
    list.toggleAttribute("data-full", full && !isEmpty(rowsOf(list).at(-1)));
  }

  /* A row that came into use gets its buttons, and says its number to people who hear the page. */
  function renumber(list) {
    rowsOf(list).forEach((row, index) => {
      for (const control of row.querySelectorAll("[data-label]")) {
        control.setAttribute("aria-label", `${control.dataset.label}, row ${index + 1}`);
      }
    });
  }

  function add(list, after) {
    const row = list.querySelector("template").content.firstElementChild.cloneNode(true);
    if (after) after.after(row);
    else list.querySelector(".list-rows").append(row);
    renumber(list);
    return row;
  }

  function move(row, step) {
    const other = step < 0 ? row.previousElementSibling : row.nextElementSibling;
    if (!other) return;
    const focused = document.activeElement;
    if (step < 0) other.before(row);
    else other.after(row);
    focused.focus();
  }

  function remove(row, list) {
    const next = row.nextElementSibling || (list.hasAttribute("data-full") ? add(list) : row.previousElementSibling) || add(list);
    row.remove();
    if (list.hasAttribute("data-full") && !isEmpty(rowsOf(list).at(-1))) add(list);
    inputs(next)[0].focus();
  }

  const verbs = {
    add: (row, list) => inputs(rowsOf(list).find(isEmpty) ?? add(list))[0].focus(), // an empty row is there to be used
    up: (row) => move(row, -1),
    down: (row) => move(row, 1),
    remove,
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-list-do]");
    if (!button) return;
    event.preventDefault();
    button.removeAttribute("name"); // else htmx sends the pressed button along, and the server does it once more
    const list = button.closest("[data-list]");
    verbs[button.dataset.listDo](button.closest(".list-row"), list);
    renumber(list);
    fill(list);
    if (button.dataset.listDo !== "add") changed(list);
  });

  document.addEventListener("keydown", (event) => {
    const row = event.target.closest?.(".list-row");
    if (!row) return;
    const list = row.closest("[data-list]");
    if (event.altKey && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
      event.preventDefault();
      move(row, event.key === "ArrowUp" ? -1 : 1);
      renumber(list);
      changed(list);
    } else if (event.key === "Enter" && event.target.matches("input")) {
      event.preventDefault();
      const next = row.nextElementSibling ?? (list.hasAttribute("data-full") ? row : add(list, row));
      inputs(next)[0].focus();
    }
  });

  document.addEventListener("input", (event) => {
    const list = event.target.closest?.("[data-list]");
    if (list) fill(list);
  });

  document.addEventListener("paste", (event) => {
    const list = event.target.closest?.("[data-list-pastes]");
    const lines = (event.clipboardData?.getData("text/plain") ?? "").split(/\r?\n/).filter((line) => line.trim());
    if (!list || lines.length < 2) return;
    event.preventDefault();
    let row = event.target.closest(".list-row");
    lines.forEach((line, index) => {
      if (index > 0 || !isEmpty(row)) row = add(list, row);
      const [first, second] = inputs(row);
      const mark = second ? line.search(/[\t=:]/) : -1;
      first.value = mark < 0 ? line.trim() : line.slice(0, mark).trim();
      if (mark >= 0) second.value = line.slice(mark + 1).trim();
    });
    changed(list);
  });
})();
