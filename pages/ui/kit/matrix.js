// The values of all pairs as a picture. Values come from Python; here they get colours, and the one
// under the pointer is read out. Arrow keys move the pointer, a click or Enter picks its row.

const NAMED = 24; // labels whose names have room beside the picture

export default component("matrix", open, ({ names }) => names);

function open(root, first, events) {
  const { names } = first, share = 100 / names.length;
  const [across, down, cursor, readout, legend] =
    elements("div", "across", "down", "cursor", "readout", "legend");
  const canvas = setAttributes(element("canvas", ""), { tabindex: 0, role: "img" });
  const frame = element("div", "frame", canvas, across, down, cursor);
  root.append(element("div", "plot", ...namesBeside(frame, names)), readout, legend);
  readout.setAttribute("aria-live", "polite");
  let data, values = null, packed = "", place = null;

  async function draw() {
    const { packed: asked } = data;
    [packed, values, place] = [asked, null, null];
    const found = await unpack(asked);
    if (packed !== asked) return;
    values = found;
    paint(canvas, values, data);
    read();
    root.dataset.drawn = values.reduce((sum, value) => sum + (value > 0), 0);
  }

  // A band along the row and the column of the label that was picked.
  function mark(picked) {
    for (const [band, start, size] of [[across, "top", "height"], [down, "left", "width"]]) {
      band.hidden = picked === null;
      if (picked === null) continue;
      band.style[start] = `calc(${picked * share}% - 1px)`;
      band.style[size] = `calc(${share}% + 2px)`;
    }
  }

  function read() {
    cursor.hidden = place === null;
    if (place === null || !values) {
      setText(readout, data.hint);
      return;
    }
    const [row, column] = place;
    for (const [start, size, at] of [["top", "height", row], ["left", "width", column]]) {
      cursor.style[start] = `${(at + 0.5) * share}%`;
      cursor.style[size] = `${share}%`;
    }
    const value = values[row * names.length + column];
    const words = row === column ? data.itself : value > 0 ? data.readout : data.never;
    const fields = { a: names[row], b: names[column], value: value.toFixed(data.digits) };
    setText(readout, filled(words, fields));
  }

  function move(row, column) {
    place = [row, column].map((at) => clamp(at, 0, names.length - 1));
    read();
  }

  function follow(event) {
    const box = canvas.getBoundingClientRect();
    const at = [(event.clientY - box.top) / box.height, (event.clientX - box.left) / box.width];
    move(...at.map((share) => Math.floor(share * names.length)));
  }

  function pick() {
    if (place !== null) events.send(String(place[0]));
  }

  for (const name of ["pointermove", "pointerdown"]) canvas.addEventListener(name, follow);
  canvas.addEventListener("pointerleave", () => {
    if (canvas.matches(":focus-visible")) return;
    place = null;
    read();
  });
  canvas.addEventListener("click", (event) => {
    if (place === null) follow(event); // a click has whole pixels, and rows can be smaller
    pick();
  });
  canvas.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const step = event.shiftKey ? 10 : 1, to = STEPS[event.key];
    const [row, column] = place ?? [data.picked ?? 0, data.picked ?? 0];
    if (event.key === "Enter" || event.key === " ") {
      move(row, column);
      pick();
    } else if (to && event.key.startsWith("Arrow")) move(row + to[1] * step, column + to[0] * step);
    else return;
    event.preventDefault();
  });
  whenClosed(root, () => { packed = ""; });
  return {
    update(fresh) {
      data = fresh;
      canvas.setAttribute("aria-label", `${data.label}. ${data.hint}`);
      const ends = [data.low, data.high].map((value) => value.toFixed(data.digits));
      legend.replaceChildren(scaleEntry([data.scale, ...ends], data.colours));
      mark(data.picked);
      if (data.packed !== packed) draw();
      read();
    },
  };
}

function namesBeside(frame, names) {
  if (names.length > NAMED) return [frame];
  const side = (name) => {
    const lines = names.map((text) => Object.assign(element("span", "", text), { title: text }));
    return setAttributes(element("div", name, ...lines), { "aria-hidden": true });
  };
  return [side("rows"), frame, side("columns")];
}

async function unpack(packed) {
  const bytes = Uint8Array.from(atob(packed), (letter) => letter.charCodeAt(0));
  const stream = new DecompressionStream("deflate"), writer = stream.writable.getWriter();
  writer.write(bytes);
  writer.close();
  return new Float32Array(await new Response(stream.readable).arrayBuffer());
}

// One dot of the canvas for each pair; the style sheet makes it larger.
function paint(canvas, values, { names, low, high, log, colours }) {
  canvas.width = canvas.height = names.length;
  const context = canvas.getContext("2d");
  const image = context.createImageData(names.length, names.length);
  const dots = new Uint32Array(image.data.buffer);
  const steps = colours.map(dotOf);
  const scale = log ? Math.log : (value) => value;
  const start = scale(low), span = scale(high) - start || 1;
  values.forEach((value, at) => {
    if (!(value > 0)) return;
    const share = clamp((scale(value) - start) / span, 0, 1);
    dots[at] = steps[Math.round(share * (steps.length - 1))];
  });
  context.putImageData(image, 0, 0);
}

// A colour #rrggbb as little-endian RGBA.
function dotOf(colour) {
  const [r, g, b] = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
  return ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0;
}
