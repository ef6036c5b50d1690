// Tables of cells: to toggle, to pick, to type into, or coloured by their value. Python sends every
// cell ready made and owns the state; here cells are only drawn, and what the reader does is sent
// back.

export default component("grid", open, shapeOf);

function shapeOf({ look, tables }) {
  const cells = ({ kind, rows, cols, cells }) => [kind, rows, cols, cells?.length];
  return [look, tables.map(({ look, lines }) => [look, lines.map((line) => line.map(cells))])];
}

function open(root, first, events) {
  root.classList.add(first.look);
  const tables = first.tables.map(buildTable);
  const [legend, hint] = elements("div", "legend", "hint");
  root.append(element("div", "tables", ...tables.map(({ root: table }) => table)), legend, hint);
  const settle = openRoving(root, "button:enabled, td[data-id]");

  root.addEventListener("click", ({ target, shiftKey }) => {
    const cell = target.closest("button:enabled, td[data-id]");
    if (cell) events.send((shiftKey && cell.dataset.other) || cell.dataset.id);
  });
  root.addEventListener("change", ({ target }) => {
    delete target.dataset.dirty;
    events.send(target.dataset.id, target.value);
  });
  root.addEventListener("input", ({ target }) => { target.dataset.dirty = "yes"; });
  root.addEventListener("keydown", (event) => {
    const { key, target } = event;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (key.toLowerCase() === "t" && target.dataset.other) events.send(target.dataset.other);
    else if ((key === "Enter" || key === " ") && target.matches("td")) {
      event.preventDefault();
      events.send(target.dataset.id);
    }
  });
  return {
    update(data) {
      tables.forEach((table, place) => table.update(data.tables[place]));
      const scale = data.scale ? [scaleEntry(data.scale, data.colours)] : [];
      legend.replaceChildren(...scale, ...data.legend.map(swatchEntry));
      setText(hint, data.hint);
      settle(root.querySelector("[aria-selected=true]"));
      root.dataset.filled = root.querySelectorAll("td[style*=background]").length;
      root.dataset.seq = data.seq;
    },
  };
}

// With a title it is a figure whose axes have names.
function buildTable({ title, look, lines }) {
  const parts = [];
  const rows = lines.map((line) => element("tr", "", ...line.map((cell) => {
    const part = buildCell(cell);
    parts.push(part);
    return part.holder;
  })));
  const table = element("table", look, element("tbody", "", ...rows));
  const scroll = element("div", "scroll", table);
  watchEnd(scroll, table);
  const [caption, up, across] = ["figcaption", "div", "div"].map((tag) => element(tag, ""));
  if (title) table.setAttribute("role", "grid");
  return {
    root: title ? element("figure", "", caption, up, scroll, across) : scroll,
    update(data) {
      table.setAttribute("aria-label", data.label);
      setText(caption, data.title);
      setText(up, `↑ ${data.up}`);
      setText(across, `${data.across} →`);
      data.lines.flat().forEach((cell, place) => updateCell(parts[place], cell));
    },
  };
}

// Where a table goes on beyond the right edge, it fades out there.
function watchEnd(scroll, table) {
  const look = () => {
    const isMore = scroll.scrollLeft + scroll.clientWidth < scroll.scrollWidth - 1;
    scroll.classList.toggle("more", isMore);
  };
  const watching = new ResizeObserver(look);
  for (const part of [scroll, table]) watching.observe(part);
  scroll.addEventListener("scroll", look, { passive: true });
}

const button = (className, ...children) =>
  Object.assign(element("button", className, ...children), { type: "button", tabIndex: -1 });
const spans = (...names) => elements("span", ...names);

const INNER = {
  button: () => [button("", ...spans("text", "small"))],
  input: () => [setAttributes(element("input", ""), { autocomplete: "off" }), ...spans("small")],
  wrap: ({ cells }) => [element("div", "many", ...cells.map(() => button("cell")))],
  actions: ({ cells }) => [element("div", "many", ...cells.map(() => button("action")))],
  value: () => spans("mark", "text", "short"),
};

function buildCell(cell) {
  const isHead = cell.kind.startsWith("head");
  const children = INNER[cell.kind]?.(cell) ?? spans("text", "small");
  const holder = element(isHead ? "th" : "td", "", ...children);
  if (isHead) holder.scope = cell.kind === "head row" ? "row" : "col";
  if (cell.kind === "value") holder.tabIndex = -1;
  if (cell.rows) holder.rowSpan = cell.rows;
  if (cell.cols) holder.colSpan = cell.cols;
  const find = (name) => holder.querySelector(name);
  const [text, small, short] = [".text", ".small", ".short"].map(find);
  return { holder, inner: children[0], text, small, short };
}

// A cell takes its colours from its classes; what they say is in the text and the label as well.
function updateCell({ holder, inner, text, small, short }, cell) {
  holder.className = `${cell.kind} ${cell.look ?? ""}`;
  if (text) setText(text, cell.text ?? "");
  if (small) setText(small, cell.small ?? "");
  const name = (node) => {
    node.dataset.id = cell.id;
    node.setAttribute("aria-label", cell.label);
  };
  if (cell.kind === "wrap") {
    cell.cells.forEach((told, place) => updateSmall(inner.children[place], cell, told, place));
  } else if (cell.kind === "actions") {
    cell.cells.forEach(([id, words, off], place) => {
      const action = inner.children[place];
      action.dataset.id = id;
      action.disabled = off;
      setText(action, words);
    });
  } else if (cell.kind === "input") {
    name(inner);
    if (!inner.dataset.dirty) inner.value = cell.text;
  } else if (cell.kind === "button") {
    name(inner);
    inner.disabled = Boolean(cell.off);
    inner.title = cell.label;
    inner.setAttribute("aria-pressed", Boolean(cell.on));
  } else if (cell.kind === "value") {
    name(holder);
    setText(inner, cell.mark);
    setText(short, cell.short);
    holder.style.backgroundColor = cell.fill;
    holder.style.color = cell.ink;
    holder.title = cell.label;
    holder.setAttribute("aria-selected", Boolean(cell.on));
  }
}

// One of very many cells: "mark state lit", with ids and label made from its place.
function updateSmall(button, cell, told, place) {
  if (button.dataset.told === told && button.dataset.id === `${cell.id}.${place}`) return;
  const [mark, state, lit] = told.split(" ");
  const label = filled(cell.label, { label: place + 1, state: cell.words[state] });
  const isOn = state === "found" || state === "wrong";
  const ids = { id: `${cell.id}.${place}`, other: `${cell.other}.${place}` };
  Object.assign(button.dataset, { told, ...ids });
  button.className = `cell ${state} ${lit}`;
  button.textContent = mark;
  button.title = label;
  setAttributes(button, { "aria-label": label, "aria-pressed": isOn });
}
