/* Copies the text of an element: <button data-copy-text="id">. Knows no page. */
"use strict";

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy-text]");
  if (!button) return;
  const source = document.getElementById(button.dataset.copyText);
  try {
    await navigator.clipboard.writeText(source.textContent.trim());
    button.lastChild.textContent = "Copied";
    setTimeout(() => { button.lastChild.textContent = "Copy"; }, 1500);
  } catch {
    getSelection().selectAllChildren(source);
  }
});
