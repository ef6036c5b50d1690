// One uPlot chart in the theme's colours, with its title and key, as wide as what it stands in, and
// what moves on it. component.py brings window.uPlot for those who draw with this.

// A component with charts: it is opened once the library is there.
function chartComponent(name, open, shapeOf) {
  const patient = (root, first, events) => {
    let view, data, waiting = 0;
    const draw = () => {
      if (!window.uPlot) {
        waiting = requestAnimationFrame(draw);
        return;
      }
      view ??= open(root, data, events);
      view.update(data);
      tellDrawn(root);
    };
    whenClosed(root, () => cancelAnimationFrame(waiting));
    return {
      update(fresh) {
        data = fresh;
        cancelAnimationFrame(waiting);
        draw();
      },
    };
  };
  return component(name, patient, shapeOf);
}

const TYPE = 12; // pixels
// How much larger than usual the page is: a projector's.
const pageScale = () => parseFloat(getComputedStyle(document.documentElement).fontSize) / 16;
const DISTRIBUTIONS = { linear: 1, log: 3, asinh: 4 };
const isPower = (tick) =>
  tick === 0 || (tick !== null && Math.abs(Math.log10(tick) - Math.round(Math.log10(tick))) < 1e-9);
const powersOf = (_, ticks) => ticks.map((tick) => (isPower(tick) ? tick : null));
const numbersOf = (_, ticks) =>
  ticks.map((tick) => (tick === null ? "" : plain(+tick.toPrecision(3))));
// uPlot has a tick below 0 on each asinh axis, which here all begin at 0.
const numbersFromZero = (_, ticks) =>
  numbersOf(_, ticks.map((tick) => (tick < 0 ? null : tick)));
const gaps = (values) => Array.from(values, (value) => (Number.isFinite(value) ? value : null));

// A colour of the theme, which may change.
function themed(node, name) {
  const style = getComputedStyle(node);
  return () => style.getPropertyValue(name).trim() || "#888";
}

// Upper ends that change seldom, so that a growing curve does not make the axis jump.
const fromZero = (_, low, high) =>
  [0, [0.1, 0.25, 0.5, 1].find((end) => high <= end * 1.0001) ?? high * 1.1];

// `x` and `y` are uPlot's axes with a `scale` ("linear", "log" or "asinh", linear below `bend`) and a
// `range`; `series` are its lines and `marks` elements that stand over them. A `cursor` {key, snap(x), now()} is a
// mark that the pointer drags, with the slider of that key, to the places that `snap` names. With
// `read` {together, at(x, ...values)} the chart says what it is where the pointer or a key stands,
// and those of the same `together` follow.
function plot(grid, { title, key, height, x, y, series, cursor, read, marks = [] }) {
  const holder = setAttributes(element("div", "holder"), { role: "img" });
  const head = [element("figcaption", "", title), ...(key ? [element("div", "key", ...key)] : [])];
  grid.append(element("figure", "", ...head, holder));
  const rule = { stroke: themed(holder, "--st-border-color-light"), width: 1 };
  const axis = ({ scale, bend, range, label, size: wide, ...own }) => ({
    size: () => wide * zoom,
    stroke: themed(holder, "--st-text-color"),
    ticks: { show: false }, font: "12px sans-serif", gap: 3,
    grid: scale === "log" || scale === "asinh" ? { ...rule, filter: powersOf } : rule,
    values: scale === "asinh" ? numbersFromZero : numbersOf,
    ...(label && { label, labelFont: "12px sans-serif", labelSize: 18, labelGap: 0 }),
    ...own,
  });
  const isLarge = () => holder.parentNode.matches(":popover-open");
  const heightNow = () =>
    isLarge() ? window.innerHeight - holder.offsetTop - 24 : typeof height === "function" ? height(holder) : height;
  const size = () => ({ width: holder.clientWidth || 300, height: heightNow() });
  const enlarged = () => (isLarge() ? 1.6 : 1) * pageScale();
  let zoom = enlarged();
  const scale = ({ scale: name = "linear", bend: asinh = 1, range }) =>
    ({ distr: DISTRIBUTIONS[name], asinh, range });
  let place = () => {}, tip;
  const chart = new window.uPlot({
    ...size(),
    legend: { show: false },
    cursor: read
      ? { sync: { key: read.together }, drag: { x: false, y: false }, points: { size: 6 } }
      : { show: false },
    scales: { x: { time: false, ...scale(x) }, y: scale(y) },
    axes: [axis({ size: 20, ...x }), axis({ size: 46, ...y })],
    series: [{}, ...series.map((line) => ({ width: 2.5, points: { show: false }, ...line }))],
    hooks: { draw: [() => place()], setCursor: [(at) => tip?.(at)] },
  }, [[0, 1], ...series.map(() => [null, null])], holder);
  if (cursor) marks = [element("div", "cursor"), ...marks];
  chart.over.append(...marks);
  if (cursor) leadCursor(chart, cursor);
  if (read) tip = readOut(chart, holder, read.at);
  const resize = new ResizeObserver(() => {
    const now = size(), isNew = now.width !== chart.width || now.height !== chart.height;
    if (zoom !== enlarged()) rescale(chart, (zoom = enlarged()));
    if (holder.clientWidth && isNew) chart.setSize(now);
  });
  resize.observe(holder);
  if (zoom !== 1) rescale(chart, zoom);
  whenClosed(holder, () => {
    resize.disconnect();
    chart.destroy();
  });
  return {
    chart,
    holder,
    set: (columns) => chart.setData(columns.map(gaps)),
    describe: (text) => holder.setAttribute("aria-label", text ? `${title}. ${text}` : title),
    // Where each mark stands, [x] for a line and [x, y] for a dot; kept when all is drawn anew.
    mark(...places) {
      place = () => places.forEach(([left, up], k) => {
        marks[k].hidden = Number.isNaN(left) || Number.isNaN(up);
        const down = up === undefined ? 0 : chart.valToPos(up, "y");
        marks[k].style.transform = `translate(${chart.valToPos(left, "x")}px, ${down}px)`;
      });
      place();
    },
  };
}

// Lines and type of the axes so many times as large as they are made.
function rescale(chart, zoom) {
  for (const axis of chart.axes) {
    const css = TYPE * zoom, size = Math.round(css * devicePixelRatio);
    axis.font = axis.labelFont = [`${size}px sans-serif`, size, css];
  }
  chart.series.slice(1).forEach((line) => {
    line.lineWidth ??= line.width;
    line.width = line.lineWidth * zoom;
  });
  chart.redraw();
}

function leadCursor({ over, posToVal }, { key, snap, now }) {
  let before, value;
  draggable(over, {
    begin: () => (before = now()),
    move({ clientX }) {
      value = snap(posToVal(clientX - over.getBoundingClientRect().left, "x"));
      dragSlider(key, value, false);
    },
    end: () => dragSlider(key, value, true),
    cancel: () => dragSlider(key, before, true),
  });
}

// A box with what `at` says where uPlot's own cursor stands, which arrow keys move, too.
function readOut(chart, holder, at) {
  const box = element("div", "tooltip");
  box.hidden = true;
  chart.over.append(box);
  holder.tabIndex = 0;
  holder.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key], [xs] = chart.data, last = xs.length - 1;
    if (!by || last < 0) return;
    event.preventDefault();
    const place = clamp((chart.cursor.idx ?? last) + by, 0, last);
    chart.setCursor({ left: chart.valToPos(xs[place], "x"), top: 10 });
  });
  return ({ cursor: { idx, left }, data, over }) => {
    box.hidden = idx === null || idx === undefined || left < 0;
    if (box.hidden) return;
    setText(box, at(...data.map((line) => line[idx])));
    const isRight = left > over.clientWidth / 2;
    box.style.left = isRight ? "4px" : "auto";
    box.style.right = isRight ? "auto" : "4px";
  };
}
