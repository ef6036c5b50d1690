"""RULES: ways to choose thresholds on validation rows. A `Choice` then decides on any rows."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from mlcore import checks
from mlcore.checks import Parameter
from mlcore.figures import figure_names
from mlcore.thresholds.counts import as_tables
from mlcore.thresholds.decisions import Choice
from mlcore.thresholds.precision import as_scores
from mlcore.thresholds.sweep import MOST_DISTINCT, ThresholdSweep

GRID = 1001  # thresholds tried where there are too many scores to try each


@dataclass(frozen=True, kw_only=True)
class RuleInfo:
    """One rule as a person meets it, and the way to its code.

    Attributes:
        key: Its key in RULES.
        title: Its name on screen.
        description: One sentence on what it does.
        parameters: What may be changed.
        source: Where it comes from.
        function: Takes checked targets, an array; probabilities, an array or a tensor, in the
            precision they came in; cardinality; and the parameters as keywords. Returns a Choice.
            `choose` is the way to call it.
        per_label: Whether it gives each label a threshold of its own.
        tuned: Whether it needs targets and probabilities to be tuned on.
    """

    key: str
    title: str
    description: str
    source: str
    function: Callable[..., Choice]
    parameters: tuple[Parameter, ...] = ()
    per_label: bool = False
    tuned: bool = True


def choose(
    rule: str,
    targets,
    probabilities,
    *,
    cardinality: float | None = None,
    metric: str | None = None,
    strength: float | None = None,
    k: int | str | None = None,
    c_FP: float | None = None,
    c_FN: float | None = None,
) -> Choice:
    """Choose by a rule, on rows that were not trained on and are not reported on.

    Args:
        rule: A key of `RULES`.
        targets: 0 or 1 for each label of the tuning rows, shape (n, k), NumPy or torch. Rules
            that are not `tuned` also take None, together with None for the probabilities.
        probabilities: In [0, 1], shape (n, k), NumPy or torch.
        cardinality: Mean labels per training row, >= 0, for "top_k" and "cardinality"; None for
            that of `targets`.
        metric: Of "global" and "per_label_guarded": the figure that one threshold for all labels
            makes best, one of `figure_names()`. This and what follows takes the default in
            `RULES[rule].parameters` where it is None.
        strength: Of "per_label_guarded": true rows with which a label stands halfway between its
            own threshold and the one for all, 0 to 1,000.
        k: Of "top_k": labels of each row, 1 to 1,000, or "cardinality" for that, rounded.
        c_FP: Of "cost": what predicting a label that is not true costs, 0.001 to 1,000.
        c_FN: Of "cost": what missing a true label costs, 0.001 to 1,000.

    Returns:
        A `Choice`. What it holds where several thresholds are equally good:

        - "global": the highest of the swept ones, which are all scores that occur where there are
          at most 4 million cells, else 1,001 from 0 to 1.
        - "per_label": the highest one; 1.0 for a label without a true row.
        - "per_label_guarded": λ t + (1 − λ) g with λ = support / (support + strength), where g is
          the "global" one, and t the threshold nearest to g that predicts the same tuning rows of
          a label as its "per_label" one. A label without a true row gets g.
        - "cardinality": the highest one; 1.0 where predicting nothing is closest.
        - "top_k": equal probabilities count from the lower label number on.

    Raises:
        ValueError: If the rule is unknown, a parameter is out of range or not of this rule, shapes
            differ or are empty, a target is not 0 or 1, a probability is outside [0, 1], or rows
            are missing.
        TypeError: If a parameter has the wrong type.

    Example:
        >>> targets, probabilities = np.array([[1, 0], [1, 1]]), np.array([[0.9, 0.4], [0.6, 0.2]])
        >>> choose("global", targets, probabilities, metric="micro_f1").threshold
        0.2
        >>> choose("cost", None, None, c_FP=1.0, c_FN=3.0).threshold
        0.25
    """
    checks.check_choice("rule", rule, RULES)
    info = RULES[rule]
    every = {"metric": metric, "strength": strength, "k": k, "c_FP": c_FP, "c_FN": c_FN}
    given = {name: value for name, value in every.items() if value is not None}
    values = checks.check_parameters(f"parameter of {rule}", info.parameters, given)
    if cardinality is not None:
        checks.check_number("cardinality", cardinality, low=0.0)
    missing = [targets is None, probabilities is None]
    if any(missing) and (info.tuned or not all(missing)):
        raise ValueError(f"targets and probabilities must both be given to rule {rule}, got None")
    if not any(missing):
        probabilities, _ = as_scores(probabilities)
        if checks.is_tensor(probabilities):
            probabilities = probabilities.cpu()
        targets, scores, _ = as_tables(targets, probabilities)
        checks.check_binary("targets", targets)
        checks.check_probabilities("probabilities", scores)
    return info.function(targets, probabilities, cardinality, **values)


def _half(targets, probabilities, cardinality) -> Choice:
    return Choice(rule="half", threshold=0.5)


def _global(targets, probabilities, cardinality, *, metric) -> Choice:
    threshold, _ = _sweep(targets, probabilities).best(metric)
    return Choice(rule="global", threshold=threshold)


def _per_label(targets, probabilities, cardinality) -> Choice:
    own = ThresholdSweep(targets, probabilities).best_per_label()
    return Choice(rule="per_label", threshold=own)


def _per_label_guarded(targets, probabilities, cardinality, *, metric, strength) -> Choice:
    sweep = _sweep(targets, probabilities)
    shared, _ = sweep.best(metric)
    own = sweep.best_per_label()
    # What is above the next lower score, and no higher than its own, predicts the same rows.
    _, scores, precision = as_tables(targets, probabilities)
    lower = np.where(scores < own, scores, -1).max(axis=0)
    lowest = np.where(lower < 0, 0, precision.above(np.maximum(lower, 0)))
    own = np.clip(shared, lowest, own)
    trust = sweep.support / np.maximum(sweep.support + strength, 1e-300)
    return Choice(rule="per_label_guarded", threshold=trust * own + (1 - trust) * shared)


def _top_k(targets, probabilities, cardinality, *, k) -> Choice:
    if k == "cardinality":
        k = max(1, round(_known_cardinality(targets, cardinality)))
    return Choice(rule="top_k", top=k)


def _cardinality(targets, probabilities, cardinality) -> Choice:
    wanted = _known_cardinality(targets, cardinality) * len(targets)
    distinct, cells = np.unique(as_tables(targets, probabilities)[1], return_counts=True)
    predicted = cells[::-1].cumsum()[::-1]
    if distinct[-1] < 1:  # then 1.0 predicts nothing
        distinct, predicted = np.append(distinct, 1), np.append(predicted, 0)
    highest_first = np.abs(predicted - wanted)[::-1]
    return Choice(rule="cardinality", threshold=distinct[::-1][highest_first.argmin()])


def _cost(targets, probabilities, cardinality, *, c_FP, c_FN) -> Choice:
    return Choice(rule="cost", threshold=c_FP / (c_FP + c_FN))


def _sweep(targets, probabilities) -> ThresholdSweep:
    few = targets.size <= MOST_DISTINCT
    return ThresholdSweep(targets, probabilities, thresholds="distinct" if few else GRID)


def _known_cardinality(targets, cardinality) -> float:
    if cardinality is not None:
        return float(cardinality)
    if targets is None:
        raise ValueError("cardinality must be given where there are no targets, got None")
    return float(targets.sum(dtype=np.int64) / len(targets))


_METRIC = Parameter(
    name="metric",
    title="best by",
    default="samples_f1",
    choices=figure_names(),
    help="The figure for which the one threshold for all labels is the best on the validation "
    "rows.",
)

_YANG = (
    "Yang 2001, A Study of Thresholding Strategies for Text Categorization, SIGIR, "
    "doi:10.1145/383952.383975"
)

_ALL = (
    RuleInfo(
        key="half",
        title="One half",
        description="Predicts a label when it is more likely true than not, whatever the data.",
        source="The Bayes decision for equal costs; the default of most libraries",
        function=_half,
        tuned=False,
    ),
    RuleInfo(
        key="global",
        title="One threshold",
        description="Takes the one threshold, the same for all labels, that makes a figure best on "
        "the validation rows.",
        parameters=(_METRIC,),
        source="Lipton, Elkan and Narayanaswamy 2014, Thresholding Classifiers to Maximize F1 "
        "Score, arXiv:1402.1892",
        function=_global,
    ),
    RuleInfo(
        key="per_label",
        title="One for each label",
        description="Gives each label the threshold with its best F1 on the validation rows, which "
        "for a rare label is mostly the chance of a few rows.",
        source=f"SCut in {_YANG}",
        function=_per_label,
        per_label=True,
    ),
    RuleInfo(
        key="per_label_guarded",
        title="One for each label, guarded",
        description="Pulls each label's own best threshold towards the one for all labels, the "
        "more so the fewer true validation rows the label has.",
        parameters=(
            _METRIC,
            Parameter(
                name="strength",
                title="guard strength",
                # Found by cross-validation within the validation rows of debtags: the least round
                # number at which both BCE and weighted BCE stay about a point of micro F1 from the
                # one threshold. Shrinking logits instead was no better.
                default=20.0,
                range=(0.0, 1000.0),
                step=1.0,
                help="A label with this many true rows stands halfway between its own threshold "
                "and the one for all; 0 trusts every label.",
            ),
        ),
        source="The overfitting: Lin and Lin 2023, On the Thresholding Strategy for Infrequent "
        "Labels in Multi-label Classification, CIKM, doi:10.1145/3583780.3614996. The weight "
        "n / (n + strength): Bühlmann 1967, Experience Rating and Credibility, ASTIN Bulletin 4",
        function=_per_label_guarded,
        per_label=True,
    ),
    RuleInfo(
        key="top_k",
        title="The k most likely",
        description="Predicts the same number of labels for every row, the most likely ones.",
        parameters=(
            Parameter(
                name="k",
                title="labels per row k",
                default="cardinality",
                range=(1, 1000),
                choices=("cardinality",),
                help="How many labels every row gets; by default the mean number per training "
                "row, rounded, at least 1.",
            ),
        ),
        source=f"RCut in {_YANG}",
        function=_top_k,
        tuned=False,
    ),
    RuleInfo(
        key="cardinality",
        title="Matched cardinality",
        description="Takes the one threshold at which validation rows are predicted as many "
        "labels, on average, as training rows have.",
        source="Read, Pfahringer, Holmes and Frank 2011, Classifier Chains for Multi-label "
        "Classification, Machine Learning 85(3); label by label it is the proportional cut, PCut, "
        f"in {_YANG}; compared in Al-Otaibi, Flach and Kull 2014, Multi-label Classification: A "
        "Comparative Study on Threshold Selection Methods, LMCE at ECML-PKDD",
        function=_cardinality,
    ),
    RuleInfo(
        key="cost",
        title="From costs",
        description="Computes the threshold from what a wrong and a missed label cost, which is "
        "right where probabilities are calibrated and needs no validation rows.",
        parameters=(
            Parameter(
                name="c_FP",
                title="cost of a wrong label",
                default=1.0,
                range=(1e-3, 1e3),
                log=True,
                help="What predicting a label that is not true costs; only its ratio to the cost "
                "of a missed label counts.",
            ),
            Parameter(
                name="c_FN",
                title="cost of a missed label",
                default=5.0,
                range=(1e-3, 1e3),
                log=True,
                help="What missing a true label costs; the more, the lower the threshold.",
            ),
        ),
        source="Elkan 2001, The Foundations of Cost-Sensitive Learning, IJCAI, section 1.3",
        function=_cost,
        tuned=False,
    ),
)

RULES: Mapping[str, RuleInfo] = MappingProxyType({info.key: info for info in _ALL})
