// A table of cells that can be toggled, figures that can be picked and numbers that can be typed.
// Python sends every cell ready made and owns the state; here cells are only drawn, and what the
// reader does is sent back. All text is set as text.

const views = new WeakMap();

export default function ({ data: [data], parentElement, setTriggerValue }) {
  drawView(views, parentElement.querySelector(".sheet"), data, setTriggerValue, openView);
}

function openView(root, events) {
  const view = { shape: null, parts: [], last: null, events, draw };

  function draw(data) {
    if (data === view.last) return;
    view.last = data;
    const shape = JSON.stringify(data.lines.map((line) => line.map(shapeOf)));
    if (shape !== view.shape) {
      view.shape = shape;
      build(root, data, view);
    }
    root.querySelector("table").setAttribute("aria-label", data.label);
    data.lines.flat().forEach((cell, place) => update(view.parts[place], cell));
    root.querySelector(".legend").replaceChildren(...data.legend.map(legendEntry));
    setText(root.querySelector(".hint"), data.hint);
    rove(root);
    root.dataset.seq = data.seq;
  }

  root.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button || button.disabled) return;
    rove(root, button);
    events.send({ id: event.shiftKey && button.dataset.other ? button.dataset.other : button.dataset.id });
  });
  root.addEventListener("change", (event) => {
    delete event.target.dataset.dirty;
    events.send({ id: event.target.dataset.id, text: event.target.value });
  });
  root.addEventListener("input", (event) => { event.target.dataset.dirty = "yes"; });
  root.addEventListener("paste", (event) => {
    const text = event.clipboardData?.getData("text/plain") ?? "";
    if (!event.target.dataset?.id || !/[\t\n]/.test(text.trim())) return;
    event.preventDefault();
    events.send({ id: event.target.dataset.id, text });
  });
  root.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() === "t" && event.target.dataset.other && !event.ctrlKey && !event.metaKey) {
      events.send({ id: event.target.dataset.other });
    } else {
      move(root, event);
    }
  });
  return view;
}

const shapeOf = (cell) => [cell.kind, cell.rows, cell.cols, cell.cells?.length];

function element(tag, className, ...children) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...children);
  return made;
}

function build(root, data, view) {
  view.parts = [];
  const body = element("tbody", "");
  for (const line of data.lines) {
    body.append(element("tr", "", ...line.map((cell) => {
      const holder = element(cell.kind.startsWith("head") ? "th" : "td", "");
      if (cell.kind.startsWith("head")) holder.scope = cell.kind === "head row" ? "row" : "col";
      if (cell.rows) holder.rowSpan = cell.rows;
      if (cell.cols) holder.colSpan = cell.cols;
      view.parts.push({ holder, inner: innerOf(cell, holder) });
      return holder;
    })));
  }
  root.querySelector("table").replaceChildren(body);
}

function innerOf(cell, holder) {
  const made = {
    button: () => [element("button", "", element("span", "text"), element("span", "small"))],
    input: () => [element("input", ""), element("span", "small")],
    wrap: () => [element("div", "many", ...cell.cells.map(() => element("button", "cell")))],
    actions: () => [element("div", "many", ...cell.cells.map(() => element("button", "action")))],
  }[cell.kind]?.() ?? [element("span", "text"), element("span", "small")];
  holder.append(...made);
  return made[0];
}

// "cell" takes its colours from its classes; what they say is in the text and the label as well.
function update({ holder, inner }, cell) {
  holder.className = `${cell.kind} ${cell.look ?? ""}`;
  if (cell.kind === "wrap") {
    cell.cells.forEach((text, place) => updateSmall(inner.children[place], cell, text, place));
    return;
  }
  if (cell.kind === "actions") {
    cell.cells.forEach(([id, text, off], place) => {
      const button = inner.children[place];
      button.type = "button";
      button.dataset.id = id;
      button.disabled = off;
      setText(button, text);
    });
    return;
  }
  const small = holder.querySelector(".small");
  setText(small, cell.small ?? "");
  if (cell.kind === "input") {
    if (!inner.dataset.dirty) inner.value = cell.text;
    inner.dataset.id = cell.id;
    inner.setAttribute("aria-label", cell.label);
    inner.setAttribute("autocomplete", "off");
    return;
  }
  setText(holder.querySelector(".text"), cell.text ?? "");
  if (cell.kind !== "button") return;
  inner.type = "button";
  inner.dataset.id = cell.id;
  inner.disabled = Boolean(cell.off);
  inner.title = cell.label;
  inner.setAttribute("aria-label", cell.label);
  inner.setAttribute("aria-pressed", Boolean(cell.on));
}

// One of very many cells: "mark state lit", with ids and label made from its place.
function updateSmall(button, cell, text, place) {
  if (button.dataset.told === text && button.dataset.id === `${cell.id}.${place}`) return;
  const [mark, state, lit] = text.split(" ");
  button.type = "button";
  button.dataset.told = text;
  button.dataset.id = `${cell.id}.${place}`;
  button.dataset.other = `${cell.other}.${place}`;
  button.className = `cell ${state} ${lit}`;
  button.textContent = mark;
  const label = cell.label.replace("{label}", place + 1).replace("{state}", cell.words[state]);
  button.title = label;
  button.setAttribute("aria-label", label);
  button.setAttribute("aria-pressed", state === "found" || state === "wrong");
}

function setText(holder, text) {
  if (holder.textContent !== text) holder.textContent = text;
}

function legendEntry([text, look, words]) {
  return element("span", "", element("span", `swatch ${look}`, text), ` ${words}`);
}

// One button at a time can be reached by Tab; from there the arrow keys lead on.
function rove(root, chosen) {
  const buttons = [...root.querySelectorAll("button")];
  const enabled = buttons.filter((button) => !button.disabled);
  const now = chosen ?? enabled.find((button) => button.tabIndex === 0 && button.dataset.roved) ?? enabled[0];
  for (const button of buttons) {
    if (button !== now && button.tabIndex !== -1) button.tabIndex = -1;
    delete button.dataset.roved;
  }
  if (now) {
    now.tabIndex = 0;
    now.dataset.roved = "yes";
  }
}

const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

// The nearest cell in the direction of the key, by where it stands on screen.
function move(root, event) {
  const step = STEPS[event.key];
  const typing = event.target.tagName === "INPUT";
  if (!step || event.ctrlKey || event.metaKey || event.altKey || (typing && step[0])) return;
  const centre = (node) => {
    const box = node.getBoundingClientRect();
    return [box.left + box.width / 2, box.top + box.height / 2];
  };
  const [x, y] = centre(event.target);
  let best = null, shortest = Infinity;
  for (const node of root.querySelectorAll("button:enabled, input")) {
    const [dx, dy] = centre(node).map((value, axis) => value - [x, y][axis]);
    const along = dx * step[0] + dy * step[1];
    const aside = Math.abs(dx * step[1]) + Math.abs(dy * step[0]);
    if (along < 2 || (step[0] && aside > 12)) continue;
    const far = along + (step[1] ? 0.2 : 3) * aside;
    if (far < shortest) [best, shortest] = [node, far];
  }
  if (!best) return;
  event.preventDefault();
  if (best.tagName === "BUTTON") rove(root, best);
  best.focus();
}
