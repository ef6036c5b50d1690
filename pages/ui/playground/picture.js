// What the network answers, drawn on a canvas: for each row of data a bar for each label (bars), or
// a light for each of very many (lights); or a plane in the labels' colours (plane). A cell is
// [row, label]; row −1 is the heads of bars.

const PICTURES = { bars: drawBars, lights: drawLights, plane: drawPlane };
const [FOUND, WRONG, MISSED, NEITHER] = [0, 1, 2, 3];
const MARKS = ["✓", "✗", "○", ""];

// A canvas that is as large as what it stands in; `draw(view)` paints it and `cellAt` finds a cell.
function openPicture(root, kind, redraw) {
  const canvas = setAttributes(element("canvas", "picture"), { role: "img", tabindex: 0 });
  const holder = element("div", "frame", canvas), pen = canvas.getContext("2d");
  root.append(holder);
  let cells = [];
  const watching = new ResizeObserver(redraw);
  watching.observe(holder);
  whenClosed(root, () => watching.disconnect());
  return {
    canvas,
    draw(view) {
      const { clientWidth: width, clientHeight: height } = holder, scale = devicePixelRatio;
      if (!width || !height) return;
      const size = [Math.round(width * scale), Math.round(height * scale)];
      if (canvas.width !== size[0] || canvas.height !== size[1]) [canvas.width, canvas.height] = size;
      pen.setTransform(scale, 0, 0, scale, 0, 0);
      pen.clearRect(0, 0, width, height);
      cells = PICTURES[kind](pen, width, height, { ...view, ...inks(canvas) });
    },
    cellAt(event) {
      const { left, top } = canvas.getBoundingClientRect();
      const x = event.clientX - left, y = event.clientY - top;
      return cells.find(({ box: [from, up, width, height] }) =>
        x >= from && x < from + width && y >= up && y < up + height);
    },
    boxOf: ([row, label]) =>
      cells.find(({ cell }) => cell && cell[0] === row && cell[1] === label)?.box,
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
  const { facts, shown, threshold, ink, faint, rule, primary, colours, pointed } = view;
  const labels = facts.names.length, rows = facts.rows.length, head = 34;
  const across = (height - head) / rows;
  const thumb = facts.images ? Math.min(across - 4, 52) : 34;
  const step = (width - thumb - 8) / labels, cells = [];
  const bar = Math.max(6, step - 16), tall = across - 7;
  pen.textAlign = "center";
  facts.names.forEach((name, label) => {
    const left = thumb + 8 + label * step, middle = left + bar / 2;
    pen.fillStyle = ink;
    pen.font = "600 14px sans-serif";
    pen.fillText(shortened(name), middle, 14);
    pen.font = "11px sans-serif";
    if (step > 30) pen.fillText(`${Math.round(100 * facts.frequencies[label])} %`, middle, 28);
    cells.push({ cell: [-1, label], box: [left, 0, step, head] });
  });
  for (let row = 0; row < rows; row += 1) {
    const top = head + row * across;
    if (facts.images) {
      pen.drawImage(facts.images[row], 0, top, thumb, thumb);
      pen.strokeStyle = rule;
      pen.strokeRect(0.5, top + 0.5, thumb - 1, thumb - 1);
    }
    else {
      pen.fillStyle = ink;
      pen.textAlign = "left";
      pen.font = "11px sans-serif";
      pen.fillText(facts.rows[row], 2, top + across / 2, thumb);
    }
    for (let label = 0; label < labels; label += 1) {
      const left = thumb + 8 + label * step, place = row * labels + label;
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
      if (MARKS[kind] && step - bar >= 12) {
        pen.textAlign = "left";
        pen.font = "11px sans-serif";
        pen.fillStyle = colours[kind];
        pen.fillText(MARKS[kind], left + bar + 3, top + tall);
      }
      cells.push({ cell: [row, label], box: [left, top, step, across] });
    }
  }
  if (pointed) outline(pen, cells, pointed, ink);
  return cells;
}

function drawLights(pen, width, height, view) {
  const { facts, shown, threshold, colours, pointed, ink, words } = view;
  const labels = facts.names.length, rows = facts.rows.length, cells = [];
  const columns = width > 560 ? 2 : 1, lines = Math.ceil(rows / columns), head = 20, gap = 14;
  const wide = (width - gap * (columns - 1)) / columns, tall = height / lines - head - 8;
  let along = Math.ceil(Math.sqrt((labels * wide) / tall));
  const side = Math.min(wide / along, tall / Math.ceil(labels / along));
  along = Math.floor(wide / side);
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
  const { facts, shown, threshold, ground, ink, tints } = view;
  const side = Math.min(width, height - 4), left = (width - side) / 2, grid = Math.sqrt(shown.length / 3);
  const small = new OffscreenCanvas(grid, grid), inner = small.getContext("2d");
  const labels = facts.names.length;
  for (let place = 0; place < grid * grid; place += 1) {
    const x = place % grid, y = Math.floor(place / grid);
    inner.fillStyle = ground;
    inner.fillRect(x, y, 1, 1);
    for (let label = 0; label < labels; label += 1) {
      const probability = shown[place * labels + label];
      inner.globalAlpha = probability >= Math.fround(threshold) ? 0.55 : 0.18 * probability;
      inner.fillStyle = tints[label];
      inner.fillRect(x, y, 1, 1);
    }
    inner.globalAlpha = 1;
  }
  pen.imageSmoothingEnabled = true;
  pen.drawImage(small, left, 0, side, side);
  const { places, labels: marks } = facts.points;
  for (let point = 0; point < places.length / 2; point += 1) {
    const x = left + side * (places[2 * point] / 12 + 0.5), y = side * (0.5 - places[2 * point + 1] / 12);
    const own = [...marks.subarray(point * labels, (point + 1) * labels)]
      .flatMap((held, label) => (held ? [label] : []));
    pie(pen, x, y, own.map((label) => tints[label]), ink, ground);
  }
  return [{ cell: null, box: [left, 0, side, side], side }];
}

// A point: a slice in the colour of each label that it has; a ring where it has none.
function pie(pen, x, y, tints, ink, ground) {
  const radius = 4, turn = 2 * Math.PI;
  pen.beginPath();
  pen.arc(x, y, radius + 0.75, 0, turn);
  pen.fillStyle = tints.length ? ground : ink;
  pen.globalAlpha = tints.length ? 1 : 0.5;
  pen.fill();
  pen.globalAlpha = 1;
  if (!tints.length) tints = [ground];
  tints.forEach((tint, k) => {
    pen.beginPath();
    pen.moveTo(x, y);
    pen.arc(x, y, radius - (tints[0] === ground ? 0.5 : 0), (k / tints.length) * turn, ((k + 1) / tints.length) * turn);
    pen.fillStyle = tint;
    pen.fill();
  });
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
