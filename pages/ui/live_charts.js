// Small line charts that follow a race: one call per update, and only data is drawn anew.
// All arithmetic is done before the data gets here. Needs window.uPlot.

const instances = new WeakMap();
const DASHES = [[], [8, 4], [3, 3], [10, 3, 2, 3]];

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".charts");
  if (!window.uPlot) {
    const timer = setInterval(() => {
      if (window.uPlot) { clearInterval(timer); show(root, data); }
    }, 20);
    return () => clearInterval(timer);
  }
  show(root, data);
}

function show(root, data) {
  let charts = instances.get(root);
  if (!charts || charts.key !== data.key) {
    charts?.destroy();
    charts = build(root, data);
    instances.set(root, charts);
  }
  charts.update(data);
}

function build(root, data) {
  root.replaceChildren();
  const sync = window.uPlot.sync(data.key);
  const panels = data.panels.map((panel) => {
    const box = document.createElement("figure");
    const title = document.createElement("figcaption");
    title.textContent = panel.title;
    const holder = document.createElement("div");
    holder.tabIndex = 0;
    holder.setAttribute("role", "img");
    box.append(title, holder);
    root.append(box);
    const chart = new window.uPlot(options(panel, data, holder, sync), columns(panel, data), holder);
    holder.addEventListener("keydown", (event) => moveCursor(event, chart));
    return { chart, holder };
  });
  const resize = new ResizeObserver(() => {
    for (const { chart, holder } of panels) {
      if (holder.clientWidth > 0 && holder.clientWidth !== chart.width) {
        chart.setSize({ width: holder.clientWidth, height: chart.height });
      }
    }
  });
  resize.observe(root);
  return {
    key: data.key,
    update(fresh) {
      fresh.panels.forEach((panel, place) => {
        const { chart, holder } = panels[place];
        chart.setData(columns(panel, fresh));
        holder.setAttribute("aria-label", `${panel.title}. ${panel.summary}`);
      });
      root.dataset.updates = Number(root.dataset.updates ?? 0) + 1;
    },
    destroy() {
      resize.disconnect();
      panels.forEach(({ chart }) => chart.destroy());
    },
  };
}

function columns(panel, data) {
  return [data.step, ...(panel.reference ? [panel.reference] : []), ...panel.faint, ...panel.lines];
}

function options(panel, data, holder, sync) {
  const style = getComputedStyle(holder);
  const colour = (name, otherwise) => () => style.getPropertyValue(name).trim() || otherwise;
  const text = colour("--st-text-color", "#555");
  const grid = { stroke: colour("--st-border-color", "#ddd"), width: 1 };
  const axis = { stroke: text, grid, ticks: { show: false }, font: "12px sans-serif", gap: 3 };
  const series = (width, alpha) => (name, place) => ({
    label: name, stroke: data.colours[place], dash: DASHES[place], width, alpha, points: { show: false },
  });
  return {
    width: holder.clientWidth || 240,
    height: 170,
    legend: { show: false },
    cursor: { sync: { key: sync.key }, drag: { x: false, y: false }, points: { size: 6 } },
    scales: {
      x: { time: false, distr: data.log ? 3 : 1, range: () => [data.log ? 1 : 0, Math.max(2, data.steps)] },
      y: { distr: { linear: 1, log: 3, asinh: 4 }[panel.scale], ...(panel.scale === "linear" && { range: fromZero }) },
    },
    axes: [
      { ...axis, size: 26, label: undefined },
      { ...axis, size: 44, values: (_, ticks) => ticks.map((tick) => (tick === null ? "" : String(+tick.toPrecision(3)))) },
    ],
    series: [
      {},
      ...(panel.reference ? [{ label: "true", stroke: "#888", dash: [2, 3], width: 1.5, points: { show: false } }] : []),
      ...(panel.faint.length ? data.names.map(series(1, 0.55)) : []),
      ...data.names.map(series(2.5, 1)),
    ],
    plugins: [tooltip(panel, data)],
  };
}

// Upper ends that change seldom, so that a growing curve does not make the axis jump.
function fromZero(chart, low, high) {
  return [0, [0.1, 0.25, 0.5, 1].find((end) => high <= end) ?? high * 1.1];
}

function tooltip(panel, data) {
  const box = document.createElement("div");
  box.className = "tooltip";
  return {
    hooks: {
      init: (chart) => chart.over.append(box),
      setCursor: (chart) => {
        const place = chart.cursor.idx;
        box.hidden = place === null || place === undefined || chart.cursor.left < 0;
        if (box.hidden) return;
        const first = chart.data.length - data.names.length;
        box.textContent = [
          `step ${chart.data[0][place]}`,
          ...data.names.map((name, k) => {
            const value = chart.data[first + k][place];
            return `${name.split(" ")[0]}: ${value === null ? "–" : +value.toPrecision(4)}`;
          }),
        ].join("\n");
        box.style.left = chart.cursor.left > chart.over.clientWidth / 2 ? "4px" : "auto";
        box.style.right = chart.cursor.left > chart.over.clientWidth / 2 ? "auto" : "4px";
      },
    },
  };
}

function moveCursor(event, chart) {
  const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (!by || !chart.data[0].length) return;
  event.preventDefault();
  const last = chart.data[0].length - 1;
  const place = Math.min(last, Math.max(0, (chart.cursor.idx ?? last) + by));
  chart.setCursor({ left: chart.valToPos(chart.data[0][place], "x"), top: 10 });
}
