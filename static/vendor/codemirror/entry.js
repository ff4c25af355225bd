// What Parley's editor needs of CodeMirror, in one file. See README.md beside the bundle for the command that makes it.
import { StyleModule } from "style-mod";

/* The page's policy allows no <style> that a script writes. A constructed style sheet needs none: it is the same rules,
   handed to the document as an object. The order of the modules is the order of the sheets. */
const sheets = new Map();
StyleModule.mount = (root, modules) => {
  const place = root.ownerDocument || root;
  for (const module of [modules].flat()) {
    if (sheets.has(module)) continue;
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(module.getRules());
    sheets.set(module, sheet);
    place.adoptedStyleSheets = [...place.adoptedStyleSheets, sheet];
  }
};

export { autocompletion, closeBrackets, closeBracketsKeymap } from "@codemirror/autocomplete";
export { defaultKeymap, history, historyField, historyKeymap, indentWithTab } from "@codemirror/commands";
export { javascript, localCompletionSource } from "@codemirror/lang-javascript";
export { json, jsonLanguage } from "@codemirror/lang-json";
export { bracketMatching, indentOnInput, indentUnit, syntaxHighlighting, syntaxTree } from "@codemirror/language";
export { linter, lintGutter, lintKeymap } from "@codemirror/lint";
export { highlightSelectionMatches, search, searchKeymap } from "@codemirror/search";
export { Annotation, Compartment, EditorState, Prec } from "@codemirror/state";
export { Decoration, EditorView, MatchDecorator, ViewPlugin, highlightActiveLine, highlightActiveLineGutter, highlightSpecialChars, hoverTooltip, keymap, lineNumbers } from "@codemirror/view";
export { classHighlighter } from "@lezer/highlight";
