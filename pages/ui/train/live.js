// A race as it runs: progress, a card for each contender, what happened in words, small charts.
// Listens to the race's channel and draws what comes, without Streamlit in between; tells Streamlit
// when the race's state changes. All figures and all words come ready made. Figures come for all
// thresholds at once, so that the curves follow a dragged threshold by look-up; the words at it are
// asked for.

export default chartComponent("race", open, ({ channel, log, language }) =>
  [channel, log, language]);

function open(root, data, events) {
  const history = { step: [], tables: [], thresholds: [], panels: data.panels.map(() => ({})) };
  const [progress, rows, cards, story, grid] =
    elements("div", "progress", "rows", "cards", "story", "charts");
  story.setAttribute("aria-live", "polite");
  root.append(progress, rows, cards, story, grid);
  let threshold = data.threshold, charts, told = data.state;
  const stream = openStream(root, data.channel, (message) => {
    setText(rows, message.cards.length ? data.rows : "");
    drawCards(cards, message.cards, data);
    drawStory(story, message.story);
    if (message.step) drawFigures(message);
    charts?.forEach((chart, place) => {
      chart.describe(message.summaries[place] ?? "");
      chart.markBest(message.best[place] ?? []);
    });
    root.dataset.updates = Number(root.dataset.updates ?? 0) + 1;
  });
  const ask = () => stream.send({ threshold, language: data.language });

  function drawFigures(frame) {
    progress.replaceChildren(element("div", "", frame.progress.text), bar(frame.progress.share));
    splice(history, frame);
    if (history.step.length) {
      charts ??= data.panels.map((panel) => openChart(grid, panel, data, history));
      charts.forEach((chart) => chart.draw(threshold));
    }
    if (frame.state === told) return;
    told = frame.state;
    events.send(told);
  }

  followSliders(root, (key, value) => {
    if (key !== "threshold") return;
    if (value === threshold) return;
    threshold = value;
    charts?.forEach((chart) => chart.isTabled && chart.draw(threshold));
    if (charts) root.dataset.drawn = Number(root.dataset.drawn ?? 0) + 1;
    ask();
  });
  ask();
  return { update: () => askSliders(["threshold"]) };
}

// Keep what was sent before number `first`, then add what came.
function splice(history, frame) {
  const add = (old, fresh) => (old ?? []).slice(0, frame.first).concat(fresh);
  history.step = add(history.step, frame.step);
  history.tables = add(history.tables, frame.step.map(() => null)); // a pulse has no table
  const values = unpackFloats(frame.tables);
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

function bar(share, colour = "") {
  const filling = element("div", "filled");
  filling.style.background = colour;
  setShare(filling, share);
  // The words above it say the same.
  return setAttributes(element("div", "bar", filling), { "aria-hidden": true });
}

function setShare(filling, share) {
  filling.style.width = `${100 * clamp(share, 0, 1)}%`;
}

// Elements stay where only words and shares are new: cards may come 20 times a second.
function drawCards(root, cards, data) {
  const bars = cards.map((card) => card.map(([, share]) => share !== null));
  const shape = JSON.stringify([data.names, bars]);
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

function buildCard(card, place, { names, colours, dashes }) {
  const sample = keyEntry({ name: names[place], colour: colours[place], dash: dashes[place] }, 34);
  sample.className = "title";
  const lines = card.map(([words, share]) =>
    element("div", "", words, ...(share === null ? [] : [bar(share, colours[place])])));
  return element("section", "card", sample, ...lines);
}

function drawStory(root, story) {
  const told = story.join("\n");
  if (root.dataset.told === told) return; // a screen reader should hear a sentence once
  root.dataset.told = told;
  root.replaceChildren(...story.map((sentence) => element("p", "", sentence)));
}

// The same as `fromZero` for an axis that is logarithmic far from zero: 1, 2, 5, 10, 20, 50 …
function toNextEnd(_, low, high) {
  const power = 10 ** Math.floor(Math.log10(Math.max(high, 1)));
  return [0, power * ([1, 2, 5].find((end) => high <= end * power) ?? 10)];
}

function openChart(grid, panel, data, history) {
  const { names, colours, dashes, log } = data;
  const from = log ? 1 : 0; // a logarithmic axis has no step 0
  const line = (width, alpha) => (_, k) =>
    ({ stroke: colours[k], dash: dashes[k], width, alpha, spanGaps: true });
  let best = [];
  const chart = plot(grid, {
    title: panel.title,
    height: 184,
    marks: panel.judges ? colours.map(bestMark) : [],
    x: { size: 26, label: data.steps_label, scale: log ? "log" : "linear", range: () => [from, Math.max(2, data.steps)] },
    y: { size: 44, scale: panel.scale, range: { linear: fromZero, asinh: toNextEnd }[panel.scale] },
    series: [
      ...(panel.reference ? [{ stroke: "#888", dash: [2, 3], width: 1.5, spanGaps: true }] : []),
      ...(panel.faint ? names.map(line(1, 0.55)) : []),
      ...names.map(line(2.5, 1)),
    ],
    read: {
      together: data.channel.path,
      at: (step, ...values) => [
        filled(data.step, { step }),
        ...values.slice(-names.length).map((value, k) => {
          const figure = value === null ? "–" : digits(value);
          const told = best[k] ? filled(data.best, { figure, best: digits(best[k][1]) }) : figure;
          return `${names[k].split(" ")[0]}: ${told}`;
        }),
      ].join("\n"),
    },
  });
  const place = data.panels.indexOf(panel);
  return {
    isTabled: panel.tabled,
    draw(threshold) {
      const { reference, faint, lines } = history.panels[place];
      const found = panel.tabled ? lookUp(history, panel, data, threshold) : lines;
      const columns = [history.step, ...reference, ...faint, ...found];
      chart.set(columns.map((values) => values.slice(from)));
    },
    describe: chart.describe,
    // Where each contender was best, as it was told.
    markBest(told) {
      best = told;
      if (panel.judges) chart.mark(...names.map((_, k) => shownAt(told[k], from)));
    },
  };
}

const digits = (value) => plain(+value.toPrecision(4));
const shownAt = (at, from) => (at && at[0] >= from ? at : [NaN, NaN]);

function bestMark(colour) {
  const mark = element("div", "best");
  mark.style.color = colour;
  return mark;
}

// A line for each contender: its figure at the threshold out of each record's table.
function lookUp({ thresholds, tables }, panel, { panels, names }, threshold) {
  const tabled = panels.filter(({ tabled }) => tabled);
  const far = thresholds.map((value) => Math.abs(value - threshold));
  const at = far.indexOf(Math.min(...far));
  return names.map((_, contender) => {
    const figure = contender * tabled.length + tabled.indexOf(panel);
    const entry = figure * thresholds.length + at;
    return tables.map((table) => table && table[entry]); // NaN of what diverged
  });
}
