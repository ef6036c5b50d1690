"""Questions on averages of F1, and on when to stop."""

from pages.ui.questions import sources
from pages.ui.questions.question import Question

QUESTIONS = (
    Question(
        key="micro-macro",
        asked="Micro F1 is fine, macro F1 is bad",
        answer="Micro counts each true label alike, so frequent labels decide; macro counts each "
        "label alike, so rare ones do. Neither is wrong, but say which one you report.",
        shown="The same decisions on synthetic test rows: micro {micro:.3f}, samples "
        "{samples:.3f}, weighted {weighted:.3f}, macro {macro:.3f}.",
        figures=("answers.decisions:averages", 0.3),
        place="metrics?share_guess=Just show me&pick=macro.f1",
        look="Click a figure to see which cells it is made of.",
        source=sources.WHICH_F1,
    ),
    Question(
        key="two-macros",
        asked="My macro F1 is not the one in the paper",
        answer="There are two: the mean of the labels' F1, as scikit-learn has it, and the F1 of "
        "mean precision and mean recall. They can differ a lot and even rank models differently.",
        shown="The same decisions on synthetic test rows: {macro:.3f} and {of_means:.3f}.",
        figures=("answers.decisions:averages", 0.3),
        place="metrics?share_guess=Just show me&topic=macro",
        look="See both for this table, and click cells to change it.",
        source=sources.OPITZ,
    ),
    Question(
        key="undefined-warning",
        asked="UndefinedMetricWarning: F-score is ill-defined",
        answer="Where nothing is true and nothing predicted, F1 is 0/0; scikit-learn counts it as "
        "0 and warns. Set zero_division, and name it beside the figure.",
        shown="If 20 % of the rows have no label and every decision is right, samples F1 is "
        "{zero:.2f} with zero_division 0 and {one:.2f} with 1.",
        figures=("answers.decisions:empty_rows", 0.2),
        place="metrics?share_guess=Just show me&topic=zero-division&zero_division=1",
        look="Change zero_division and see which figures move.",
        source=sources.METRIC_WARNING,
    ),
    Question(
        key="stop-on",
        asked="Early stopping on the loss or on F1?",
        answer="F1 at 0.5 jumps as scores cross the cut, and says nothing while all are below it. "
        "Follow the loss or mAP while training, and F1 at a tuned threshold at the end.",
        shown="If all true logits of synthetic rows are lowered by 5, micro F1 at 0.5 goes from "
        "{half_before:.3f} to {half:.3f}; at its best threshold it stays {best:.3f}, and mAP "
        "{map:.3f}.",
        figures=("answers.decisions:moved", -5.0, 1.0),
        place="train?threshold=0.2",
        look="Press Run, then drag the threshold: the curves of F1 follow.",
        source=sources.STOP_ON_F1,
    ),
    Question(
        key="loss-up-f1-up",
        asked="Validation loss goes up while F1 still goes up",
        answer="The model becomes too sure of itself: wrong answers cost more, but few answers "
        "change sides. The loss sees that, F1 does not.",
        shown="If all true logits of synthetic rows are tripled, the loss goes from "
        "{loss_before:.3f} to {loss:.3f} nats per label; micro F1 at 0.5 stays {half:.3f}.",
        figures=("answers.decisions:moved", 0.0, 3.0),
        place="train?data=debtags&rate=0.003&epochs=40",
        look="Press Run: late in the race A's validation loss rises, and so does its macro F1.",
        source=sources.LOSS_AND_ACCURACY,
    ),
    Question(
        key="two-accuracies",
        asked="Keras says accuracy 0.34, scikit-learn says 0.99",
        answer="“Accuracy” has several meanings: the share of labels that are right, of rows that "
        "are right as a whole, or of rows whose top label is a true one. Only the first is near 1 "
        "as soon as labels are rare.",
        shown="The same decisions on synthetic test rows: {cells:.1%} of the labels are right, and "
        "{rows:.1%} of the rows.",
        figures=("answers.decisions:averages", 0.3),
        place="metrics?share_guess=Just show me&topic=readings",
        look="See three readings of the share of correct labels.",
        source=sources.TF_ACCURACY,
    ),
    Question(
        key="below-half",
        asked="Macro F1 is below 0.5, is that worse than guessing?",
        answer="No: 0.5 is what a coin gives where half of the cells are true. With rare labels "
        "all that can be had without a model is far lower.",
        shown="Where 1 of 100 cells is true, predicting all of them has an F1 of {everything:.3f}, "
        "predicting none {nothing:.0f}.",
        figures=("answers.decisions:predicting_all", 1, 100),
        place="thresholds?source=truth&t=0",
        look="The cursor is at 0, where everything is predicted; drag it up.",
        source=sources.C2AE,
    ),
)
