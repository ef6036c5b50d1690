// What the live charts share. `chart_component` in uplot.py puts this before each of them.

// A component's view, made anew when data has another shape than it was opened for. Returns what
// Streamlit calls when the component goes, which it also does when only its data is new.
function keepView(views, root, data, shapeOf, open) {
  let view = views.get(root);
  if (view?.shape !== shapeOf(data)) {
    view?.close();
    view = open(root, data);
    views.set(root, view);
  }
  view.update(data);
  return () => {
    if (root.isConnected) return;
    views.get(root)?.close();
    views.delete(root);
  };
}

function element(tag, className, ...children) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...children);
  return made;
}

// Float32 numbers as Python packs them.
function unpackFloats(base64) {
  return new Float32Array(Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0)).buffer);
}

// A line of a chart and its name.
function keyEntry({ name, colour, dash }) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const line = document.createElementNS("http://www.w3.org/2000/svg", "line");
  for (const [attribute, value] of Object.entries({ x1: 0, x2: 26, y1: 5, y2: 5, stroke: colour, "stroke-width": 3, "stroke-dasharray": (dash ?? []).join(" ") })) {
    line.setAttribute(attribute, value);
  }
  svg.setAttribute("width", 26);
  svg.setAttribute("height", 10);
  svg.append(line);
  return element("span", "", svg, name);
}

// Pressing anywhere on a chart takes the cursor there; then it follows until let go. `snap` moves
// a place on the horizontal axis to one that there is; `drag` is told of it.
function draggable(chart, snap, drag) {
  let held = false, frame = 0, value = 0;
  const { over } = chart;
  const read = (event) => {
    value = snap(chart.posToVal(event.clientX - over.getBoundingClientRect().left, "x"));
  };
  over.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    held = true;
    over.setPointerCapture(event.pointerId);
    read(event);
    drag(value, false);
  });
  over.addEventListener("pointermove", (event) => {
    if (!held) return;
    read(event);
    frame ||= requestAnimationFrame(() => {
      frame = 0;
      if (held) drag(value, false);
    });
  });
  const release = (event) => {
    if (!held) return;
    held = false;
    read(event);
    drag(value, true);
  };
  over.addEventListener("pointerup", release);
  over.addEventListener("pointercancel", release);
}

// An axis in the theme's colours; `holder` is what the chart stands in.
function themedAxis(holder) {
  const style = getComputedStyle(holder);
  const colour = (name, otherwise) => () => style.getPropertyValue(name).trim() || otherwise;
  const grid = { stroke: colour("--st-border-color-light", "#eee"), width: 1 };
  return { stroke: colour("--st-text-color", "#555"), grid, ticks: { show: false }, font: "12px sans-serif", gap: 3 };
}

// Have sliders say where they are: they may have moved on since Python heard of them.
function askSliders(keys) {
  for (const key of keys) window.dispatchEvent(new CustomEvent("lab-ask", { detail: { key } }));
}
