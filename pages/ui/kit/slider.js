// A range and a number field that move together. Every move goes to the window as `lab-drag` within
// the next frame; what is let go goes to the server too. Whoever sends `lab-ask` with its key is
// told the value in the same way, with what Python has charts show instead of it, if it does.

export default component("drag-slider", open);

function open(root, first, events) {
  let data = first, shown, told, instead, held = false, frame = 0, later = 0;
  const range = field("range"), number = field("number"), words = element("span", "");
  const name = element("label", "", words, draggableRange(range));
  root.append(name, number);

  // A logarithmic range moves over exponents; what it says is rounded to three digits.
  const toPlace = (value) => (data.log ? Math.log10(value) : value);
  const toValue = () =>
    data.log ? clamp(+(10 ** range.value).toPrecision(3), data.min, data.max) : Number(range.value);
  const show = (value, typed) => {
    shown = value;
    range.value = toPlace(value);
    if (data.log) range.setAttribute("aria-valuetext", value);
    // The middle of the thumb, which is 16 pixels wide and stays within the track.
    const share = (toPlace(value) - toPlace(data.min)) / (toPlace(data.max) - toPlace(data.min));
    range.style.setProperty("--share", `calc(8px + ${share} * (100% - 16px))`);
    if (!typed) number.value = value;
  };
  const move = (value, typed) => {
    held = true;
    show(value, typed);
    frame ||= requestAnimationFrame(() => {
      frame = 0;
      dragSlider(data.key, toValue(), !held);
    });
    clearTimeout(later);
  };
  const release = (value = toValue()) => {
    cancelAnimationFrame(frame);
    frame = 0;
    dragSlider(data.key, value, true);
  };

  range.addEventListener("input", () => move(toValue()));
  // Arrow keys let go after each step; the server need not hear of all of them.
  range.addEventListener("change", ({ isTrusted }) => {
    later = setTimeout(release, isTrusted ? 120 : 0);
  });
  range.addEventListener("cancel", () => release(told));
  number.addEventListener("input", () => {
    if (number.checkValidity() && number.value !== "") move(Number(number.value), true);
  });
  number.addEventListener("change", () => {
    if (number.value !== "") show(clamp(Number(number.value), data.min, data.max));
    release();
  });
  number.addEventListener("blur", () => held && release());
  followSliders(root, (key, value, done) => {
    if (key !== data.key) return;
    show(value, root.getRootNode().activeElement === number && !done);
    held = done === undefined ? held : !done;
    if (done !== undefined) setDragged((!done || value !== told) && key);
    if (!done || value === told) return;
    told = value;
    events.send("value", value);
  });
  const tell = (value) => dragSlider(data.key, value, undefined, data.instead);
  const answer = ({ detail: { key } }) => key === data.key && tell(toValue());
  window.addEventListener("lab-ask", answer);
  whenClosed(root, () => {
    cancelAnimationFrame(frame);
    clearTimeout(later);
    setDragged(null);
    window.removeEventListener("lab-ask", answer);
  });
  return {
    update(fresh) {
      data = fresh;
      setText(words, data.label);
      root.title = data.help;
      for (const input of [range, number]) {
        const place = input === range ? toPlace : Number;
        input.min = place(data.min);
        input.max = place(data.max);
        input.step = data.log ? "any" : data.step;
        input.setAttribute("aria-label", data.label);
      }
      // What Python says is older than what is held here, or was let go and is not answered yet.
      if (held || events.areOpen()) return;
      setDragged(null);
      const known = JSON.stringify(data.instead);
      told = data.value;
      if (shown === told && instead === known) return;
      instead = known;
      show(told);
      tell(told);
    },
  };
}

const field = (type) => Object.assign(element("input", ""), { type });
