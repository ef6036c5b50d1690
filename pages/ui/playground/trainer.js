// Asks the server for runs: for all of one, or while something moves for what is seen of it, and for
// what is told of single cells. `took` is told of each run that came, or of an error. A run bears
// what it is of: the `facts` of its data set, and the text of its question.

const [TOLD, KEPT] = [10, 20]; // keys of facts that a question tells of, and facts that are kept

const PATIENCE = 600; // milliseconds, after which an answer is late

function openTrainer(root, first, took) {
  let late = 0, isLate = false;
  const contenders = first.question.configs.length, values = {}, known = new Map();
  let data = first, asked = "", details = null, grown;

  function take(answer, question) {
    if (!asker.isBusy()) clearTimeout(late);
    isLate = false;
    if (answer.error) {
      asked = "";
      return took({ error: answer.error });
    }
    if (!question.whole) return took({ run: of(slimRun(answer, contenders, first.figures), answer, question) });
    if (answer.first === 0) grown = of(growingRun(contenders, first.figures), answer, question);
    grown.add(answer);
    // What follows a drag is whole within a moment; a long run is seen as it grows.
    if (!answer.more || !data.follows) took({ run: grown, grows: Boolean(answer.more) });
  }
  function of(run, { key, facts }, question) {
    if (facts) {
      known.set(key, unpackFacts(facts));
      if (known.size > KEPT) known.delete(known.keys().next().value);
    }
    return Object.assign(run, { facts: known.get(key), of: subject(question) });
  }
  const asker = openAsker(root, first.channel, take);
  const detailer = openAsker(root, first.channel, (answer, question) => {
    if (!answer.details) return;
    details = { of: subject(question), ...unpackDetails(answer.details, question.threshold) };
    took({});
  });

  function asIs() {
    const question = structuredClone(data.question);
    for (const [key, value] of Object.entries(values)) {
      if (data.moves[key]) put(question, data.moves[key], value);
    }
    return { ...question, known: [...known.keys()].slice(-TOLD) };
  }
  const detailsAt = (run, step, threshold) =>
    details?.of === run.of && details.step === step && details.threshold === threshold ? details : null;
  return {
    isSlow: () => isLate,
    detailsAt,
    recorded() {
      const [part] = first.recording, run = growingRun(contenders, first.figures);
      first.recording.forEach(run.add);
      return of(run, part, asIs());
    },
    ask(threshold, step = null) { // without a step for all of the run
      const question = { ...asIs(), whole: step === null, step, detailed: false };
      const text = JSON.stringify([subject(question), step, step === null || threshold]);
      if (text === asked) return;
      asked = text;
      asker.ask({ ...question, threshold });
      clearTimeout(late);
      if (!isLate) late = setTimeout(() => { isLate = true; took({}); }, PATIENCE);
    },
    askDetails(run, step, threshold) {
      if (asker.isBusy() || detailsAt(run, step, threshold)) return;
      detailer.ask({ ...asIs(), threshold, step, detailed: true, whole: false });
    },
    moves: (key) => key in data.moves,
    move: (key, value) => { values[key] = value; },
    paint: (points) => { data.question.options.points = points; },
    update: (given) => { data = structuredClone(given); },
  };
}

// What a question is about, whatever is looked at.
const subject = ({ scene, options, configs }) => JSON.stringify([scene, options, configs]);

// A slider's value in its place: of a loss it is the first contender's, and else all contenders'.
function put({ options, configs }, [part, name], value) {
  if (part === "options") options[name] = value;
  else if (part === "loss_params") configs[0].loss_params[name] = value;
  else for (const config of configs) config[name] = value;
}
