"""Questions on the output layer, and on what goes into production."""

from pages.ui.questions import sources
from pages.ui.questions.question import Question

QUESTIONS = (
    Question(
        key="softmax-or-sigmoid",
        asked="Softmax or sigmoid for several labels?",
        answer="Softmax shares one probability among all labels, so several cannot be likely at "
        "once. Sigmoid gives each label a probability of its own.",
        shown="With 5 true labels, softmax can give each of them {share:.0%} at most.",
        figures=("answers.training:softmax_of", 5),
        place="probabilities?cut=0.2",
        look="Drag a logit and see what it does to the other labels.",
        source=sources.SIGMOID_OR_SOFTMAX,
    ),
    Question(
        key="sigmoid-twice",
        asked="My model ends with a sigmoid and does not learn",
        answer="BCEWithLogitsLoss applies a sigmoid itself, so there are two. Give it logits, and "
        "apply the sigmoid only where you need probabilities.",
        shown="With two, every probability lies between {lowest:.2f} and {highest:.3f}, and a "
        "false label never costs less than {loss:.3f} nats.",
        figures=("answers.training:sigmoid_twice",),
        place="pitfalls?specimen=sigmoid-twice",
        look="Say what will happen, then run it.",
        source=sources.SIGMOID_TWICE,
    ),
    Question(
        key="with-logits",
        asked="BCELoss or BCEWithLogitsLoss?",
        answer="On paper they are the same, in float32 not: for a large logit the sigmoid is "
        "exactly 1, and BCELoss has neither the right loss nor a gradient. Use the one on logits.",
        shown="For a false label at logit 20, BCELoss gives {clamped:.0f} with a gradient of "
        "{gradient:.0f}, BCEWithLogitsLoss {exact:.0f}.",
        figures=("answers.training:saturated", 20.0),
        place="pitfalls?specimen=saturated",
        look="Say what will happen, then run it.",
        source=sources.WITH_LOGITS_DIFFERS,
    ),
    Question(
        key="cross-entropy-multi-hot",
        asked="Can I use CrossEntropyLoss when several labels are true?",
        answer="It runs, but counts a row the more, the more labels it has. Divide the targets of "
        "each row by their sum, or take BCE.",
        shown="A row with 4 true labels cannot cost less than {multi_hot:.3f} nats; divided, "
        "{least:.3f}.",
        figures=("answers.training:softmax_of", 4),
        place="pitfalls?specimen=softmax-unnormalised",
        look="Say what will happen, then run it.",
        source=sources.CROSS_ENTROPY,
    ),
    Question(
        key="scores-of-one",
        asked="Many of my scores are exactly 1.0",
        answer="float32 has no number between the sigmoid of a large logit and 1, so different "
        "logits become equal scores. Rank by logits, and keep them for the loss.",
        shown="From logit {logit:.0f} on, a sigmoid in float32 is exactly 1.",
        figures=("answers.training:rounded",),
        place="metrics?rank_by=float32 probabilities",
        look="Rank by logits, then by probabilities.",
        source=sources.RANKING,
    ),
    Question(
        key="ship-thresholds",
        asked="How do I ship tuned thresholds with my model?",
        answer="As a file beside the model: label names and thresholds, with the rule that a label "
        "is predicted from its threshold on. The Thresholds page offers it as JSON and as Python.",
        shown="One threshold for each of {labels} labels is {kilobytes:.1f} kB of JSON.",
        figures=("answers.decisions:exported",),
        place="thresholds?source=truth&part=rules&rule=per_label",
        look="Choose a rule, then download the decision.",
        source=sources.FIXED_THRESHOLD,
    ),
    Question(
        key="other-framework",
        asked="I need this loss in Keras, TensorFlow or JAX",
        answer="Every loss of the lab can be copied as code with the settings you chose. "
        "Tests run that code and compare its numbers.",
        shown="There are {losses} losses, for {frameworks} frameworks.",
        figures=("answers.training:offered",),
        place="losses?losses=asymmetric&topic=framework",
        look="Choose your framework and copy the loss.",
        source=sources.OPTAX_ASL,
    ),
    Question(
        key="rarer-in-production",
        asked="In production labels are rarer than in my training data",
        answer="If nothing but their frequency has changed, every logit of a label moves by the "
        "difference of its log odds. Move the scores by that, or tune thresholds on new rows.",
        shown="A label that falls from 10 % to 1 % of the rows: a score of 0.5 becomes "
        "{score:.3f}.",
        figures=("answers.decisions:rarer", 0.5, 0.1, 0.01),
        place="thresholds?source=truth&part=calibration&weight=11",
        look="Undoing a weight moves logits in the same way.",
        yet=False,
        source=sources.CALIBRATE_WEIGHTS,
    ),
)
