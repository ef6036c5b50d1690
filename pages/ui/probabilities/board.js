// A row of logits to drag. Each move is asked of the server, the newest one only, and drawn as it
// answers; what is let go, typed or pasted is sent to Python. All text is set as text.

const views = new WeakMap();
const ENDS = 8; // logits of the slider's ends; what is typed may lie beyond

export default function ({ data: [data], parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".board");
  drawView(views, root, data, setTriggerValue, openView);
  return () => {
    if (root.isConnected) return; // only new data, not the end
    views.get(root)?.close();
    views.delete(root);
  };
}

function openView(root, events) {
  let data = null, shape = null, lines = [], asker, frame = 0;
  let z = [], y = [], dragged = false;

  const send = (id, text = "") => events.send({ id, text });
  const ask = () => {
    const { shown, t, k } = data;
    asker.ask({ z, y, shown, t, k });
  };

  function draw(fresh) {
    if (fresh === data) return;
    data = { ...fresh };
    asker ??= openAsker(root, data.channel, take);
    const newShape = JSON.stringify([data.shown, data.names, data.words, Boolean(data.figures.rest)]);
    if (newShape !== shape) {
      shape = newShape;
      lines = build(root, data);
      dragged = false;
    }
    setText(root.querySelector(".hint"), data.hint);
    buttons(root.querySelector(".controls"), data.controls);
    root.querySelector(".legend").replaceChildren(...data.legend.map(legendEntry));
    root.dataset.seq = data.seq;
    if (events.areOpen() || dragged) return; // it is newer here; Python's answer to it will come
    z = data.z.map(Number);
    y = [...data.y];
    asker.forget();
    cancelAnimationFrame(frame);
    data.shown.forEach((label, place) => drawLogit(lines[place], data.z[label], false));
    if (data.figures.rest) root.querySelector("tr.rest input").value = data.rest_mean;
    drawFigures(data.figures);
  }

  function take(answer) {
    if (answer.error) return;
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(() => drawFigures(answer));
  }

  function drawFigures(figures) {
    root.style.setProperty("--t", data.t);
    figures.lines.forEach((line, place) => drawLine(lines[place], line, y[data.shown[place]], data));
    if (figures.rest) drawSums(root.querySelector("tr.rest"), figures.rest);
    drawSums(root.querySelector("tr.all"), figures.all);
    root.dataset.drawn = Number(root.dataset.drawn ?? 0) + 1;
  }

  const open = () => asker.open(); // before the first drag, which then finds it open
  for (const event of ["pointerover", "focusin"]) root.addEventListener(event, open);
  const isRest = (target) => target.closest("tr").className === "rest";
  const labelOf = (target) => Number(target.closest("tr").dataset.label);
  root.addEventListener("input", ({ target }) => {
    if (target.type !== "range") return;
    const label = labelOf(target);
    dragged = true;
    if (isRest(target)) {
      const way = Number(target.value) - data.rest_mean;
      z = data.z.map((logit, k) => (data.shown.includes(k) ? z[k] : Number(logit) + way));
    } else {
      z[label] = Number(target.value);
      drawLogit(lines[data.shown.indexOf(label)], target.value, true);
    }
    ask();
  });
  root.addEventListener("change", ({ target }) => {
    dragged = false;
    send(isRest(target) ? "rest" : `z.${labelOf(target)}`, target.value);
  });
  root.addEventListener("click", ({ target }) => {
    const button = target.closest("button");
    if (!button || button.disabled) return;
    if (button.dataset.id) return send(button.dataset.id);
    const label = labelOf(button);
    y[label] = y[label] > 0.5 ? 0 : 1;
    ask();
    send(`y.${label}`);
  });
  root.addEventListener("paste", (event) => {
    const text = event.clipboardData?.getData("text/plain") ?? "";
    if (event.target.type !== "text" || !/[\t\n,;]/.test(text.trim())) return;
    event.preventDefault();
    send(`z.${labelOf(event.target)}`, text);
  });
  const listen = ({ detail: { key, value } }) => {
    const name = { cut: "t", top: "k" }[key];
    if (!name || !data || data[name] === value) return;
    data[name] = value;
    ask();
  };
  window.addEventListener("lab-drag", listen);

  function close() {
    window.removeEventListener("lab-drag", listen);
    cancelAnimationFrame(frame);
    asker.close();
  }
  return { events, draw, close };
}

function element(tag, className, ...children) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...children);
  return made;
}

const FIELDS = ["bar", "loss", "arrow", "bar", "loss", "arrow"]; // of each reading
const isSigmoid = (place) => place >= 3;

function build(root, { words, shown, names, logit_names, label_names, rest_name, rest_slider, rest_logits, figures }) {
  root.querySelector("table").setAttribute("aria-label", words.table);
  root.querySelector("thead").replaceChildren(...head(words));
  const rows = shown.map((label, place) => {
    const toggle = element("button", "toggle");
    toggle.type = "button";
    toggle.setAttribute("aria-label", label_names[place]);
    const range = slider();
    const field = element("input", "");
    Object.assign(field, { type: "text", inputMode: "decimal", autocomplete: "off" });
    for (const input of [range, field]) input.setAttribute("aria-label", logit_names[place]);
    const name = element("th", "name", element("span", "", names[place]), toggle);
    name.scope = "row";
    const row = element("tr", "line", name, element("td", "logit", range, field), ...cells(words));
    row.dataset.label = label;
    return row;
  });
  if (figures.rest) {
    const range = slider();
    range.setAttribute("aria-label", rest_slider);
    range.title = rest_slider;
    rows.push(sums("rest", rest_name, words, range, element("span", "ends", rest_logits)));
  }
  rows.push(sums("all", words.all, words));
  root.querySelector("tbody").replaceChildren(...rows);
  return rows;
}

function head({ label, logit, groups, columns }) {
  const cell = (text, attributes = {}) =>
    Object.assign(element("th", "", text), { scope: "col", ...attributes });
  return [
    element("tr", "", cell(label, { rowSpan: 2 }), cell(logit, { rowSpan: 2 }),
      ...groups.map((text, place) => cell(text, { colSpan: [3, 3, 4][place], scope: "colgroup", className: "group" }))),
    element("tr", "", ...columns.map((text, place) => cell(text, { className: alignment(place) }))),
  ];
}

const alignment = (place) => (place >= 6 ? "centre" : place % 3 === 1 ? "right" : "");

function cells({ columns, groups }) {
  return columns.map((name, place) => {
    const group = groups[place < 3 ? 0 : place < 6 ? 1 : 2];
    const cell = element("td", FIELDS[place] ?? "mark");
    cell.dataset.name = name;
    if (isSigmoid(place)) cell.classList.add(place < 6 ? "sigmoid" : "decision");
    if (place === 0 || place === 3) {
      cell.dataset.group = group.split(/[:：]/)[0];
      cell.append(element("span", "track", element("span", "fill")), element("span", "text"));
    } else if (place === 2 || place === 5) {
      cell.append(element("span", "push", element("span", "shaft")), element("span", "text"), element("span", "hidden"));
    } else {
      cell.append(element("span", "text"));
    }
    return cell;
  });
}

function slider() {
  const range = element("input", "");
  return Object.assign(range, { type: "range", min: -ENDS, max: ENDS, step: 0.1 });
}

function sums(className, name, words, ...logits) {
  const title = element("th", "name", element("span", "", name));
  title.scope = "row";
  const row = element("tr", className, title, element("td", "logit", ...logits), ...cells(words));
  for (const drawn of row.querySelectorAll(".track, .push")) drawn.remove();
  return row;
}

function drawLogit(row, text, dragged) {
  const [range, field] = row.querySelectorAll("input");
  if (!dragged) range.value = text;
  field.value = text;
}

function drawLine(row, { p, g, text, marks }, truth, { words }) {
  const toggle = row.querySelector(".toggle");
  const hard = truth === 0 || truth === 1;
  setText(toggle, hard ? (truth ? words.true : words.false) : String(truth));
  toggle.setAttribute("aria-pressed", truth > 0.5);
  const drawn = [...row.cells].slice(2);
  text.forEach((words_, place) => setText(drawn[place].querySelector(".text"), words_));
  p.forEach((share, reading) => drawn[3 * reading].style.setProperty("--p", share));
  g.forEach((slope, reading) => {
    const cell = drawn[3 * reading + 2];
    cell.style.setProperty("--g", Math.min(Math.abs(slope), 1)); // at most 1 but for weights
    cell.dataset.way = slope > 0 ? "down" : slope < 0 ? "up" : "";
    setText(cell.querySelector(".hidden"), words[cell.dataset.way] ?? "");
  });
  marks.forEach(([look, sign], place) => {
    const cell = drawn[6 + place];
    setText(cell.firstChild, sign);
    cell.dataset.look = look;
  });
}

function drawSums(row, { text, marks }) {
  const drawn = [...row.cells].slice(2);
  [...text, ...marks.map(String)].forEach((words, place) => setText(drawn[place].querySelector(".text"), words));
}

function buttons(holder, controls) {
  while (holder.children.length > controls.length) holder.lastChild.remove();
  controls.forEach(([id, text, off], place) => {
    const button = holder.children[place] ?? holder.appendChild(element("button", "action"));
    button.type = "button";
    button.dataset.id = id;
    button.disabled = off;
    setText(button, text);
  });
}

function legendEntry([sign, look, words]) {
  const swatch = element("span", "swatch", sign);
  swatch.dataset.look = look;
  return element("span", "", swatch, ` ${words}`);
}

function setText(holder, text) {
  if (holder.textContent !== text) holder.textContent = text;
}
