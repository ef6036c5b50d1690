// Time on the stage: a clock that runs through the recorded steps of a run, and its scrubber.

const [LOOP, FRAMES] = [10_000, 52]; // milliseconds that so many recorded steps take
const REST = 1_500; // before a loop begins again

// `end` is the last place that there is so far; `loops` whether it begins again there.
function openClock(root, { end, draw, loops }) {
  let at = 0, isRunning = false, last = 0, rested = 0;
  const place = () => Math.min(end(), Math.floor(at + 1e-9));
  function advance(now) {
    if (!isRunning || !root.isConnected) return;
    const passed = last ? Math.min(100, now - last) : 0;
    last = now;
    at = Math.min(end(), at + (passed * FRAMES) / LOOP);
    if (at < end()) rested = 0;
    else if ((rested += passed) > REST) { // a run that grows may have more by now
      if (loops()) at = 0;
      else isRunning = false;
    }
    draw();
    if (isRunning) requestAnimationFrame(advance);
  }
  whenClosed(root, () => { isRunning = false; });
  return {
    place,
    now: () => Math.min(end(), at),
    runs: () => isRunning,
    stand: (to) => { at = clamp(to, 0, end()); },
    rest() {
      [isRunning, at] = [false, Math.floor(at + 1e-9)];
    },
    run() {
      if (at >= end()) at = 0;
      if (isRunning) return;
      [isRunning, last, rested] = [true, 0, 0];
      requestAnimationFrame(advance);
    },
  };
}

// The scrubber over the steps of a run, with its buttons.
function openTime(holder, words, { toggle, go }) {
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
