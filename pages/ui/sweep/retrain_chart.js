// A run that is trained again while one of its settings is dragged: every move of a slider becomes
// a question to the server, and its answer is drawn over the run of the sidebar's setting. Nothing
// is trained or scored here. Asks nothing before it is in sight.

const RECENT = 10; // runs whose times decide whether there is one for every move
const LAGGING = 4; // times what follows a drag: late, but better than none until it is let go

export default chartComponent("retrain", open, ({ words }) => words);

function open(root, first) {
  const { words } = first;
  let data = first, values = {}, setting = "", run, seen = false;
  let asked = 0, telling = 0, charts;
  const status = element("div", "status", words.waiting);
  const said = setAttributes(element("div", "said"), { "aria-live": "polite" });
  const panels = element("div", "panels");
  const table = textTable("readout", words.heads, words.rows, { caption: words.caption });
  root.append(status, element("div", "key", words.reference), panels, table.root, said);
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
      asker.ask({ ...question, run: run.number, isReference: !run.reference });
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
    table.show(rowsOf(run, data.f1s));
    root.classList.remove("waiting");
    root.dataset.values = JSON.stringify(question.values);
    root.dataset.draws = Number(root.dataset.draws ?? 0) + 1;
    const usual = quickest(run.times);
    tellStatus(run.drawn.diverged ? words.diverged : run.live ? words.trained : words.slow, {
      epochs: run.drawn.epochs,
      took: Math.round(run.drawn.seconds * 1000),
      usual: duration(usual, words),
      times: plain(+(usual / data.live).toPrecision(2)),
      limit: data.live,
    });
    tellLater();
  }

  function tellStatus(text, fields) {
    const warnings = [words.slow, words.refused, words.diverged, words.error];
    setText(status, filled(text, { advice: words.advice, ...fields }));
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

  followSliders(root, (key, value, done) => {
    const name = data.sliders[key];
    if (!name) return;
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

  whenClosed(root, () => {
    cancelAnimationFrame(asked);
    clearTimeout(telling);
    sight.disconnect();
  });
  return {
    update(given) {
      data = given;
      values = { ...given.values };
      const now = JSON.stringify(given.question);
      if (now !== setting) {
        [setting, run] = [now, fresh((run?.number ?? 0) + 1)];
        tellStatus(words.waiting, {});
        root.classList.add("waiting"); // what is still drawn is not of this setting
      }
      askSliders(Object.keys(data.sliders));
      ask();
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

function rowsOf({ drawn, reference }, names) {
  const half = [drawn.at_half, reference.at_half];
  return [
    ...names.map((name) => {
      const [threshold, tuned] = drawn.tuned[name], sidebar = reference.tuned[name][1];
      return [...half.map((at) => at[name]), tuned, sidebar].map((value) => fixed(value))
        .concat(fixed(threshold, 2));
    }),
    half.map((at) => fixed(at.labels_per_row, 2)),
    half.map((at) => percent(at.empty_share)),
    [fixed(drawn.true_labels_per_row, 2)],
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

function openChart(grid, k, { words, colours, dashes }, largest) {
  const title = words.panels[k], isLabels = k === LABELS;
  const looks = words.series[k].map((name, i) =>
    ({ name, colour: colours[i], dash: isLabels ? [] : dashes[i] }));
  const linesOf = ({ label_f1, curves }) =>
    isLabels ? [label_f1] : PLACES[k].map((place) => curves[place]);
  const lines = (width, alpha) =>
    looks.map(({ colour: stroke, dash }) => ({ stroke, dash, width, alpha }));
  const chart = plot(grid, {
    title,
    key: looks.map((look) => keyEntry(look)),
    height: 220,
    x: {
      label: words.across[k], space: 40, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500],
      range: (_, low, high) =>
        isLabels ? [0.5, Math.max(1.5, high + 0.5)] : [0, Math.max(1, high)],
      values: (_, ticks) => ticks.map((tick) => (Number.isInteger(tick) ? String(tick) : "")),
      ...(isLabels && { grid: { show: false } }),
    },
    y: { size: 44, range: () => (k === LOSS ? [0, 1.04 * (largest() || 1)] : [0, 1]) },
    series: isLabels ? barsAndDots(grid, colours[0]) : [...lines(1, 0.7), ...lines(2.5, 1)],
  });
  return {
    show({ drawn, reference }) {
      const outcomes = isLabels ? [drawn, reference] : [reference, drawn]; // the last lies on top
      const across = Array.from(linesOf(drawn)[0], (_, i) => (isLabels ? i + 1 : i));
      const shown = outcomes.flatMap(linesOf);
      chart.set([across, ...shown.map((line) => across.map((_, i) => line[i]))]);
    },
    tell(drawn) {
      const ends = linesOf(drawn).map((line) =>
        ({ first: fixed(line[0]), last: fixed(line.at(-1)), n: line.length }));
      const curves = looks.map(({ name }, i) => filled(words.curve, { name, ...ends[i] }));
      chart.describe(isLabels ? filled(words.bars, ends[0]) : curves.join("; "));
    },
  };
}

function barsAndDots(grid, colour) {
  const bars = window.uPlot.paths.bars({ size: [0.8, 60] }), ink = themed(grid, "--st-text-color");
  return [
    { fill: colour, stroke: colour, width: 0, alpha: 0.75, paths: bars },
    { stroke: ink, paths: () => null, points: { show: true, size: 5, fill: ink } },
  ];
}
