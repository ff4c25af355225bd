// Starting points for a Transform Result Script, written for the integration at hand.
(function () {
  "use strict";
  const read = (name) => `var response = JSON.parse(botContext.getBotVariable("${name}").jsonData);\nvar body = response.${name};\n`;
  const keep = (name) => `var result = botContext.getBotVariable("${name}");\nresult.jsonData = JSON.stringify({ ${name}: body });\nbotContext.setBotVariable("${name}", result, true, false);\n`;

  const SNIPPETS = {
    wrap: (name) => `// A list at the top can be iterated once it stands under a name: {$.${name}.items[i].title}\n${read(name)}body = { items: body };\n${keep(name)}`,
    pick: (name) => `// Keep what the dialog shows, and nothing else.\n${read(name)}body = {\n  id: body.id,\n  total: body.total\n};\n${keep(name)}`,
    error: (name) => `// Some services answer 200 and put their error into the body.\n${read(name)}if (body && body.error) {\n  botContext.printDebugMessage("The service said: " + body.error);\n  botContext.setBotVariable("serviceError", String(body.error), true, false);\n} else {\n  botContext.setBotVariable("serviceError", "", true, false);\n}\n`,
  };

  const HELP = { wrap: "Wrap an array", pick: "Pick fields", error: "Handle an error" };
  const variable = () => `api_${document.getElementById("id_response_variable").value.trim() || "Response"}`;
  (window.parley ??= {}).snippets = () => Object.keys(SNIPPETS).map((name) => ({ name, help: HELP[name], text: SNIPPETS[name](variable()) }));

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-snippet]");
    if (!button) return;
    const script = document.getElementById("id_transform_script");
    const text = SNIPPETS[button.dataset.snippet](variable());
    if (script.editor) {
      script.editor.insertLines(text);
      return;
    }
    const at = script.selectionStart ?? script.value.length;
    const before = script.value.slice(0, at);
    script.setRangeText(before && !before.endsWith("\n") ? `\n${text}` : text, at, at, "end");
    script.dispatchEvent(new Event("input", { bubbles: true }));
    script.focus();
  });
})();
