// What is known of a run: tables of all its recorded steps at all thresholds; or, while something
// is dragged, what is seen of it at one threshold and at one step. All of it comes ready made; here
// it is only looked up. A place is a step's number among those recorded, a cut that of a threshold.

const CUTS = 101; // thresholds, 0.01 apart

// Tables that grow with each part of an answer. `figures` are their names.
function growingRun(contenders, figures) {
  const names = ["losses", "shares", "figures", "probabilities"];
  const tables = Object.fromEntries(names.map((name) => [name, new Float32Array(0)]));
  let steps = [];
  const perStep = (name) => tables[name].length / steps.length;
  const at = (name, place, contender) => {
    const size = perStep(name) / contenders, start = (place * contenders + contender) * size;
    return tables[name].subarray(start, start + size);
  };
  return {
    isWhole: true,
    get steps() { return steps; },
    add(part) {
      for (const name of names) {
        const kept = tables[name].subarray(0, steps.length && part.first * perStep(name));
        tables[name] = joined(kept, unpackFloats(part[name]));
      }
      steps = steps.slice(0, part.first).concat(part.steps);
    },
    loss: (contender, which) => steps.map((_, place) => at("losses", place, contender)[which]),
    share: (contender, place) => at("shares", place, contender)[0],
    figure: (contender, name, place, cut) =>
      at("figures", place, contender)[figures.indexOf(name) * CUTS + cut],
    curve(contender, name, cut) {
      return steps.map((_, place) => this.figure(contender, name, place, cut));
    },
    over(contender, name, place) {
      const start = figures.indexOf(name) * CUTS;
      return at("figures", place, contender).subarray(start, start + CUTS);
    },
    shown: (contender, place) => at("probabilities", place, contender),
  };
}

// What there is at one place and one cut.
function slimRun(answer, contenders, figures) {
  const [losses, shares, curves, over, probabilities] =
    ["losses", "shares", "curves", "over", "probabilities"].map((name) => unpackFloats(answer[name]));
  const { steps } = answer, count = figures.length;
  const number = (name) => figures.indexOf(name);
  return {
    isWhole: false,
    steps,
    loss: (contender, which) => steps.map((_, k) => losses[2 * (k * contenders + contender) + which]),
    share: (contender, place) => shares[place * contenders + contender],
    figure(contender, name, place) {
      return curves[(place * contenders + contender) * count + number(name)];
    },
    curve(contender, name) {
      return steps.map((_, place) => this.figure(contender, name, place));
    },
    over(contender, name) {
      const start = (contender * count + number(name)) * CUTS;
      return over.subarray(start, start + CUTS);
    },
    shown(contender) {
      const size = probabilities.length / contenders;
      return probabilities.subarray(contender * size, (contender + 1) * size);
    },
  };
}

function joined(first, second) {
  const both = new Float32Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}

// Bytes as Python packs them.
const unpackBytes = (base64) => Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
