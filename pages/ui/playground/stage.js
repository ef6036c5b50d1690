// The playground's stage: what a network answers at each step of a short race, and what it comes to.
// A slider of the page that moves becomes a question to the server, which trains again from the same
// start; time and threshold only choose what is looked up. It opens on a recorded run that plays by
// itself, until something is touched.

const [LOOP, FRAMES] = [10_000, 52]; // milliseconds that so many recorded steps play for
const STILL = 250; // milliseconds without a change, after which details are asked for and all is told
const TIME = "stage.time";
const CUT = "t";

export default chartComponent("stage", open, ({ question, picture, titles, words }) =>
  [question.scene, titles, picture, words]);

function open(root, first, events) {
  const { words, question: { configs: { length: contenders } } } = first;
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  let data = first, facts = null, run = null, grown = null, details = null, pointed = null, error = "";
  let at = 0, cut = Math.round(100 * first.threshold), asked = "", values = {};
  let isTouched = !first.recording, isPlaying = false, frame = 0, last = 0, still = 0, resting = 0, paused = 0;
  let waits = first.step; // the step to stand at once there is a run, or "last"

  const sentence = setAttributes(element("p", "sentence"), { "aria-live": "polite" });
  const chip = element("div", "chip");
  const middle = element("div", "middle"), right = element("div", "right");
  const tip = element("div", "tip");
  tip.hidden = true;
  root.append(element("div", "top", sentence, chip), middle, right);
  const frames = element("div", "frames");
  middle.append(frames);
  const pictures = first.titles.map((title) => {
    const holder = element("div", "contender");
    if (contenders > 1) holder.append(element("div", "title", title));
    frames.append(holder);
    return openPicture(holder, first.picture, draw);
  });
  const time = openTime(middle, words, { toggle, go, begin: touch });
  middle.append(tip);
  const stats = element("div", "stats"), panels = element("div", "panels");
  right.append(stats, panels);
  const charts = openCharts(panels, first, contenders, {
    time: { key: TIME, snap: (step) => run?.steps[nearestPlace(run.steps, step)] ?? 0, now: () => run?.steps[place()] ?? 0 },
    cut: { key: CUT, snap: (value) => Math.round(clamp(value, 0, 1) * 100) / 100, now: () => cut / 100 },
  });
  const asker = openAsker(root, first.channel, take);

  const place = () => Math.min(run.steps.length - 1, Math.floor(at + 1e-9));
  const end = () => run.steps.length - 1;

  // Asks for the run with the values as they are: all of it, or while something moves what is seen.
  function ask(isWhole) {
    const question = { ...asIs(), whole: isWhole };
    if (!isWhole) question.step = run.steps[place()];
    const text = JSON.stringify([question, isWhole || cut]);
    if (text === asked) return;
    asked = text;
    asker.ask({ ...question, known: facts?.key ?? "", threshold: cut / 100 });
    root.classList.toggle("waiting", !run);
  }
  function asIs() {
    const question = structuredClone(data.question);
    for (const [key, value] of Object.entries(values)) {
      if (data.moves[key]) put(question, data.moves[key], value);
    }
    return { ...question, step: null };
  }

  function take(answer, question) {
    error = answer.error ?? "";
    if (error) {
      asked = "";
      return draw();
    }
    if (answer.facts) facts = unpackFacts(answer.facts);
    if (answer.details) details = unpackDetails(answer.details, question.threshold);
    if (!question.whole) exchange(slimRun(answer, contenders, first.figures));
    else {
      if (answer.first === 0) grown = growingRun(contenders, first.figures);
      grown.add(answer);
      // What follows a drag is whole within a moment; a long run is seen as it grows.
      if (!answer.more) exchange(grown);
      else if (answer.first === 0 && !data.follows) {
        exchange(grown);
        replay();
      }
    }
    root.dataset.runs = Number(root.dataset.runs ?? 0) + 1;
    draw();
  }

  // Another run in the place of this one, at the same step; the first one plays.
  function exchange(other) {
    const stood = run && { step: run.steps[place()], isLast: place() === end() }, isFirst = !run;
    if (other === run) return;
    run = other;
    if (waits !== "last") at = nearestPlace(run.steps, Number(waits));
    else if (stood && !stood.isLast) at = nearestPlace(run.steps, stood.step);
    else at = end();
    if (isFirst && waits === "last") replay();
    waits = "last";
  }
  function replay() {
    if (calm) return;
    [at, isPlaying] = [0, true];
    play();
  }

  function touch() {
    if (isTouched) return;
    isTouched = true;
    isPlaying = false;
    at = Math.floor(at);
    ask(true);
  }

  function go(to, done) {
    touch();
    isPlaying = false;
    if (run) at = clamp(to, 0, end());
    draw();
    if (done && run) events.send("step", at === end() ? "last" : String(run.steps[place()]));
  }

  function toggle() {
    const wasPlaying = isPlaying;
    touch();
    isPlaying = !wasPlaying;
    if (isPlaying && run && at >= end()) at = 0;
    if (isPlaying) play();
    else if (run) go(Math.floor(at), true);
    draw();
  }

  function play() {
    last = 0;
    requestAnimationFrame(advance);
  }
  function advance(now) {
    if (!isPlaying || !root.isConnected) return;
    const passed = last ? Math.min(100, now - last) : 0;
    last = now;
    if (run) {
      at += (passed * FRAMES) / LOOP;
      if (at >= end()) {
        at = end();
        if (isTouched) isPlaying = asker.isBusy();
        else if ((paused += passed) > 1500) [at, paused] = [0, 0]; // a loop rests at its end
      }
      draw();
    }
    if (isPlaying) requestAnimationFrame(advance);
  }

  function draw() {
    frame ||= requestAnimationFrame(() => {
      frame = 0;
      if (!run || !facts) return tellState();
      drawAll();
    });
  }

  function drawAll() {
    const now = place(), threshold = cut / 100;
    pictures.forEach((picture, contender) => {
      picture.draw({
        facts, threshold, words, pointed: pointed?.cell, tints: data.colours,
        shown: between(run, contender, at, end()),
      });
    });
    charts.draw(run, facts, now, cut);
    time.show(now, run.steps, isPlaying);
    showStats(stats, run, facts, contenders, now, cut, words);
    setText(sentence, whatIsSeen(run, facts, now, cut, words));
    showTip();
    tellState();
    root.classList.remove("waiting");
    root.dataset.draws = Number(root.dataset.draws ?? 0) + 1;
    root.dataset.place = now;
    clearTimeout(still);
    still = setTimeout(tell, STILL);
  }

  function tellState() {
    root.classList.toggle("failed", Boolean(error));
    setText(chip, error ? filled(words.error, { error })
      : !run ? words.waiting : isTouched ? words.live : words.recorded);
  }

  // Once all is still, a screen reader is told, and what the pointed cell lacks is asked for.
  function tell() {
    if (!run) return;
    pictures.forEach(({ canvas }) =>
      canvas.setAttribute("aria-label", `${words.picture} ${sentence.textContent}`));
    charts.tell(run, place(), cut);
    if (pointed?.cell && isTouched && !asker.isBusy() && !isPlaying && lacksDetails()) askDetails();
  }
  const lacksDetails = () =>
    details?.step !== run.steps[place()] || details.threshold !== cut / 100;
  function askDetails() {
    const threshold = cut / 100, step = run.steps[place()];
    detailer.ask({ ...asIs(), known: facts.key, threshold, step, whole: false });
  }
  const detailer = openAsker(root, first.channel, (answer, question) => {
    if (answer.details) details = unpackDetails(answer.details, question.threshold);
    draw();
  });

  function point(found, contender) {
    const cell = found?.cell ?? null;
    if (String(cell) === String(pointed?.cell ?? null)) return;
    pointed = cell && { cell, contender };
    // Where it rests there is something to read, so nothing else moves.
    clearTimeout(resting);
    if (pointed) resting = setTimeout(rest, STILL);
    draw();
  }
  function rest() {
    isPlaying = false;
    touch();
    at = Math.floor(at);
    draw();
  }
  function showTip() {
    const text = pointed && toldOf(pointed, { run, facts, details, place: place(), cut, words });
    tip.hidden = !text;
    if (!text) return;
    setText(tip, text);
    const box = pictures[pointed.contender].boxOf(pointed.cell);
    if (!box) return;
    const holder = pictures[pointed.contender].canvas.parentElement;
    const left = holder.offsetLeft + box[0] + box[2] + 6, isRight = left > middle.clientWidth - 230;
    tip.style.left = isRight ? "auto" : `${left}px`;
    tip.style.right = isRight ? `${middle.clientWidth - holder.offsetLeft - box[0] + 6}px` : "auto";
    tip.style.top = `${Math.min(holder.offsetTop + box[1], middle.clientHeight - 130)}px`;
  }
  pictures.forEach((picture, contender) => {
    const { canvas } = picture;
    canvas.addEventListener("pointermove", (event) => {
      if (event.pointerType === "mouse") point(picture.cellAt(event), contender);
    });
    canvas.addEventListener("click", (event) => {
      if (first.picture !== "plane") point(picture.cellAt(event), contender);
    });
    canvas.addEventListener("pointerleave", () => point(null));
    canvas.addEventListener("blur", () => point(null));
    canvas.addEventListener("keydown", (event) => {
      const step = STEPS[event.key];
      if (!step || !facts || first.picture === "plane") return;
      event.preventDefault();
      const [row, label] = pointed?.cell ?? [0, -1];
      const to = [clamp(row + step[1], first.picture === "bars" ? -1 : 0, facts.rows.length - 1),
        clamp(label + step[0], 0, facts.names.length - 1)];
      point({ cell: to }, contender);
    });
  });

  // On the plane a press paints a point with the labels that are chosen; a drag paints several.
  const brush = first.picture !== "plane" ? null : openBrush(middle, first, {
    change(points, done) {
      touch();
      data.question.options.points = points;
      ask(done);
      if (done) events.send("points", points.map(([x, y, ...held]) =>
        [x, y, held[0] + 2 * held[1] + 4 * held[2]].join("_")).join("~"));
    },
  });
  if (brush) pictures.forEach(({ canvas, cellAt }) => draggable(canvas, {
    move(event) {
      const found = facts && cellAt(event);
      if (!found) return;
      const { left, top } = canvas.getBoundingClientRect(), [from, up, side] = found.box;
      const x = (12 * (event.clientX - left - from)) / side - 6;
      brush.paint(x, 6 - (12 * (event.clientY - top - up)) / side, facts);
    },
    end: () => brush.finish(),
    cancel: () => brush.finish(),
  }));

  followSliders(root, (key, value, done) => {
    if (key === TIME) return run && go(nearestPlace(run.steps, value), done);
    if (key === CUT) {
      const to = Math.round(100 * value);
      if (done === undefined && to === cut) return;
      if (done !== undefined) touch();
      cut = to;
      return draw();
    }
    if (!data.moves[key]) return;
    values[key] = value;
    if (done !== undefined) [isTouched, isPlaying] = [true, false];
    if (!isTouched) return;
    at = Math.floor(at);
    if (done !== false) ask(true);
    else if (data.follows && run) ask(false);
  });

  const onSpace = (event) => {
    const target = event.composedPath()[0];
    if (event.key !== " " || target.closest?.("button, input, textarea, select, a, [role]:not([role=img])")) return;
    event.preventDefault();
    toggle();
  };
  document.addEventListener("keydown", onSpace);
  const onBusy = setInterval(() => { root.dataset.busy = asker.isBusy(); }, 100);
  whenClosed(root, () => {
    document.removeEventListener("keydown", onSpace);
    cancelAnimationFrame(frame);
    clearTimeout(still);
    clearTimeout(resting);
    clearInterval(onBusy);
    isPlaying = false;
  });

  return {
    update(given) {
      const isOther = JSON.stringify(given.question) !== JSON.stringify(data.question);
      data = structuredClone(given);
      brush?.show(data.question.options.points);
      if (!isTouched && data.recording && !run) {
        facts = unpackFacts(data.recording[0].facts);
        run = growingRun(contenders, first.figures);
        data.recording.forEach(run.add);
        at = end();
        replay();
      }
      isTouched ||= isOther;
      askSliders([...Object.keys(data.moves), CUT]);
      if (isTouched) ask(true);
      draw();
    },
  };
}

// A slider's value in its place: of a loss it is the first contender's, and else all contenders'.
function put({ options, configs }, [part, name], value) {
  if (part === "options") options[name] = value;
  else if (part === "loss_params") configs[0].loss_params[name] = value;
  else for (const config of configs) config[name] = value;
}

const nearestPlace = (steps, step) => {
  let best = 0;
  steps.forEach((each, k) => {
    if (Math.abs(each - step) < Math.abs(steps[best] - step)) best = k;
  });
  return best;
};

function unpackFacts(facts) {
  const unpacked = {
    ...facts,
    frequencies: unpackFloats(facts.frequencies),
    targets: unpackBytes(facts.targets),
    truth: facts.truth && unpackFloats(facts.truth),
    points: facts.points && {
      places: unpackFloats(facts.points.places), labels: unpackBytes(facts.points.labels),
    },
  };
  if (facts.images) unpacked.images = unpackImages(facts.images, facts.rows.length);
  return unpacked;
}

// A canvas for each picture: ink on paper.
function unpackImages({ shape: [height, width], grey }, count) {
  const bytes = unpackBytes(grey);
  return Array.from({ length: count }, (_, image) => {
    const canvas = Object.assign(document.createElement("canvas"), { width, height });
    const pen = canvas.getContext("2d"), picture = pen.createImageData(width, height);
    for (let pixel = 0; pixel < width * height; pixel += 1) {
      const level = 255 - bytes[image * width * height + pixel];
      picture.data.set([level, level, level, 255], 4 * pixel);
    }
    pen.putImageData(picture, 0, 0);
    return canvas;
  });
}

const unpackDetails = ({ step, gradients, labels }, threshold) =>
  ({ step, threshold, gradients: unpackFloats(gradients), labels: unpackFloats(labels) });

// Between two recorded steps bars glide; all numbers are those of a recorded one.
function between(run, contender, at, end) {
  const place = Math.min(end, Math.floor(at + 1e-9)), share = at - place;
  const from = run.shown(contender, place);
  if (share < 1e-6 || place >= end) return from;
  const to = run.shown(contender, place + 1);
  return from.map((value, k) => value + share * (to[k] - value));
}

const fixed = (value, digits = 2) => (Number.isFinite(value) ? value.toFixed(digits) : "–");
const percent = (value, digits = 1) =>
  (Number.isFinite(value) ? `${(100 * value).toFixed(digits)} %` : "–");

function whatIsSeen(run, facts, place, cut, words) {
  const predicted = run.figure(0, "labels_per_row", place, cut), { cardinality } = facts;
  const share = run.share(0, place);
  const fields = {
    step: run.steps[place], predicted: fixed(predicted), true: fixed(cardinality),
    wrong: percent(1 - share), threshold: fixed(cut / 100),
    empty: percent(run.figure(0, "empty_share", place, cut), 0),
    f1: fixed(run.figure(0, "samples_f1", place, cut), 3),
    macro: fixed(run.figure(0, "macro_f1", place, cut), 3),
  };
  const text = !Number.isFinite(run.loss(0, 1)[place]) ? words.seen.diverged
    : place === 0 ? words.seen.start
    : predicted < 0.005 ? words.seen.dark
    : predicted < 0.67 * cardinality ? words.seen.few
    : predicted > 1.5 * cardinality ? words.seen.many
    : words.seen.right;
  return filled(text, fields);
}

function showStats(holder, run, facts, contenders, place, cut, words) {
  const all = (name, digits) => Array.from({ length: contenders }, (_, contender) =>
    fixed(run.figure(contender, name, place, cut), digits)).join(" | ");
  const told = [
    [words.stats.true, fixed(facts.cardinality)],
    [words.stats.predicted, all("labels_per_row", 2)],
    [words.stats.f1, all("samples_f1", 3)],
  ];
  told.forEach(([name, value], k) => {
    const made = holder.children[k]
      ?? holder.appendChild(element("div", "", element("span", "", name), element("b", "")));
    setText(made.lastChild, value);
  });
}

function toldOf({ cell: [row, label], contender }, { run, facts, details, place, cut, words }) {
  const labels = facts.names.length, rows = facts.rows.length, name = facts.names[label];
  const isKnown = details?.step === run.steps[place] && details.threshold === cut / 100;
  if (row < 0) {
    const [precision, recall, f1] = [0, 1, 2].map((figure) =>
      isKnown ? fixed(details.labels[(contender * 3 + figure) * labels + label], 3) : "…");
    const frequency = percent(facts.frequencies[label]);
    return filled(words.label, { name, frequency, precision, recall, f1 });
  }
  const cellPlace = row * labels + label;
  const probability = run.shown(contender, place)[cellPlace];
  const gradient = isKnown ? details.gradients[contender * rows * labels + cellPlace] : NaN;
  return filled(words.cell, {
    row: facts.rows[row], name, probability: fixed(probability, 3),
    truth: words.truths[facts.targets[cellPlace]],
    gradient: isKnown ? `${gradient > 0 ? "+" : ""}${plain(gradient.toPrecision(3))}` : "…",
    direction: !isKnown || !gradient ? "" : gradient < 0 ? words.up : words.down,
  });
}

// What is painted on the plane, and the labels that are painted with.
function openBrush(holder, { words, colours, most }, { change }) {
  const apart = 0.35; // of two points that one drag paints
  const chosen = [true, false, false], names = ["A", "B", "C"];
  let points = [], before = 0;
  const row = element("div", "brush", element("span", "", words.paint));
  names.forEach((name, label) => {
    const press = Object.assign(element("button", "tint", name), { type: "button" });
    press.style.setProperty("--tint", colours[label]);
    const show = () => setAttributes(press, { "aria-pressed": chosen[label], "aria-label": filled(words.brush, { name }) });
    press.addEventListener("click", () => {
      chosen[label] = !chosen[label];
      show();
    });
    show();
    row.append(press);
  });
  const action = (text, act) => {
    const press = Object.assign(element("button", "", text), { type: "button" });
    press.addEventListener("click", act);
    row.append(press);
    return press;
  };
  const undo = action(words.undo, () => change(points = points.slice(0, -1), true));
  const clear = action(words.clear, () => change(points = [], true));
  const full = element("span", "");
  row.append(full);
  holder.append(row);
  const show = () => {
    undo.disabled = clear.disabled = !points.length;
    setText(full, points.length >= most ? filled(words.full, { n: most }) : "");
  };
  return {
    show(known) {
      points = known;
      before = points.length;
      show();
    },
    paint(x, y) {
      const last = points.length > before ? points.at(-1) : null;
      const isNear = last && Math.hypot(last[0] - x, last[1] - y) < apart;
      if (isNear || points.length >= most) return;
      const round = (value) => +clamp(value, -6, 6).toPrecision(3);
      points = [...points, [round(x), round(y), ...chosen.map(Number)]];
      show();
      change(points, false);
    },
    finish() {
      if (points.length > before) change(points, true);
      before = points.length;
    },
  };
}

// The scrubber over the steps of a run, with its buttons.
function openTime(holder, words, { toggle, go, begin }) {
  const press = (text, label, act) => {
    const made = Object.assign(element("button", "", text), { type: "button" });
    setAttributes(made, { "aria-label": label, title: label });
    made.addEventListener("click", act);
    return made;
  };
  let place = 0, count = 1;
  const back = press("◂", words.back, () => go(place - 1, true));
  const run = press("▶", words.play, toggle);
  const on = press("▸", words.on, () => go(place + 1, true));
  run.className = "run";
  const range = setAttributes(element("input", ""), {
    type: "range", min: 0, max: 0, step: 1, "aria-label": words.time,
  });
  const told = element("span", "step");
  range.addEventListener("input", () => go(Number(range.value), false));
  range.addEventListener("change", () => go(Number(range.value), true));
  range.addEventListener("cancel", () => go(Number(range.value), true));
  holder.append(element("div", "time", back, run, on, draggableRange(range), told));
  return {
    show(now, steps, isPlaying) {
      [place, count] = [now, steps.length];
      range.max = count - 1;
      range.value = now;
      const share = count > 1 ? now / (count - 1) : 0;
      range.style.setProperty("--share", `calc(8px + ${share} * (100% - 16px))`);
      setText(told, filled(words.step, { step: steps[now], steps: steps.at(-1) }));
      range.setAttribute("aria-valuetext", told.textContent);
      setText(run, isPlaying ? "❚❚" : "▶");
      run.setAttribute("aria-label", isPlaying ? words.pause : words.play);
      run.title = isPlaying ? words.pause : words.play;
    },
  };
}

// Curves over time and over the threshold, with the cursors of both.
function openCharts(grid, { words, colours, dashes, f1s: F1S }, contenders, cursors) {
  const each = Array.from({ length: contenders }, (_, k) => k);
  const key = (names) => names.map((name, i) => keyEntry({ name, colour: colours[i], dash: dashes[i] }));
  const lines = (count) => each.flatMap((contender) =>
    Array.from({ length: count }, (_, i) => ({
      stroke: colours[i], dash: contender ? [2, 4] : dashes[i], width: contender ? 1.75 : 2.5,
    })));
  const over = { scale: "asinh", label: words.axes.step, range: (_, low, high) => [0, Math.max(1, high)] };
  const share = { size: 34, range: () => [0, 1], space: 24 };
  const height = () => Math.max(70, Math.round((grid.clientHeight || 440) / 4) - 44);
  const chart = (k, more) => plot(grid, { title: words.panels[k], height, ...more });
  const f1 = chart(0, { key: key(words.f1s), cursor: cursors.time, x: over, y: share, series: lines(3) });
  const count = chart(1, {
    cursor: cursors.time, x: over,
    y: { size: 34, space: 24, range: (_, low, high) => [0, Math.max(1, high * 1.05)] },
    series: [{ stroke: "#888", dash: [6, 4], width: 1.5 }, ...lines(1)],
  });
  const loss = chart(2, {
    key: key(words.losses), cursor: cursors.time, x: over,
    y: { size: 34, space: 24, range: (_, low, high) => [0, (high || 1) * 1.05] }, series: lines(2),
  });
  const cuts = chart(3, {
    cursor: cursors.cut, x: { label: words.axes.threshold, range: () => [0, 1] }, y: share,
    series: lines(3),
  });
  const thresholds = Array.from({ length: CUTS }, (_, k) => k / 100);
  let drawn = {};
  return {
    draw(run, facts, place, cut) {
      if (drawn.run !== run || drawn.length !== run.steps.length || drawn.cut !== cut) {
        const { steps } = run, all = (name) => each.map((contender) => run.curve(contender, name, cut));
        f1.set([steps, ...each.flatMap((contender) => F1S.map((name) => run.curve(contender, name, cut)))]);
        count.set([steps, steps.map(() => facts.cardinality), ...all("labels_per_row")]);
        loss.set([steps, ...each.flatMap((contender) => [run.loss(contender, 0), run.loss(contender, 1)])]);
      }
      if (drawn.run !== run || drawn.place !== place) {
        cuts.set([thresholds, ...each.flatMap((contender) =>
          F1S.map((name) => run.over(contender, name, place)))]);
      }
      for (const at of [f1, count, loss]) at.mark([run.steps[place]]);
      cuts.mark([cut / 100]);
      drawn = { run, place, cut, length: run.steps.length };
    },
    tell(run, place, cut) {
      const at = words.at, step = run.steps[place], threshold = fixed(cut / 100);
      const f1s = F1S.map((name, i) => `${words.f1s[i]} ${fixed(run.figure(0, name, place, cut), 3)}`);
      f1.describe(filled(at, { step, threshold, values: f1s.join(", ") }));
      cuts.describe(filled(at, { step, threshold, values: f1s.join(", ") }));
      count.describe(filled(at, { step, threshold, values: fixed(run.figure(0, "labels_per_row", place, cut)) }));
      const losses = [0, 1].map((which) => `${words.losses[which]} ${fixed(run.loss(0, which)[place], 3)}`);
      loss.describe(filled(at, { step, threshold, values: losses.join(", ") }));
    },
  };
}
