// Bars of probabilities that are dragged, stepped by arrow keys or typed, with the sum that they
// make below. Where a bar is pulled goes to Python over a WebSocket (socket.js), one question at a time; what
// comes back is everything that is drawn, so nothing is computed here. What is let go is sent to
// the script, which owns it.

const views = new WeakMap();

export default function ({ data: [data], parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".drag-bars");
  const view = views.get(root) ?? openView(root, data.seq);
  views.set(root, view);
  view.update(data, (moved) => setTriggerValue("moved", moved));
  return () => {
    if (root.isConnected) return; // only new data, not the end
    view.close();
    views.delete(root);
  };
}

function openView(root, seq) {
  let data, frame, given, shape, bars, sums, tell;
  let base = null, wanted = null, finish = false, steps = 0, later = 0, asker;
  let playing = 0, played;

  // A gesture changes the frame that it began with, so that going back undoes it.
  function begin() {
    stop();
    base = null;
    steps = 0;
  }

  function change(bar, how) {
    clearTimeout(later);
    complain("");
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
    if (message.error) complain(message.error);
    else draw(message);
    if (wanted) ask();
    else if (finish) release();
  }

  function release() {
    finish = Boolean(asker.isBusy() || wanted);
    if (finish || !base) return;
    base = null;
    steps = 0;
    seq += 1;
    tell({ seq, p: frame.p, q: frame.q });
  }

  function draw(fresh) {
    frame = fresh;
    for (const bar of bars) drawBar(bar, frame);
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

  const complain = (text) => setText(root.querySelector(".problem"), text);

  function build() {
    bars = buildBars(root.querySelector(".bars"), data);
    sums = buildSum(root.querySelector(".sums"), data);
    for (const bar of bars) if (!bar.fixed) listen(bar);
  }

  function listen(bar) {
    const { track, input } = bar;
    const at = (event) => {
      const box = track.getBoundingClientRect();
      return Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
    };
    track.addEventListener("pointerdown", (event) => {
      if (event.button) return;
      track.setPointerCapture(event.pointerId);
      begin();
      change(bar, { at: at(event) });
    });
    track.addEventListener("pointermove", (event) => {
      if (track.hasPointerCapture(event.pointerId)) change(bar, { at: at(event) });
    });
    for (const end of ["pointerup", "pointercancel"]) track.addEventListener(end, release);
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
        const { value } = input;
        input.value = frame.shown[bar.series][bar.place];
        complain(data.words.bad.replace("{text}", value));
      }
    });
  }

  return {
    update(fresh, newTell) {
      tell = newTell;
      const text = JSON.stringify(fresh.frame);
      const isNew = text !== JSON.stringify(given);
      data = fresh;
      const newShape = JSON.stringify({ ...fresh, frame: fresh.frame.p.length, path: 0, seq: 0 });
      const isBuilt = shape !== undefined;
      if (newShape !== shape) {
        shape = newShape;
        build();
        frame = null;
      }
      asker ??= openAsker(root, fresh.channel, answered);
      asker.open(); // before the first drag, which then finds it open
      given = fresh.frame;
      const path = fresh.path ?? {};
      if (isNew) stop();
      if (isBuilt && path.id && path.id !== played && !CALM.matches) play(path.frames);
      else if (!frame || (isNew && fresh.seq >= seq && !base)) draw(given);
      played = path.id ?? played;
    },
    close() {
      clearTimeout(later);
      cancelAnimationFrame(playing);
      asker.close();
    },
  };
}

const CALM = matchMedia("(prefers-reduced-motion: reduce)");
const KEYS = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 10, PageDown: -10,
  Home: { at: 0 }, End: { at: 1 } };

function buildBars(holder, data) {
  const { names, series, heads, words } = data;
  holder.style.setProperty("--cells", heads.length);
  const head = element("div", "line head",
    ...["", "", words.probability, ...heads].map((text) => element("span", "", text)));
  const bars = [];
  const groups = names.map((name, place) => {
    const lines = series.map(({ key, letter, fixed }) => {
      const label = words.bar.replace("{letter}", letter).replace("{name}", name);
      const track = element("div", `track ${key}`, element("div", "fill"), element("div", "grip"));
      const input = element("input", "");
      const cells = heads.map(() => element("span", "cell"));
      track.setAttribute("role", "slider");
      track.setAttribute("aria-label", label);
      track.setAttribute("aria-valuemin", 0);
      track.setAttribute("aria-valuemax", 1);
      track.setAttribute("aria-disabled", Boolean(fixed));
      if (!fixed) track.tabIndex = 0;
      Object.assign(input, { type: "number", min: 0, max: 1, step: "any", disabled: Boolean(fixed) });
      input.setAttribute("aria-label", label);
      bars.push({ series: key, place, track, input, cells, fixed });
      return element("div", "line", element("span", "letter", letter), track, input, ...cells);
    });
    return element("div", "outcome", element("div", "name", name), ...lines);
  });
  holder.replaceChildren(head, ...groups);
  return bars;
}

function drawBar({ series, place, track, input, cells }, frame) {
  const shown = frame.shown[series][place];
  track.style.setProperty("--at", frame.at[series][place]);
  track.setAttribute("aria-valuenow", frame[series][place]);
  track.setAttribute("aria-valuetext", shown);
  if (input.getRootNode().activeElement !== input || !isProbability(input) || Number(input.value) !== frame[series][place])
    input.value = shown;
  frame.cells[series][place].forEach((text, column) => setText(cells[column], text));
}

function buildSum(holder, { names, words }) {
  const parts = names.map((name) => element("div", "part", name));
  const [entropy, kl] = ["entropy", "kl"].map((key) => element("div", `piece ${key}`, words[key]));
  const ticks = ["", "", ""].map((text) => element("span", "", text));
  const line = (name, ...pieces) =>
    element("div", "sum", element("div", "title", name), element("div", "length", ...pieces));
  const sentence = element("p", "sentence");
  const axis = element("div", "sum", element("div", "title"), element("div", "axis", ...ticks));
  holder.replaceChildren(sentence, line(words.cross, ...parts),
    line(`${words.entropy} + ${words.kl}`, entropy, kl), axis);
  return { parts, entropy, kl, ticks, sentence };
}

function drawSum(sums, sum, { words }) {
  sum.parts.forEach((share, place) => {
    sums.parts[place].style.width = `${100 * share}%`;
  });
  sums.entropy.style.width = `${100 * sum.entropy}%`;
  sums.kl.style.width = `${100 * sum.kl}%`;
  ["0", sum.half, `${sum.full} ${words.unit}`].forEach((text, place) => setText(sums.ticks[place], text));
  const { cross, entropy, kl } = sum.texts;
  setText(sums.sentence, `${words.cross} ${cross} = ${words.entropy} ${entropy} + ${words.kl} ${kl} ${words.unit}`);
}

const isProbability = (input) =>
  input.value !== "" && input.validity.valid && Number(input.value) >= 0 && Number(input.value) <= 1;

function element(tag, className, ...children) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...children);
  return made;
}

function setText(holder, text) {
  if (holder.textContent !== text) holder.textContent = text;
}
