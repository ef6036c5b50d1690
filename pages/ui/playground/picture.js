// What the network answers, drawn on a canvas: for each row of data a bar for each label (bars), or
// a light for each of very many (lights); or a plane in the labels' colours (plane). A cell is
// [row, label]; row −1 is the heads of bars, and each cell of the plane's grid is a row.

const PICTURES = { bars: drawBars, lights: drawLights, plane: drawPlane };
const [FOUND, WRONG, MISSED, NEITHER] = [0, 1, 2, 3];
const MARKS = ["✓", "✗", "○", ""];

// A canvas that is as large as what it stands in; `draw(view)` paints it and `cellAt` finds a cell.
function openPicture(root, kind, redraw) {
  const canvas = setAttributes(element("canvas", "picture"), { role: "img", tabindex: 0 });
  const holder = element("div", "frame", canvas), pen = canvas.getContext("2d");
  root.append(holder);
  let cells = [], zoom = 1; // how many pixels of the page one of the drawing is
  const watching = new ResizeObserver(redraw);
  watching.observe(holder);
  whenClosed(root, () => watching.disconnect());
  const boxOf = ([row, label]) =>
    cells.find(({ cell }) => cell[0] === row && cell[1] === label)?.box.map((side) => side * zoom);
  const placeOf = ({ clientX, clientY }) => {
    const { left, top } = canvas.getBoundingClientRect();
    return [(clientX - left) / zoom, (clientY - top) / zoom];
  };
  return {
    canvas,
    boxOf,
    draw(view) {
      const { clientWidth: width, clientHeight: height } = holder, scale = devicePixelRatio;
      if (!width || !height) return;
      zoom = pageScale() * (holder.matches(":popover-open") ? 1.4 : 1);
      const size = [Math.round(width * scale), Math.round(height * scale)];
      if (canvas.width !== size[0] || canvas.height !== size[1]) [canvas.width, canvas.height] = size;
      pen.setTransform(scale * zoom, 0, 0, scale * zoom, 0, 0);
      pen.clearRect(0, 0, width, height);
      cells = PICTURES[kind](pen, width / zoom, height / zoom, { ...view, ...inks(canvas) });
    },
    cellAt(event) {
      const [x, y] = placeOf(event);
      const isIn = ({ box: [from, up, width, height] }) =>
        x >= from && x < from + width && y >= up && y < up + height;
      return cells.find(isIn)?.cell ?? null;
    },
    // Where on the plane, as shares of its sides from the top left.
    placeOn(event) {
      const [left, top] = placeOf(event), [from, up] = cells[0].box;
      const [x, y, width, height] = cells.at(-1).box;
      return [(left - from) / (x + width - from), (top - up) / (y + height - up)];
    },
  };
}

function inks(canvas) {
  const style = getComputedStyle(canvas), of = (name) => style.getPropertyValue(name).trim();
  return {
    ink: of("--st-text-color"), ground: of("--st-background-color"),
    faint: of("--st-secondary-background-color"), rule: of("--st-border-color"),
    primary: of("--st-primary-color"),
    colours: [of("--found"), of("--wrong"), of("--missed"), of("--neither")],
  };
}

const outcome = (probability, isTrue, threshold) =>
  probability >= Math.fround(threshold) ? (isTrue ? FOUND : WRONG) : isTrue ? MISSED : NEITHER;

function drawBars(pen, width, height, view) {
  const { facts, pointed, ink } = view, labels = facts.names.length, rows = facts.rows.length;
  const head = 34, across = (height - head) / rows;
  const thumb = facts.images ? Math.min(across - 4, 52) : 34;
  const step = (width - thumb - 8) / labels, bar = Math.max(6, step - 16), cells = [];
  const lefts = facts.names.map((_, label) => thumb + 8 + label * step);
  lefts.forEach((left, label) => {
    drawHead(pen, view, label, left + bar / 2, step > 30);
    cells.push({ cell: [-1, label], box: [left, 0, step, head] });
  });
  for (let row = 0; row < rows; row += 1) {
    const top = head + row * across;
    drawRow(pen, view, row, top, across, thumb);
    lefts.forEach((left, label) => {
      drawBar(pen, view, row * labels + label, [left, top, bar, across - 7], step - bar >= 12);
      cells.push({ cell: [row, label], box: [left, top, step, across] });
    });
  }
  if (pointed) outline(pen, cells, pointed, ink);
  return cells;
}

function drawHead(pen, { facts, ink }, label, middle, isWide) {
  pen.textAlign = "center";
  pen.fillStyle = ink;
  pen.font = "600 14px sans-serif";
  pen.fillText(shortened(facts.names[label]), middle, 14);
  pen.font = "11px sans-serif";
  if (isWide) pen.fillText(`${Math.round(100 * facts.frequencies[label])} %`, middle, 28);
}

// The row itself: its picture, or what it is called.
function drawRow(pen, { facts, ink, rule }, row, top, across, thumb) {
  if (facts.images) {
    pen.drawImage(facts.images[row], 0, top, thumb, thumb);
    pen.lineWidth = 1;
    pen.strokeStyle = rule;
    pen.strokeRect(0.5, top + 0.5, thumb - 1, thumb - 1);
    return;
  }
  pen.fillStyle = ink;
  pen.textAlign = "left";
  pen.font = "11px sans-serif";
  pen.fillText(facts.rows[row], 2, top + across / 2, thumb);
}

function drawBar(pen, view, place, [left, top, bar, tall], hasMark) {
  const { facts, shown, threshold, ink, faint, rule, primary, colours } = view;
  const probability = shown[place], isTrue = facts.targets[place];
  const kind = outcome(probability, isTrue, threshold);
  pen.fillStyle = faint;
  pen.fillRect(left, top, bar, tall);
  pen.fillStyle = colours[kind];
  pen.fillRect(left, top + tall * (1 - probability), bar, tall * probability);
  pen.lineWidth = isTrue ? 1.5 : 1;
  pen.strokeStyle = isTrue ? primary : rule;
  pen.strokeRect(left, top, bar, tall);
  pen.fillStyle = ink;
  if (facts.truth) pen.fillRect(left - 3, top + tall * (1 - facts.truth[place]) - 1, bar + 6, 2);
  pen.globalAlpha = 0.55;
  pen.fillRect(left - 2, top + tall * (1 - threshold) - 0.75, bar + 4, 1.5);
  pen.globalAlpha = 1;
  if (!MARKS[kind] || !hasMark) return;
  pen.textAlign = "left";
  pen.font = "11px sans-serif";
  pen.fillStyle = colours[kind];
  pen.fillText(MARKS[kind], left + bar + 3, top + tall);
}

function drawLights(pen, width, height, view) {
  const { facts, shown, threshold, colours, pointed, ink, words } = view;
  const labels = facts.names.length, rows = facts.rows.length, cells = [];
  const head = 20, gap = 14;
  const inColumns = (columns) => {
    const lines = Math.ceil(rows / columns);
    const wide = (width - gap * (columns - 1)) / columns, tall = height / lines - head - 8;
    const along = Math.ceil(Math.sqrt((labels * wide) / tall));
    return { columns, lines, wide, side: Math.min(wide / along, tall / Math.ceil(labels / along)) };
  };
  const ways = [inColumns(1), inColumns(2)]; // that with the larger cells
  const { columns, lines, wide, side } = ways[1].side > ways[0].side ? ways[1] : ways[0];
  const along = Math.floor(wide / side);
  for (let row = 0; row < rows; row += 1) {
    const left = (row % columns) * (wide + gap);
    const top = Math.floor(row / columns) * (height / lines) + head;
    let lit = 0, held = 0;
    pen.fillStyle = "#10161d";
    pen.fillRect(left - 2, top - 2, along * side + 4, Math.ceil(labels / along) * side + 4);
    for (let label = 0; label < labels; label += 1) {
      const place = row * labels + label, probability = shown[place];
      const x = left + (label % along) * side, y = top + Math.floor(label / along) * side;
      const isTrue = facts.targets[place], kind = outcome(probability, isTrue, threshold);
      lit += kind === FOUND || kind === WRONG;
      held += isTrue;
      pen.fillStyle = kind === NEITHER || kind === MISSED ? "#9fb6c9" : colours[kind];
      pen.globalAlpha = Math.max(0.04, probability);
      pen.fillRect(x, y, side - 1, side - 1);
      pen.globalAlpha = 1;
      if (isTrue) {
        pen.lineWidth = 1.5;
        pen.strokeStyle = kind === FOUND ? "#ffffff" : "#E69F00";
        pen.strokeRect(x + 0.25, y + 0.25, side - 1.5, side - 1.5);
      }
      cells.push({ cell: [row, label], box: [x, y, side, side] });
    }
    pen.fillStyle = ink;
    pen.textAlign = "left";
    pen.font = "12px sans-serif";
    pen.fillText(filled(words.lit, { name: facts.rows[row], lit, held }), left, top - 6, wide);
  }
  if (pointed) outline(pen, cells, pointed, "#ffffff");
  return cells;
}

function drawPlane(pen, width, height, view) {
  const { facts, shown, pointed, ink } = view, labels = facts.names.length;
  const grid = Math.sqrt(shown.length / labels);
  const side = Math.min(width, height - 4), left = (width - side) / 2, cells = [];
  pen.imageSmoothingEnabled = true;
  pen.drawImage(groundOf(grid, view), left, 0, side, side);
  for (let place = 0; place < grid * grid; place += 1) {
    const [x, y] = [place % grid, Math.floor(place / grid)].map((at) => (at * side) / grid);
    cells.push({ cell: [place, 0], box: [left + x, y, side / grid, side / grid] });
  }
  const { places, labels: marks } = facts.points, count = places.length / 2;
  for (let point = 0; point < count; point += 1) {
    const x = left + side * (places[2 * point] / 12 + 0.5), y = side * (0.5 - places[2 * point + 1] / 12);
    const own = [...marks.subarray(point * labels, (point + 1) * labels)]
      .flatMap((held, label) => (held ? [label] : []));
    pie(pen, x, y, own, point >= count - facts.painted, view);
  }
  if (pointed) outline(pen, cells, pointed, ink);
  return cells;
}

// A pixel for each cell, in the colours of the labels that reach the threshold there; the browser
// makes it larger, and smooth.
function groundOf(grid, { facts, shown, threshold, ground, tints }) {
  const labels = facts.names.length, small = new OffscreenCanvas(grid, grid), pen = small.getContext("2d");
  pen.fillStyle = ground;
  pen.fillRect(0, 0, grid, grid);
  shown.forEach((probability, place) => {
    const [cell, label] = [Math.floor(place / labels), place % labels];
    pen.globalAlpha = probability >= Math.fround(threshold) ? 0.55 : 0.18 * probability;
    pen.fillStyle = tints[label];
    pen.fillRect(cell % grid, Math.floor(cell / grid), 1, 1);
  });
  return small;
}

// A point: a slice in the colour of each label that it has, a ring where it has none. What was
// painted by hand is larger, with a line around it.
function pie(pen, x, y, own, isPainted, { ink, ground, tints }) {
  const radius = isPainted ? 5.5 : 4, turn = 2 * Math.PI;
  const disc = (size, colour, from = 0, to = 1) => {
    pen.beginPath();
    pen.moveTo(x, y);
    pen.arc(x, y, size, from * turn, to * turn);
    pen.fillStyle = colour;
    pen.fill();
  };
  if (isPainted) disc(radius + 2, ink);
  pen.globalAlpha = own.length ? 1 : 0.75;
  disc(radius + 0.75, own.length ? ground : ink);
  pen.globalAlpha = 1;
  if (!own.length) disc(radius - 0.5, ground);
  own.forEach((label, k) => disc(radius, tints[label], k / own.length, (k + 1) / own.length));
}

function outline(pen, cells, [row, label], ink) {
  const found = cells.find(({ cell }) => cell[0] === row && cell[1] === label);
  if (!found) return;
  const [x, y, width, height] = found.box;
  pen.lineWidth = 2;
  pen.strokeStyle = ink;
  pen.strokeRect(x - 2, Math.max(1, y - 2), width, height - 1);
}

const shortened = (name) => (name.length > 6 ? name.replace(/^label /, "") : name);
