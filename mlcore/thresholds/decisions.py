"""From probabilities to decisions: by one threshold or one for each label, or by a `Choice`."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from mlcore.checks import as_array, check_number, check_probabilities, check_range
from mlcore.thresholds.precision import as_scores


def decide(probabilities, threshold):
    """Predict label k of a row when its probability is >= its threshold.

    A threshold is rounded to the precision of the probabilities first, so that 0.7 in any dtype
    reaches a threshold of 0.7.

    Args:
        probabilities: In [0, 1], shape (n, k), of any kind that `mlcore.checks.as_array` takes.
        threshold: In [0, 1]: a number, or one for each label, shape (k,).

    Returns:
        True where a label is predicted: shape (n, k), a tensor for a tensor, else an array.

    Raises:
        ValueError: If a probability or a threshold is outside [0, 1], there is neither one
            threshold nor one for each label, or probabilities are no table.

    Example:
        >>> decide(np.array([[0.5, 0.4]]), 0.5)
        array([[ True, False]])
    """
    scores, precision = as_scores(probabilities)
    limits = precision.rounded(check_threshold(threshold, scores.shape[1]))
    check_probabilities("probabilities", scores)
    if isinstance(scores, np.ndarray):
        return scores >= (limits.astype(scores.dtype) if scores.dtype.kind == "f" else limits)
    scores = scores if scores.is_floating_point() else scores.float()
    return scores >= scores.new_tensor(limits)


def check_threshold(threshold, n_labels: int) -> np.ndarray:
    """The threshold as an array; raises ValueError unless it is one, or one for each label."""
    limits = as_array("threshold", threshold)
    check_range("threshold", np.atleast_1d(limits), 0.0, 1.0)
    if limits.shape not in ((), (1,), (n_labels,)):
        raise ValueError(
            "threshold must be a number or one for each label, "
            f"got shape {limits.shape} for {n_labels} labels"
        )
    return limits


@dataclass(frozen=True, kw_only=True, eq=False)
class Choice:
    """A rule made ready to decide: a threshold, one for each label, or how many labels a row.

    Attributes:
        rule: A key of `RULES`, or another name for what was not chosen by one of them.
        threshold: In [0, 1]: a float, or a read-only float64 array of shape (k,); None where
            `top` decides.
        top: How many labels of each row are predicted, >= 1; None where a threshold decides.

    Raises:
        ValueError: If there is not exactly one of the two, or it is out of range.

    Example:
        >>> Choice(rule="top_k", top=1).predict([[0.2, 0.7, 0.7]])
        array([[False,  True, False]])
    """

    rule: str
    threshold: float | np.ndarray | None = None
    top: int | None = None

    def __post_init__(self) -> None:
        if (self.threshold is None) == (self.top is None):
            raise ValueError(
                f"either threshold or top must be given, got {self.threshold} and {self.top}"
            )
        if self.top is not None:
            check_number("top", self.top, low=1, integer=True)
            object.__setattr__(self, "top", int(self.top))
            return
        limits = np.array(as_array("threshold", self.threshold), np.float64)
        check_threshold(limits, limits.size)
        limits.flags.writeable = False
        object.__setattr__(self, "threshold", limits if limits.ndim else float(limits))

    def predict(self, probabilities) -> np.ndarray:
        """The decision for each label of each row.

        Args:
            probabilities: In [0, 1], shape (n, k), NumPy or torch.

        Returns:
            bool, shape (n, k): as `decide` does; or the `top` labels of each row, the lower label
            number first where probabilities are equal, and all labels where `top` > k.

        Raises:
            ValueError: If a probability is outside [0, 1] or NaN, or there are not k of them.
        """
        if self.top is None:
            return as_array("predictions", decide(probabilities, self.threshold))
        p = as_array("probabilities", as_scores(probabilities)[0])
        check_probabilities("probabilities", p)
        order = np.argsort(-p.astype(np.float64), axis=1, kind="stable")
        predictions = np.zeros(p.shape, bool)
        np.put_along_axis(predictions, order[:, : self.top], True, axis=1)
        return predictions

    def in_words(self, say: Callable[[str], str] = str) -> str:
        """The threshold as "0.184", "0.21 (0.02 to 0.87)", median and range, or "top 5".

        Args:
            say: Translates.
        """
        if self.top is not None:
            return say("top {k}").format(k=self.top)
        if np.ndim(self.threshold) == 0:
            return f"{self.threshold:.3g}"
        low, median, high = np.quantile(self.threshold, [0, 0.5, 1])
        return say("{median:.3g} ({low:.3g} to {high:.3g})").format(
            median=median, low=low, high=high
        )


def as_python(choice: Choice, label_names: Sequence[str]) -> str:
    """Three lines of Python that turn a float array `probabilities` into the same predictions.

    Args:
        choice: What to decide by.
        label_names: k names, in the order of the columns.

    Raises:
        ValueError: If there are not as many names as thresholds.

    Example:
        >>> print(as_python(Choice(rule="per_label", threshold=[0.25, 0.5]), ["red", "blue"]))
        import numpy as np
        thresholds = [('red', 0.25), ('blue', 0.5)]  # in the order of the columns
        predictions = probabilities >= np.array([t for _, t in thresholds], probabilities.dtype)
    """
    names = _names_for(choice, label_names)
    if choice.top is not None:
        first = 'order = np.argsort(-probabilities, axis=1, kind="stable")  # ties: lower number'
        last = f"predictions = np.argsort(order, axis=1) < {choice.top}"
    elif np.ndim(choice.threshold) == 0:
        first = f"threshold = {choice.threshold!r}"
        last = "predictions = np.asarray(probabilities) >= threshold"
    else:
        pairs = list(zip(names, choice.threshold.tolist(), strict=True))
        first = f"thresholds = {pairs!r}  # in the order of the columns"
        last = (
            "predictions = probabilities >= "
            "np.array([t for _, t in thresholds], probabilities.dtype)"
        )
    return "\n".join(("import numpy as np", first, last))


def as_json(choice: Choice, label_names: Sequence[str]) -> str:
    """The choice as JSON: rule, threshold (a number, [label, number] pairs or null), and top.

    Args:
        choice: What to write.
        label_names: k names, in the order of the columns.

    Raises:
        ValueError: If there are not as many names as thresholds, or a name is there twice.

    Example:
        >>> as_json(Choice(rule="half", threshold=0.5), ["red", "blue"])
        '{"rule": "half", "threshold": 0.5, "top": null}'
    """
    names = _names_for(choice, label_names)
    threshold = choice.threshold
    if isinstance(threshold, np.ndarray):
        if len(set(names)) != len(names):
            twice = next(name for name in names if names.count(name) > 1)
            raise ValueError(f"label_names must differ from each other, got {twice!r} twice")
        threshold = list(zip(names, threshold.tolist(), strict=True))
    content = {"rule": choice.rule, "threshold": threshold, "top": choice.top}
    return json.dumps(content, ensure_ascii=False)


def from_json(text: str, label_names: Sequence[str]) -> Choice:
    """What `as_json` wrote, its thresholds in the order of the names given here.

    Args:
        text: JSON with rule, threshold and top.
        label_names: k names, in the order of the columns to decide on.

    Raises:
        ValueError: If it is no such JSON, or its labels are not the ones given here.
    """
    content = json.loads(text)
    if not isinstance(content, dict) or set(content) != {"rule", "threshold", "top"}:
        raise ValueError(f"text must be JSON with rule, threshold and top, got {text[:80]!r}")
    if isinstance(content["threshold"], list):
        thresholds, names = dict(content["threshold"]), [str(name) for name in label_names]
        if sorted(thresholds) != sorted(names):
            raise ValueError(f"label_names must be {', '.join(thresholds)}; got {', '.join(names)}")
        content["threshold"] = [thresholds[name] for name in names]
    return Choice(**content)


def _names_for(choice: Choice, label_names: Sequence[str]) -> list[str]:
    names = [str(name) for name in label_names]
    if isinstance(choice.threshold, np.ndarray) and len(names) != len(choice.threshold):
        raise ValueError(f"label_names must have {len(choice.threshold)} names, got {len(names)}")
    return names
