// Curves with a cursor to drag, and the figures at it: in a table, or in a sentence. All figures
// come ready made for every place of the cursor; this only looks them up.

export default chartComponent("curves", open, shapeOf);

// What a chart is built for; anything else can change while it stays.
function shapeOf({ key, ends, log, heads, rows, panels }) {
  const looks = ({ lines, summary, along, x, ...panel }) =>
    [panel, lines.map(({ column, points, ...line }) => line)];
  return [key, ends, log, heads, rows.map(({ name }) => name), panels.map(looks)];
}

function open(root, first) {
  const { key, ends: [low, high] } = first, steps = first.size - 1;
  let data = first, place = Math.round(steps / 2), table, packed, instead = null;
  const valueAt = (at) => low + ((high - low) * at) / steps;
  const placeOf = (value) => Math.round(clamp((value - low) / (high - low), 0, 1) * steps);
  const cursor = { key, snap: (value) => valueAt(placeOf(value)), now: () => valueAt(place) };
  const over = Float64Array.from({ length: first.size }, (_, at) => valueAt(at));

  const grid = element("div", "panels");
  const readout = first.heads.length ? tableReadout(first) : sentenceReadout();
  root.append(grid, readout.root);
  root.classList.toggle("told", !first.heads.length);
  root.classList.toggle("tall", first.panels.some(({ tall }) => tall));
  const charts = first.panels.map((panel) => openChart(grid, panel, over, first.log, cursor));
  const digits = Math.ceil(Math.log10(steps / (high - low)));
  const move = () => {
    const now = instead && placeOf(instead.value) === place ? instead : null;
    root.classList.toggle("unled", Boolean(now) && !now.isCut);
    const told = readout.show(valueAt(place).toFixed(digits), place, table, data, now);
    charts.forEach((chart, k) => chart.move(data.panels[k], place, table, told));
  };
  followSliders(root, (moved, value, done, fresh) => {
    if (moved !== key) return;
    place = placeOf(value);
    if (fresh !== undefined) instead = fresh && { ...fresh, value };
    if (table) move();
    root.dataset.place = place;
    root.dataset.moves = Number(root.dataset.moves ?? 0) + 1;
  });
  return {
    update(fresh) {
      data = fresh;
      if (data.columns !== packed) table = split(unpackFloats((packed = data.columns)), data.size);
      charts.forEach((chart, k) => chart.show(data.panels[k], table));
      move();
      askSliders([key]);
    },
  };
}

const split = (all, size) =>
  Array.from({ length: all.length / size }, (_, k) => all.subarray(k * size, (k + 1) * size));

function tableReadout({ heads, rows }) {
  const shown = textTable("readout", heads, rows.map(({ name }) => name));
  return {
    root: shown.root,
    show(threshold, place, table, data, instead) {
      setText(shown.corner, instead?.caption ?? filled(data.caption, { threshold }));
      const columns = instead ? unpackFloats(instead.figures) : table.map((line) => line[place]);
      shown.show(data.rows.map((row) => row.columns.map((column, k) =>
        column === null ? "" : written(columns[column], row.digits, k === data.signed))));
    },
  };
}

function sentenceReadout() {
  const root = element("p", "");
  return {
    root,
    show(value, place, table, { caption, rows }) {
      const fields = { value: Number(value) };
      for (const { name, columns: [column], digits } of rows) {
        fields[name] = written(table[column][place], digits);
      }
      setText(root, filled(caption, fields));
      return root.textContent;
    },
  };
}

function written(value, digits, signed) {
  if (Number.isNaN(value)) return "–";
  const text = Math.abs(value).toFixed(digits);
  if (Number(text) === 0) return text;
  return (value < 0 ? "−" : signed ? "+" : "") + text;
}

// Lines over the cursor's axis ("over", "bars"); over a figure, with a dot at the cursor ("path");
// or over an axis of their own, other ones for each place of the cursor ("profile").
function openChart(grid, panel, over, log, cursor) {
  const { kind, scale, bend, top, tall } = panel, isPath = kind === "path", isProfile = kind === "profile";
  const isLed = !isPath && !isProfile, isLog = log && isLed, isAsinh = scale === "asinh";
  const from = isLog ? 1 : 0; // a logarithmic axis has no 0
  const marks = isPath ? panel.lines.map(({ colour }) => dot(colour)) : [];
  if (isProfile) marks.push(element("div", "mark", element("span", "", panel.mark)));
  const chart = plot(grid, {
    title: panel.title,
    key: panel.lines.filter(({ name }) => name).map((line) => keyEntry(line)),
    height: tall ? ({ clientWidth }) => clamp(0.4 * innerHeight, 190, 0.66 * clientWidth) : 190,
    marks,
    cursor: isLed && cursor,
    x: {
      label: panel.across,
      scale: isLog ? "log" : "linear",
      range: () => (isLed ? [over[from], over.at(-1)] : [0, 1]),
    },
    y: {
      scale,
      bend,
      range: top ? [0, top] : isAsinh ? (_, low, high) => [0, (high || 1) * 1.2] : fromZero,
      ...(isAsinh && { values: (_, ticks) => numbersOf(_, powersOf(_, ticks)) }),
    },
    series: panel.lines.map(({ colour: stroke, dash, width, alpha, fill }) => ({
      stroke, dash, width, alpha, fill: fill && `${stroke}33`,
      ...(kind === "bars" && { paths: window.uPlot.paths.stepped({ align: 1 }) }),
      ...(isProfile && { pxAlign: 0 }), // it may move by less than a pixel
    })),
  });
  let profiles;
  return {
    show({ x, along, lines, summary }, table) {
      if (x) profiles = lines.map(({ points }) => split(unpackFloats(points), x.length));
      chart.describe(summary);
      if (isProfile) return;
      if (x) chart.set([x, ...profiles.map(([points]) => points)]);
      else {
        const columns = [isPath ? table[along] : over, ...lines.map(({ column }) => table[column])];
        // Lower thresholds lie further along.
        chart.set(columns.map((line) => (isPath ? line.toReversed() : line.subarray(from))));
      }
    },
    move({ along, x, lines }, place, table, told) {
      if (isPath) {
        chart.mark(...lines.map(({ column }) => [table[along][place], table[column][place]]));
      } else if (isProfile) {
        chart.set([x, ...profiles.map((points) => points[place])]);
        chart.mark([table[along][place]]);
        chart.describe(told);
      } else chart.mark([Math.max(over[place], over[from])]);
    },
  };
}

function dot(colour) {
  const made = element("div", "dot");
  made.style.background = colour;
  return made;
}
