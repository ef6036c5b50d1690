"""What the Pitfalls page says of each specimen. `mlcore.learn.pitfalls` has the code."""

from dataclasses import dataclass

from pages.ui.words import N_

NN = "https://docs.pytorch.org/docs/stable/generated/torch.nn."
LINEAR = f"[torch.nn.Linear]({NN}Linear.html)"
BCE = f"[torch.nn.BCELoss]({NN}BCELoss.html)"
WITH_LOGITS = f"[torch.nn.BCEWithLogitsLoss]({NN}BCEWithLogitsLoss.html)"
CROSS_ENTROPY = f"[torch.nn.CrossEntropyLoss]({NN}CrossEntropyLoss.html)"
EMPTY = (
    "[torch.empty](https://docs.pytorch.org/docs/stable/generated/torch.empty.html), "
    "[torch.Tensor](https://docs.pytorch.org/docs/stable/tensors.html)"
)
FOCAL = "[Lin et al. 2017, arXiv:1708.02002](https://arxiv.org/abs/1708.02002)"
LIPTON = "[Lipton et al. 2014, arXiv:1402.1892](https://arxiv.org/abs/1402.1892)"
METRICS = (
    "[scikit-learn: multilabel metrics]"
    "(https://scikit-learn.org/stable/modules/model_evaluation.html#classification-metrics)"
)

# What a mistake is about, never what it comes to: title and specimens of each group.
GROUPS = {
    "outputs": (
        N_("Logits or probabilities"),
        ("sigmoid-twice", "bce-inside", "bce-outside", "bce-includes-sigmoid", "saturated"),
    ),
    "targets": (
        N_("Targets and shapes"),
        ("one-hot", "int-targets", "width", "softmax-unnormalised", "uninitialised"),
    ),
    "arguments": (
        N_("Arguments and reductions"),
        ("reduction-none", "size-average", "default-called", "loss-constructor", "linear-keyword"),
    ),
    "weights": (
        N_("Weights and focal loss"),
        ("weight-for-pos-weight", "balanced-overshoots", "alpha-turned", "focal-variant"),
    ),
    "measures": (
        N_("Thresholds, averages and splits"),
        ("tuned-on-test", "precision-as-accuracy", "empty-rows"),
    ),
}
OUTCOME_TITLES = {
    "error": N_("It stops with an error"),
    "wrong": N_("It runs; the number is wrong"),
    "right": N_("It runs; the number is right"),
}
OUTCOME_TOLD = {
    "error": N_("It stops with an error, which is the kindest thing that a mistake can do."),
    "wrong": N_("It runs without an error, and its number is not the one that was meant."),
    "right": N_("It runs, and its number is right."),
}


@dataclass(frozen=True, kw_only=True)
class Text:
    """The words beside a specimen; all but the source are translated where drawn.

    Attributes:
        title: Two to five words.
        belief: What the author of the code had in mind.
        why: What happens instead, and what the repair does.
        source: Where to read on, as a Markdown link.
    """

    title: str
    belief: str
    why: str
    source: str


TEXTS = {
    "linear-keyword": Text(
        title="nn.Linear(input_dim=…)",
        belief="Another library calls the two sizes `input_dim` and `output_dim`.",
        why="The names are `in_features` and `out_features`. The best kind of mistake: it stops at "
        "the very line that makes it. `nn.Linear(16, 3)` needs no names.",
        source=LINEAR,
    ),
    "loss-constructor": Text(
        title="Tensors to the constructor",
        belief="`nn.BCEWithLogitsLoss(logits, targets)` looks like the function it wraps.",
        why="A loss in `torch.nn` is first built, then called. The constructor takes the logits "
        "for `weight` and the targets for the old `size_average`, asks whether those are true, and "
        "complains about that; the message names neither.",
        source=WITH_LOGITS,
    ),
    "width": Text(
        title="Logits and targets differ in width",
        belief="The output layer has one unit more than there are labels.",
        why="Every label needs its own logit, so both tables have one shape, (rows, labels). "
        "PyTorch does not broadcast here. Take the width from the targets.",
        source=WITH_LOGITS,
    ),
    "int-targets": Text(
        title="Targets of type int64",
        belief="Labels are 0 or 1, so whole numbers are the natural type.",
        why="For this loss a target is a probability, which may lie between 0 and 1: it must be a "
        "float. Class numbers for `CrossEntropyLoss` are the ones that must be int64.",
        source=WITH_LOGITS,
    ),
    "bce-outside": Text(
        title="BCELoss on logits outside [0, 1]",
        belief="A network gives numbers, and BCELoss takes numbers and targets.",
        why="`BCELoss` takes probabilities. Here a logit is 2, so PyTorch notices. And if "
        "all logits happened to lie in [0, 1]? Another specimen does just that.",
        source=BCE,
    ),
    "reduction-none": Text(
        title="reduction=None",
        belief="No reduction, so None.",
        why='The choice is the word `"none"`. The constructor stores whatever it gets; only the '
        "call reads it, perhaps far from the line with the mistake.",
        source=WITH_LOGITS,
    ),
    "default-called": Text(
        title="A reduction that is called",
        belief="`reduction=None` reduces nothing, as a default should.",
        why="Here `reduction` is a function, as in a much-copied focal loss, which calls it at its "
        "end: None cannot be called. Whoever passes a function never sees it; whoever trusts the "
        "default does. Its default should be one that works.",
        source=FOCAL,
    ),
    "size-average": Text(
        title="The argument size_average",
        belief="An old answer says `size_average=False` for the sum.",
        why='The number is still that of `reduction="sum"`, and a warning says that it will not '
        "stay so. Beside a `reduction`, the old argument wins.",
        source=WITH_LOGITS,
    ),
    "bce-inside": Text(
        title="BCELoss on logits in [0, 1]",
        belief="`BCELoss` takes numbers in [0, 1], and these are.",
        why="The logits are read as probabilities, and the loss looks far better than it is. As "
        "logits both are above 0, so both labels would be predicted, even the second one, which is "
        "not true.",
        source=f"{BCE}, {WITH_LOGITS}",
    ),
    "bce-includes-sigmoid": Text(
        title="“BCELoss includes the sigmoid”",
        belief="Many answers say that `BCELoss` applies the sigmoid itself.",
        why="It does not. With a sigmoid inside, a logit of 0 would be the probability one half "
        "and cost log 2 whatever the target. It costs nothing: 0 was taken for the probability 0. "
        "The loss that includes the sigmoid is `BCEWithLogitsLoss`.",
        source=f"{BCE}, {WITH_LOGITS}",
    ),
    "sigmoid-twice": Text(
        title="Sigmoid applied twice",
        belief="The model ends with a sigmoid, as a model that gives probabilities should.",
        why="`BCEWithLogitsLoss` applies its own. What it sees is σ(σ(z)), which is never below "
        "one half: a false label never costs less than log 2, and the gradient is a small part of "
        "what it should be.",
        source=WITH_LOGITS,
    ),
    "saturated": Text(
        title="BCELoss on a very sure logit",
        belief="Sigmoid and then `BCELoss` is the same as `BCEWithLogitsLoss`.",
        why="On paper it is. In float32 σ(20) rounds to exactly 1; the logarithm of 0 is clamped "
        "to −100, and the gradient of the sigmoid is 0. The worst mistake of all gets a wrong loss "
        "and no gradient: it cannot be unlearned. From the logit, both are exact.",
        source=f"{BCE}, {WITH_LOGITS}",
    ),
    "uninitialised": Text(
        title="Uninitialised FloatTensor",
        belief="`FloatTensor(10_000)` makes a tensor of ones, or at least of zeros.",
        why="It reserves memory and leaves in it what was there: zeros from a fresh page, the "
        "sevens of a freed tensor, or anything. Press Run again: the number may change from run to "
        "run, and on some runs it looks harmless. Say what you want: `ones`, `zeros`, `full`.",
        source=EMPTY,
    ),
    "one-hot": Text(
        title="One-hot instead of multi-hot",
        belief="“Targets must be one-hot”, so they are encoded with `one_hot`.",
        why="One-hot has exactly one 1. `argmax` keeps the first of the three labels; the other "
        "two become negatives, and a model that is sure of all three, and right, is punished. "
        "Where several labels are true, the targets are multi-hot, as they already were.",
        source=WITH_LOGITS,
    ),
    "softmax-unnormalised": Text(
        title="Softmax, targets not normalised",
        belief="`cross_entropy` takes probabilities as targets, so it takes multi-hot rows.",
        why="It takes the targets as they are: a row of four labels counts four times as much as a "
        "row of one, and its loss cannot fall below 4 log 4. Divided by their sum, the targets are "
        "a distribution again, and all rows weigh the same.",
        source=CROSS_ENTROPY,
    ),
    "weight-for-pos-weight": Text(
        title="weight for pos_weight",
        belief="Positives are rare, so `weight` is raised.",
        why="`weight` multiplies every term of the loss, the negatives too: it is a learning rate. "
        "`pos_weight` multiplies the part of the positives alone.",
        source=WITH_LOGITS,
    ),
    "alpha-turned": Text(
        title="Focal’s α turned round",
        belief="The rare class needs the weight, so 0.25 must be the other one's.",
        why="In Lin et al. α is the factor of the positives: 0.25 for them, 0.75 for the "
        "negatives, because γ = 2 has already taken most of the weight from easy negatives. "
        "Swapped, positives weigh three times as much as negatives, not a third.",
        source=FOCAL,
    ),
    "focal-variant": Text(
        title="Focal with one factor for both",
        belief="Focal loss is the cross entropy times (1 − σ)^γ.",
        why="That holds for positives. For a negative the factor must be σ^γ. With (1 − σ)^γ a "
        "negative costs less the more wrong it gets, once σ is above 1 − e^(−1/γ), and predicting "
        "everything costs nothing. Training starts at one half, above that point, and goes there. "
        "The figure below shows the two. Another optimizer or start may leave some negatives on "
        "the good side of the point.",
        source=FOCAL,
    ),
    "balanced-overshoots": Text(
        title="pos_weight = neg / pos",
        belief="The documentation of PyTorch gives neg / pos as the weight.",
        why="A weight w shifts every logit by log w, so a label is predicted as soon as its "
        "probability reaches 1/(1 + w). With w = neg/pos that is the label's own frequency: "
        "everything more likely than usual is predicted. Good for recall, too much for F1. The "
        "square root goes half the way; a threshold chosen on validation rows goes as far as it "
        "should.",
        source=f"{WITH_LOGITS}; Elkan 2001, The Foundations of Cost-Sensitive Learning",
    ),
    "tuned-on-test": Text(
        title="Thresholds tuned on test rows",
        belief="Each label gets the threshold with its best F1, and that F1 is reported.",
        why="On the rows that it was chosen on, a threshold also fits their noise, most of all for "
        "rare labels. Chosen on validation rows, it shows what new rows will get. Model and test "
        "rows are the same in both.",
        source=LIPTON,
    ),
    "precision-as-accuracy": Text(
        title="Precision called accuracy",
        belief="Accuracy is the share of the predictions that are right.",
        why="That share is precision: one lucky guess makes it 1, however much is missed. Accuracy "
        "counts cells, nearly all of which are easy negatives, or whole rows, of which none is "
        "right here. Name the figure, and never give one alone.",
        source=METRICS,
    ),
    "empty-rows": Text(
        title="Samples F1 with empty rows",
        belief="Predictions without a single mistake have an F1 of 1.",
        why="A row without labels, and with none predicted, has F1 0/0. scikit-learn counts it as "
        "0 and warns; `zero_division=1.0` counts it as the success that it is. Say which one you "
        "report.",
        source=METRICS,
    ),
}
