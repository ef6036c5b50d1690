// What all components of the lab share; component.py puts this before each of them. They compute
// no metric, and every text from outside is set as text.

// A component's life: opened with a shape, updated with data, closed once. `open(root, data,
// events)` builds into an empty element of class `name` and returns {update(data)}; data of another
// shape opens it anew. What it opens is closed with it: see `whenClosed`.
function component(name, open, shapeOf = () => null) {
  const views = new WeakMap();
  return ({ data: [data], parentElement, setTriggerValue }) => {
    const mount = parentElement.querySelector(".lab"), shape = JSON.stringify(shapeOf(data));
    let view = views.get(mount);
    const events = view?.events ?? openEvents(data.seq);
    events.tell = (open) => setTriggerValue("events", open);
    events.settle(data.seq);
    if (view?.shape !== shape) {
      close(view);
      const root = element("div", name);
      mount.replaceChildren(root);
      closing.set(root, []);
      view = { root, shape, events, ...open(root, data, events) };
      views.set(mount, view);
    }
    view.update(data);
    tellDrawn(view.root);
    return () => {
      if (mount.isConnected) return; // Streamlit calls this when only the data is new, too
      close(views.get(mount));
      views.get(mount)?.events.close();
      views.delete(mount);
    };
  };
}

// Says where the page can see it that something is drawn; see head.html.
function tellDrawn(root) {
  if (root.hasChildNodes()) root.getRootNode().host?.setAttribute("data-drawn", "");
}

const closing = new WeakMap(); // by a component's element: what is done when it closes

function whenClosed(node, act) {
  while (!closing.has(node)) node = node.parentNode;
  closing.get(node).push(act);
}

function close(view) {
  for (const act of closing.get(view?.root) ?? []) act();
}

// Events may come faster than Python answers, and Streamlit keeps only the newest message: each
// message therefore holds every event that is not answered yet, and Python skips what it knows.
// A message that went with a lost connection is sent again once there is one, then later and later.
function openEvents(seq) {
  let pending = [], again = 0;
  const isConnected = () => document.querySelector("[data-test-connection-state=CONNECTED]");
  const repeat = (events, wait) => {
    clearTimeout(again);
    again = setTimeout(() => {
      if (!pending.length) return;
      if (!isConnected()) return repeat(events, 1_000);
      events.tell([...pending]);
      repeat(events, Math.min(60_000, 2 * wait));
    }, wait);
  };
  return {
    send(id, text = "") {
      seq += 1;
      pending.push({ id, text, seq });
      this.tell([...pending]);
      repeat(this, 5_000);
    },
    settle(known) {
      pending = pending.filter((event) => event.seq > known);
    },
    close: () => clearTimeout(again),
    areOpen: () => pending.length > 0,
  };
}

function element(tag, className, ...children) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...children);
  return made;
}

const elements = (tag, ...names) => names.map((name) => element(tag, name));

function setAttributes(node, attributes) {
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  return node;
}

const svg = (tag, attributes) =>
  setAttributes(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes);

function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

// A text with its {fields} filled in.
const filled = (text, fields) => text.replace(/{(\w+)}/g, (field, name) => fields[name] ?? field);

const clamp = (value, low, high) => Math.min(high, Math.max(low, value));

const plain = (value) => String(value).replaceAll("-", "−");

// Float32 numbers as Python packs them.
function unpackFloats(base64) {
  return new Float32Array(Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0)).buffer);
}

// A table of texts beside names and under heads; `show` writes its rows.
function textTable(className, heads, names, { caption = "", corner = "" } = {}) {
  const scoped = (scope, name) => setAttributes(element("th", "", name), { scope });
  const title = element("caption", "", caption), first = scoped("col", corner);
  const cells = names.map(() => heads.map(() => element("td", "")));
  const lines = names.map((name, k) => element("tr", "", scoped("row", name), ...cells[k]));
  const head = element("tr", "", first, ...heads.map((name) => scoped("col", name)));
  const body = element("tbody", "", ...lines);
  return {
    root: element("table", className, title, element("thead", "", head), body),
    title,
    corner: first,
    show: (rows) => rows.forEach((row, r) => row.forEach((text, c) => setText(cells[r][c], text))),
  };
}

// A line of a chart and its name.
function keyEntry({ name, colour, dash }, width = 26) {
  const dashes = { "stroke-width": 3, "stroke-dasharray": (dash ?? []).join(" ") };
  const line = svg("line", { x1: 0, x2: width, y1: 5, y2: 5, stroke: colour, ...dashes });
  const picture = svg("svg", { width, height: 10 });
  picture.append(line);
  return element("span", "", picture, name);
}

// What a mark or the look of a cell means.
const swatchEntry = ([mark, look, words]) =>
  element("span", "entry", element("span", `swatch ${look}`, mark), words);

// What the colours from one end to the other mean.
function scaleEntry([what, low, high], colours) {
  const bar = element("span", "bar");
  bar.style.background = `linear-gradient(to right, ${colours.join(", ")})`;
  return element("span", "entry", what, element("b", "", low), bar, element("b", "", high));
}

// Sliders of the page tell of every move by an event on the window, `lab-drag` with {key, value,
// done}; whoever sends it moves the slider. On `lab-ask` with a key they say where they are: they
// may have moved on since Python heard of them. Then, and when Python moves them, `instead` is there
// too: null, or what is to be shown where they stand.
function followSliders(root, move) {
  const listen = ({ detail: { key, value, done, instead } }) => move(key, value, done, instead);
  window.addEventListener("lab-drag", listen);
  whenClosed(root, () => window.removeEventListener("lab-drag", listen));
}

function dragSlider(key, value, done, instead) {
  window.dispatchEvent(new CustomEvent("lab-drag", { detail: { key, value, done, instead } }));
}

// What is dragged is ahead of what Python has written on the page: `as_let_go` in notes.py.
function setDragged(key) {
  if (key) document.documentElement.dataset.dragged = key;
  else delete document.documentElement.dataset.dragged;
}

function askSliders(keys) {
  for (const key of keys) window.dispatchEvent(new CustomEvent("lab-ask", { detail: { key } }));
}

// Dragging sideways on an element: a press calls `begin` and `move`, which follows until `end`. A
// touch may be about to scroll: it begins after some pixels sideways or as a tap, is let be when it
// goes up or down first, and what the browser takes over is undone by `cancel`.
function draggable(area, { begin = () => {}, move, end, cancel }) {
  const slack = 8; // pixels
  let pointer = null, from, held = false, frame = 0, last;
  const hold = (event) => {
    held = true;
    area.setPointerCapture(event.pointerId);
    begin();
  };
  const follow = () => {
    frame = 0;
    move(last);
  };
  const on = (name, act) => area.addEventListener(name, (event) => {
    if (event.pointerId === pointer) act((last = event));
  });
  area.addEventListener("pointerdown", (event) => {
    if (event.button || !event.isPrimary) return;
    [pointer, from, last] = [event.pointerId, event, event];
    if (event.pointerType === "touch") return;
    hold(event);
    follow();
  });
  on("pointermove", (event) => {
    if (!held) {
      const [across, down] = ["clientX", "clientY"].map((at) => Math.abs(event[at] - from[at]));
      if (Math.max(across, down) < slack) return;
      if (down > across) {
        pointer = null;
        return;
      }
      hold(event);
    }
    frame ||= requestAnimationFrame(follow);
  });
  const release = (event, finish) => {
    cancelAnimationFrame(frame);
    [pointer, held, frame] = [null, false, 0];
    finish(event);
  };
  on("pointerup", (event) => {
    if (!held) hold(event);
    release(event, () => { move(event); end(); });
  });
  on("pointercancel", (event) => release(event, held ? cancel : () => {}));
}

// A range input in an element by which it is dragged: a browser's own jumps to where a touch begins
// that is about to scroll. It tells of it as the browser does, and by "cancel" that it was undone.
function draggableRange(range) {
  const thumb = 16; // pixels, as in dom.css
  const area = element("span", "drag", range);
  const tell = (name) => range.dispatchEvent(new Event(name, { bubbles: true }));
  let before;
  draggable(area, {
    begin() {
      before = range.value;
      range.focus({ preventScroll: true });
    },
    move({ clientX }) {
      const { left, width } = range.getBoundingClientRect();
      const share = (clientX - left - thumb / 2) / (width - thumb);
      range.value = +range.min + share * (range.max - range.min);
      tell("input");
    },
    end: () => tell("change"),
    cancel() {
      range.value = before;
      tell("cancel");
    },
  });
  return area;
}

const STEPS = {
  ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1],
  Home: [-1, 0], End: [1, 0], PageUp: [0, -1], PageDown: [0, 1],
};

// One cell of a table at a time can be reached by Tab; from there keys lead to the nearest one on
// screen, or to the last one on the way. Cells are made with tabIndex -1. Returns what is called
// when the table was drawn, with the cell to begin at if the one of before is gone.
function openRoving(root, cells) {
  let now = null;
  const choose = (cell) => {
    if (now) now.tabIndex = -1;
    now = cell;
    if (now) now.tabIndex = 0;
  };
  root.addEventListener("click", ({ target }) => {
    const cell = target.closest(cells);
    if (cell) choose(cell);
  });
  root.addEventListener("keydown", (event) => {
    const step = STEPS[event.key], from = event.target;
    const typing = from.tagName === "INPUT";
    if (!step || event.ctrlKey || event.metaKey || event.altKey || (typing && step[0])) return;
    const others = [...from.closest("table").querySelectorAll(`${cells}, input`)];
    let next = nearest(from, others, step);
    if (!next) return;
    if (!event.key.startsWith("Arrow")) {
      for (let cell = next; cell; cell = nearest(cell, others, step)) next = cell;
    }
    event.preventDefault();
    if (next.matches(cells)) choose(next);
    next.focus();
  });
  return (first) => {
    if (!now?.isConnected || !now.matches(cells)) choose(first ?? root.querySelector(cells));
  };
}

function nearest(from, others, [right, down]) {
  const centre = (node) => {
    const box = node.getBoundingClientRect();
    return [box.left + box.width / 2, box.top + box.height / 2];
  };
  const [x, y] = centre(from);
  let best = null, shortest = Infinity;
  for (const node of others) {
    const [dx, dy] = centre(node).map((value, axis) => value - [x, y][axis]);
    const along = dx * right + dy * down;
    const aside = Math.abs(dx * down) + Math.abs(dy * right);
    if (along < 2 || (right && aside > 12)) continue;
    const far = along + (down ? 0.2 : 3) * aside;
    if (far < shortest) [best, shortest] = [node, far];
  }
  return best;
}
