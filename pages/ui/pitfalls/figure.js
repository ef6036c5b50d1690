// Two losses over a probability, ready made for every gamma of the slider; this looks them up.
// Needs window.uPlot and plot.js. Follows `lab-drag` events (see slider.js).

const views = new WeakMap();

export default function ({ data: [data], parentElement }) {
  const shapeOf = ({ lines, title, across, place }) => JSON.stringify([lines, title, across, place]);
  return keepView(views, parentElement.querySelector(".variant"), data, shapeOf, open);
}

function open(root, first) {
  let data = first, values = unpackFloats(first.values), chart, waiting, k = 0;
  const holder = element("div", "holder");
  const told = element("p", "");
  const turn = element("div", "turn", element("span", "", first.place));
  holder.setAttribute("role", "img");
  root.replaceChildren(
    element("figure", "", element("figcaption", "", first.title), element("div", "key", ...first.lines.map(keyEntry)), holder),
    told,
  );

  const curve = (line) => {
    const size = data.sigmas.length;
    const from = (line * data.gammas.length + k) * size;
    return Array.from(values.subarray(from, from + size));
  };
  // Called whenever the chart was drawn: before that it does not know its own width.
  const mark = (drawn) => {
    turn.style.transform = `translateX(${drawn.valToPos(data.turns[k].formula, "x")}px)`;
  };
  const show = () => {
    const { formula, found, top } = data.turns[k];
    told.textContent = data.told
      .replace("{gamma}", String(data.gammas[k]))
      .replace("{formula}", formula.toFixed(4))
      .replace("{found}", found.toFixed(4))
      .replace("{top}", top.toFixed(4));
    holder.setAttribute("aria-label", `${data.title}. ${told.textContent}`);
    chart.setData([data.sigmas, curve(0), curve(1)]);
    root.dataset.gamma = data.gammas[k];
  };
  const nearest = (gamma) =>
    data.gammas.reduce((best, value, i) => (Math.abs(value - gamma) < Math.abs(data.gammas[best] - gamma) ? i : best), 0);
  const listen = ({ detail }) => {
    if (detail.key !== data.key) return;
    k = nearest(detail.value);
    if (chart) show();
  };
  window.addEventListener("lab-drag", listen);
  const resize = new ResizeObserver(() => {
    if (!chart || !holder.clientWidth || holder.clientWidth === chart.width) return;
    chart.setSize({ width: holder.clientWidth, height: chart.height });
  });
  resize.observe(root);

  function draw() {
    if (!window.uPlot) {
      waiting = requestAnimationFrame(draw);
      return;
    }
    if (!chart) {
      chart = new window.uPlot(options(data, holder, mark), [[0, 1], [null, null], [null, null]], holder);
      chart.over.append(turn);
    }
    show();
    askSliders([data.key]);
  }

  return {
    shape: JSON.stringify([first.lines, first.title, first.across, first.place]),
    update(fresh) {
      data = fresh;
      values = unpackFloats(fresh.values);
      cancelAnimationFrame(waiting);
      draw();
    },
    close() {
      cancelAnimationFrame(waiting);
      resize.disconnect();
      window.removeEventListener("lab-drag", listen);
      chart?.destroy();
    },
  };
}

function options(data, holder, mark) {
  const axis = themedAxis(holder);
  return {
    width: holder.clientWidth || 300,
    height: 240,
    legend: { show: false },
    cursor: { show: false },
    hooks: { draw: [mark] },
    scales: { x: { time: false, range: [0, 1] }, y: { range: [0, data.highest] } },
    axes: [
      { ...axis, size: 20, label: data.across, labelFont: "12px sans-serif", labelSize: 18, labelGap: 0 },
      { ...axis, size: 46 },
    ],
    series: [
      {},
      ...data.lines.map(({ name, colour, dash }) => ({ label: name, stroke: colour, dash, width: 2.5, pxAlign: 0, points: { show: false } })),
    ],
  };
}
