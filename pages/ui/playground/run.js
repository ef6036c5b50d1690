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

const nearestPlace = (steps, step) => {
  let best = 0;
  steps.forEach((each, k) => {
    if (Math.abs(each - step) < Math.abs(steps[best] - step)) best = k;
  });
  return best;
};

// Between two recorded steps bars glide; all numbers are those of a recorded one.
function between(run, contender, at) {
  const place = Math.floor(at + 1e-9), share = at - place, from = run.shown(contender, place);
  if (share < 1e-6 || place + 1 >= run.steps.length) return from;
  const to = run.shown(contender, place + 1);
  return from.map((value, k) => value + share * (to[k] - value));
}

function unpackFacts(facts) {
  const unpacked = {
    ...facts,
    frequencies: unpackFloats(facts.frequencies),
    targets: unpackBytes(facts.targets),
    truth: facts.truth && unpackFloats(facts.truth),
    points: facts.points && {
      places: unpackFloats(facts.points.places), labels: unpackBytes(facts.points.labels),
    },
  };
  if (facts.images) unpacked.images = unpackImages(facts.images, facts.rows.length);
  return unpacked;
}

// A canvas for each picture: ink on paper.
function unpackImages({ shape: [height, width], grey }, count) {
  const bytes = unpackBytes(grey);
  return Array.from({ length: count }, (_, image) => {
    const canvas = Object.assign(document.createElement("canvas"), { width, height });
    const pen = canvas.getContext("2d"), picture = pen.createImageData(width, height);
    for (let pixel = 0; pixel < width * height; pixel += 1) {
      const level = 255 - bytes[image * width * height + pixel];
      picture.data.set([level, level, level, 255], 4 * pixel);
    }
    pen.putImageData(picture, 0, 0);
    return canvas;
  });
}

const unpackDetails = ({ step, gradients, labels }, threshold) =>
  ({ step, threshold, gradients: unpackFloats(gradients), labels: unpackFloats(labels) });
