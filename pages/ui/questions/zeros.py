"""Questions on models that answer nothing, and on losses that look wrong."""

from pages.ui.questions import sources
from pages.ui.questions.question import Question

QUESTIONS = (
    Question(
        key="only-zeros",
        asked="My model predicts only zeros",
        answer="At the start every probability is one half and nearly every label is false, so the "
        "first steps push all of them down. Nothing is broken yet: that is the quickest way down "
        "for the loss, and the true labels are told apart later.",
        shown="With 5 of 512 labels true, {false:.1%} of the first gradient comes from false "
        "labels.",
        figures=("answers.training:first_gradient", "bce", {}, 5, 512),
        place="playground?scene=tags&step=10",
        look="Drag the time under the picture and watch the lights.",
        source=sources.FAST_BERT,
    ),
    Question(
        key="accuracy-99",
        asked="Accuracy is 99 % but F1 is 0",
        answer="Accuracy counts all labels of all rows, and nearly all of them are easy negatives. "
        "A model that answers nothing gets those right and finds none of the true ones, and only "
        "these make an F1.",
        shown="On the test rows of the Debian packages, answering nothing has an accuracy of "
        "{accuracy:.1%} and a micro F1 of {f1:.2f}.",
        figures=("answers.data:predicting_nothing",),
        place="metrics?share_guess=Just show me&table=zeros&pick=micro.f1",
        look="Click accuracy and F1 in turn: each lights up the cells it is made of.",
        source=sources.ZERO_METRICS,
    ),
    Question(
        key="tiny-loss",
        asked="Loss is tiny but F1 is 0",
        answer="A mean over labels is small as soon as most labels are easy, and most are. Compare "
        "it with the loss of a model that gives each label its frequency, not with 0.",
        shown="Giving all 512 labels the probability 5/512 costs {entropy:.4f} nats per label and "
        "finds nothing.",
        figures=("starting:prior_bias", 5, 512),
        place="information?known=no",
        look="Under “Many labels”, set how many labels there are and how many are true.",
        source=sources.FLAIR,
    ),
    Question(
        key="flat-loss",
        asked="Loss drops at once, then stays flat",
        answer="In the first steps the output biases learn how frequent each label is, and that is "
        "most of what the loss can lose. The rest has to come from the features and takes longer.",
        shown="With 5 of 512 true, a bias at the log odds of that starts with a loss {times:.1f} "
        "times smaller than a bias of 0.",
        figures=("starting:prior_bias", 5, 512),
        place="train?B.loss=bce&B.bias=prior",
        look="Press Run and compare the first steps of A and B.",
        source=sources.FOCAL,
    ),
    Question(
        key="large-loss",
        asked="Loss starts at 350, is that normal?",
        answer="That is the sum over the labels, not their mean. A sum grows with the number of "
        "labels, and with plain gradient descent so does every step.",
        shown="With every probability at one half, 512 labels have a mean BCE of {mean:.3f} nats "
        "and a sum of {total:.0f}.",
        figures=("answers.training:start_loss", "bce", {}, 5, 512),
        place="probabilities?note=sum",
        look="Read the note on sum and mean.",
        source=sources.WITH_LOGITS,
    ),
    Question(
        key="same-labels",
        asked="It predicts the same labels for every row",
        answer="So far it knows how frequent labels are and nothing of the rows. Train longer, and "
        "check that the features reach the model and are scaled.",
        shown="The 5 most frequent tags, predicted for every Debian package, have a micro F1 of "
        "{micro:.3f} and a macro F1 of {macro:.3f}.",
        figures=("answers.data:always_the_same", 5),
        place="imbalance?data=debtags&part=all",
        look="See how frequent the most frequent labels are.",
        source=sources.SAME_LABEL,
    ),
)
