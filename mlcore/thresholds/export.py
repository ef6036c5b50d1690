"""Taking a choice home: as Python, as JSON and back."""

import json
from collections.abc import Sequence

import numpy as np

from mlcore.thresholds.choice import Choice


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
