// A race as it runs: progress, a card for each contender, what happened in words, small charts.
// Listens to the race's channel and draws what comes, without Streamlit in between; tells Streamlit
// when the race's state changes. All figures and all words come ready made, and text is set as
// text. Figures come for all thresholds at once, so that the curves follow a dragged threshold
// (`lab-drag`, see slider.py) by look-up; the words at it are asked for. Needs window.uPlot
// and socket.js.

const views = new WeakMap();

export default function ({ data: [data], parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".race");
  let view = views.get(root);
  const key = JSON.stringify([data.channel, data.log, data.language]);
  if (view?.key !== key) {
    view?.close();
    view = openView(root, data, key);
    views.set(root, view);
  }
  view.take(data, (state) => setTriggerValue("state", state));
  return () => {
    if (root.isConnected) return; // only new data, not the end
    views.get(root)?.close();
    views.delete(root);
  };
}

function openView(root, data, key) {
  const history = { step: [], tables: [], thresholds: [], panels: data.panels.map(() => ({})) };
  const released = []; // thresholds that Python will repeat
  let threshold = data.threshold, given = threshold;
  let charts, tell = () => {}, told = data.state;
  const stream = openStream(root, data.channel, draw);
  const ask = () => stream.send({ threshold, language: data.language });

  function draw(message) {
    drawCards(root.querySelector(".cards"), message.cards, data);
    drawStory(root.querySelector(".story"), message.story);
    if (message.step) drawFigures(message);
    charts?.describe(message.summaries);
    root.dataset.updates = Number(root.dataset.updates ?? 0) + 1;
  }

  function drawFigures(frame) {
    drawProgress(root.querySelector(".progress"), frame.progress);
    splice(history, frame);
    if (window.uPlot && history.step.length) {
      if (!charts) charts = buildCharts(root.querySelector(".charts"), data, history, threshold);
      else charts.update(threshold);
    }
    if (frame.state !== told) {
      told = frame.state;
      tell(told);
    }
  }

  function follow(value) {
    if (value === threshold) return;
    threshold = value;
    charts?.move(threshold);
    ask();
  }

  function listen({ detail }) {
    if (detail.key !== "threshold") return;
    if (detail.done) released.push(detail.value);
    follow(detail.value);
    if (charts) root.dataset.drawn = Number(root.dataset.drawn ?? 0) + 1;
  }

  window.addEventListener("lab-drag", listen);
  ask();
  return {
    key,
    take(fresh, newTell) {
      tell = newTell;
      if (fresh.threshold === given) return;
      given = fresh.threshold;
      // What was released here comes back from Python later; meanwhile it may have moved on.
      const place = released.lastIndexOf(given);
      released.splice(0, place < 0 ? released.length : place + 1);
      if (place < 0) follow(given);
    },
    close() {
      window.removeEventListener("lab-drag", listen);
      stream.close();
      charts?.destroy();
    },
  };
}

// Keep what was sent before number `first`, then add what came.
function splice(history, frame) {
  const add = (old, fresh) => (old ?? []).slice(0, frame.first).concat(fresh);
  history.step = add(history.step, frame.step);
  history.tables = add(history.tables, frame.step.map(() => null)); // a pulse has no table
  const values = decode(frame.tables);
  const size = values.length / frame.places.length;
  frame.places.forEach((place, k) => {
    history.tables[place] = values.subarray(k * size, (k + 1) * size);
  });
  if (frame.thresholds.length) history.thresholds = frame.thresholds;
  frame.panels.forEach((panel, place) => {
    const kept = history.panels[place];
    for (const part of ["lines", "faint", "reference"]) {
      kept[part] = panel[part].map((line, k) => add(kept[part]?.[k], line));
    }
  });
}

function decode(base64) {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let k = 0; k < text.length; k++) bytes[k] = text.charCodeAt(k);
  return new Float32Array(bytes.buffer);
}

function element(tag, className, ...children) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...children);
  return made;
}

function bar(share, colour) {
  const filled = element("div", "filled");
  setShare(filled, share);
  if (colour) filled.style.background = colour;
  const whole = element("div", "bar", filled);
  whole.setAttribute("aria-hidden", "true"); // the words above it say the same
  return whole;
}

function setShare(filled, share) {
  filled.style.width = `${100 * Math.min(1, Math.max(0, share))}%`;
}

function drawProgress(root, progress) {
  root.replaceChildren(element("div", "", progress.text), bar(progress.share));
}

// Elements stay where only words and shares are new: cards may come 20 times a second.
function drawCards(root, cards, data) {
  const shape = JSON.stringify([data.names, cards.map((card) => card.map(([, share]) => share !== null))]);
  if (root.dataset.shape !== shape) {
    root.dataset.shape = shape;
    root.replaceChildren(...cards.map((card, place) => buildCard(card, place, data)));
  }
  cards.forEach((card, place) => {
    card.forEach(([words, share], k) => {
      const line = root.children[place].children[k + 1];
      if (line.firstChild.data !== words) line.firstChild.data = words;
      if (share !== null) setShare(line.lastChild.firstChild, share);
    });
  });
}

function buildCard(card, place, data) {
  const title = element("div", "title", lineSample(data, place), data.names[place]);
  const lines = card.map(([words, share]) =>
    element("div", "", words, ...(share === null ? [] : [bar(share, data.colours[place])])),
  );
  return element("section", "card", title, ...lines);
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

function buildCharts(root, data, history, threshold) {
  root.replaceChildren();
  const sync = window.uPlot.sync(data.channel.path);
  const panels = data.panels.map((panel, place) => {
    const holder = element("div", "");
    holder.tabIndex = 0;
    holder.setAttribute("role", "img");
    root.append(element("figure", "", element("figcaption", "", panel.title), holder));
    const chart = new window.uPlot(
      options(panel, data, holder, sync), columns(history, place, data, threshold), holder,
    );
    holder.addEventListener("keydown", (event) => moveCursor(event, chart));
    return { chart, holder, panel, place };
  });
  const draw = (some, threshold) =>
    some.forEach(({ chart, place }) => chart.setData(columns(history, place, data, threshold)));
  const resize = new ResizeObserver(() => {
    for (const { chart, holder } of panels) {
      if (holder.clientWidth > 0 && holder.clientWidth !== chart.width) {
        chart.setSize({ width: holder.clientWidth, height: chart.height });
      }
    }
  });
  resize.observe(root);
  return {
    update: (threshold) => draw(panels, threshold),
    move: (threshold) => draw(panels.filter(({ panel }) => panel.tabled), threshold),
    describe(summaries) {
      summaries.forEach((summary, place) => {
        panels[place].holder.setAttribute("aria-label", `${data.panels[place].title}. ${summary}`);
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
function columns(history, place, data, threshold) {
  const { reference, faint, lines } = history.panels[place];
  const first = data.log ? 1 : 0;
  const ready = [history.step, ...reference, ...faint, ...lines].map((line) => line.slice(first));
  return data.panels[place].tabled ? ready.concat(lookUp(history, place, data, threshold, first)) : ready;
}

// A line for each contender: its figure at the threshold out of each record's table.
function lookUp({ thresholds, tables }, place, data, threshold, first) {
  const tabled = data.panels.filter((panel) => panel.tabled);
  const at = nearest(thresholds, threshold);
  return data.names.map((_, contender) => {
    const figure = contender * tabled.length + tabled.indexOf(data.panels[place]);
    const entry = figure * thresholds.length + at;
    const line = [];
    for (let k = first; k < tables.length; k++) {
      const value = tables[k] === null ? NaN : tables[k][entry];
      line.push(value === value ? value : null); // NaN, of what diverged or between records, is a gap
    }
    return line;
  });
}

function nearest(values, wanted) {
  let best = 0;
  values.forEach((value, k) => {
    if (Math.abs(value - wanted) < Math.abs(values[best] - wanted)) best = k;
  });
  return best;
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
      ...(panel.reference ? [{ label: data.true, stroke: "#888", dash: [2, 3], width: 1.5, spanGaps: true, points: { show: false } }] : []),
      ...(panel.faint ? data.names.map(series(1, 0.55)) : []),
      ...data.names.map(series(2.5, 1)),
    ],
    plugins: [tooltip(panel, data)],
  };
}

const RANGES = { linear: fromZero, asinh: toNextEnd };

const isMajor = (tick) => tick === 0 || Math.abs(Math.log10(tick) % 1) < 1e-9;

// Upper ends that change seldom, so that a growing curve does not make the axis jump.
function fromZero(chart, low, high) {
  return [0, [0.1, 0.25, 0.5, 1].find((end) => high <= end) ?? high * 1.1];
}

// The same for an axis that is logarithmic far from zero: 1, 2, 5, 10, 20, 50 …
function toNextEnd(chart, low, high) {
  const power = 10 ** Math.floor(Math.log10(Math.max(high, 1)));
  return [0, power * ([1, 2, 5].find((end) => high <= end * power) ?? 10)];
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
          data.step.replace("{step}", chart.data[0][place]),
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
