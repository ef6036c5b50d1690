// The playground's stage: what a network answers at each step of a short race, and what it comes to.
// A slider of the page that moves becomes a question to the server, which trains again from the same
// start; time and threshold only choose what is looked up. It opens on a recorded run that plays by
// itself, until something is touched.

const STILL = 250; // milliseconds without a change, after which all is told and asked for
const [TIME, CUT] = ["stage.time", "t"]; // keys of the cursors

export default chartComponent("stage", open, ({ question, picture, titles, words }) =>
  [question.scene, titles, picture, words]);

function open(root, first, events) {
  const { words } = first, calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  let run = null, recorded = null, error = "", pointed = null, isTouched = !first.recording;
  let grows = false, resumes = false; // whether more of the run comes; whether a rest is to end
  let data = first, cut = Math.round(100 * first.threshold), told = first.step, frame = 0, still = 0;
  let waits = first.held && told === "last" ? "0" : told;
  const view = build(root, first, draw);
  const trainer = openTrainer(root, first, took);
  const clock = openClock(root, { end: () => run.steps.length - 1, draw, loops: () => !isTouched });
  const time = openTime(view.middle, words, { toggle, go });
  view.middle.append(view.tip);
  const step = () => run.steps[clock.place()], threshold = () => cut / 100;
  const charts = openCharts(view.panels, first, {
    time: {
      key: TIME, now: () => (run ? step() : 0),
      snap: (value) => (run ? run.steps[nearestPlace(run.steps, value)] : 0),
    },
    cut: { key: CUT, now: threshold, snap: (value) => Math.round(100 * clamp(value, 0, 1)) / 100 },
  });
  const brush = first.picture === "plane" ? openBrush(view.middle, first, paint) : null;
  openPointing(view.pictures, first.picture, { facts: () => run?.facts, point, rest, brush });
  if (brush) view.pictures.forEach(brush.on);

  function took(news) {
    error = news.error ?? "";
    if (news.run) grows = Boolean(news.grows);
    if (news.run) exchange(news.run);
    if (news.run) root.dataset.runs = Number(root.dataset.runs ?? 0) + 1;
    draw();
  }
  // Another run in the place of this one, at the same step; the first one plays, and a long one.
  function exchange(other) {
    const isOther = run !== other;
    const stood = run && clock.place() < run.steps.length - 1 ? step() : null;
    run = other;
    if (waits !== null) stand();
    else if (isOther) {
      clock.stand(stood === null ? run.steps.length - 1 : nearestPlace(run.steps, stood));
      if (!grows || data.held) return;
      if (calm && stood === null) waits = "last";
      else replay();
    }
  }
  // Where the link says, which a run that grows may not have yet; at the end after a replay.
  function stand() {
    const isLast = waits === "last";
    clock.stand(isLast ? run.steps.length - 1 : nearestPlace(run.steps, Number(waits)));
    if (isLast) replay();
    if (!grows || (isLast && !calm)) waits = null;
  }
  function replay() {
    if (calm) return;
    clock.stand(0);
    clock.run(true);
  }

  // The first touch ends the recording: from then on all is trained.
  function touch() {
    clock.rest();
    if (isTouched) return;
    isTouched = true;
    trainer.ask(threshold());
  }
  function go(to, done) {
    touch();
    if (!run) return;
    waits = null;
    clock.stand(to);
    draw();
    const isLast = clock.place() === run.steps.length - 1;
    if (done) events.send("step", (told = isLast ? "last" : String(step())));
  }
  function toggle() {
    const runs = !clock.runs();
    if (!runs) return go(clock.place(), true);
    touch();
    if (run) clock.run(true);
    draw();
  }
  function point(found) {
    pointed = found;
    if (!found) leave();
    draw();
  }
  function rest() { // there is something to read, so nothing moves until it was
    resumes ||= clock.runs();
    touch();
    draw();
  }
  function leave() {
    if (resumes) clock.run();
    resumes = false;
  }
  // What is set while time runs is seen on the network as it is in the end.
  function settle() {
    if (isTouched && !clock.runs()) return;
    if (clock.runs() && run) clock.stand(run.steps.length - 1);
    touch();
    draw();
  }
  function paint(points, done) {
    touch();
    trainer.paint(points);
    trainer.ask(threshold(), done || !run ? null : step());
    if (done) events.send("points", written(points));
  }

  function draw() {
    frame ||= requestAnimationFrame(() => {
      frame = 0;
      tellState();
      if (run) drawAll();
    });
  }
  function drawAll() {
    const place = clock.place(), { facts } = run;
    const details = trainer.detailsAt(run, step(), threshold());
    const now = { run, facts, place, cut, words, details };
    view.pictures.forEach((picture, contender) => picture.draw({
      facts, words, threshold: threshold(), tints: data.colours,
      pointed: pointed?.contender === contender ? pointed.cell : null,
      shown: between(run, contender, clock.now()),
    }));
    charts.draw(run, facts, place, cut);
    time.show(place, run.steps, clock.runs());
    showStats(view.stats, now, first.titles.length);
    setText(view.sentence, whatBothShow(now, first.titles));
    view.showTip(pointed, pointed && toldOf(pointed, now));
    Object.assign(root.dataset, { place, draws: Number(root.dataset.draws ?? 0) + 1 });
    clearTimeout(still);
    still = setTimeout(tell, STILL);
  }
  function tellState() {
    const isLive = run && isTouched && run !== recorded, trains = grows || trainer.isSlow();
    root.classList.toggle("failed", Boolean(error));
    root.classList.toggle("waiting", !run);
    setText(view.chip, error ? filled(words.error, { error })
      : isLive ? (trains ? words.training : words.live) : isTouched ? words.waiting : words.recorded);
  }
  // Once all is still, a screen reader is told, and what the pointed cell lacks is asked for.
  function tell() {
    view.pictures.forEach(({ canvas }) =>
      canvas.setAttribute("aria-label", `${words.picture} ${view.sentence.textContent}`));
    charts.tell(run, clock.place(), cut);
    if (pointed && isTouched && !clock.runs()) trainer.askDetails(run, step(), threshold());
  }

  followSliders(root, (key, value, done) => {
    if (key === TIME) {
      if (run) go(nearestPlace(run.steps, value), done);
    } else if (key === CUT) {
      cut = Math.round(100 * value);
      if (done !== undefined) settle();
      draw();
    } else if (trainer.moves(key)) {
      trainer.move(key, value);
      if (done !== undefined) settle();
      if (!isTouched) return;
      if (done !== false || !run) trainer.ask(threshold());
      else if (data.follows) trainer.ask(threshold(), step());
    }
  });
  onSpace(root, toggle);
  onStep(root, (by) => run && go(clock.place() + by, true));
  whenClosed(root, () => {
    cancelAnimationFrame(frame);
    clearTimeout(still);
  });
  return {
    update(given) {
      const isOther = JSON.stringify(given.question) !== JSON.stringify(data.question);
      const isFreed = data.held && !given.held, isHeld = !data.held && given.held;
      data = given;
      trainer.update(given);
      if (brush && events.areOpen()) trainer.paint(brush.points()); // what was given is of before
      else brush?.show(given.question.options.points);
      if (!isTouched && !run) {
        run = recorded = trainer.recorded();
        stand();
      }
      // Another step than was told from here: somebody went back, or starts over.
      if (isFreed || isHeld || (given.step !== told && !events.areOpen())) {
        told = waits = given.step;
        if (isHeld && told === "last") waits = "0";
        if (run && !isOther) stand();
      }
      isTouched ||= isOther;
      askSliders([...Object.keys(data.moves), CUT]);
      if (isTouched) trainer.ask(threshold());
      draw();
    },
  };
}

// Elements, and the box beside what is pointed at.
function build(root, { titles, picture: kind, words, colours }, redraw) {
  const sentence = setAttributes(element("p", "sentence"), { "aria-live": "polite" });
  const [chip, middle, right, frames, stats, panels, tip] =
    elements("div", "chip", "middle", "right", "frames", "stats", "panels", "tip");
  tip.hidden = true;
  middle.append(frames, element("div", "legend", ...words.keys.map(([mark, look, text], k) => {
    const swatch = element("i", look);
    if (kind === "plane" && look !== "painted") swatch.style.background = colours[k];
    return element("span", "entry", swatch, `${mark} ${text}`);
  })));
  right.append(stats, panels);
  root.append(element("div", "top", sentence, chip), middle, right);
  const pictures = titles.map((loss, contender) => {
    const holder = element("div", "contender");
    const title = contender ? filled(words.second, { loss }) : loss;
    if (titles.length > 1) holder.append(element("div", "title", title));
    frames.append(holder);
    return openPicture(holder, kind, redraw);
  });
  function showTip(pointed, text) {
    tip.hidden = !text;
    if (!text) return;
    setText(tip, text);
    const { canvas, boxOf } = pictures[pointed.contender], box = boxOf(pointed.cell);
    if (!box) return;
    const [left, top, width] = box, from = canvas.parentElement.offsetLeft;
    const isRight = from + left + width + 6 + tip.offsetWidth > middle.clientWidth;
    tip.style.left = isRight ? "auto" : `${from + left + width + 6}px`;
    tip.style.right = isRight ? `${middle.clientWidth - from - left + 6}px` : "auto";
    const above = canvas.parentElement.offsetTop + top;
    tip.style.top = `${Math.max(0, Math.min(above, middle.clientHeight - 130))}px`;
  }
  return { sentence, chip, middle, stats, panels, tip, pictures, showTip };
}

// The cell that the pointer is on, or that arrow keys led to; `rest` once it stays there. On the plane
// Enter paints there.
function openPointing(pictures, kind, { facts, point, rest, brush }) {
  let now = null, resting = 0;
  const set = (cell, contender) => {
    if (String(cell) === String(now?.cell ?? null)) return;
    now = cell && { cell, contender };
    clearTimeout(resting);
    if (now) resting = setTimeout(rest, STILL);
    point(now);
  };
  // From the one before, or from the first there is; an arrow leads `across` and `down`.
  const next = ([across, down]) => {
    const { rows, names } = facts();
    if (kind === "plane") {
      const [x, y] = now ? [now.cell[0] % GRID + across, Math.floor(now.cell[0] / GRID) + down] : [GRID / 2, GRID / 2];
      return [clamp(y, 0, GRID - 1) * GRID + clamp(x, 0, GRID - 1), 0];
    }
    const [row, label] = now?.cell ?? [0, -1], top = kind === "bars" ? -1 : 0;
    return [clamp(row + down, top, rows.length - 1), clamp(label + across, 0, names.length - 1)];
  };
  pictures.forEach((picture, contender) => {
    const { canvas, cellAt } = picture;
    const on = (name, act) => canvas.addEventListener(name, act);
    on("pointermove", (event) => {
      if (event.pointerType === "mouse") set(brush && event.buttons ? null : cellAt(event), contender);
    });
    on("click", (event) => set(brush ? null : cellAt(event), contender));
    on("pointerleave", (event) => event.pointerType === "mouse" && set(null));
    on("blur", () => set(null));
    on("keydown", (event) => {
      const by = STEPS[event.key], paints = brush && now && event.key === "Enter";
      if ((!by && !paints) || !facts()) return;
      event.preventDefault();
      if (paints) brush.paintAt(now.cell[0]);
      else set(next(by), contender);
    });
  });
}

// The space bar runs and pauses, unless it is for what has the focus.
function onSpace(root, act) {
  const others = "button, input:not([type=range]), textarea, select, a, summary, [role]:not([role=img])";
  const listen = (event) => {
    const [target] = event.composedPath();
    if (event.key !== " " || target.closest?.(others) || target.isContentEditable) return;
    event.preventDefault();
    act();
  };
  document.addEventListener("keydown", listen);
  whenClosed(root, () => document.removeEventListener("keydown", listen));
}

// What leads a page in presenter mode asks for another step.
function onStep(root, act) {
  const listen = ({ detail }) => act(detail.by);
  window.addEventListener("lab-step", listen);
  whenClosed(root, () => window.removeEventListener("lab-step", listen));
}
