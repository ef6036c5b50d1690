// The values of all pairs as a picture. Values come from Python; here they get colours, and the one
// under the pointer is read out. Arrow keys move the pointer, a click or Enter picks its row.

const views = new WeakMap();
const NAMED = 24; // labels whose names have room beside the picture

export default function ({ data: [data], parentElement, setTriggerValue }) {
  drawView(views, parentElement.querySelector(".matrix"), data, setTriggerValue, openView);
}

function openView(root, events) {
  const part = (name) => root.querySelector(name);
  const canvas = part("canvas"), cursor = part(".cursor"), readout = part(".readout");
  let data, values = null, packed = "", place = null;

  function draw(fresh) {
    data = fresh;
    canvas.setAttribute("aria-label", `${data.label}. ${data.hint}`);
    drawLegend(part(".legend"), data);
    mark(data.picked);
    if (fresh.packed === packed) {
      read();
      return;
    }
    packed = fresh.packed;
    values = null;
    place = null;
    read();
    for (const side of [".rows", ".columns"]) nameLabels(part(side), data.names);
    unpack(packed).then((found) => {
      if (packed !== fresh.packed) return;
      values = found;
      paint(canvas, values, data);
      read();
      root.dataset.drawn = values.reduce((sum, value) => sum + (value > 0), 0);
    });
  }

  // A band along the row and the column of the label that was picked.
  function mark(picked) {
    const share = 100 / data.names.length;
    for (const [name, start, size] of [[".across", "top", "height"], [".down", "left", "width"]]) {
      const band = part(name);
      band.hidden = picked === null;
      if (picked === null) continue;
      band.style[start] = `calc(${picked * share}% - 1px)`;
      band.style[size] = `calc(${share}% + 2px)`;
    }
  }

  function read() {
    cursor.hidden = place === null;
    if (place === null || !values) {
      readout.textContent = data.hint;
      return;
    }
    const [row, column] = place, share = 100 / data.names.length;
    for (const [start, size, at] of [["top", "height", row], ["left", "width", column]]) {
      cursor.style[start] = `${(at + 0.5) * share}%`;
      cursor.style[size] = `${share}%`;
    }
    const value = values[row * data.names.length + column];
    const words = row === column ? data.itself : value > 0 ? data.readout : data.never;
    const written = { a: data.names[row], b: data.names[column], value: value.toFixed(data.digits) };
    readout.textContent = words.replace(/\{(a|b|value)\}/g, (_, name) => written[name]);
  }

  function move(row, column) {
    const last = data.names.length - 1;
    place = [row, column].map((at) => Math.min(last, Math.max(0, at)));
    read();
  }

  function follow(event) {
    const box = canvas.getBoundingClientRect();
    move(...[(event.clientY - box.top) / box.height, (event.clientX - box.left) / box.width].map((share) =>
      Math.floor(share * data.names.length)));
  }

  function pick() {
    if (place !== null) events.send({ id: String(place[0]) });
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
    const step = event.shiftKey ? 10 : 1;
    const moves = { ArrowUp: [-step, 0], ArrowDown: [step, 0], ArrowLeft: [0, -step], ArrowRight: [0, step] };
    const [row, column] = place ?? [data.picked ?? 0, data.picked ?? 0];
    if (event.key === "Enter" || event.key === " ") {
      move(row, column);
      pick();
    } else if (moves[event.key]) move(row + moves[event.key][0], column + moves[event.key][1]);
    else return;
    event.preventDefault();
  });
  return { events, draw };
}

function nameLabels(holder, names) {
  holder.hidden = names.length > NAMED;
  const shown = holder.hidden ? [] : names;
  holder.replaceChildren(...shown.map((name) => {
    const line = document.createElement("span");
    line.textContent = line.title = name;
    return line;
  }));
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
  const steps = palette(colours);
  const scale = log ? Math.log : (value) => value;
  const start = scale(low), span = scale(high) - start || 1;
  values.forEach((value, at) => {
    if (!(value > 0)) return;
    const share = Math.min(1, Math.max(0, (scale(value) - start) / span));
    dots[at] = steps[Math.round(share * (steps.length - 1))];
  });
  context.putImageData(image, 0, 0);
}

// 256 steps between the colours, as little-endian RGBA.
function palette(colours) {
  const channels = colours.map((colour) => [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16)));
  return Uint32Array.from({ length: 256 }, (_, step) => {
    const at = (step / 255) * (channels.length - 1), left = Math.min(Math.floor(at), channels.length - 2);
    const [r, g, b] = channels[left].map((value, k) => Math.round(value + (channels[left + 1][k] - value) * (at - left)));
    return ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0;
  });
}

function drawLegend(holder, { scale, low, high, digits, colours }) {
  const bar = document.createElement("span"), ends = [low, high].map((value) => {
    const end = document.createElement("b");
    end.textContent = value.toFixed(digits);
    return end;
  });
  bar.className = "bar";
  bar.style.background = `linear-gradient(to right, ${colours.join(", ")})`;
  holder.replaceChildren(scale, ends[0], bar, ends[1]);
}
