// Curves over the threshold with a cursor to drag, and the figures at it. All figures come ready
// made for every threshold; this only looks them up. Talks to its slider by `lab-drag` events on
// the window (see slider.js). Needs window.uPlot and plot.js. Text is set as text.

const views = new WeakMap();

export default function ({ data, parentElement }) {
  return keepView(views, parentElement.querySelector(".sweep"), data, shapeOf, open);
}

// What a chart is built for; anything else can change while it stays.
function shapeOf(data) {
  return JSON.stringify([data.key, data.log, data.heads, data.rows.map(({ name }) => name),
    data.panels.map(({ title, kind, scale, lines }) => [title, kind, scale, lines.map(({ column, points, ...line }) => line)])]);
}

function open(root, first) {
  let data = first, table, place = Math.round((first.size - 1) / 2), packed, charts, waiting, closed = false;
  const readout = buildReadout(first);
  const grid = element("div", "panels");
  root.replaceChildren(grid, readout.root);

  const move = (value) => {
    place = Math.round(Math.min(1, Math.max(0, value)) * (data.size - 1));
    charts?.forEach((chart) => chart.mark(place, table));
    readout.show(place, table, data);
    root.dataset.place = place;
    root.dataset.moves = Number(root.dataset.moves ?? 0) + 1;
  };
  const listen = ({ detail }) => {
    if (detail.key === data.key) move(detail.value);
  };
  const drag = (value, done) =>
    window.dispatchEvent(new CustomEvent("lab-drag", { detail: { key: data.key, value, done } }));
  window.addEventListener("lab-drag", listen);

  const resize = new ResizeObserver(() => {
    charts?.forEach((chart) => chart.fit());
    charts?.forEach((chart) => chart.mark(place, table));
  });
  resize.observe(root);

  function draw() {
    if (closed) return;
    if (!window.uPlot) {
      waiting = requestAnimationFrame(draw);
      return;
    }
    charts ??= data.panels.map((panel, k) => buildChart(grid, panel, k, () => data, drag));
    charts.forEach((chart, k) => chart.set(data.panels[k], table, data));
    charts.forEach((chart) => chart.mark(place, table));
    readout.show(place, table, data);
    askSliders([data.key]);
  }

  return {
    shape: shapeOf(first),
    update(fresh) {
      const isNew = fresh.columns !== packed;
      data = fresh;
      if (isNew || !table) table = unpack((packed = fresh.columns), fresh.size);
      cancelAnimationFrame(waiting);
      draw();
    },
    close() {
      closed = true;
      cancelAnimationFrame(waiting);
      resize.disconnect();
      window.removeEventListener("lab-drag", listen);
      charts?.forEach((chart) => chart.destroy());
    },
  };
}

// Rows of `size` float32 numbers each, one for every column.
function unpack(packed, size) {
  const all = unpackFloats(packed);
  return Array.from({ length: all.length / size }, (_, k) => all.subarray(k * size, (k + 1) * size));
}

function buildReadout(data) {
  const head = element("tr", "", element("th", "", data.caption), ...data.heads.map((name) => element("th", "", name)));
  const cells = data.rows.map(() => data.heads.map(() => element("td", "")));
  const body = data.rows.map(({ name }, k) => element("tr", "", element("th", "", name), ...cells[k]));
  const root = element("table", "readout", element("thead", "", head), element("tbody", "", ...body));
  return {
    root,
    show(place, table, fresh) {
      head.firstChild.textContent = fresh.caption.replace("{threshold}", thresholdText(place, fresh.size));
      fresh.rows.forEach(({ columns, digits }, k) =>
        columns.forEach((column, c) => {
          const text = column === null ? "" : written(table[column][place], digits, c === fresh.signed);
          if (cells[k][c].textContent !== text) cells[k][c].textContent = text;
        }),
      );
    },
  };
}

function written(value, digits, signed) {
  if (Number.isNaN(value)) return "–";
  const text = Math.abs(value).toFixed(digits);
  if (Number(text) === 0) return text;
  return (value < 0 ? "−" : signed ? "+" : "") + text;
}

const thresholdText = (place, size) => (place / (size - 1)).toFixed(Math.ceil(Math.log10(size - 1)));

function buildChart(grid, panel, k, current, drag) {
  const holder = element("div", "holder");
  const line = element("div", "cursor");
  const caption = element("figcaption", "", panel.title);
  const key = element("div", "key", ...panel.lines.filter(({ name }) => name).map(keyEntry));
  const figure = element("figure", "", caption, key, holder);
  holder.setAttribute("role", "img");
  grid.append(figure);
  const toThreshold = (at) => {
    const steps = current().size - 1;
    return Math.round(Math.min(1, Math.max(0, at)) * steps) / steps;
  };
  const chart = new window.uPlot(options(panel, current(), holder), [[0, 1], ...panel.lines.map(() => [null, null])], holder);
  const dots = panel.kind === "path" ? panel.lines.map(({ colour }) => dot(colour)) : [];
  chart.over.append(...(panel.kind === "path" ? dots : [line]));
  if (panel.kind !== "path") draggable(chart, toThreshold, drag);
  let x, values;
  return {
    set(fresh, table, data) {
      const turn = fresh.kind === "path"; // lower thresholds lie further to the right
      const from = data.log && !turn ? 1 : 0;
      const taken = (column) => {
        const numbers = Array.from(table[column].subarray(from), (value) => (Number.isNaN(value) ? null : value));
        return turn ? numbers.reverse() : numbers;
      };
      if (fresh.x) {
        x = fresh.x;
        values = fresh.lines.map(({ points }) => points);
      } else {
        x = turn ? taken(fresh.along) : Array.from({ length: data.size - from }, (_, i) => (i + from) / (data.size - 1));
        values = fresh.lines.map(({ column }) => taken(column));
      }
      chart.setData([x, ...values]);
      holder.setAttribute("aria-label", fresh.alt);
    },
    mark(place, table) {
      const fresh = current().panels[k];
      if (fresh.kind === "path") {
        dots.forEach((mark, i) => {
          const { along, lines } = fresh;
          const [px, py] = [table[along][place], table[lines[i].column][place]];
          mark.hidden = Number.isNaN(px) || Number.isNaN(py);
          mark.style.transform = `translate(${chart.valToPos(px, "x")}px, ${chart.valToPos(py, "y")}px)`;
        });
      } else {
        const value = place / (current().size - 1);
        const left = chart.valToPos(current().log ? Math.max(value, 1 / (current().size - 1)) : value, "x");
        line.style.transform = `translateX(${left}px)`;
      }
    },
    fit() {
      if (holder.clientWidth > 0 && holder.clientWidth !== chart.width) {
        chart.setSize({ width: holder.clientWidth, height: chart.height });
      }
    },
    destroy() {
      chart.destroy();
      figure.remove();
    },
  };
}

function dot(colour) {
  const made = element("div", "dot");
  made.style.background = colour;
  return made;
}

function options(panel, data, holder) {
  const axis = themedAxis(holder);
  const { grid } = axis;
  const isLog = data.log && panel.kind !== "path";
  const majors = { ...grid, filter: (_, ticks) => ticks.map((tick) => (isMajor(tick) ? tick : null)) };
  const labels = (_, ticks) => ticks.map((tick) => (tick === null ? "" : String(+tick.toPrecision(3))));
  return {
    width: holder.clientWidth || 300,
    height: 190,
    legend: { show: false },
    cursor: { show: false },
    scales: {
      x: { time: false, distr: isLog ? 3 : 1, range: () => [isLog ? 1 / (data.size - 1) : 0, 1] },
      y: { distr: panel.scale === "asinh" ? 4 : 1, range: (_, low, high) => [0, upperEnd(panel.scale, high)] },
    },
    axes: [
      { ...axis, size: 20, label: panel.across, labelFont: "12px sans-serif", labelSize: 18, labelGap: 0, grid: isLog ? majors : grid, values: labels },
      { ...axis, size: 46, grid: panel.scale === "asinh" ? majors : grid, values: (_, ticks) => labels(_, panel.scale === "asinh" ? ticks.map((tick) => (isMajor(tick) ? tick : null)) : ticks) },
    ],
    series: [
      {},
      ...panel.lines.map(({ name, colour: stroke, dash, width, alpha, fill }) => ({
        label: name, stroke, dash, width, alpha, fill: fill && `${stroke}33`, spanGaps: false, points: { show: false },
        ...(panel.kind === "bars" && { paths: window.uPlot.paths.stepped({ align: 1 }) }),
      })),
    ],
  };
}

const isMajor = (tick) => tick === 0 || Math.abs(Math.log10(tick) % 1) < 1e-9;

function upperEnd(scale, high) {
  if (scale === "asinh") return (high || 1) * 1.2;
  return [0.1, 0.25, 0.5, 1].find((end) => high <= end * 1.0001) ?? high * 1.1;
}
