// A range and a number field that move together. Every move goes to the window as `lab-drag` within
// the next frame; what is let go goes to the server too. Whoever sends `lab-ask` with its key is
// told the value in the same way.

const views = new WeakMap();

export default function ({ data: [data], parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".drag-slider");
  const view = views.get(root) ?? build(root);
  views.set(root, view);
  view.update(data, (value) => setTriggerValue("value", value));
  return () => {
    if (root.isConnected) return; // only new data, not the end
    view.close();
    views.delete(root);
  };
}

function build(root) {
  const sent = []; // values that Python will repeat
  let data, send, told, frame = 0, later = 0;
  const name = document.createElement("label");
  const range = field("range");
  const number = field("number");
  name.className = "name";
  name.append(document.createElement("span"), range);
  root.append(name, number);

  // A logarithmic range moves over exponents; what it says is rounded to three digits.
  const toPlace = (value) => (data.log ? Math.log10(value) : value);
  const toValue = () =>
    data.log ? Math.min(data.max, Math.max(data.min, +(10 ** range.value).toPrecision(3))) : Number(range.value);
  const show = (value, typed) => {
    range.value = toPlace(value);
    if (data.log) range.setAttribute("aria-valuetext", value);
    // The middle of the thumb, which is 16 pixels wide and stays within the track.
    const share = (toPlace(value) - toPlace(data.min)) / (toPlace(data.max) - toPlace(data.min));
    range.style.setProperty("--share", `calc(8px + ${share} * (100% - 16px))`);
    if (!typed) number.value = value;
  };
  const dispatch = (value, done) =>
    window.dispatchEvent(new CustomEvent("lab-drag", { detail: { key: data.key, value, done } }));
  const tell = (value) => {
    clearTimeout(later);
    if (value === told) return;
    told = value;
    sent.push(value);
    send(value);
  };
  const move = (value, typed) => {
    show(value, typed);
    frame ||= requestAnimationFrame(() => {
      frame = 0;
      dispatch(toValue(), false);
    });
    clearTimeout(later);
  };
  const release = () => dispatch(toValue(), true);

  range.addEventListener("input", () => move(toValue()));
  // Arrow keys let go after each step; the server need not hear of all of them.
  range.addEventListener("change", () => (later = setTimeout(release, range.matches(":active") ? 0 : 120)));
  number.addEventListener("input", () => {
    if (number.checkValidity() && number.value !== "") move(Number(number.value), true);
  });
  number.addEventListener("change", () => {
    if (number.value !== "") show(Math.min(data.max, Math.max(data.min, Number(number.value))));
    release();
  });
  const listen = ({ detail }) => {
    if (detail.key !== data.key) return;
    show(detail.value, root.getRootNode().activeElement === number && !detail.done);
    if (detail.done) tell(detail.value);
  };
  const answer = ({ detail }) => {
    if (detail.key === data.key) dispatch(toValue(), false);
  };
  window.addEventListener("lab-drag", listen);
  window.addEventListener("lab-ask", answer);

  return {
    update(fresh, newSend) {
      const isNew = fresh.value !== data?.value;
      data = fresh;
      send = newSend;
      name.firstChild.textContent = data.label;
      root.title = data.help;
      for (const input of [range, number]) {
        const place = input === range ? toPlace : Number;
        input.min = place(data.min);
        input.max = place(data.max);
        input.step = data.log ? "any" : data.step;
        input.setAttribute("aria-label", data.label);
      }
      if (!isNew) return;
      // What was let go here comes back from Python later; meanwhile it may have moved on.
      const place = sent.lastIndexOf(data.value);
      sent.splice(0, place < 0 ? sent.length : place + 1);
      if (place >= 0) return;
      told = data.value;
      show(data.value);
      dispatch(data.value, false);
    },
    close() {
      cancelAnimationFrame(frame);
      clearTimeout(later);
      window.removeEventListener("lab-drag", listen);
      window.removeEventListener("lab-ask", answer);
    },
  };
}

function field(type) {
  const input = document.createElement("input");
  input.type = type;
  return input;
}
