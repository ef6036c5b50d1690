// A run that is trained again while one of its settings is dragged: every move of a slider becomes
// a question to the server, and its answer is drawn over the run of the sidebar's setting. Nothing
// is trained or scored here. Asks nothing before it is in sight.

const RECENT = 10; // runs whose times decide whether there is one for every move
const LAGGING = 4; // times what follows a finger: late, but better than none until it is let go

export default chartComponent("retrain", open, ({ words }) => words);

function open(root, first) {
  const { words } = first;
  let data = first, values = {}, setting = "", run, seen = false;
  let asked = 0, since = 0, telling = 0, charts, closed = false;
  const status = element("div", "status", words.waiting);
  const said = setAttributes(element("div", "said"), { "aria-live": "polite" });
  const panels = element("div", "panels");
  const scores = textTable("readout", words.heads, words.rows, { caption: words.caption });
  const facts = textTable("readout", words.fact_heads, words.facts);
  const reference = markedEntry({ name: words.reference, colour: "currentColor", dash: [5, 4] });
  reference.classList.add("pale");
  const key = element("div", "key", reference, element("span", "", words.mark));
  root.append(status, key, panels, element("div", "tables", scores.root, facts.root), said);
  const asker = openAsker(root, first.channel, take);

  // The sidebar's setting comes first: it is what all others are compared with.
  const ask = () => {
    if (!seen || run.refused) return;
    asked ||= requestAnimationFrame(() => {
      asked = 0;
      const question = { ...data.question, values: run.reference ? values : {} };
      const text = JSON.stringify(question);
      if (text === run.asked) return;
      run.asked = text;
      asker.ask({ ...question, run: run.number, isReference: !run.reference, since });
    });
  };

  function take(answer, question) {
    if (question.run !== run.number) return; // the sidebar says something else by now
    run.refused = Boolean(answer.expected);
    if (answer.error || run.refused) {
      run.asked = "";
      const { error, expected } = answer, { longest } = data;
      if (run.refused) tellStatus(words.refused, { expected: Math.ceil(expected), longest });
      else tellStatus(words.error, { error });
      return;
    }
    const outcome = unpack(answer, data.curves.length);
    if (question.isReference) {
      run.reference = outcome;
      ask();
      return;
    }
    run.drawn = outcome;
    run.times = [...run.times, answer.seconds * 1000].slice(-RECENT);
    run.live = quickest(run.times) <= LAGGING * data.live;
    draw(question);
  }

  function draw(question) {
    run.largest = Math.max(run.largest, largestLoss(run.drawn), largestLoss(run.reference));
    charts ??= words.panels.map((_, k) => openChart(panels, k, first, () => run.largest));
    charts.forEach((chart) => chart.show(run));
    scores.show(scoreRows(run, data.f1s));
    facts.show(factRows(run));
    root.classList.remove("waiting");
    requestAnimationFrame(() => setTimeout(() => { // the frame is painted by then
      if (closed || question.run !== run.number) return;
      const passed = question.since && performance.now() - question.since;
      root.dataset.passed = passed.toFixed(1);
      root.dataset.values = JSON.stringify(question.values);
      root.dataset.draws = Number(root.dataset.draws ?? 0) + 1;
      tellTimes(passed);
    }));
    tellLater();
  }

  function tellTimes(passed) {
    const usual = quickest(run.times);
    const fields = {
      epochs: run.drawn.epochs,
      took: Math.round(run.drawn.seconds * 1000),
      passed: Math.round(passed),
      usual: duration(usual, words),
      times: plain(+(usual / data.live).toPrecision(2)),
      limit: data.live,
    };
    if (run.drawn.diverged) tellStatus(words.diverged, fields);
    else if (!run.live) tellStatus(words.slow, fields);
    else if (usual >= 1.1 * data.live) tellStatus(words.lagging, fields);
    else tellStatus(passed ? words.followed : words.trained, fields);
  }
  function tellStatus(text, fields) {
    const warnings = [words.slow, words.refused, words.diverged, words.error];
    setText(status, filled(text, { advice: data.advice, ...fields }));
    root.classList.toggle("refused", run.refused);
    status.classList.toggle("warning", warnings.includes(text));
  }
  // A screen reader is told once all is still.
  function tellLater() {
    clearTimeout(telling);
    telling = setTimeout(() => {
      if (!run.drawn) return; // the sidebar says something else by now
      charts.forEach((chart) => chart.tell(run.drawn));
      setText(said, run.drawn.diverged ? words.diverged : sentence(run, words));
    }, 400);
  }

  const unfollow = followSliders((key, value, done) => {
    const name = data.sliders[key];
    if (!name) return;
    if (values[name] !== value) since = performance.now();
    values[name] = value;
    if (run.live || done) ask();
    if (done && run.drawn) {
      // The axis of the loss grows during a drag, and fits again after it.
      run.largest = Math.max(largestLoss(run.drawn), largestLoss(run.reference));
      charts[0].show(run);
      tellLater();
    }
  });
  const sight = new IntersectionObserver((entries) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    seen = true;
    sight.disconnect();
    ask();
  });
  sight.observe(root);

  return {
    update(given) {
      data = given;
      values = { ...given.values };
      const now = JSON.stringify(given.question);
      if (now !== setting) {
        [setting, run, since] = [now, fresh((run?.number ?? 0) + 1), 0];
        tellStatus(words.waiting, {});
        root.classList.add("waiting"); // what is still drawn is not of this setting
      }
      askSliders(Object.keys(data.sliders));
      ask();
    },
    close() {
      closed = true;
      cancelAnimationFrame(asked);
      clearTimeout(telling);
      asker.close();
      sight.disconnect();
      unfollow();
      charts?.forEach((chart) => chart.close());
    },
  };
}

// What is known of a setting of the sidebar.
const fresh = (number) => ({
  number, reference: null, drawn: null, times: [], largest: 0, asked: "", live: true, refused: false,
});

function unpack(answer, lines) {
  const curves = unpackFloats(answer.curves), length = curves.length / lines;
  return {
    ...answer,
    epochs: length - 1,
    curves: Array.from({ length: lines }, (_, i) => curves.subarray(i * length, (i + 1) * length)),
    label_f1: unpackFloats(answer.label_f1),
  };
}

// How long the model itself takes: whatever else the machine does only adds to it.
const quickest = (times) => Math.min(...times);

const largestLoss = ({ curves }) =>
  Math.max(0, ...curves.slice(0, 2).flatMap((curve) => [...curve].filter(Number.isFinite)));

const duration = (milliseconds, words) =>
  milliseconds < 1000
    ? filled(words.milliseconds, { n: Math.round(milliseconds) })
    : filled(words.seconds, { n: plain(+(milliseconds / 1000).toPrecision(2)) });

const fixed = (value, digits = 3) => (Number.isFinite(value) ? value.toFixed(digits) : "–");

const percent = (value) => (Number.isFinite(value) ? `${(100 * value).toFixed(1)} %` : "–");

function scoreRows({ drawn, reference }, names) {
  return names.map((name) => [
    fixed(drawn.at_half[name]),
    fixed(reference.at_half[name]),
    fixed(drawn.tuned[name][1]),
    fixed(reference.tuned[name][1]),
    fixed(drawn.tuned[name][0], 2),
  ]);
}

function factRows({ drawn, reference }) {
  return [
    [fixed(drawn.at_half.labels_per_row, 2), fixed(reference.at_half.labels_per_row, 2)],
    [percent(drawn.at_half.empty_share), percent(reference.at_half.empty_share)],
    [fixed(drawn.true_labels_per_row, 2), ""],
  ];
}

function sentence({ drawn: { at_half, tuned, epochs, true_labels_per_row } }, words) {
  const fields = {
    epochs, labels: fixed(at_half.labels_per_row, 2), true: fixed(true_labels_per_row, 2),
    empty: percent(at_half.empty_share),
  };
  for (const name of Object.keys(tuned)) {
    const average = name.replace("_f1", "");
    fields[`${average}_half`] = fixed(at_half[name]);
    fields[`${average}_tuned`] = fixed(tuned[name][1]);
  }
  return filled(words.said, fields);
}

// Where a panel's lines stand among the curves that came; the third panel shows the labels.
const PLACES = [[0, 1], [2, 3, 4]];
const [LOSS, LABELS] = [0, 2];
const MARKS = ["none", "full", "hollow"];

function openChart(grid, k, { words, colours }, largest) {
  const names = words.series[k], title = words.panels[k], isLabels = k === LABELS;
  const linesOf = ({ label_f1, curves }) =>
    isLabels ? [label_f1] : PLACES[k].map((place) => curves[place]);
  const chart = plot(grid, {
    title,
    key: names.map((name, i) =>
      markedEntry({ name, colour: colours[i] }, isLabels ? "bar" : MARKS[i])),
    height: 220,
    x: {
      label: words.across[k], space: 40, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500],
      range: (_, low, high) =>
        isLabels ? [0.5, Math.max(1.5, high + 0.5)] : [0, Math.max(1, high)],
      values: (_, ticks) => ticks.map((tick) => (Number.isInteger(tick) ? String(tick) : "")),
      ...(isLabels && { grid: { show: false } }),
    },
    y: { size: 44, range: () => (k === LOSS ? [0, 1.04 * (largest() || 1)] : [0, 1]) },
    series: (isLabels ? labelSeries : lineSeries)(grid, colours.slice(0, names.length)),
  });
  return {
    show({ drawn, reference }) {
      const outcomes = isLabels ? [drawn, reference] : [reference, drawn]; // the last lies on top
      const across = Array.from(linesOf(drawn)[0], (_, i) => (isLabels ? i + 1 : i));
      const lines = outcomes.flatMap(linesOf);
      chart.set([across, ...lines.map((line) => across.map((_, i) => line[i]))]);
    },
    tell(drawn) {
      const ends = linesOf(drawn).map((line) =>
        ({ first: fixed(line[0]), last: fixed(line.at(-1)), n: line.length }));
      const curves = names.map((name, i) => filled(words.curve, { name, ...ends[i] }));
      chart.describe(isLabels ? filled(words.bars, ends[0]) : curves.join("; "));
    },
    close: chart.close,
  };
}

// Pale lines of the sidebar's run, and those of the run that is dragged with a mark at some points.
function lineSeries(grid, colours) {
  const some = (chart) => chart.data[0].filter((_, i, all) => i % Math.ceil(all.length / 11) === 0);
  const background = themed(grid, "--st-background-color");
  const points = (colour, i) => {
    const fill = MARKS[i] === "full" ? colour : background;
    return { show: MARKS[i] !== "none", size: 7, width: 2, fill, filter: some };
  };
  return [
    ...colours.map((stroke) => ({ stroke, width: 1.5, alpha: 0.75, dash: [5, 4] })),
    ...colours.map((stroke, i) => ({ stroke, points: points(stroke, i) })),
  ];
}

// Bars, and a short stroke over each of them.
function labelSeries(grid, [colour]) {
  const bars = window.uPlot.paths.bars({ size: [0.8, 60] });
  return [
    { fill: colour, stroke: colour, width: 0, alpha: 0.75, paths: bars },
    { stroke: themed(grid, "--st-text-color"), width: 2, paths: strokes },
  ];
}

// A short stroke for each label, as wide as its bar.
function strokes(chart, place, from, to) {
  const stroke = new Path2D();
  const half = 0.4 * Math.abs(chart.valToPos(2, "x", true) - chart.valToPos(1, "x", true));
  for (let i = from; i <= to; i++) {
    const value = chart.data[place][i];
    if (value === null || value === undefined) continue;
    const [x, y] = [chart.valToPos(chart.data[0][i], "x", true), chart.valToPos(value, "y", true)];
    stroke.moveTo(x - half, y);
    stroke.lineTo(x + half, y);
  }
  return { stroke, fill: null, clip: null, band: null, gaps: null, flags: 0 };
}

// A line of the key with the mark that its points have.
function markedEntry({ name, colour, dash }, mark) {
  const entry = keyEntry({ name, colour, dash }), picture = entry.querySelector("svg");
  const shape = {
    bar: ["rect", { x: 8, y: 0, width: 10, height: 10, fill: colour }],
    full: ["circle", { cx: 13, cy: 5, r: 4, fill: colour }],
    hollow: ["circle", { cx: 13, cy: 5, r: 3.5, stroke: colour, class: "hollow" }],
  }[mark];
  if (mark === "bar") picture.replaceChildren();
  if (shape) picture.append(svg(...shape));
  return entry;
}
