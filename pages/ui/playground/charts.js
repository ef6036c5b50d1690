// Curves over time and over the threshold, with the cursors of both.

function openCharts(grid, { words, colours, dashes, f1s: F1S, titles }, cursors) {
  const each = titles.map((_, contender) => contender);
  const key = (names) =>
    names.map((name, i) => keyEntry({ name, colour: colours[i], dash: dashes[i] }));
  const lines = (count) => each.flatMap((contender) =>
    Array.from({ length: count }, (_, i) => ({
      stroke: contender ? `${colours[i]}80` : colours[i], dash: dashes[i], width: contender ? 2 : 2.5,
    })));
  const over = { scale: "asinh", label: words.axes.step, range: (_, low, high) => [0, Math.max(1, high)] };
  const share = { size: 42, range: () => [0, 1], space: 24 };
  const height = (holder) => Math.max(60, holder.parentNode.clientHeight - holder.offsetTop - 4);
  const chart = (k, more) => plot(grid, { title: words.panels[k], height, ...more });
  const f1 = chart(0, { key: key(words.f1s), cursor: cursors.time, x: over, y: share, series: lines(3) });
  const count = chart(1, {
    cursor: cursors.time, x: over,
    // From hundreds of labels before the first step to less than one.
    y: { size: 42, space: 14, scale: "asinh", range: (_, low, high) => [0, Math.max(1, high * 1.3)] },
    series: [{ stroke: "#888", dash: [6, 4], width: 1.5 }, ...lines(1)],
  });
  const loss = chart(2, {
    key: key(words.losses), cursor: cursors.time, x: over,
    y: { size: 42, space: 24, range: (_, low, high) => [0, (high || 1) * 1.05] }, series: lines(2),
  });
  const cuts = chart(3, {
    cursor: cursors.cut, x: { label: words.axes.threshold, range: () => [0, 1] }, y: share,
    series: lines(3),
  });
  const thresholds = Array.from({ length: CUTS }, (_, k) => k / 100);
  let drawn = {};
  return {
    draw(run, facts, place, cut) {
      if (drawn.run !== run || drawn.length !== run.steps.length || drawn.cut !== cut) {
        const { steps } = run, all = (name) => each.map((contender) => run.curve(contender, name, cut));
        f1.set([steps, ...each.flatMap((contender) => F1S.map((name) => run.curve(contender, name, cut)))]);
        count.set([steps, steps.map(() => facts.cardinality), ...all("labels_per_row")]);
        loss.set([steps, ...each.flatMap((contender) => [run.loss(contender, 0), run.loss(contender, 1)])]);
      }
      if (drawn.run !== run || drawn.place !== place) {
        cuts.set([thresholds, ...each.flatMap((contender) =>
          F1S.map((name) => run.over(contender, name, place)))]);
      }
      for (const at of [f1, count, loss]) at.mark([run.steps[place]]);
      cuts.mark([cut / 100]);
      drawn = { run, place, cut, length: run.steps.length };
    },
    tell(run, place, cut) {
      const at = words.at, step = run.steps[place], threshold = fixed(cut / 100);
      const f1s = F1S.map((name, i) => `${words.f1s[i]} ${fixed(run.figure(0, name, place, cut), 3)}`);
      f1.describe(filled(at, { step, threshold, values: f1s.join(", ") }));
      cuts.describe(filled(at, { step, threshold, values: f1s.join(", ") }));
      count.describe(filled(at, { step, threshold, values: fixed(run.figure(0, "labels_per_row", place, cut)) }));
      const losses = [0, 1].map((which) => `${words.losses[which]} ${fixed(run.loss(0, which)[place], 3)}`);
      loss.describe(filled(at, { step, threshold, values: losses.join(", ") }));
    },
  };
}
