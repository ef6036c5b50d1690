// A row of logits to drag. Each move is asked of the server, the newest one only, and drawn as it
// answers; what is let go or typed is sent to Python.

const ENDS = 8; // logits of the slider's ends; what is typed may lie beyond

export default component("board", open, ({ shown, names, words, detail, rest_name, figures }) =>
  [shown, names, words, detail, figures.rest && rest_name]);

function open(root, first, events) {
  const { shown } = first, isShown = new Set(shown);
  const table = setAttributes(element("table", first.detail ? "" : "brief"), { "aria-label": first.words.table });
  const lines = shown.map((label, place) => buildLine(first, label, place));
  const rest = first.figures.rest && buildRest(first);
  const all = buildSums("all", first.words.all, first.words);
  table.append(element("thead", "", ...buildHead(first)),
    element("tbody", "", ...lines, ...(rest ? [rest] : []), all));
  const [hint, controls, legend, sums] = elements("div", "hint", "controls", "legend", "sums");
  root.append(table, ...(first.detail ? [hint] : []), controls, legend,
    ...(first.detail ? [sums] : []));
  let data = null, z = [], y = [], before = null, frame = 0;

  const asker = openAsker(root, first.channel, (answer) => {
    if (answer.error) return;
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(() => draw(answer));
  });
  const ask = () => asker.ask({ z, y, shown, t: data.t, k: data.k, others: data.others, rows: data.rows });

  function draw(figures) {
    root.style.setProperty("--t", data.t);
    figures.lines.forEach((line, place) =>
      drawLine(lines[place], line, y[shown[place]], data.words));
    if (rest) drawSums(rest, figures.rest);
    drawSums(all, figures.all);
    // Every second piece between asterisks is strong.
    sums.replaceChildren(...filled(data.words.sums, figures.reductions).split("**").map(
      (text, place) => (place % 2 ? element("strong", "", text) : text)));
    root.dataset.drawn = Number(root.dataset.drawn ?? 0) + 1;
  }

  const connect = () => asker.open(); // before the first drag, which then finds it open
  for (const event of ["pointerover", "focusin"]) root.addEventListener(event, connect);
  const isRest = (target) => target.closest("tr") === rest;
  const labelOf = (target) => Number(target.closest("tr").dataset.label);
  root.addEventListener("input", ({ target }) => {
    if (target.type !== "range") return;
    before ??= z;
    setDragged("board");
    if (isRest(target)) {
      const way = Number(target.value) - data.rest_mean;
      z = data.z.map((logit, k) => (isShown.has(k) ? z[k] : Number(logit) + way));
    } else {
      z = z.with(labelOf(target), Number(target.value));
      fieldOf(target.closest("tr")).value = target.value;
    }
    ask();
  });
  root.addEventListener("cancel", () => {
    [z, before] = [before ?? z, null];
    setDragged(null);
    lines.forEach((line, place) => { fieldOf(line).value = z[shown[place]]; });
    ask();
  });
  root.addEventListener("change", ({ target }) => {
    before = null;
    events.send(isRest(target) ? "rest" : `z.${labelOf(target)}`, target.value);
  });
  root.addEventListener("click", ({ target }) => {
    const button = target.closest("button:enabled");
    if (!button) return;
    if (button.dataset.id) return events.send(button.dataset.id);
    const label = labelOf(button);
    y = y.with(label, y[label] > 0.5 ? 0 : 1);
    setDragged("board");
    ask();
    events.send(`y.${label}`);
  });
  followSliders(root, (key, value) => {
    const name = { cut: "t", top: "k" }[key];
    if (!name || !data || data[name] === value) return;
    data[name] = value;
    ask();
  });
  whenClosed(root, () => {
    cancelAnimationFrame(frame);
    setDragged(null);
  });
  return {
    update(fresh) {
      const isNew = !data;
      data = { ...fresh };
      setText(hint, data.hint);
      drawButtons(controls, data.controls);
      legend.replaceChildren(...data.legend.map(swatchEntry));
      root.dataset.seq = data.seq;
      // What is open or dragged is newer here; Python's answer to it will come.
      if (!isNew && (events.areOpen() || before)) return;
      setDragged(null);
      z = data.z.map(Number);
      y = data.y;
      asker.forget();
      cancelAnimationFrame(frame);
      lines.forEach((line, place) => {
        line.querySelector("input[type=range]").value = fieldOf(line).value = data.z[shown[place]];
      });
      if (rest) {
        rest.querySelector("input").value = data.rest_mean;
        setText(rest.querySelector(".ends"), data.rest_logits);
      }
      draw(data.figures);
    },
  };
}

const fieldOf = (line) => line.querySelector("input[type=text]");

function buildLine({ words, names, logit_names, label_names }, label, place) {
  const [toggle, field, range] = [element("button", "toggle"), element("input", ""), buildRange()];
  setAttributes(toggle, { type: "button", "aria-label": label_names[place] });
  setAttributes(field, { type: "text", inputmode: "decimal", autocomplete: "off" });
  for (const input of [range, field]) input.setAttribute("aria-label", logit_names[place]);
  const name = buildName(names[place], toggle);
  const logit = element("td", "logit", draggableRange(range), field);
  const line = element("tr", "line", name, logit, ...buildCells(words));
  line.dataset.label = label;
  return line;
}

function buildRest({ words, rest_name, rest_slider }) {
  const range = setAttributes(buildRange(), { "aria-label": rest_slider });
  const area = setAttributes(draggableRange(range), { title: rest_slider });
  return buildSums("rest", rest_name, words, area, element("span", "ends"));
}

const buildName = (name, ...more) =>
  setAttributes(element("th", "name", element("span", "", name), ...more), { scope: "row" });

const buildRange = () =>
  setAttributes(element("input", ""), { type: "range", min: -ENDS, max: ENDS, step: 0.1 });

function buildSums(className, name, words, ...logits) {
  const logit = element("td", "logit", ...logits);
  const row = element("tr", className, buildName(name), logit, ...buildCells(words));
  for (const drawn of row.querySelectorAll(".track, .push")) drawn.remove();
  return row;
}

function buildHead({ detail, words: { label, logit, groups, columns } }) {
  const cell = (text, attributes) =>
    setAttributes(element("th", "", text), { scope: "col", ...attributes });
  const alignment = (place) => (place >= 6 ? "centre" : place % 3 === 1 ? "right" : "");
  const widths = detail ? [3, 3, 4] : [1, 1, 4];
  const over = groups.map((text, place) =>
    cell(text, { colspan: widths[place], scope: "colgroup", class: "group" }));
  return [
    element("tr", "", cell(label, { rowspan: 2 }), cell(logit, { rowspan: 2 }), ...over),
    element("tr", "", ...columns.map((text, place) => cell(text, { class: `${FIELDS[place] ?? ""} ${alignment(place)}` }))),
  ];
}

const FIELDS = ["bar", "loss", "arrow", "bar", "loss", "arrow"]; // of each reading

function buildCells({ columns, groups }) {
  const spans = (...names) => elements("span", ...names);
  return columns.map((name, place) => {
    const kind = FIELDS[place] ?? "mark";
    const cell = element("td", kind);
    cell.dataset.name = name;
    if (place >= 3) cell.classList.add(place < 6 ? "sigmoid" : "decision");
    if (kind === "bar") {
      cell.dataset.group = groups[place < 3 ? 0 : 1].split(/[:：]/)[0];
      cell.append(element("span", "track", ...spans("fill")), ...spans("text"));
    } else if (kind === "arrow") {
      cell.append(element("span", "push", ...spans("shaft")), ...spans("text", "hidden"));
    } else cell.append(...spans("text"));
    return cell;
  });
}

const cellsOf = (row) => [...row.cells].slice(2);
const write = (cell, text) => setText(cell.querySelector(".text"), text);

function drawLine(row, { p, g, text, marks }, truth, words) {
  const toggle = row.querySelector(".toggle"), cells = cellsOf(row);
  const hard = truth === 0 || truth === 1;
  setText(toggle, hard ? (truth ? words.true : words.false) : String(truth));
  toggle.setAttribute("aria-pressed", truth > 0.5);
  text.forEach((written, place) => write(cells[place], written));
  p.forEach((share, reading) => cells[3 * reading].style.setProperty("--p", share));
  g.forEach((slope, reading) => {
    const cell = cells[3 * reading + 2];
    cell.style.setProperty("--g", Math.min(Math.abs(slope), 1)); // at most 1 but for weights
    cell.dataset.way = slope > 0 ? "down" : slope < 0 ? "up" : "";
    setText(cell.querySelector(".hidden"), words[cell.dataset.way] ?? "");
  });
  marks.forEach(([look, sign], place) => {
    write(cells[6 + place], sign);
    cells[6 + place].firstChild.className = `text ${look}`;
  });
}

function drawSums(row, { text, marks }) {
  [...text, ...marks].forEach((written, place) => write(cellsOf(row)[place], String(written)));
}

function drawButtons(holder, controls) {
  while (holder.children.length > controls.length) holder.lastChild.remove();
  controls.forEach(([id, text, off], place) => {
    const button = holder.children[place] ?? holder.appendChild(element("button", "action"));
    Object.assign(button, { type: "button", disabled: off });
    button.dataset.id = id;
    setText(button, text);
  });
}
