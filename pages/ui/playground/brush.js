// What is painted on the plane, and the labels that are painted with.
function openBrush(holder, { words, colours, most }, change) {
  const apart = 0.35; // of two points that one drag paints
  const chosen = [true, false, false], names = ["A", "B", "C"];
  let points = [], before = 0;
  const row = element("div", "brush", element("span", "", words.paint));
  const none = element("span", "");
  names.forEach((name, label) => {
    const press = Object.assign(element("button", "tint", name), { type: "button" });
    press.style.setProperty("--tint", colours[label]);
    const show = () => {
      setAttributes(press, { "aria-pressed": chosen[label], "aria-label": filled(words.brush, { name }) });
      setText(press, chosen[label] ? `✓ ${name}` : name);
      setText(none, chosen.some(Boolean) ? "" : words.unlabelled);
    };
    press.addEventListener("click", () => {
      chosen[label] = !chosen[label];
      show();
    });
    show();
    row.append(press);
  });
  row.append(none);
  const action = (text, act) => {
    const press = Object.assign(element("button", "", text), { type: "button" });
    press.addEventListener("click", act);
    row.append(press);
    return press;
  };
  const replace = (others) => {
    points = others;
    before = points.length;
    show();
    change(points, true);
  };
  const undo = action(words.undo, () => replace(points.slice(0, -1)));
  const clear = action(words.clear, () => replace([]));
  const full = element("span", "");
  row.append(full);
  holder.append(row);
  const show = () => {
    undo.disabled = clear.disabled = !points.length;
    setText(full, points.length >= most ? filled(words.full, { n: most }) : "");
  };
  function paint(x, y) {
    const last = points.length > before ? points.at(-1) : null;
    if (points.length >= most || (last && Math.hypot(last[0] - x, last[1] - y) < apart)) return;
    points = [...points, [x, y, ...chosen.map(Number)]];
    show();
    change(points, false);
  }
  return {
    points: () => points,
    show(known) {
      if (points.length > before) return; // something is being painted
      points = known;
      before = points.length;
      show();
    },
    // A press paints a point with the labels that are chosen; a drag paints several.
    on({ canvas, cellAt, placeOn }) {
      const finish = () => {
        if (points.length > before) change(points, true);
        before = points.length;
      };
      const move = (event) => {
        if (!cellAt(event)) return;
        const [across, down] = placeOn(event);
        paint(coordinate(across), -coordinate(down));
      };
      draggable(canvas, { move, end: finish, cancel: finish });
    },
    // One where the keyboard points.
    paintAt(place) {
      paint(...gridPoint(place));
      before = points.length;
      change(points, true);
    },
  };
}

const GRID = 30; // cells along a side
const coordinate = (share) => +clamp(12 * share - 6, -6, 6).toPrecision(3); // from -6 to 6
// The centre of a cell of the plane, x1 and x2.
const gridPoint = (place) =>
  [coordinate((place % GRID + 0.5) / GRID), -coordinate((Math.floor(place / GRID) + 0.5) / GRID)];

// Points as the link has them.
const written = (points) =>
  points.map(([x, y, a, b, c]) => [x, y, a + 2 * b + 4 * c].join("_")).join("~");
