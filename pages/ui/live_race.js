// A race as it runs: progress, a card for each contender, what happened in words, small charts.
// Listens to the race's channel and draws what comes, without Streamlit in between; tells Streamlit
// when the race's state changes. All figures and all words come ready made, and text is set as
// text. Needs window.uPlot.

const views = new WeakMap();

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".race");
  let view = views.get(root);
  const key = JSON.stringify([data.channel, data.log]);
  if (view?.key !== key) {
    view?.close();
    view = openView(root, data, key);
    views.set(root, view);
  }
  view.ask(data, (state) => setTriggerValue("state", state));
  return () => {
    if (root.isConnected) return; // only new data, not the end
    views.get(root)?.close();
    views.delete(root);
  };
}

function openView(root, data, key) {
  const history = { step: [], panels: data.panels.map(() => ({ lines: [], faint: [], reference: [] })) };
  let charts, socket, closed, wanted = data, tell = () => {}, told = data.state, retries = 0;

  function connect() {
    if (closed) return;
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    socket = new WebSocket(`${scheme}://${location.host}${data.channel}`);
    socket.onopen = () => { retries = 0; ask(); };
    socket.onmessage = (event) => draw(JSON.parse(event.data));
    socket.onclose = (event) => {
      if (event.code !== 4404 && retries < 20) setTimeout(connect, 250 * ++retries);
    };
  }

  function ask() {
    if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ threshold: wanted.threshold }));
  }

  function draw(frame) {
    drawProgress(root.querySelector(".progress"), frame.progress);
    drawCards(root.querySelector(".cards"), frame.cards, data);
    drawStory(root.querySelector(".story"), frame.story);
    splice(history, frame);
    if (window.uPlot && history.step.length) {
      charts ??= buildCharts(root.querySelector(".charts"), data, history);
      charts.update(frame);
    }
    root.dataset.updates = Number(root.dataset.updates ?? 0) + 1;
    if (frame.state !== told) {
      told = frame.state;
      tell(told);
    }
  }

  connect();
  return {
    key,
    ask(fresh, newTell) {
      const changed = fresh.threshold !== wanted.threshold;
      wanted = fresh;
      tell = newTell;
      if (changed) ask();
    },
    close() {
      closed = true;
      socket?.close();
      charts?.destroy();
    },
  };
}

// Keep what was sent before number `first`, then add what came.
function splice(history, frame) {
  const add = (old, fresh) => (old ?? []).slice(0, frame.first).concat(fresh);
  history.step = add(history.step, frame.step);
  frame.panels.forEach((panel, place) => {
    const kept = history.panels[place];
    for (const part of ["lines", "faint", "reference"]) {
      kept[part] = panel[part].map((line, k) => add(kept[part][k], line));
    }
  });
}

function element(tag, className, ...children) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...children);
  return made;
}

function bar(share, colour) {
  const filled = element("div", "filled");
  filled.style.width = `${100 * Math.min(1, Math.max(0, share))}%`;
  if (colour) filled.style.background = colour;
  const whole = element("div", "bar", filled);
  whole.setAttribute("aria-hidden", "true"); // the words above it say the same
  return whole;
}

function drawProgress(root, progress) {
  root.replaceChildren(element("div", "", progress.text), bar(progress.share));
}

function drawCards(root, cards, data) {
  root.replaceChildren(
    ...cards.map((card, place) => {
      const title = element("div", "title", lineSample(data, place), data.names[place]);
      const lines = card.map(([words, share]) => {
        const line = element("div", "", words);
        if (share !== null) line.append(bar(share, data.colours[place]));
        return line;
      });
      return element("section", "card", title, ...lines);
    }),
  );
}

function lineSample(data, place) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const line = document.createElementNS("http://www.w3.org/2000/svg", "line");
  for (const [name, value] of Object.entries({ x1: 0, x2: 34, y1: 5, y2: 5 })) line.setAttribute(name, value);
  line.setAttribute("stroke", data.colours[place]);
  line.setAttribute("stroke-width", 3);
  line.setAttribute("stroke-dasharray", data.dashes[place].join(" "));
  svg.setAttribute("width", 34);
  svg.setAttribute("height", 10);
  svg.append(line);
  return svg;
}

function drawStory(root, story) {
  const told = story.join("\n");
  if (root.dataset.told === told) return; // a screen reader should hear a sentence once
  root.dataset.told = told;
  root.replaceChildren(...story.map((sentence) => element("p", "", sentence)));
}

function buildCharts(root, data, history) {
  root.replaceChildren();
  const sync = window.uPlot.sync(data.channel);
  const panels = data.panels.map((panel, place) => {
    const holder = element("div", "");
    holder.tabIndex = 0;
    holder.setAttribute("role", "img");
    root.append(element("figure", "", element("figcaption", "", panel.title), holder));
    const chart = new window.uPlot(
      options(panel, data, holder, sync), columns(history, place, data), holder,
    );
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
    update(frame) {
      panels.forEach(({ chart, holder }, place) => {
        chart.setData(columns(history, place, data));
        const summary = frame.panels[place]?.summary;
        if (summary) holder.setAttribute("aria-label", `${data.panels[place].title}. ${summary}`);
      });
    },
    destroy() {
      resize.disconnect();
      panels.forEach(({ chart }) => chart.destroy());
      root.replaceChildren();
    },
  };
}

// What uPlot draws: steps, then grey, thin and thick lines. A logarithmic axis has no step 0.
function columns(history, place, data) {
  const { reference, faint, lines } = history.panels[place];
  return [history.step, ...reference, ...faint, ...lines].map((line) => (data.log ? line.slice(1) : line));
}

function options(panel, data, holder, sync) {
  const style = getComputedStyle(holder);
  const colour = (name, otherwise) => () => style.getPropertyValue(name).trim() || otherwise;
  const text = colour("--st-text-color", "#555");
  const majors = (_, ticks) => ticks.map((tick) => (isMajor(tick) ? tick : null));
  const grid = { stroke: colour("--st-border-color-light", "#eee"), width: 1 };
  const plain = panel.scale === "linear";
  const axis = { stroke: text, grid, ticks: { show: false }, font: "12px sans-serif", gap: 3 };
  const series = (width, alpha) => (name, place) => ({
    label: name, stroke: data.colours[place], dash: data.dashes[place], width, alpha, spanGaps: true, points: { show: false },
  });
  return {
    width: holder.clientWidth || 240,
    height: 170,
    legend: { show: false },
    cursor: { sync: { key: sync.key }, drag: { x: false, y: false }, points: { size: 6 } },
    scales: {
      x: { time: false, distr: data.log ? 3 : 1, range: () => [data.log ? 1 : 0, Math.max(2, data.steps)] },
      y: { distr: { linear: 1, log: 3, asinh: 4 }[panel.scale], ...(RANGES[panel.scale] && { range: RANGES[panel.scale] }) },
    },
    axes: [
      { ...axis, size: 26, grid: data.log ? { ...grid, filter: majors } : grid },
      { ...axis, size: 44, grid: plain ? grid : { ...grid, filter: majors }, values: (_, ticks) => ticks.map((tick) => (tick === null || tick < 0 ? "" : String(+tick.toPrecision(3)))) },
    ],
    series: [
      {},
      ...(panel.reference ? [{ label: "true", stroke: "#888", dash: [2, 3], width: 1.5, spanGaps: true, points: { show: false } }] : []),
      ...(panel.faint ? data.names.map(series(1, 0.55)) : []),
      ...data.names.map(series(2.5, 1)),
    ],
    plugins: [tooltip(panel, data)],
  };
}

const RANGES = { linear: fromZero, asinh: (chart, low, high) => [0, high * 1.2] };

const isMajor = (tick) => tick === 0 || Math.abs(Math.log10(tick) % 1) < 1e-9;

// Upper ends that change seldom, so that a growing curve does not make the axis jump.
function fromZero(chart, low, high) {
  return [0, [0.1, 0.25, 0.5, 1].find((end) => high <= end) ?? high * 1.1];
}

function tooltip(panel, data) {
  const box = element("div", "tooltip");
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
