// A run that is trained again while one of its settings is dragged: every `lab-drag` of a slider
// (see slider.js) becomes a question to the server, one at a time and always the newest, and
// its answer is drawn over the run of the sidebar's setting. Nothing is trained or scored here.
// Asks nothing before it is in sight. Needs window.uPlot, plot.js and socket.js. Text is set as text.

const views = new WeakMap();
const RECENT = 10; // runs whose times decide whether there is one for every move
const LAGGING = 4; // times what follows a finger: late, but better than none until it is let go

export default function ({ data: [data], parentElement }) {
  return keepView(views, parentElement.querySelector(".retrain"), data, shapeOf, open);
}

const shapeOf = ({ words }) => JSON.stringify(words);

function open(root, first) {
  const { words } = first;
  let data = first, values = {}, setting = "", run, seen = false, channel, charts;
  let asked = 0, since = 0, waiting = 0, telling = 0, closed = false;
  const status = element("div", "status", words.waiting);
  const said = element("div", "said");
  said.setAttribute("aria-live", "polite");
  const panels = element("div", "panels");
  const scores = buildTable(words.caption, words.heads, words.rows);
  const facts = buildTable("", words.fact_heads, words.facts);
  const reference = element("div", "key", markedEntry(words.reference, "currentColor", "none", [5, 4]), element("span", "", words.mark));
  root.replaceChildren(status, reference, panels, element("div", "tables", scores.root, facts.root), said);

  // The sidebar's setting comes first: it is what all others are compared with.
  const ask = () => {
    if (!seen || run.refused) return;
    asked ||= requestAnimationFrame(() => {
      asked = 0;
      channel ??= openAsker(root, data.channel, take);
      const question = { ...data.question, values: run.reference ? values : {} };
      const text = JSON.stringify(question);
      if (text === run.asked) return;
      run.asked = text;
      channel.ask({ ...question, run: run.number, isReference: !run.reference, since });
    });
  };

  function take(answer, question) {
    if (closed || question.run !== run.number) return; // the sidebar says something else by now
    run.refused = Boolean(answer.expected);
    if (answer.error || run.refused) {
      run.asked = "";
      if (run.refused) tellStatus(words.refused, { expected: Math.ceil(answer.expected), longest: data.longest });
      else tellStatus(words.error, { error: answer.error });
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
    if (closed || !run.drawn) return;
    if (!window.uPlot) {
      cancelAnimationFrame(waiting);
      waiting = requestAnimationFrame(() => draw(question));
      return;
    }
    charts ??= buildCharts(panels, first);
    run.largest = Math.max(run.largest, largestLoss(run.drawn), largestLoss(run.reference));
    charts.forEach((chart) => chart.set(run));
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
    setText(status, filled(text, { advice: data.advice, ...fields }));
    root.classList.toggle("refused", run.refused);
    status.classList.toggle("warning", [words.slow, words.refused, words.diverged, words.error].includes(text));
  }
  // A screen reader is told once all is still.
  function tellLater() {
    clearTimeout(telling);
    telling = setTimeout(() => {
      if (!run.drawn) return; // the sidebar says something else by now
      charts?.forEach((chart) => chart.tell(run));
      setText(said, run.drawn.diverged ? words.diverged : sentence(run, words));
    }, 400);
  }

  const listen = ({ detail }) => {
    const name = data.sliders[detail.key];
    if (!name) return;
    const isNew = values[name] !== detail.value;
    values[name] = detail.value;
    if (isNew) since = performance.now();
    if (run.live || detail.done) ask();
    if (detail.done && run.drawn && charts) {
      // The axis of the loss grows during a drag, and fits again after it.
      run.largest = Math.max(largestLoss(run.drawn), largestLoss(run.reference));
      charts[0].set(run);
      tellLater();
    }
  };
  window.addEventListener("lab-drag", listen);
  const resize = new ResizeObserver(() => charts?.forEach((chart) => chart.fit()));
  resize.observe(root);
  const sight = new IntersectionObserver((entries) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    seen = true;
    sight.disconnect();
    ask();
  });
  sight.observe(root);

  return {
    shape: shapeOf(first),
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
      cancelAnimationFrame(waiting);
      cancelAnimationFrame(asked);
      clearTimeout(telling);
      channel?.close();
      resize.disconnect();
      sight.disconnect();
      window.removeEventListener("lab-drag", listen);
      charts?.forEach((chart) => chart.destroy());
    },
  };
}

// What is known of a setting of the sidebar.
const fresh = (number) => ({ number, reference: null, drawn: null, times: [], live: true, refused: false, asked: "", largest: 0 });

function unpack(answer, lines) {
  const curves = unpackFloats(answer.curves);
  const length = curves.length / lines;
  return {
    ...answer,
    epochs: length - 1,
    curves: Array.from({ length: lines }, (_, i) => curves.subarray(i * length, (i + 1) * length)),
    label_f1: unpackFloats(answer.label_f1),
  };
}

// How long the model itself takes: whatever else the machine does only adds to it.
const quickest = (times) => Math.min(...times);

const largestLoss = (outcome) => Math.max(0, ...outcome.curves.slice(0, 2).flatMap((curve) => [...curve].filter(Number.isFinite)));

const duration = (milliseconds, words) =>
  milliseconds < 1000
    ? filled(words.milliseconds, { n: Math.round(milliseconds) })
    : filled(words.seconds, { n: plain(+(milliseconds / 1000).toPrecision(2)) });

const filled = (text, fields) => text.replace(/{(\w+)}/g, (field, name) => fields[name] ?? field);

const plain = (value) => String(value).replaceAll("-", "−");

const known = (value) => value !== null && Number.isFinite(value);

const fixed = (value, digits = 3) => (known(value) ? value.toFixed(digits) : "–");

const percent = (value) => (known(value) ? `${(100 * value).toFixed(1)} %` : "–");

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
  const fields = { epochs, labels: fixed(at_half.labels_per_row, 2), true: fixed(true_labels_per_row, 2), empty: percent(at_half.empty_share) };
  for (const name of Object.keys(tuned)) {
    const average = name.replace("_f1", "");
    fields[`${average}_half`] = fixed(at_half[name]);
    fields[`${average}_tuned`] = fixed(tuned[name][1]);
  }
  return filled(words.said, fields);
}

function buildTable(caption, heads, names) {
  const scoped = (text, scope) => {
    const cell = element("th", "", text);
    cell.setAttribute("scope", scope);
    return cell;
  };
  const cells = names.map(() => heads.map(() => element("td", "")));
  const body = names.map((name, k) => element("tr", "", scoped(name, "row"), ...cells[k]));
  const head = element("tr", "", element("td", ""), ...heads.map((name) => scoped(name, "col")));
  return {
    root: element("table", "", ...(caption ? [element("caption", "", caption)] : []), element("thead", "", head), element("tbody", "", ...body)),
    show: (rows) => rows.forEach((row, r) => row.forEach((text, c) => setText(cells[r][c], text))),
  };
}

function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

// Where a panel's lines stand among the curves that came; the third panel shows the labels.
const PLACES = [[0, 1], [2, 3, 4]];
const MARKS = ["none", "full", "hollow"];

const linesOf = (outcome, k) => (k === 2 ? [outcome.label_f1] : PLACES[k].map((place) => outcome.curves[place]));

const acrossOf = (outcome, k) => Array.from(linesOf(outcome, k)[0], (_, i) => (k === 2 ? i + 1 : i));

const gaps = (values, length) => Array.from({ length }, (_, i) => (Number.isFinite(values[i]) ? values[i] : null));

function buildCharts(grid, { words, colours }) {
  return words.panels.map((title, k) => {
    const names = words.series[k];
    const holder = element("div", "holder");
    holder.setAttribute("role", "img");
    const marks = k === 2 ? ["bar"] : MARKS;
    const key = element("div", "key", ...names.map((name, i) => markedEntry(name, colours[i], marks[i])));
    const figure = element("figure", "", element("figcaption", "", title), key, holder);
    grid.append(figure);
    let shown;
    const range = () => (k === 0 ? [0, 1.04 * (shown?.largest || 1)] : [0, 1]);
    const chart = new window.uPlot(options(k, words.across[k], names, colours, holder, range), [[0, 1], ...Array(2 * names.length).fill([null, null])], holder);
    return {
      set(run) {
        shown = run;
        const across = acrossOf(run.drawn, k);
        const outcomes = k === 2 ? [run.drawn, run.reference] : [run.reference, run.drawn]; // the last lies on top
        const lines = outcomes.flatMap((outcome) => linesOf(outcome, k));
        chart.setData([across, ...lines.map((line) => gaps(line, across.length))]);
      },
      tell({ drawn }) {
        const ends = linesOf(drawn, k).map((line) => ({ first: fixed(line[0]), last: fixed(line.at(-1)), n: line.length }));
        const text = k === 2 ? filled(words.bars, ends[0]) : names.map((name, i) => filled(words.curve, { name, ...ends[i] })).join("; ");
        holder.setAttribute("aria-label", `${title}. ${text}`);
      },
      fit() {
        const width = holder.clientWidth;
        if (width > 0 && width !== chart.width) chart.setSize({ width, height: HEIGHT });
      },
      destroy() {
        chart.destroy();
        figure.remove();
      },
    };
  });
}

// A line of the key with the mark that its points have.
function markedEntry(name, colour, mark, dash) {
  const entry = keyEntry({ name, colour, dash });
  const svg = entry.querySelector("svg");
  const draw = (shape, attributes) => {
    const node = document.createElementNS("http://www.w3.org/2000/svg", shape);
    for (const [attribute, value] of Object.entries(attributes)) node.setAttribute(attribute, value);
    svg.append(node);
  };
  if (dash) entry.classList.add("pale");
  if (mark === "bar") svg.replaceChildren();
  if (mark === "bar") draw("rect", { x: 8, y: 0, width: 10, height: 10, fill: colour });
  if (mark === "full") draw("circle", { cx: 13, cy: 5, r: 4, fill: colour });
  if (mark === "hollow") draw("circle", { cx: 13, cy: 5, r: 3.5, stroke: colour, "stroke-width": 2, class: "hollow" });
  return entry;
}

const HEIGHT = 220;

function options(k, across, names, colours, holder, range) {
  const axis = themedAxis(holder);
  const labels = (_, ticks) => ticks.map((tick) => plain(+tick.toPrecision(3)));
  const whole = (_, ticks) => ticks.map((tick) => (Number.isInteger(tick) ? String(tick) : ""));
  const style = getComputedStyle(holder);
  const background = () => style.getPropertyValue("--st-background-color").trim() || "#fff";
  const text = () => style.getPropertyValue("--st-text-color").trim() || "#555";
  const some = (chart) => chart.data[0].filter((_, i, all) => i % Math.ceil(all.length / 11) === 0);
  const line = (name, i) => {
    const mark = MARKS[i] === "none" ? { show: false } : { show: true, size: 7, width: 2, fill: MARKS[i] === "full" ? colours[i] : background, filter: some };
    return { label: name, stroke: colours[i], width: 2.5, points: mark };
  };
  const pale = (name, i) => ({ label: name, stroke: colours[i], width: 1.5, alpha: 0.75, dash: [5, 4], points: { show: false } });
  const bar = { fill: colours[0], stroke: colours[0], width: 0, alpha: 0.75, points: { show: false }, paths: window.uPlot.paths.bars({ size: [0.8, 60] }) };
  const stroke = { stroke: text, width: 2, points: { show: false }, paths: dashes };
  const series = k === 2 ? [bar, stroke] : [...names.map(pale), ...names.map(line)];
  const span = (_, low, high) => (k === 2 ? [0.5, Math.max(1.5, high + 0.5)] : [0, Math.max(1, high)]);
  return {
    width: holder.clientWidth || 300,
    height: HEIGHT,
    legend: { show: false },
    cursor: { show: false },
    scales: { x: { time: false, range: span }, y: { range } },
    axes: [
      { ...axis, size: 20, space: 40, label: across, labelFont: "12px sans-serif", labelSize: 18, labelGap: 0, values: whole, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500], ...(k === 2 && { grid: { show: false } }) },
      { ...axis, size: 44, values: labels },
    ],
    series: [{}, ...series],
  };
}

// A short stroke over each label, as wide as its bar.
function dashes(chart, place, from, to) {
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
