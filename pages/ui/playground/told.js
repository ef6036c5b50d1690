// What the stage says in words and numbers of one step at one threshold; words come from Python.

const fixed = (value, digits = 2) => (Number.isFinite(value) ? value.toFixed(digits) : "–");
const percent = (value, digits = 1) =>
  (Number.isFinite(value) ? `${(100 * value).toFixed(digits)} %` : "–");

function whatIsSeen({ run, facts, place, cut, words }) {
  const predicted = run.figure(0, "labels_per_row", place, cut), { cardinality } = facts;
  const share = run.share(0, place), empty = run.figure(0, "empty_share", place, cut);
  const fields = {
    step: run.steps[place], predicted: fixed(predicted), true: fixed(cardinality),
    wrong: percent(1 - share), threshold: fixed(cut / 100),
    empty: percent(empty, 0),
    f1: fixed(run.figure(0, "samples_f1", place, cut), 3),
    macro: fixed(run.figure(0, "macro_f1", place, cut), 3),
  };
  const text = !Number.isFinite(run.loss(0, 1)[place]) ? words.seen.diverged
    : place === 0 ? words.seen.start
    : predicted < 0.005 ? (share < 0.4 && cut <= 50 ? words.seen.dark : words.seen.none)
    : predicted < 0.67 * cardinality ? (empty < 0.005 ? words.seen.few : words.seen.empty)
    : predicted > 1.5 * cardinality ? words.seen.many
    : words.seen.right;
  return filled(text, fields);
}

// The same of a second loss in short, or that it answers the same.
function whatBothShow(now, titles) {
  const { run, place, cut, words } = now;
  if (titles.length < 2) return whatIsSeen(now);
  const [one, other] = [0, 1].map((contender) => run.shown(contender, place));
  const same = one.every((value, k) => value === other[k]);
  return filled(words.first, { loss: titles[0] }) + whatIsSeen(now) + (same ? words.same
    : filled(words.other, {
      loss: titles[1],
      predicted: fixed(run.figure(1, "labels_per_row", place, cut)),
      f1: fixed(run.figure(1, "samples_f1", place, cut), 3),
    }));
}

function showStats(holder, { run, facts, place, cut, words }, contenders) {
  const all = (name, digits) => Array.from({ length: contenders }, (_, contender) =>
    fixed(run.figure(contender, name, place, cut), digits)).join(" | ");
  const told = [
    [words.stats.true, fixed(facts.cardinality)],
    [words.stats.predicted, all("labels_per_row", 2)],
    [words.stats.f1, all("samples_f1", 3)],
  ];
  told.forEach(([name, value], k) => {
    const made = holder.children[k]
      ?? holder.appendChild(element("div", "", element("span", "", name), element("b", "")));
    setText(made.lastChild, value);
  });
}

// Of a cell, of the label whose name is pointed at, or of all labels at a place of the plane. What
// takes an answer of the server is "…".
function toldOf({ cell: [row, label], contender }, now) {
  const { facts, words } = now, name = facts.names[label];
  if (row < 0) return filled(words.label, { name, ...figuresOf(label, contender, now) });
  const of = (place) => cellFields(row * facts.names.length + place, contender, now);
  if (facts.points) {
    const [x1, x2] = gridPoint(row).map((value) => plain(fixed(value, 1)));
    const each = facts.names.map((other, k) => filled(words.spot, { name: other, ...of(k) }));
    return [`x₁ ${x1}, x₂ ${x2}`, ...each].join("\n");
  }
  const told = facts.named ? facts.rows[row] : filled(words.row, { n: facts.rows[row] });
  return filled(words.cell, { row: told, name: name.replace(/^label /, ""), ...of(label) });
}

function figuresOf(label, contender, { facts, details }) {
  const labels = facts.names.length;
  const [precision, recall, f1] = [0, 1, 2].map((figure) =>
    details ? fixed(details.labels[(contender * 3 + figure) * labels + label], 3) : "…");
  return { frequency: percent(facts.frequencies[label]), precision, recall, f1 };
}

function cellFields(cell, contender, { run, facts, details, place, words }) {
  const gradient = details ? details.gradients[contender * facts.targets.length + cell] : NaN;
  return {
    truth: words.truths[facts.targets[cell]],
    probability: fixed(run.shown(contender, place)[cell], 3),
    gradient: details ? `${gradient > 0 ? "+" : ""}${plain(gradient.toPrecision(3))}` : "…",
    direction: !details || !gradient ? "" : gradient < 0 ? words.up : words.down,
    arrow: !details || !gradient ? "" : gradient < 0 ? "↑" : "↓",
  };
}
