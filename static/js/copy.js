/* Copies what a field holds: <button data-copy-text="id of the field">. Knows no page. */
"use strict";

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy-text]");
  if (!button) return;
  const source = document.getElementById(button.dataset.copyText);
  const label = button.querySelector("span");
  source.select();
  try {
    await navigator.clipboard.writeText(source.value);
    label.textContent = "Copied";
  } catch {
    label.textContent = "Selected: press Ctrl+C";
  }
  setTimeout(() => { label.textContent = "Copy"; }, 2500);
});
