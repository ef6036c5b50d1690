"""Questions on data: rare labels, splits, copies, labels that are missing."""

from pages.ui.questions import sources
from pages.ui.questions.question import Question

QUESTIONS = (
    Question(
        key="how-imbalanced",
        asked="How imbalanced are my labels?",
        answer="IRLbl says how many times rarer a label is than the most frequent one, and MeanIR "
        "is its mean. Both are counted on the targets alone, before any model.",
        shown="The {labels} Debian tags have a MeanIR of {mean_ir:.0f}; the rarest is {most:.0f} "
        "times rarer than the commonest.",
        figures=("answers.data:rarity",),
        place="imbalance?data=debtags&part=all",
        look="Pick a label to see with which others it occurs.",
        source=sources.CHARTE,
    ),
    Question(
        key="oversampling",
        asked="Does oversampling help when rows have several labels?",
        answer="Less than with single labels: a row that is copied for a rare label brings all of "
        "its frequent labels too. Look first at how entangled the labels are.",
        shown="A Debian package with a tag of the tail has {tail:.1f} of them, and {others:.1f} "
        "more frequent tags.",
        figures=("answers.data:copied",),
        place="imbalance?data=debtags&part=train",
        look="See SCUMBLE, and which labels co-occur.",
        yet=False,
        source=sources.OVERSAMPLING,
    ),
    Question(
        key="stratified-split",
        asked="How do I split rows so that every part has the rare labels?",
        answer="Iterative stratification shares out the rows of the rarest label first, then those "
        "of the next. With rows drawn at random, rare labels have a handful of true rows in each "
        "part, or none.",
        shown="Of the {labels} Debian tags, {few} have fewer than {least} true rows among the "
        "{rows} test rows.",
        figures=("answers.data:rarity",),
        place="imbalance?data=debtags&part=all",
        look="See how many rows the rare labels have.",
        yet=False,
        source=sources.STRATIFY,
    ),
    Question(
        key="unknown-labels",
        asked="Some of my labels are unknown, not false",
        answer="Leave their cells out of the loss by a mask of 0 and 1. Counted as false, they "
        "pull the probability of the label down.",
        shown="If half of the true labels are marked false, a perfect model learns {learnt:.1f} "
        "where the truth is {truth:.1f}.",
        figures=("answers.data:hidden", 0.5, 0.8),
        place="train?data=synthetic&synthetic.missing=0.5",
        look="Half of the true labels of the training rows are marked false.",
        yet=False,
        source=sources.MASK,
    ),
    Question(
        key="missed-annotations",
        asked="Annotators have missed labels",
        answer="To BCE a missed label is a false one with a high probability, which it pulls "
        "hardest of all. Hill loss lets go of false labels that the model is sure of.",
        shown="At a probability of 0.95, BCE pulls a false label with {bce:.2f}, Hill loss with "
        "{own:.3f}.",
        figures=("answers.training:false_label", "hill", {}, 0.95),
        place="train?data=synthetic&synthetic.missing=0.5&B.loss=hill",
        look="Press Run; test rows keep all of their labels.",
        source=sources.HILL,
    ),
    Question(
        key="ten-rows",
        asked="A label has only ten true rows",
        answer="That is little to learn from and less to tune on: chance decides how many of them "
        "are validation rows. Judge such labels as a group, and keep their thresholds near the one "
        "for all.",
        shown="A validation part of {share:.0%} has none of 10 true rows with a chance of "
        "{chance:.0%}.",
        figures=("answers.data:unseen", 10),
        place="imbalance?data=debtags&groups=shots",
        look="Race two losses and compare head, middle and tail.",
        source=sources.LONG_TAIL,
    ),
    Question(
        key="own-scores",
        asked="Can I look at my own model here?",
        answer="At its scores, yes: bring targets and scores of rows that it was not trained on, "
        "as npz, csv or parquet. Training on your own data is not possible yet.",
        shown="A file may have up to {megabytes:.0f} MB.",
        figures=("answers.decisions:uploads",),
        place="thresholds?source=file",
        look="Upload the file in the sidebar.",
        source=sources.THRESHOLD_TUNING,
    ),
    Question(
        key="empty-rows",
        asked="Many of my rows have no label at all",
        answer="For the loss they are rows like all others; for samples F1 they are 0/0, even "
        "where the model rightly predicts nothing. Count them as 1, or report micro F1 too.",
        shown="If 40 % of the rows have no label and every decision is right, samples F1 is "
        "{zero:.2f} with zero_division 0 and {one:.2f} with 1.",
        figures=("answers.decisions:empty_rows", 0.4),
        place="pitfalls?specimen=empty-rows",
        look="Say what will happen, then run it.",
        source=sources.SAMPLES_AVERAGE,
    ),
)
