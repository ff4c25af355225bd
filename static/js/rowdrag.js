/* Rows of a key/value grid are dragged by their grip: the row changes places with its neighbours while it moves. */
(() => {
  "use strict";
  let held = null;

  const rowAt = (row, by) => (by < 0 ? row.previousElementSibling : row.nextElementSibling);
  const middle = (row) => { const box = row.getBoundingClientRect(); return box.top + box.height / 2; };

  document.addEventListener("pointerdown", (event) => {
    const grip = event.target.closest?.("[data-grip]");
    if (!grip || event.button) return;
    event.preventDefault();
    held = { row: grip.closest(".row"), moved: false };
    held.row.classList.add("moving");
  });
  document.addEventListener("pointermove", (event) => {
    if (!held) return;
    const above = rowAt(held.row, -1);
    const below = rowAt(held.row, 1);
    if (above?.matches(".row") && event.clientY < middle(above)) above.before(held.row);
    else if (below?.matches(".row") && event.clientY > middle(below)) below.after(held.row);
    else return;
    held.moved = true;
  });
  function drop() {
    if (!held) return;
    const { row, moved } = held;
    held = null;
    row.classList.remove("moving");
    if (moved) parley.rowsMoved(row);
  }
  document.addEventListener("pointerup", drop);
  document.addEventListener("pointercancel", drop);
})();
