"""Everything that the Information page's bars show at one moment: numbers, texts, lengths.

The page sends the first frame, the channel all that follow while something is dragged, so both say
the same. A frame has no words in it, only numbers written out.

Two kinds of bars: `outcomes`, where p and q are distributions, and `labels`, where every label has
an η that is true and a σ that is predicted, and may stand for several labels alike (`times`).
"""

from math import isfinite

import numpy as np

from mlcore.lazy import special
from mlcore.learn.information import (
    bernoulli_cross_entropy,
    bernoulli_entropy,
    cross_entropy,
    entropy,
    surprise,
)
from pages.ui.kit.numbers import finite

MOST_OUTCOMES, MOST_LABELS = 8, 2_000
DIGITS = 4  # after the point, of what is in nats or bits
WIDEST_LOGIT = 8.0  # at both ends of a label's bar
NOTCH = 0.01  # what an arrow key moves, of a bar's length


def outcomes_frame(p, q, unit: str) -> dict:
    """Two distributions over the same outcomes.

    Args:
        p: What is true, shape (k,).
        q: What is expected, shape (k,).
        unit: "nats" or "bits".

    Returns:
        p and q; `at` (how long each bar is, 0 to 1); `shown` (the values as texts); `cells` (the
        texts beside each bar: its surprise, and that times p); `sum` (see `_sum`).
    """
    options = {"unit": unit}
    p, q = np.asarray(p, dtype=float), np.asarray(q, dtype=float)
    surprises = {name: surprise(values, **options) for name, values in (("p", p), ("q", q))}
    # 0 × ∞: what never happens surprises nobody.
    parts = {
        name: np.multiply(p, found, where=p > 0, out=np.zeros(len(p)))
        for name, found in surprises.items()
    }
    return {
        "p": p.tolist(),
        "q": q.tolist(),
        "at": {"p": p.tolist(), "q": q.tolist()},
        "shown": {"p": [f"{v:.4g}" for v in p], "q": [f"{v:.4g}" for v in q]},
        "cells": {
            name: [
                [_text(one), _text(part)]
                for one, part in zip(surprises[name], parts[name], strict=True)
            ]
            for name in ("p", "q")
        },
        "sum": _sum(entropy(p, **options), cross_entropy(p, q, **options), parts["q"]),
    }


def labels_frame(p, q, times, unit: str) -> dict:
    """Labels on their own, each true or not.

    Args:
        p: Probabilities that are true, shape (g,): one for each group of labels.
        q: Probabilities that are predicted, shape (g,).
        times: How many labels each group has, shape (g,).
        unit: "nats" or "bits".

    Returns:
        As `outcomes_frame`; the cells are the surprise if the label is true, if it is false, and
        the mean of both over all labels of the group, added up.
    """
    options = {"unit": unit}
    p, q, times = (np.asarray(values, dtype=float) for values in (p, q, times))
    own = times * bernoulli_entropy(p, **options)
    with np.errstate(invalid="ignore"):  # 0 labels × ∞
        both = np.nan_to_num(times * bernoulli_cross_entropy(p, q, **options), posinf=np.inf)
    parts = {"p": own, "q": both}
    return {
        "p": p.tolist(),
        "q": q.tolist(),
        "at": {"p": place_of(p), "q": place_of(q)},
        "shown": {"p": [f"{v:.4g}" for v in p], "q": [f"{v:.4g}" for v in q]},
        "cells": {
            name: [
                [_text(surprise(v, **options)), _text(surprise(1 - v, **options)), _text(part)]
                for v, part in zip(values, parts[name], strict=True)
            ]
            for name, values in (("p", p), ("q", q))
        },
        "sum": _sum(own.sum(), both.sum(), both),
    }


def place_of(probabilities) -> list[float]:
    """Where on a bar probabilities stand whose logits are spread evenly; the ends hold the rest."""
    z = np.clip(special.logit(probabilities), -WIDEST_LOGIT, WIDEST_LOGIT)
    return (0.5 + z / (2 * WIDEST_LOGIT)).tolist()


def probability_at(place: float) -> float:
    """The probability at a place of such a bar, to 4 significant digits."""
    return float(f"{special.expit((2 * place - 1) * WIDEST_LOGIT):.4g}")


def _sum(entropy: float, cross: float, parts) -> dict:
    """H(p, q) = H(p) + KL: as texts, and as lengths of a full bar.

    The texts add up: both H are rounded, and KL is what is between them, so that its last digit
    may be one off.
    """
    cross = max(cross, entropy)  # where q is close to p, rounding can make it less
    finite = isfinite(cross)
    full = 2 ** np.ceil(np.log2(max(cross, 1.0) if finite else max(2 * entropy, 4.0)))
    end = min(cross, full)
    # Of an infinite bar only the infinite parts are drawn.
    lengths = parts if finite else np.isinf(parts)
    lengths = lengths / max(lengths.sum(), 1e-300) * end / full
    kl = round(cross, DIGITS) - round(entropy, DIGITS)
    return {
        "entropy": float(entropy / full),
        "kl": float((end - entropy) / full),
        "parts": lengths.tolist(),
        "texts": {"entropy": _text(entropy), "kl": _text(kl), "cross": _text(cross)},
        "full": f"{full:g}",
        "half": f"{full / 2:g}",
    }


def _text(value: float) -> str:
    return finite(value, f".{DIGITS}f")
