"""Questions on weights for rare labels."""

from pages.ui.questions import sources
from pages.ui.questions.question import Question

QUESTIONS = (
    Question(
        key="which-weight",
        asked="Which pos_weight should I use?",
        answer="neg/pos, which the documentation gives as an example, predicts every label that is "
        "likelier than usual: much recall, little precision. Take the weight as a setting to be "
        "tuned on validation rows, and begin at the square root.",
        shown="For a label that is true in 5 of 512 rows, neg/pos is {balanced:.0f} and its root "
        "{sqrt:.0f}; at neg/pos, a threshold of 0.5 stands for a probability of {threshold:.4f}.",
        figures=("answers.training:schemes", 5, 512),
        place="train?contenders=3&C.loss=bce_pos_weight&C.bce_pos_weight.pos_weight=balanced",
        look="Press Run and compare labels per row with the true number.",
        source=sources.WITH_LOGITS,
    ),
    Question(
        key="too-many-labels",
        asked="With pos_weight it predicts far too many labels",
        answer="A weight w adds log w to every logit, so a label is predicted as soon as its "
        "probability reaches 1/(1 + w). Lower the weight or raise the threshold.",
        shown="With w = 50, a threshold of 0.5 decides as {threshold:.3f} does without a weight.",
        figures=("answers.training:weight", 50.0, 0.5),
        place="train?B.bce_pos_weight.pos_weight=a number&B.bce_pos_weight.pos_weight.number=50",
        look="Press Run, then drag the threshold until labels per row is right.",
        source=sources.TRANSFORMERS,
    ),
    Question(
        key="weight-or-threshold",
        asked="pos_weight or a lower threshold?",
        answer="For a model that reaches its minimum they decide alike, one by moving the logits, "
        "the other by moving the cut. The threshold needs no training and leaves probabilities as "
        "they are; the weight changes the way that training takes.",
        shown="With w = 30, a perfect model cut at 0.5 and the truth cut at {threshold:.4f} differ "
        "in {differing:,} of {cells:,} decisions.",
        figures=("answers.decisions:same_decisions", 30.0),
        place="playground?focal.pos_weight=30",
        look="Drag the weight and the threshold against each other.",
        source=sources.TUNING,
    ),
    Question(
        key="probabilities-too-high",
        asked="Since I use pos_weight, my probabilities are too high",
        answer="They are, because weighted BCE is least at the log odds plus log w. Subtract log w "
        "from each logit, and they mean what they say as far as the model does.",
        shown="With w = 30, a score of 0.5 means a probability of {undone:.3f}: the logit moves by "
        "{shift:.2f}.",
        figures=("answers.training:weight", 30.0, 0.5),
        place="thresholds?source=truth&part=calibration&weight=30",
        look="See the calibration, before and after the weight is undone.",
        source=sources.POS_WEIGHT_INFERENCE,
    ),
    Question(
        key="weight-argument",
        asked="weight or pos_weight in BCEWithLogitsLoss?",
        answer="pos_weight multiplies the part of the true labels alone. weight multiplies true "
        "and false ones alike, so as one number it only changes the size of the loss.",
        shown="With 5 of 512 labels true, the true ones bring {plain:.1%} of the first gradient, "
        "and {true:.1%} with pos_weight = 10.",
        figures=("answers.training:first_gradient", "bce_pos_weight", {"pos_weight": 10.0}, 5, 512),
        place="pitfalls?specimen=weight-for-pos-weight",
        look="Say what will happen, then run it.",
        source=sources.WEIGHT_ARGUMENT,
    ),
    Question(
        key="keras-class-weight",
        asked="class_weight in Keras fails with several labels",
        answer="class_weight gives one weight to each class, for rows that have one class. Where "
        "rows have several labels the weight belongs into the loss, label by label.",
        shown="With 5 of 512 labels true, the true ones bring {plain:.1%} of the first gradient, "
        "and {true:.0%} with the balanced weight in the loss.",
        figures=(
            "answers.training:first_gradient",
            "bce_pos_weight",
            {"pos_weight": "balanced"},
            5,
            512,
        ),
        place="losses?losses=bce_pos_weight&topic=framework",
        look="Choose your framework and copy the loss.",
        source=sources.KERAS_CLASS_WEIGHT,
    ),
)
