// Tables whose cells are coloured by their value. Python sends every cell ready made; here they are
// drawn, the focus is moved with the arrow keys, and what is picked is sent back.

const views = new WeakMap();

export default function ({ data: [data], parentElement, setTriggerValue }) {
  drawView(views, parentElement.querySelector(".heat"), data, setTriggerValue, openView);
}

function openView(root, events) {
  let told = "";
  const view = { shape: null, cells: [], events, draw };
  const pick = (cell) => events.send({ id: cell.dataset.id });

  function draw(data) {
    const text = JSON.stringify(data);
    if (text === told) return;
    told = text;
    const shape = JSON.stringify([data.maps.map(({ x, y }) => [x[1].length, y[1].length])]);
    if (shape !== view.shape) {
      view.shape = shape;
      view.cells = build(root.querySelector(".maps"), data.maps);
    }
    data.maps.forEach((map, place) => update(view.cells[place], map, data.picked));
    drawLegend(root.querySelector(".legend"), data);
    setText(root.querySelector(".hint"), data.hint);
    const cells = [...root.querySelectorAll("td")];
    const known = cells.find((cell) => cell.tabIndex === 0);
    rove(root, known ?? cells.find((cell) => cell.getAttribute("aria-selected") === "true") ?? cells[0]);
    root.dataset.filled = cells.filter((cell) => cell.style.backgroundColor).length;
  }

  root.addEventListener("click", (event) => {
    const cell = event.target.closest("td");
    if (!cell) return;
    rove(root, cell);
    cell.focus();
    pick(cell);
  });
  root.addEventListener("keydown", (event) => {
    const cell = event.target.closest("td");
    if (!cell || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      pick(cell);
      return;
    }
    const next = neighbour(cell, event.key);
    if (!next) return;
    event.preventDefault();
    rove(root, next);
    next.focus();
  });
  return view;
}

function element(tag, className, ...children) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...children);
  return made;
}

// Returns for each map its parts: the caption, the heads, and rows of cells from below.
function build(holder, maps) {
  const all = maps.map(({ x, y }) => {
    const title = element("figcaption", ""), across = element("div", "across"), up = element("div", "up");
    const heads = x[1].map(() => element("th", "column"));
    const rows = y[1].map((_, row) => {
      const head = element("th", "row");
      head.scope = "row";
      head.setAttribute("role", "rowheader");
      const cells = x[1].map((__, column) => {
        const cell = element("td", "", element("span", "mark"), element("span", "long"), element("span", "short"));
        cell.dataset.id = `${row}.${column}`;
        cell.setAttribute("role", "gridcell");
        cell.tabIndex = -1;
        return cell;
      });
      return { head, cells };
    });
    const lines = rows.map(({ head, cells }) => element("tr", "", head, ...cells)).reverse();
    for (const head of heads) {
      head.scope = "col";
      head.setAttribute("role", "columnheader");
    }
    const foot = element("tr", "", element("th", "corner"), ...heads);
    const table = element("table", x[1].length > 9 ? "many" : "", element("tbody", "", ...lines, foot));
    table.setAttribute("role", "grid");
    for (const line of [...lines, foot]) line.setAttribute("role", "row");
    const figure = element("figure", "", title, up, element("div", "scroll", table), across);
    return { figure, title, across, up, table, heads, rows };
  });
  holder.replaceChildren(...all.map(({ figure }) => figure));
  return all;
}

function update({ title, across, up, table, heads, rows }, map, picked) {
  setText(title, map.title);
  setText(across, `${map.x[0]} →`);
  setText(up, `↑ ${map.y[0]}`);
  table.setAttribute("aria-label", `${map.title}. ${map.x[0]}, ${map.y[0]}`);
  heads.forEach((head, place) => setText(head, map.x[1][place]));
  rows.forEach(({ head, cells }, row) => {
    setText(head, map.y[1][row]);
    cells.forEach((cell, column) => {
      const isPicked = picked !== null && picked[0] === row && picked[1] === column;
      updateCell(cell, map.cells[row][column], isPicked);
    });
  });
}

function updateCell(cell, told, isPicked) {
  const [mark, long, short] = cell.children;
  setText(mark, told.mark);
  setText(long, told.text);
  setText(short, told.short);
  cell.className = told.look;
  cell.style.backgroundColor = told.fill;
  cell.style.color = told.ink;
  cell.title = told.label;
  cell.setAttribute("aria-label", told.label);
  cell.setAttribute("aria-selected", isPicked);
}

function drawLegend(holder, { scale, colours, legend }) {
  const bar = element("span", "bar");
  bar.style.background = `linear-gradient(to right, ${colours.join(", ")})`;
  const [what, low, high] = scale;
  const entries = legend.map(([mark, look, words]) =>
    element("span", "entry", element("span", `swatch ${look}`, mark), words));
  holder.replaceChildren(element("span", "entry", what, element("b", "", low), bar, element("b", "", high)), ...entries);
}

function setText(holder, text) {
  if (holder.textContent !== text) holder.textContent = text;
}

// One cell at a time can be reached by Tab; from there the arrow keys lead on.
function rove(root, chosen) {
  for (const cell of root.querySelectorAll("td")) {
    const index = cell === chosen ? 0 : -1;
    if (cell.tabIndex !== index) cell.tabIndex = index;
  }
}

function neighbour(cell, key) {
  const line = [...cell.parentElement.querySelectorAll("td")], place = line.indexOf(cell);
  const lines = [...cell.closest("tbody").querySelectorAll("tr")].filter((row) => row.querySelector("td"));
  const height = lines.indexOf(cell.parentElement);
  const at = (row, column) => lines[row]?.querySelectorAll("td")[column];
  switch (key) {
    case "ArrowLeft": return line[place - 1];
    case "ArrowRight": return line[place + 1];
    case "ArrowUp": return at(height - 1, place);
    case "ArrowDown": return at(height + 1, place);
    case "Home": return line[0];
    case "End": return line.at(-1);
    case "PageUp": return at(0, place);
    case "PageDown": return at(lines.length - 1, place);
    default: return undefined;
  }
}
