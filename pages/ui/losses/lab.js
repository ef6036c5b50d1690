// Curves of several losses over one logit, which follow their parameters while those are dragged:
// every `lab-drag` of a slider (see slider.js) becomes a question to the server, one at a time
// and always the newest, and its answer is drawn. No loss is computed here. Needs window.uPlot and
// plot.js and socket.js. Text is set as text.

const views = new WeakMap();

export default function ({ data: [data], parentElement }) {
  return keepView(views, parentElement.querySelector(".loss-lab"), data, shapeOf, open);
}

// What it is built for; anything else can change while it stays.
function shapeOf(data) {
  return JSON.stringify([data.log, data.balance, data.words, data.losses.map(({ legend, colour }) => [legend, colour])]);
}

function open(root, first) {
  let data = first, params, scene, cursor = 0, drawn, charts, waiting, telling, asked = 0, closed = false;
  const legend = element("div", "key", ...first.losses.map((loss) => lineHead({ ...loss, title: loss.legend })));
  const grid = element("div", "panels");
  const readout = buildTable("readout", first.words.heads, first.losses.map(lineHead));
  const balance = first.balance ? buildBalance(first) : null;
  const status = element("div", "status", first.words.waiting);
  status.setAttribute("role", "status");
  root.replaceChildren(status, legend, grid, element("div", "tables", readout.root, ...(balance ? [balance.root] : [])));

  const channel = openAsker(root, first.channel, take);
  function take(answer, question) {
    status.textContent = answer.error ? first.words.error.replace("{error}", answer.error) : "";
    if (answer.error) return;
    const figures = unpackFloats(answer.figures);
    if (figures.length !== data.losses.length * data.packed) return; // asked for other losses
    drawn = { figures, scene: question.scene, prior: answer.prior_logit };
    root.dataset.answers = Number(root.dataset.answers ?? 0) + 1;
    draw();
  }
  const ask = () => {
    asked ||= requestAnimationFrame(() => {
      asked = 0;
      channel.ask({ losses: data.losses.map(({ key }, k) => [key, params[k]]), scene });
    });
  };
  const listen = ({ detail }) => {
    if (detail.key === data.cursor.key) {
      cursor = detail.value;
      if (drawn && charts) mark();
      return;
    }
    const place = data.sliders[detail.key];
    if (!place) return;
    const [loss, name] = place;
    (loss === null ? scene : params[loss])[name] = detail.value;
    ask();
  };
  const drag = (value, done) =>
    window.dispatchEvent(new CustomEvent("lab-drag", { detail: { key: data.cursor.key, value, done } }));
  window.addEventListener("lab-drag", listen);
  const resize = new ResizeObserver(() => {
    charts?.forEach((chart) => chart.fit());
    if (drawn && charts) mark();
  });
  resize.observe(root);

  function draw() {
    if (closed || !drawn) return;
    if (!window.uPlot) {
      cancelAnimationFrame(waiting);
      waiting = requestAnimationFrame(draw);
      return;
    }
    charts ??= data.words.panels.map((title, k) => buildChart(grid, title, k, () => data, () => drawn, drag));
    charts.forEach((chart) => chart.set(drawn));
    balance?.show(drawn, data);
    mark();
  }
  // The cursor, and what the curves are there.
  function mark() {
    const { low, high } = drawn.scene;
    const place = Math.round(((cursor - low) / (high - low)) * (data.points - 1));
    const at = Math.min(data.points - 1, Math.max(0, place));
    charts.forEach((chart) => chart.mark(cursor));
    clearTimeout(telling); // a screen reader is told once all is still
    telling = setTimeout(() => charts.forEach((chart) => chart.tell(cursor, at)), 150);
    const rows = data.losses.map((_, k) => [0, 1, 2, 3].map((line) => written(lineOf(drawn, data, k, line)[at])));
    readout.show(data.words.at.replace("{logit}", plain(cursor)), rows);
    root.dataset.moves = Number(root.dataset.moves ?? 0) + 1;
  }

  return {
    shape: shapeOf(first),
    update(fresh) {
      data = fresh;
      params = fresh.losses.map((loss) => ({ ...loss.params }));
      scene = { ...fresh.scene };
      cursor = fresh.cursor.value;
      askSliders([...Object.keys(data.sliders), data.cursor.key]);
      ask();
    },
    close() {
      closed = true;
      cancelAnimationFrame(waiting);
      cancelAnimationFrame(asked);
      clearTimeout(telling);
      channel.close();
      resize.disconnect();
      window.removeEventListener("lab-drag", listen);
      charts?.forEach((chart) => chart.destroy());
    },
  };
}

// One of a loss's four curves: value and slope for a true cell, the same for a false one.
const lineOf = ({ figures }, { points, packed }, loss, line) =>
  figures.subarray(loss * packed + line * points, loss * packed + (line + 1) * points);

const sumsOf = ({ figures }, { points, packed }, loss, place) =>
  figures.subarray(loss * packed + 4 * points + 2 * place, loss * packed + 4 * points + 2 * place + 2);

const minimiserOf = ({ figures }, { points, packed }, loss) =>
  figures.subarray(loss * packed + 4 * points + 6, (loss + 1) * packed);

const lineHead = ({ title, colour, dash }) => keyEntry({ name: title, colour, dash });

function buildTable(className, heads, names) {
  const head = element("tr", "", ...["", ...heads].map((name) => scoped(element("th", "", name), "col")));
  const cells = names.map(() => heads.map(() => element("td", "")));
  const body = names.map((name, k) => element("tr", "", scoped(element("th", "", name), "row"), ...cells[k]));
  const caption = element("caption", "");
  return {
    root: element("table", className, caption, element("thead", "", head), element("tbody", "", ...body)),
    show(title, rows) {
      setText(caption, title);
      rows.forEach((row, r) => row.forEach((text, c) => setText(cells[r][c], text)));
    },
  };
}

function buildBalance({ words, losses }) {
  const tables = words.places.map(() => buildTable("readout", words.balance_heads, losses.map(lineHead)));
  const root = element("div", "balance", element("div", "title", ""), ...tables.map((table) => table.root));
  return {
    root,
    show(drawn, data) {
      const { cells, positives, others } = drawn.scene;
      const counts = { "{negatives}": cells - positives, "{positives}": positives };
      setText(root.firstChild, words.balance.replace(/{\w+}/g, (name) => counts[name] ?? name));
      tables.forEach((table, place) => {
        const logit = [0, drawn.prior, others][place];
        const rows = losses.map((_, k) => {
          const [negative, positive] = sumsOf(drawn, data, k, place);
          return [written(negative), written(positive), positive > 0 ? written(negative / positive) : "–"];
        });
        table.show(words.places[place].replace("{logit}", plain(+logit.toFixed(2))), rows);
      });
    },
  };
}

function scoped(cell, scope) {
  cell.setAttribute("scope", scope);
  return cell;
}

function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

// Three digits that count, as short as they are.
function written(value) {
  if (Number.isNaN(value)) return "–";
  if (!Number.isFinite(value)) return value < 0 ? "−∞" : "∞";
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e5 || size < 1e-3)) return plain(value.toExponential(1).replace("+", ""));
  return plain(size >= 1000 ? Math.round(value) : value.toPrecision(3));
}

const plain = (value) => String(value).replaceAll("-", "−");

function buildChart(grid, title, k, current, latest, drag) {
  const isMinimiser = k === 4;
  const holder = element("div", "holder");
  const line = element("div", "cursor");
  holder.setAttribute("role", "img");
  const figure = element("figure", "", element("figcaption", "", title), holder);
  grid.append(figure);
  const chart = new window.uPlot({ ...options(k, current(), holder), height: heightOf(k, grid) }, [[0, 1], ...Array(current().losses.length + isMinimiser).fill([null, null])], holder);
  if (!isMinimiser) {
    chart.over.append(line);
    const snap = (at) => {
      const { low, high } = latest().scene;
      const step = (high - low) / (current().points - 1);
      const near = Math.min(high, Math.max(low, low + Math.round((at - low) / step) * step));
      return +near.toFixed(6);
    };
    draggable(chart, snap, drag);
  }
  const figuresOf = (drawn, loss) =>
    isMinimiser ? minimiserOf(drawn, current(), loss) : lineOf(drawn, current(), loss, LINES[k]);
  let before = [];
  return {
    set(drawn) {
      const data = current();
      const { low, high } = drawn.scene;
      const lines = data.losses.map((_, loss) => figuresOf(drawn, loss));
      const now = [[low, high], ...lines];
      if (now.every((line, i) => isSame(line, before[i]))) return; // most sliders leave some panels
      before = now;
      const isDrawn = data.log && k < 2 ? (value) => value > 1e-12 : () => true;
      const [from, to] = isMinimiser ? [0, 1] : [low, high];
      const across = Array.from(lines[0], (_, i) => from + ((to - from) * i) / (lines[0].length - 1));
      chart.setData([across, ...(isMinimiser ? [across] : []), ...lines.map((line) => gaps(line, isDrawn))]);
    },
    mark(value) {
      if (!isMinimiser) line.style.transform = `translateX(${chart.valToPos(value, "x")}px)`;
    },
    tell(value, at) {
      const data = current();
      const words = data.losses.map(({ title: name }, loss) => {
        const found = figuresOf(latest(), loss);
        return `${name} ${written(found[isMinimiser ? Math.round(0.1 * (found.length - 1)) : at])}`;
      });
      const where = isMinimiser ? data.words.at_eta : data.words.at.replace("{logit}", plain(value));
      holder.setAttribute("aria-label", `${title}. ${where}: ${words.join("; ")}`);
    },
    fit() {
      const [width, height] = [holder.clientWidth, heightOf(k, grid)];
      if (width > 0 && (width !== chart.width || height !== chart.height)) chart.setSize({ width, height });
    },
    destroy() {
      chart.destroy();
      figure.remove();
    },
  };
}

// As loss_lab.css lays the panels out: in three columns, or two where there is less room.
const heightOf = (k, grid) => (grid.clientWidth >= 640 ? (k === 4 ? 300 : 185) : k === 4 ? 200 : 140);

// Panels show both losses, then both slopes; figures come loss and slope, true before false.
const LINES = [0, 2, 1, 3];

// Of two lists of numbers, where NaN is what NaN is.
const isSame = (one, other) => one.length === other?.length && one.every((value, i) => Object.is(value, other[i]));

const gaps = (values, isDrawn) => Array.from(values, (value) => (Number.isNaN(value) || !isDrawn(value) ? null : value));

function options(k, data, holder) {
  const axis = themedAxis(holder);
  const isMinimiser = k === 4;
  const isLog = data.log && k < 2;
  const labels = (_, ticks) => ticks.map((tick) => (tick === null ? "" : String(+tick.toPrecision(3)).replace("-", "−")));
  const range = (_, low, high) => {
    if (isMinimiser) return [0, 1];
    if (low === null) return isLog ? [0.1, 1] : [0, 1];
    if (isLog) return [Math.max(low * 0.7, high * 1e-9), high * 1.4];
    const [bottom, top] = [Math.min(0, low), Math.max(0, high)];
    const room = (top - bottom || 1) * 0.04;
    return [bottom - (low < 0 ? room : 0), top + (high > 0 || bottom === top ? room : 0)];
  };
  const series = data.losses.map(({ title, colour: stroke, dash }) => ({ label: title, stroke, dash, width: 2.5, points: { show: false } }));
  const powers = { ...axis.grid, filter: (_, ticks) => ticks.map((tick) => (isPower(tick) ? tick : null)) };
  const powerLabels = (_, ticks) => {
    const every = Math.ceil(ticks.filter(isPower).length / 5); // as many as have room
    return ticks.map((tick) =>
      !isPower(tick) || Math.round(Math.log10(tick)) % every ? "" : plain(tick < 0.01 ? tick.toExponential(0) : tick));
  };
  const diagonal = { stroke: axis.stroke, width: 1, alpha: 0.6, dash: [2, 4], points: { show: false } };
  return {
    width: holder.clientWidth || 300,
    legend: { show: false },
    cursor: { show: false },
    scales: { x: { time: false, range: (_, low, high) => [low, high] }, y: { distr: isLog ? 3 : 1, range } },
    axes: [
      { ...axis, size: 20, space: holder.clientWidth < 220 ? 30 : 50, label: data.words.across[isMinimiser ? 1 : 0], labelFont: "12px sans-serif", labelSize: 18, labelGap: 0, values: labels },
      { ...axis, size: 50, grid: isLog ? powers : axis.grid, values: isLog ? powerLabels : labels, ...(isLog && { filter: (_, ticks) => ticks }) },
    ],
    series: [{}, ...(isMinimiser ? [diagonal] : []), ...series],
  };
}

const isPower = (tick) => tick !== null && Math.abs(Math.log10(tick) - Math.round(Math.log10(tick))) < 1e-9;
