// Bars of probabilities that are dragged, stepped by arrow keys or typed, with the sum that they
// make above. Where a bar is pulled is asked of Python, one question at a time; what comes back is
// everything that is drawn, so nothing is computed here. What is let go is sent to the script,
// which owns it.

const CALM = matchMedia("(prefers-reduced-motion: reduce)");
const KEYS = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 10, PageDown: -10,
  Home: { at: 0 }, End: { at: 1 } };

export default component("drag-bars", open, shapeOf);

function shapeOf({ frame, path, seq, ...shape }) {
  return [shape, frame.p.length];
}

function open(root, first, events) {
  let data = first, frame = first.frame, given, before;
  let base = null, wanted = null, finish = false, undone = false, steps = 0, later = 0;
  let playing = 0, played = first.path?.id;
  const problem = setAttributes(element("div", "problem"), { role: "alert" });
  const bars = buildBars(first), sums = buildSum(first);
  root.append(sums.root, bars.root, problem);
  for (const bar of bars.all) if (!bar.fixed) listen(bar);
  const asker = openAsker(root, first.channel, answered);
  asker.open(); // before the first drag, which then finds it open

  // A gesture changes the frame that it began with, so that going back undoes it.
  function begin() {
    stop();
    [base, before, steps] = [null, frame, 0];
  }

  function change(bar, how) {
    clearTimeout(later);
    setText(problem, "");
    wanted = { series: bar.series, place: bar.place, ...how };
    ask();
  }

  function ask() {
    if (asker.isBusy() || !wanted) return;
    base ??= frame;
    const { kind, unit, times } = data;
    asker.ask({ kind, unit, times, p: base.p, q: base.q, ...wanted });
    wanted = null;
  }

  function answered(message) {
    if (undone) undone = false;
    else if (message.error) setText(problem, message.error);
    else draw(message);
    if (wanted) ask();
    else if (finish) release();
  }

  function release() {
    finish = Boolean(asker.isBusy() || wanted);
    if (finish || !base) return;
    [base, steps] = [null, 0];
    events.send("moved", JSON.stringify({ p: frame.p, q: frame.q }));
  }

  function cancel() {
    undone = asker.isBusy();
    [base, wanted] = [null, null];
    draw(before);
  }

  function draw(fresh) {
    frame = fresh;
    for (const bar of bars.all) drawBar(bar, frame);
    drawSum(sums, frame.sum, data);
    root.dataset.updates = Number(root.dataset.updates ?? 0) + 1;
  }

  function play(frames) {
    let next = 0, last = 0;
    const show = (now) => {
      playing = requestAnimationFrame(show);
      if (now - last < 30) return;
      last = now;
      draw(frames[next]);
      next += 1;
      if (next === frames.length) stop();
    };
    playing = requestAnimationFrame(show);
  }

  function stop() {
    cancelAnimationFrame(playing);
    if (playing) draw(given);
    playing = 0;
  }

  function listen(bar) {
    const { track, input } = bar;
    draggable(track, {
      begin,
      move({ clientX }) {
        const { left, width } = track.getBoundingClientRect();
        change(bar, { at: clamp((clientX - left) / width, 0, 1) });
      },
      end: release,
      cancel,
    });
    track.addEventListener("keydown", (event) => {
      const move = KEYS[event.key];
      if (move === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      if (!steps) begin();
      steps += typeof move === "number" ? move * (event.shiftKey ? 10 : 1) : 0;
      change(bar, typeof move === "number" ? { steps } : move);
      later = setTimeout(release, 250); // the script need not hear of every notch
    });
    input.addEventListener("focus", begin);
    input.addEventListener("input", () => {
      if (isProbability(input)) change(bar, { value: Number(input.value) });
    });
    input.addEventListener("change", () => {
      if (isProbability(input)) release();
      else {
        setText(problem, filled(data.words.bad, { text: input.value }));
        input.value = frame.shown[bar.series][bar.place];
      }
    });
  }

  whenClosed(root, () => {
    clearTimeout(later);
    cancelAnimationFrame(playing);
  });
  return {
    update(fresh) {
      const isFirst = given === undefined;
      const isNew = JSON.stringify(fresh.frame) !== JSON.stringify(given);
      data = fresh;
      given = fresh.frame;
      if (isNew) stop();
      const path = fresh.path ?? {};
      if (path.id && path.id !== played && !CALM.matches) play(path.frames);
      else if (isFirst || (isNew && !events.areOpen() && !base)) draw(given);
      played = path.id ?? played;
    },
  };
}

function buildBars({ names, series, heads, words }) {
  const head = ["", "", words.probability, ...heads].map((text) => element("span", "", text));
  const all = [];
  const groups = names.map((name, place) => {
    const lines = series.map(({ key, letter, fixed = false }) => {
      const track = element("div", `track ${key}`, element("div", "fill"), element("div", "grip"));
      const input = element("input", ""), cells = heads.map(() => element("span", "cell"));
      const spoken = { "aria-label": filled(words.bar, { letter, name }) };
      const ends = { "aria-valuemin": 0, "aria-valuemax": 1 };
      setAttributes(track, { ...spoken, ...ends, role: "slider", "aria-disabled": fixed });
      if (!fixed) track.tabIndex = 0;
      setAttributes(input, { ...spoken, type: "number", min: 0, max: 1, step: "any" });
      input.disabled = fixed;
      all.push({ series: key, place, track, input, cells, fixed });
      return element("div", "line", element("span", "letter", letter), track, input, ...cells);
    });
    return element("div", "outcome", element("div", "name", name), ...lines);
  });
  const root = element("div", "bars", element("div", "line head", ...head), ...groups);
  root.style.setProperty("--cells", heads.length);
  return { root, all };
}

function drawBar({ series, place, track, input, cells }, frame) {
  const shown = frame.shown[series][place], value = frame[series][place];
  track.style.setProperty("--at", frame.at[series][place]);
  setAttributes(track, { "aria-valuenow": value, "aria-valuetext": shown });
  const isTyped = input.getRootNode().activeElement === input && isProbability(input);
  if (!isTyped || Number(input.value) !== value) input.value = shown;
  frame.cells[series][place].forEach((text, column) => setText(cells[column], text));
}

function buildSum({ names, words }) {
  const parts = names.map((name) => element("div", "part", name));
  const [entropy, kl] = ["entropy", "kl"].map((key) => element("div", `piece ${key}`, words[key]));
  const ticks = elements("span", "", "", "");
  const line = (name, className, ...pieces) =>
    element("div", "sum", element("div", "title", name), element("div", className, ...pieces));
  const sentence = element("p", "sentence");
  const root = element("div", "sums", sentence, line(words.cross, "length", ...parts),
    line(`${words.entropy} + ${words.kl}`, "length", entropy, kl), line("", "axis", ...ticks));
  return { root, parts, entropy, kl, ticks, sentence };
}

function drawSum(sums, sum, { words }) {
  const width = (part, share) => { part.style.width = `${100 * share}%`; };
  sum.parts.forEach((share, place) => width(sums.parts[place], share));
  width(sums.entropy, sum.entropy);
  width(sums.kl, sum.kl);
  const { texts } = sum, ticks = ["0", sum.half, `${sum.full} ${words.unit}`];
  ticks.forEach((text, place) => setText(sums.ticks[place], text));
  const told = (name) => `${words[name]} ${texts[name]}`;
  setText(sums.sentence, `${told("cross")} = ${told("entropy")} + ${told("kl")} ${words.unit}`);
}

const isProbability = ({ value, validity }) =>
  value !== "" && validity.valid && Number(value) >= 0 && Number(value) <= 1;
