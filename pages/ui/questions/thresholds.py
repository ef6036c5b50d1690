"""Questions on where to cut."""

from pages.ui.questions import sources
from pages.ui.questions.question import Question

QUESTIONS = (
    Question(
        key="half",
        asked="Is 0.5 the right threshold for F1?",
        answer="Rarely: for true probabilities the best threshold is half of the best F1 of a "
        "label, so at most 0.5. Choose it on validation rows and report on test rows.",
        shown="With the true probabilities of synthetic rows, micro F1 is {half:.3f} at 0.5 and "
        "{best:.3f} at {threshold:.2f}; half of that is {halved:.2f}.",
        figures=("answers.decisions:best_threshold", "micro_f1"),
        place="thresholds?source=truth&logt=True",
        look="Drag the cursor and watch F1.",
        source=sources.LIPTON,
    ),
    Question(
        key="one-or-each",
        asked="One threshold for all labels, or one for each?",
        answer="One for each fits how frequent a label is, and also the noise of the tuning rows, "
        "most of all for rare labels. Compare both on rows that neither was tuned on.",
        shown="One for each promises a macro F1 of {promised:.3f} on the tuning rows and keeps "
        "{kept:.3f} on test rows; one for all has {shared:.3f} there.",
        figures=("answers.decisions:tuned", "per_label", {}, "macro_f1"),
        place="thresholds?source=truth&part=rules&rule=per_label",
        look="Compare the rules on tuning rows and on test rows.",
        source=sources.CUTS,
    ),
    Question(
        key="tuned-on-test",
        asked="Can I tune thresholds on the test set?",
        answer="Then its rows no longer say what new rows will get, because thresholds also fit "
        "their noise. Tune on validation rows, or on parts in turn.",
        shown="One threshold for each label, tuned on the test rows, has a macro F1 of "
        "{cheated:.3f} there; tuned on validation rows, {kept:.3f}.",
        figures=("answers.decisions:tuned", "per_label", {}, "macro_f1"),
        place="pitfalls?specimen=tuned-on-test",
        look="Say what will happen, then run it.",
        source=sources.TUNING,
    ),
    Question(
        key="rare-thresholds",
        asked="Thresholds of rare labels jump around",
        answer="A handful of true rows decides where they are. Pull each towards the threshold for "
        "all labels, the more the rarer the label is.",
        shown="So pulled, one for each promises a macro F1 of {promised:.3f} on the tuning rows "
        "and keeps {kept:.3f} on test rows.",
        figures=("answers.decisions:tuned", "per_label_guarded", {}, "macro_f1"),
        place="thresholds?source=truth&part=rules&rule=per_label_guarded",
        look="Compare it with the rule that does not pull.",
        source=sources.THRESNETS,
    ),
    Question(
        key="top-k",
        asked="Why not just take the top 5 labels of every row?",
        answer="A fixed number suits rows that have that many labels. Rows with fewer get wrong "
        "ones, rows with more miss some; a threshold lets the number vary.",
        shown="The top 5 have a samples F1 of {kept:.3f} on synthetic test rows, one tuned "
        "threshold has {shared:.3f}.",
        figures=("answers.decisions:tuned", "top_k", {"k": 5}, "samples_f1"),
        place="thresholds?source=truth&part=rules&rule=top_k",
        look="Compare the rules on test rows.",
        source=sources.FASTTEXT,
    ),
    Question(
        key="costs",
        asked="Missing a label costs me more than a wrong one",
        answer="Where costs are known, the threshold for true probabilities follows from them: "
        "c_FP / (c_FP + c_FN). It takes no weight and no new training.",
        shown="If a missed label costs 10 times as much as a wrong one, a label is predicted from "
        "{threshold:.3f} on.",
        figures=("answers.decisions:cost", 1.0, 10.0),
        place="thresholds?source=truth&part=rules&rule=cost&rule.cost.c_FN=10",
        look="Set the two costs in the sidebar.",
        source=sources.COST_SENSITIVE,
    ),
    Question(
        key="cut-logits",
        asked="I cut the raw outputs at 0.5",
        answer="Raw outputs are logits, and on these a threshold means another probability. Apply "
        "the sigmoid first, or move the threshold to its logit.",
        shown="0.5 on logits is {probability:.3f} on probabilities; a probability of 0.5 is the "
        "logit {logit:.0f}.",
        figures=("answers.decisions:cut_of_logits", 0.5),
        place="probabilities?cut=0.62",
        look="Drag a logit across the threshold.",
        source=sources.AUTRAINER,
    ),
    Question(
        key="expected-f1",
        asked="Can I pick the labels with the best expected F1, row by row?",
        answer="Yes, from true probabilities: if labels are independent given the row, its best "
        "set is its most likely labels, and how many follows from all of its probabilities. One "
        "threshold for all rows is simpler and often close.",
        shown="On synthetic validation rows, one threshold of {threshold:.2f} has a samples F1 of "
        "{best:.3f}.",
        figures=("answers.decisions:best_threshold", "samples_f1"),
        place="thresholds?source=truth&rule=global",
        look="One threshold with the best samples F1.",
        yet=False,
        source=sources.LIPTON,
    ),
)
