"""Questions on focal loss and the asymmetric loss."""

from pages.ui.questions import sources
from pages.ui.questions.question import Question

QUESTIONS = (
    Question(
        key="focal-timid",
        asked="Focal loss gives timid probabilities, nothing near 0 or 1",
        answer="Its minimum is not at the true probability but nearer to one half: the order is "
        "right, the numbers are not probabilities. So choose its threshold on validation rows.",
        shown="With γ = 2, a label that is true in 1 % of such cases is pulled to {pulled:.3f}.",
        figures=("answers.training:pulled_to", "focal", {"gamma": 2.0}, 0.01),
        place="losses?losses=bce.focal",
        look="Drag γ and watch the risk minimiser σ*(η).",
        source=sources.FOCAL_CALIBRATION,
    ),
    Question(
        key="focal-alpha",
        asked="Why is alpha 0.25 in focal loss when positives are rare?",
        answer="α is the factor of the positives; 0.25 makes them count less, because γ = 2 "
        "already takes most of the weight from easy negatives. It was tuned for an object "
        "detector, so for other data it is a setting to be tried.",
        shown="With 5 of 512 labels true, the true ones bring {plain:.2%} of BCE's first gradient, "
        "and {true:.2%} of that of focal loss with α = 0.25.",
        figures=("answers.training:first_gradient", "focal", {"alpha": 0.25}, 5, 512),
        place="pitfalls?specimen=alpha-turned",
        look="Say what will happen, then run it.",
        source=sources.FOCAL_ALPHA,
    ),
    Question(
        key="focal-smaller",
        asked="Focal loss is much smaller than BCE, so is it better?",
        answer="No: its factor makes the number smaller, whatever the model does. Compare models "
        "by a figure apart from the loss, such as F1 at tuned thresholds.",
        shown="With γ = 2, BCE is {start:.0f} times as large on a true label at a probability of "
        "0.5, and {times:.0f} times at 0.9.",
        figures=("answers.training:fading", "focal", {"gamma": 2.0}, 0.9),
        place="losses?losses=bce.focal&logy=True",
        look="Compare the two curves of the loss.",
        source=sources.FOCAL_SIZE,
    ),
    Question(
        key="which-gamma",
        asked="Which gamma should I use for focal loss?",
        answer="2 is the value of the paper, for an object detector. For your data sweep it on "
        "validation rows, together with the learning rate, because γ changes the size of "
        "gradients too.",
        shown="With γ = 5, BCE is {times:,.0f} times as large on a true label at a probability of "
        "0.9.",
        figures=("answers.training:fading", "focal", {"gamma": 5.0}, 0.9),
        place="sweep?s.loss=focal&s.seeds=2",
        look="Press Run and see where the surface is best.",
        source=sources.FOCAL_PARAMETERS,
    ),
    Question(
        key="focal-zeros",
        asked="I use focal loss and still get only zeros",
        answer="At the start all probabilities are one half, so its factor is the same for all "
        "labels and shifts nothing between them. It can only help later, once easy negatives are "
        "easy.",
        shown="With γ = 2 and 5 of 512 labels true, {false:.1%} of the first gradient comes from "
        "false labels, as with BCE.",
        figures=("answers.training:first_gradient", "focal", {"gamma": 2.0}, 5, 512),
        place="train?contenders=3&B.loss=focal&C.loss=asymmetric",
        look="Press Run and watch labels per row in the first steps.",
        source=sources.FOCAL,
    ),
    Question(
        key="asl-large",
        asked="ASL starts at a loss above 100",
        answer="The published code sums over labels and rows where other losses take the mean. "
        "The size says nothing of the model, but a learning rate that suits a sum does not suit a "
        "mean.",
        shown="With every probability at one half, a row of 512 labels, 5 of them true, has an ASL "
        "of {mean:.3f} per label and of {total:.1f} in all; a batch adds up its rows.",
        figures=("answers.training:start_loss", "asymmetric", {}, 5, 512),
        place="losses?losses=bce.asymmetric",
        look="Compare the two losses at logit 0.",
        source=sources.ASL_LARGE,
    ),
    Question(
        key="asl-margin",
        asked="What does the clip (margin) of ASL do?",
        answer="A false label whose probability is below the margin costs nothing and is not "
        "pulled. That takes the many easy negatives out of the gradient.",
        shown="At a probability of 0.04 and a margin of 0.05, ASL pulls a false label with "
        "{own:.3f}, BCE with {bce:.3f}.",
        figures=("answers.training:false_label", "asymmetric", {"margin": 0.05}, 0.04),
        place="losses?losses=bce.asymmetric&z=-3.2",
        look="Drag the margin, and read the gradient on a false label.",
        source=sources.ASL,
    ),
)
