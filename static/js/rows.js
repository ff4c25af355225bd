// Key/value grids: add, remove, reorder, and paste many lines at once. The markup stays a plain form:
// `<name>.row` numbers a row, `<name>.on` names the rows that are switched on, empty rows are ignored by the server.
(function () {
  "use strict";
  const parley = (window.parley = window.parley || {});

  const rowsOf = (grid) => Array.from(grid.querySelectorAll(".row"));
  const inputs = (row) => [row.querySelector("[data-key]"), row.querySelector("[data-value]")];
  const isEmpty = (row) => inputs(row).every((input) => input.value === "");
  const changed = (grid) => grid.dispatchEvent(new Event("change", { bubbles: true }));

  // Adds a row like the others after `before` (or at the end) and answers it.
  const add = (grid, before) => {
    const number = Math.max(0, ...rowsOf(grid).map((row) => Number(row.dataset.row))) + 1;
    const row = grid.querySelector("template").content.firstElementChild.cloneNode(true);
    row.dataset.row = number;
    row.querySelector("[data-number]").value = number;
    row.querySelector("[data-on]").value = number;
    (before || rowsOf(grid).at(-1) || grid.querySelector(".row-head")).after(row);
    number_labels(grid);
    return row;
  };

  // Every control says which row it belongs to.
  const number_labels = (grid) =>
    rowsOf(grid).forEach((row, index) =>
      row.querySelectorAll("[data-label]").forEach((control) => {
        control.setAttribute("aria-label", `${control.dataset.label}, row ${index + 1}`);
      }),
    );

  const fill = (row, key, value) => {
    const [first, second] = inputs(row);
    first.value = key;
    second.value = value;
  };

  // "key: value", "key=value" or two columns of a sheet; whichever mark comes first parts the line.
  const split = (line) => {
    const mark = line.match(/[\t:=]/);
    if (!mark) return [line.trim(), ""];
    return [line.slice(0, mark.index).trim(), line.slice(mark.index + 1).trim()];
  };

  const paste = (event) => {
    const key = event.target.closest("[data-key]");
    const text = event.clipboardData ? event.clipboardData.getData("text/plain") : "";
    const lines = text.split(/\r?\n/).filter((line) => line.trim());
    if (!key || (lines.length < 2 && !text.includes("\t"))) return;
    event.preventDefault();
    const grid = key.closest(".rows");
    let row = key.closest(".row");
    lines.forEach((line, index) => {
      if (index > 0 || !isEmpty(row)) row = add(grid, row);
      fill(row, ...split(line));
    });
    inputs(row)[1].focus();
    changed(grid);
    parley.announce(`${lines.length} rows added.`);
  };

  const remove = (row) => {
    const grid = row.closest(".rows");
    const next = row.nextElementSibling || row.previousElementSibling;
    row.remove();
    if (!rowsOf(grid).length) add(grid);
    const target = next && next.classList.contains("row") ? next : rowsOf(grid)[0];
    inputs(target)[0].focus();
    number_labels(grid);
    changed(grid);
    parley.announce("Row removed.");
  };

  const move = (row, step) => {
    const other = step < 0 ? row.previousElementSibling : row.nextElementSibling;
    if (!other || !other.classList.contains("row")) return;
    const focused = document.activeElement;
    if (step < 0) other.before(row);
    else other.after(row);
    focused.focus();
    parley.rowsMoved(row);
  };

  parley.rowsMoved = (row) => {
    const grid = row.closest(".rows");
    number_labels(grid);
    changed(grid);
    parley.announce(`Row moved to place ${rowsOf(grid).indexOf(row) + 1}.`);
  };

  const actions = {
    remove: (button) => remove(button.closest(".row")),
    up: (button) => move(button.closest(".row"), -1),
    down: (button) => move(button.closest(".row"), 1),
    describe: (button) => {
      const row = button.closest(".row");
      row.classList.add("described");
      row.querySelector("[data-note]").focus();
    },
    add: (button) => inputs(add(button.closest("[data-rows]").querySelector(".rows")))[0].focus(),
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-row-action]");
    if (button) actions[button.dataset.rowAction](button);
  });
  document.addEventListener("paste", paste);
  document.addEventListener("change", (event) => {
    if (!event.target.matches("[data-on]")) return;
    event.target.closest(".row").classList.toggle("off", !event.target.checked);
  });
  document.addEventListener("keydown", (event) => {
    const row = event.target.closest && event.target.closest("[data-rows] .row");
    if (!row) return;
    if (event.altKey && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
      event.preventDefault();
      move(row, event.key === "ArrowUp" ? -1 : 1);
    } else if (event.key === "Enter" && event.target.matches("input:not([type=checkbox])")) {
      event.preventDefault();
      inputs(row.nextElementSibling || add(row.closest(".rows"), row))[0].focus();
    }
  });

  // How many rows take part, or how many lines a text has, beside each heading that says so.
  const used = (grid) => rowsOf(grid).filter((row) => inputs(row)[0].value.trim() && row.querySelector("[data-on]").checked).length;
  const lines = (area) => (area.value.trim() ? area.value.trim().split("\n").length : 0);
  const recount = () => {
    for (const count of document.querySelectorAll("[data-count-of]")) {
      const counted = document.getElementById(count.dataset.countOf);
      if (counted) count.textContent = counted.matches(".rows") ? used(counted) : lines(counted);
    }
  };
  document.addEventListener("input", recount);
  document.addEventListener("change", recount);

  // Puts a key and value into the first empty row of a grid, or a new one.
  parley.addRow = (grid, key, value) => {
    const row = rowsOf(grid).find(isEmpty) || add(grid);
    fill(row, key, value);
    changed(grid);
    return row;
  };

  // Says something to people who hear the page.
  parley.announce = (text) => {
    let region = document.getElementById("announcer");
    if (!region) {
      region = document.createElement("div");
      region.id = "announcer";
      region.className = "visually-hidden";
      region.setAttribute("role", "status");
      document.body.append(region);
    }
    region.textContent = "";
    requestAnimationFrame(() => (region.textContent = text));
  };
})();
