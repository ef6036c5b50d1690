// Asks the server for runs: for all of one, or while something moves for what is seen of it, and for
// what is told of single cells. `took` is told of each run that came, or of an error.

function openTrainer(root, first, took) {
  const contenders = first.question.configs.length, values = {};
  let data = first, asked = "", facts = null, details = null, grown;

  function take(answer, question) {
    if (answer.error) {
      asked = "";
      return took({ error: answer.error });
    }
    note(answer, question);
    if (!question.whole) return took({ run: slimRun(answer, contenders, first.figures) });
    if (answer.first === 0) grown = growingRun(contenders, first.figures);
    grown.add(answer);
    // What follows a drag is whole within a moment; a long run is seen as it grows.
    if (!answer.more || !data.follows) took({ run: grown, grows: Boolean(answer.more) });
  }
  function note(answer, { threshold }) {
    if (answer.facts) facts = unpackFacts(answer.facts);
    if (answer.details) details = unpackDetails(answer.details, threshold);
  }
  const asker = openAsker(root, first.channel, take);
  const detailer = openAsker(root, first.channel, (answer, question) => {
    note(answer, question);
    took({});
  });

  function asIs() {
    const question = structuredClone(data.question);
    for (const [key, value] of Object.entries(values)) {
      if (data.moves[key]) put(question, data.moves[key], value);
    }
    return question;
  }
  const isOf = (step, threshold) => details?.step === step && details.threshold === threshold;
  return {
    get facts() { return facts; },
    isBusy: asker.isBusy,
    detailsAt: (step, threshold) => (isOf(step, threshold) ? details : null),
    recorded() {
      const run = growingRun(contenders, first.figures);
      facts = unpackFacts(first.recording[0].facts);
      first.recording.forEach(run.add);
      return run;
    },
    ask(threshold, step = null) { // without a step for all of the run
      const question = { ...asIs(), whole: step === null, step, detailed: false };
      const text = JSON.stringify([question, step === null || threshold]);
      if (text === asked) return;
      asked = text;
      asker.ask({ ...question, known: facts?.key ?? "", threshold });
    },
    askDetails(step, threshold) {
      if (asker.isBusy() || isOf(step, threshold)) return;
      const wish = { known: facts.key, threshold, step, detailed: true, whole: false };
      detailer.ask({ ...asIs(), ...wish });
    },
    moves: (key) => key in data.moves,
    move: (key, value) => { values[key] = value; },
    paint: (points) => { data.question.options.points = points; },
    update: (given) => { data = structuredClone(given); },
  };
}

// A slider's value in its place: of a loss it is the first contender's, and else all contenders'.
function put({ options, configs }, [part, name], value) {
  if (part === "options") options[name] = value;
  else if (part === "loss_params") configs[0].loss_params[name] = value;
  else for (const config of configs) config[name] = value;
}
