// Shows JSON as a tree that unfolds on demand, numbers in their own spelling, and offers each value's path.
(function () {
  "use strict";
  const parley = (window.parley = window.parley || {});
  const MOST_CHILDREN = 100;
  const OPEN_CHILDREN = 40;
  const TOKEN = /\s*(?:([{}[\],:])|("[^"\\]*(?:\\.[^"\\]*)*")|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(true|false|null))/y;

  // A JSON reader that keeps a number as written: 1.10 stays 1.10, 1234567890123456789 keeps its digits.
  // Answers {type, value}: object [[key, node]…], array [node…], or text/number/word. Throws SyntaxError.
  parley.readJson = (text) => {
    TOKEN.lastIndex = 0;
    const stack = [];
    let root = null;
    const fail = () => {
      throw new SyntaxError("This is not JSON.");
    };
    const next = () => {
      const match = TOKEN.exec(text);
      return match || fail();
    };
    const place = (node) => {
      const parent = stack.at(-1);
      if (!parent) root = node;
      else if (parent.type === "array") parent.value.push(node);
      else parent.value.push([parent.key, node]);
      if (node.type === "object" || node.type === "array") stack.push(node);
    };
    const scalar = ([, , string, number, word]) => {
      if (string !== undefined) return { type: "text", value: JSON.parse(string) };
      return number !== undefined ? { type: "number", value: number } : { type: "word", value: word };
    };
    const value = (token) => {
      if (token[1] === "{") place({ type: "object", value: [] });
      else if (token[1] === "[") place({ type: "array", value: [] });
      else if (token[1]) fail();
      else place(scalar(token));
    };
    value(next());
    while (stack.length) {
      const parent = stack.at(-1);
      let token = next();
      if (token[1] === (parent.type === "object" ? "}" : "]") && !parent.comma) {
        stack.pop();
        continue;
      }
      if (parent.value.length && !parent.comma) {
        if (token[1] !== ",") fail();
        parent.comma = true;
        continue;
      }
      parent.comma = false;
      if (parent.type === "object") {
        if (token[2] === undefined) fail();
        parent.key = JSON.parse(token[2]);
        if (next()[1] !== ":") fail();
        token = next();
      }
      value(token);
    }
    if (text.slice(TOKEN.lastIndex).trim()) fail();
    return root;
  };

  const step = (key) => (/^[A-Za-z_$][\w$]*$/.test(key) ? `.${key}` : `["${key.replace(/(["\\])/g, "\\$1")}"]`);

  const make = (tag, name, text) => {
    const element = document.createElement(tag);
    if (name) element.className = name;
    if (text !== undefined) element.textContent = text;
    return element;
  };

  const shown = (node) => (node.type === "text" ? JSON.stringify(node.value) : node.value);

  // `pick` is told the path of the value that was clicked (`[i]` for every list), its node, the path of just this one
  // value, and the button.
  const leaf = (label, node, path, pick, exact) => {
    const row = make("div", "tree-leaf");
    if (label !== null) row.append(make("span", "tree-key", label), ": ");
    const button = make("button", `tree-value ${node.type}`, shown(node));
    button.type = "button";
    button.title = "Use as custom data field";
    button.addEventListener("click", () => pick(path, node, exact, button));
    row.append(button);
    return row;
  };

  const summaryText = (node) => {
    const count = node.value.length;
    if (node.type === "array") return count === 1 ? "[1 item]" : `[${count} items]`;
    return count === 1 ? "{1 key}" : `{${count} keys}`;
  };

  const children = (node, path, from, exact) =>
    node.value.slice(from, from + MOST_CHILDREN).map((child, index) =>
      node.type === "array"
        ? [String(from + index), child, `${path}[i]`, `${exact}[${from + index}]`]
        : [child[0], child[1], path + step(child[0]), exact + step(child[0])],
    );

  const unfold = (box, node, path, pick, depth, from, exact) => {
    for (const [label, child, childPath, childExact] of children(node, path, from, exact)) {
      box.append(branch(label, child, childPath, pick, depth + 1, childExact));
    }
    const done = from + MOST_CHILDREN;
    if (node.value.length <= done) return;
    const more = make("button", "button small quiet", `Show more (${node.value.length - done} left)`);
    more.type = "button";
    more.addEventListener("click", () => {
      more.remove();
      unfold(box, node, path, pick, depth, done, exact);
    });
    box.append(more);
  };

  const branch = (label, node, path, pick, depth, exact) => {
    if (node.type !== "object" && node.type !== "array") return leaf(label, node, path, pick, exact);
    const details = make("details", "tree-branch");
    const summary = make("summary");
    if (label !== null) summary.append(make("span", "tree-key", label), ": ");
    summary.append(make("span", "tree-size", summaryText(node)));
    const whole = make("button", "tree-use", "Use");
    whole.type = "button";
    whole.title = "Use as custom data field";
    whole.setAttribute("aria-label", `Use ${label === null ? "the whole response" : label} as custom data field`);
    whole.addEventListener("click", () => pick(path, node, exact, whole));
    const box = make("div", "tree-children");
    details.append(summary, box);
    const open = () => {
      if (!details.open || box.childNodes.length) return;
      unfold(box, node, path, pick, depth, 0, exact);
    };
    details.addEventListener("toggle", open);
    if (depth < 2 && node.value.length <= OPEN_CHILDREN) {
      details.open = true;
      open();
    }
    const line = make("div", "tree-node");
    line.append(whole, details); // beside the summary, since a button inside of one is out of reach for some
    return line;
  };

  parley.jsonTree = (text, rootPath, pick) => branch(null, parley.readJson(text), rootPath, pick, 0, rootPath);
})();
