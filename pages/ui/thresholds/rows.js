// Rows whose labels light up as the cursor passes them. Python says at which place of the cursor a
// label is predicted last, and what a rule decides that has no single cut.

export default component("rows", open, ({ key, lines }) => [key, lines.map(({ cells }) => cells.length)]);

function open(root, { key, lines, steps }) {
  const title = element("p", ""), legend = element("div", "legend");
  const drawn = lines.map(({ cells }) => {
    const chips = cells.map(() => element("span", "", ...elements("span", "mark", "name")));
    const name = element("span", "row"), cast = element("div", "chips", ...chips);
    root.append(setAttributes(element("div", "line", name, cast), { role: "img" }));
    return { name, cast, chips };
  });
  root.prepend(title);
  root.append(legend);
  let data = null, place = 0, isByRule = false;

  const stateOf = ({ true: isTrue, last, decided }) => {
    const isOn = isByRule ? decided : place <= last;
    return isTrue ? (isOn ? "found" : "missed") : isOn ? "wrong" : "neither";
  };
  const show = () => drawn.forEach(({ cast, chips }, row) => {
    const told = [data.lines[row].name];
    data.lines[row].cells.forEach((cell, k) => {
      const state = stateOf(cell), [mark, words] = data.states[state], [sign] = chips[k].children;
      if (chips[k].dataset.state === state) return;
      chips[k].dataset.state = state;
      chips[k].className = `chip ${state}`;
      chips[k].title = `${cell.name}: ${words}`;
      setText(sign, mark);
    });
    cast.classList.toggle("empty", !cast.querySelector(".found, .wrong"));
    cast.parentNode.setAttribute("aria-label", told.concat(chips.map(({ title }) => title)).join("; "));
  });
  followSliders(root, (moved, value, done, fresh) => {
    if (moved !== key) return;
    const at = Math.round(value * steps);
    isByRule = fresh === undefined ? isByRule && at === place : Boolean(fresh && !fresh.isCut);
    place = at;
    if (data) show();
  });
  return {
    update(fresh) {
      data = fresh;
      setText(title, data.title);
      legend.replaceChildren(
        ...Object.entries(data.states).map(([look, [mark, words]]) => swatchEntry([mark, look, words])));
      data.lines.forEach(({ name, cells }, row) => {
        setText(drawn[row].name, name);
        cells.forEach((cell, k) => {
          delete drawn[row].chips[k].dataset.state;
          setText(drawn[row].chips[k].lastChild, cell.name);
        });
      });
      show();
      askSliders([key]);
    },
  };
}
