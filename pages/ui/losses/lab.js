// Curves of several losses over one logit, which follow their parameters while those are dragged:
// every move of a slider becomes a question to the server, and its answer is drawn. No loss is
// computed here.

const LINES = [0, 2, 1, 3]; // panels show both losses, then both slopes; figures do not
const MINIMISER = 4; // the last panel, over another axis

export default chartComponent("loss-lab", open, shapeOf);

// What it is built for; anything else can change while it stays.
function shapeOf({ log, balance, words, cursor, losses }) {
  return [log, balance, words, cursor.key, losses.map(({ legend, colour }) => [legend, colour])];
}

function open(root, first) {
  const { words } = first;
  let data = first, params, scene, cursor = 0, drawn, charts, telling = 0, asked = 0;
  const named = (name) => first.losses.map((loss) => keyEntry({ ...loss, name: loss[name] }));
  const legend = element("div", "key", ...named("legend")), grid = element("div", "panels");
  const readout = textTable("readout", words.heads, named("title"));
  const balance = first.balance ? openBalance(words, () => named("title")) : null;
  const status = setAttributes(element("div", "status", words.waiting), { role: "status" });
  const tables = element("div", "tables", readout.root, ...(balance ? [balance.root] : []));
  root.append(status, legend, grid, tables);

  const asker = openAsker(root, first.channel, (answer, question) => {
    setText(status, answer.error ? filled(words.error, answer) : "");
    if (answer.error) return;
    const figures = unpackFloats(answer.figures);
    if (figures.length !== data.losses.length * data.packed) return; // asked for other losses
    drawn = { losses: unpack(figures, data), scene: question.scene, prior: answer.prior_logit };
    root.dataset.answers = Number(root.dataset.answers ?? 0) + 1;
    draw();
  });
  const ask = () => {
    asked ||= requestAnimationFrame(() => {
      asked = 0;
      asker.ask({ losses: data.losses.map(({ key }, k) => [key, params[k]]), scene });
    });
  };
  followSliders(root, (key, value) => {
    if (key === data.cursor.key) {
      cursor = value;
      if (drawn) mark();
      return;
    }
    const place = data.sliders[key];
    if (!place) return;
    const [loss, name] = place;
    (loss === null ? scene : params[loss])[name] = value;
    ask();
  });

  function snap(value) {
    const { low, high } = drawn.scene, step = (high - low) / (data.points - 1);
    return +clamp(low + Math.round((value - low) / step) * step, low, high).toFixed(6);
  }

  function draw() {
    const led = { key: first.cursor.key, snap, now: () => cursor };
    charts ??= words.panels.map((title, k) => openChart(grid, title, k, data, led));
    charts.forEach((chart) => chart.set(drawn));
    balance?.show(drawn);
    mark();
  }

  // The cursor, and what the curves are there.
  function mark() {
    const { low, high } = drawn.scene;
    const place = Math.round(((cursor - low) / (high - low)) * (data.points - 1));
    const at = clamp(place, 0, data.points - 1), where = filled(words.at, { logit: plain(cursor) });
    charts.slice(0, MINIMISER).forEach((chart) => chart.mark(cursor));
    clearTimeout(telling); // a screen reader is told once all is still
    telling = setTimeout(() => charts.forEach((chart, k) => {
      if (k < MINIMISER) chart.tell(where, (line) => line[at]);
      else chart.tell(words.at_eta, (line) => line[Math.round((line.length - 1) / 10)]);
    }), 150);
    setText(readout.title, where);
    readout.show(drawn.losses.map(({ lines }) => lines.map((line) => written(line[at]))));
    root.dataset.moves = Number(root.dataset.moves ?? 0) + 1;
  }

  whenClosed(root, () => {
    cancelAnimationFrame(asked);
    clearTimeout(telling);
  });
  return {
    update(fresh) {
      data = fresh;
      params = fresh.losses.map((loss) => ({ ...loss.params }));
      scene = { ...fresh.scene };
      cursor = fresh.cursor.value;
      askSliders([...Object.keys(data.sliders), data.cursor.key]);
      ask();
    },
  };
}

// Of each loss its four lines (value and slope for a true cell, the same for a false one), three
// pairs of sums, and its minimiser.
function unpack(figures, { points, packed, losses }) {
  return losses.map((_, loss) => {
    const part = (from, to) => figures.subarray(loss * packed + from, loss * packed + to);
    return {
      lines: [0, 1, 2, 3].map((line) => part(line * points, (line + 1) * points)),
      sums: [0, 1, 2].map((place) => part(4 * points + 2 * place, 4 * points + 2 * place + 2)),
      minimiser: part(4 * points + 6, packed),
    };
  });
}

function openBalance(words, names) {
  const tables = words.places.map(() => textTable("readout", words.balance_heads, names()));
  const title = element("div", "title");
  return {
    root: element("div", "balance", title, ...tables.map((table) => table.root)),
    show({ losses, prior, scene: { cells, positives, others } }) {
      setText(title, filled(words.balance, { negatives: cells - positives, positives }));
      tables.forEach((table, place) => {
        const logit = plain(+[0, prior, others][place].toFixed(2));
        setText(table.title, filled(words.places[place], { logit }));
        table.show(losses.map(({ sums }) => {
          const [negative, positive] = sums[place];
          return [negative, positive, positive > 0 ? negative / positive : NaN].map(written);
        }));
      });
    },
  };
}

// Three digits that count, as short as they are.
function written(value) {
  if (Number.isNaN(value)) return "–";
  if (!Number.isFinite(value)) return value < 0 ? "−∞" : "∞";
  const size = Math.abs(value), isLong = size !== 0 && (size >= 1e5 || size < 1e-3);
  if (isLong) return plain(value.toExponential(1).replace("+", ""));
  return plain(size >= 1000 ? Math.round(value) : value.toPrecision(3));
}

function openChart(grid, title, k, { log, words, losses }, cursor) {
  const isMinimiser = k === MINIMISER, isLog = log && k < 2;
  const stroke = themed(grid, "--st-text-color");
  const diagonal = { stroke, width: 1, alpha: 0.6, dash: [2, 4] };
  const chart = plot(grid, {
    title,
    // As the style sheet lays the panels out: in three columns, or two where there is less room.
    height: () => (grid.clientWidth >= 640 ? (isMinimiser ? 395 : 185) : isMinimiser ? 200 : 140),
    cursor: !isMinimiser && cursor,
    x: {
      label: words.across[isMinimiser ? 1 : 0],
      range: (_, low, high) => [low, high],
      space: ({ width }) => (width < 220 ? 30 : 50),
    },
    y: {
      size: 50,
      scale: isLog ? "log" : "linear",
      range: isMinimiser ? [0, 1] : isLog ? logRange : range,
      ...(isLog && { values: powerNames, filter: (_, ticks) => ticks }),
    },
    series: [
      ...(isMinimiser ? [diagonal] : []),
      ...losses.map(({ colour: stroke, dash }) => ({ stroke, dash })),
    ],
  });
  const lineOf = (loss) => (isMinimiser ? loss.minimiser : loss.lines[LINES[k]]);
  let lines, before = [];
  return {
    set({ losses: fresh, scene: { low, high } }) {
      const [from, to] = isMinimiser ? [0, 1] : [low, high];
      lines = fresh.map(lineOf);
      const now = [[from, to], ...lines];
      if (now.every((line, i) => isSame(line, before[i]))) return; // most sliders leave some panels
      before = now;
      const [{ length }] = lines, isDrawn = (value) => !isLog || value > 1e-12;
      const across = Array.from({ length }, (_, i) => from + ((to - from) * i) / (length - 1));
      const shown = lines.map((line) => line.map((value) => (isDrawn(value) ? value : NaN)));
      chart.set([across, ...(isMinimiser ? [across] : []), ...shown]);
    },
    mark: (value) => chart.mark([value]),
    tell(where, read) {
      const words = losses.map(({ title: name }, loss) => `${name} ${written(read(lines[loss]))}`);
      chart.describe(`${where}: ${words.join("; ")}`);
    },
  };
}

// Of two lists of numbers, where NaN is what NaN is.
const isSame = (one, other) =>
  one.length === other?.length && one.every((value, i) => Object.is(value, other[i]));

const logRange = (_, low, high) =>
  low === null ? [0.1, 1] : [Math.max(low * 0.7, high * 1e-9), high * 1.4];

function range(_, low, high) {
  if (low === null) return [0, 1];
  const [bottom, top] = [Math.min(0, low), Math.max(0, high)];
  const room = (top - bottom || 1) * 0.04;
  return [bottom - (low < 0 ? room : 0), top + (high > 0 || bottom === top ? room : 0)];
}

// As many powers of ten as have room.
function powerNames(_, ticks) {
  const every = Math.ceil(ticks.filter(isPower).length / 5);
  const isNamed = (tick) => isPower(tick) && Math.round(Math.log10(tick)) % every === 0;
  const name = (tick) => plain(tick < 0.01 ? tick.toExponential(0) : tick);
  return ticks.map((tick) => (isNamed(tick) ? name(tick) : ""));
}
