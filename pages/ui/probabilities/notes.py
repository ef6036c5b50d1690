"""Below the row of the Probabilities page: what it teaches, with its figures, and code for them."""

import textwrap

import numpy as np
import streamlit as st

from mlcore.learn.comparison import LARGEST_LOGIT, STEP_REDUCTIONS, Comparison
from pages.ui.kit.attempts import is_answered
from pages.ui.kit.cell_table import plain_table
from pages.ui.kit.notes import draw_points, draw_topics
from pages.ui.kit.numbers import exact, four, three, told, total
from pages.ui.probabilities.exercises import DOWN
from pages.ui.probabilities.settings import SETTINGS
from pages.ui.probabilities.table import PROBABILITIES
from pages.ui.server.compute import compute
from pages.ui.words import N_, _

REDUCTIONS = {
    "mean": N_("mean over all labels"),
    "batchmean": N_("sum over labels, mean over rows"),
}


def draw_notes(logits: np.ndarray, labels: np.ndarray, sample: int, answered: bool) -> None:
    """One topic at a time, with the figures of the table as it is now.

    Args:
        logits: Shape (n, k).
        labels: Shape (n, k).
        sample: The place of the row that is dragged.
        answered: Whether the page's first question has an answer, which is one of the notes.
    """
    row = (logits[sample], labels[sample])
    draw_topics(
        SETTINGS,
        "note",
        {
            "notice": lambda: _draw_notice(*row, answered),
            "two": _draw_two_way,
            "sum": lambda: _draw_step(logits, labels),
            "mistaken": lambda: _draw_mistaken(row[0]),
            "code": lambda: st.code(code(logits, labels)),
        },
    )


def _draw_notice(logits: np.ndarray, labels: np.ndarray, answered: bool) -> None:
    found = compute("mlcore.learn.comparison:compare", logits[None], labels[None])
    lines = what_to_notice(logits, labels, found, down=is_answered(DOWN))
    if not answered:
        lines[0] = _(
            "Answer the question above: then this line says what follows when a logit is raised."
        )
    draw_points(lines)


def what_to_notice(
    logits: np.ndarray, labels: np.ndarray, found: Comparison, *, down: bool = True
) -> list[str]:
    """What a row shows, in sentences.

    Args:
        logits: Shape (k,).
        labels: Shape (k,).
        found: The comparison of this one row.
        down: Whether to tell of a true label that softmax lowers.
    """
    lines = [_raised(logits, labels, found)]
    true = labels > 0.5
    share = labels / labels.sum() if labels.any() else labels
    lowered = np.flatnonzero(true & (found.softmax_gradient[0] > 1e-12))
    hard = np.isin(labels, (0, 1)).all()  # a soft label has an entropy of its own
    if hard and true.sum() > 1:
        lines.append(
            _(
                "Softmax cross entropy cannot fall below {floor} here, the entropy of its "
                "{n} true labels sharing one; it is {now}. Binary cross entropy can fall to 0."
            ).format(
                floor=four(-(share[share > 0] * np.log(share[share > 0])).sum()),
                n=int(true.sum()),
                now=four(found.softmax_loss.sum()),
            )
        )
    if down and hard and len(lowered) and true.sum() > 1:
        label = int(lowered[np.argmax(found.softmax[0, lowered])])
        lines.append(
            _(
                "Label {label} is true, and yet softmax cross entropy pushes it **down**: its "
                "probability {p} is more than its share {share}. Binary cross entropy pushes every "
                "true label up."
            ).format(label=label + 1, p=four(found.softmax[0, label]), share=four(share[label]))
        )
    lines.append(
        _(
            "The gradients of softmax cross entropy add up to 0: what one label gains, the "
            "others lose. Those of binary cross entropy add up to {sigmoid}: {true} from the "
            "{n_true} true labels, {rest} from the other {n_rest}."
        ).format(
            sigmoid=four(total(found.sigmoid_gradient)),
            true=four(found.sigmoid_gradient[0, true].sum()),
            n_true=int(true.sum()),
            rest=four(found.sigmoid_gradient[0, ~true].sum()),
            n_rest=int((~true).sum()),
        )
    )
    lines.append(
        _(
            "The probabilities of softmax add up to {softmax}, those of sigmoid to {sigmoid}: the "
            "number of true labels that the network expects."
        ).format(softmax=four(found.softmax.sum()), sigmoid=four(found.sigmoid.sum()))
    )
    return lines


def _raised(logits: np.ndarray, labels: np.ndarray, found: Comparison) -> str:
    higher = logits[None].copy()
    higher[0, 0] = min(higher[0, 0] + 1, LARGEST_LOGIT)
    after = compute("mlcore.learn.comparison:compare", higher, labels[None])
    return _(
        "Raise the logit of label 1 by 1: its softmax goes from {before} to {after}, and all "
        "others together lose as much. Its sigmoid goes from {alone} to {alone_after}, and no "
        "other label moves."
    ).format(
        before=four(found.softmax[0, 0]),
        after=four(after.softmax[0, 0]),
        alone=four(found.sigmoid[0, 0]),
        alone_after=four(after.sigmoid[0, 0]),
    )


def _draw_two_way() -> None:
    """A softmax over two logits beside a sigmoid of their difference."""

    with st.container(horizontal=True):
        first, second = SETTINGS.draw("a", format="%g"), SETTINGS.draw("b", format="%g")
    found = compute("mlcore.learn.comparison:two_way", first, second)
    names = (_("probability of yes"), _("loss if yes is true"), _("gradient along the logit"))
    pairs = (found.probability, found.loss, found.gradient)
    plain_table(
        "two way",
        ("", _("softmax of (a, b)"), _("sigmoid of a − b"), _("difference")),
        [
            (name, told(pair[0]), told(pair[1]), three(pair[0] - pair[1]))
            for name, pair in zip(names, pairs, strict=True)
        ],
        _("A softmax over two logits beside a sigmoid of their difference"),
    )
    st.markdown(
        _(
            "A softmax over two classes **is** a sigmoid of the difference of their logits. Only "
            "a − b = {difference} counts, so one of the two outputs is superfluous. What is left "
            "between the columns is rounding: float64 steps by 1.1e−16 below 1."
        ).format(difference=told(first - second))
    )


def _draw_step(logits: np.ndarray, labels: np.ndarray) -> None:
    """One step of descent with each reduction, at one learning rate."""

    rate = SETTINGS.draw("lr")
    steps = {
        name: compute(
            "mlcore.learn.comparison:one_step", logits, labels, learning_rate=rate, reduction=name
        )
        for name in STEP_REDUCTIONS
    }
    furthest = {name: np.abs(step.moved).max() for name, step in steps.items()}
    plain_table(
        "one step",
        (
            _("reduction"),
            _("loss"),
            _("loss after one step"),
            _("the logit that moved most, by"),
        ),
        [
            (_(REDUCTIONS[name]), four(step.loss), four(step.after), four(furthest[name]))
            for name, step in steps.items()
        ],
        _("One step of gradient descent with two reductions"),
    )
    if furthest["mean"] > 0:
        st.markdown(
            _(
                "The same learning rate moves the logits **{ratio} times** as far when losses are "
                "summed over the {k} labels: a rate tuned for one reduction is wrong for the other."
            ).format(ratio=f"{furthest['batchmean'] / furthest['mean']:.6g}", k=logits.shape[1])
        )


def _draw_mistaken(logits: np.ndarray) -> None:
    """Probabilities read as logits, and a sigmoid taken twice."""
    numbers = np.array([PROBABILITIES])
    again = compute("mlcore.learn.comparison:compare", numbers, np.zeros_like(numbers)).sigmoid[0]
    yes, no = _("yes"), _("no")
    plain_table(
        "mistaken",
        (_("number"), _("as a probability: ≥ 0.5"), _("sigmoid of it"), _("as a logit: ≥ 0.5")),
        [
            (f"{p:g}", yes if p >= 0.5 else no, four(twice), yes if twice >= 0.5 else no)
            for p, twice in zip(PROBABILITIES, again, strict=True)
        ],
        _("Four probabilities, and the same numbers taken for logits"),
    )
    row = (logits[None], np.zeros((1, len(logits))))
    once = compute("mlcore.learn.comparison:compare", *row).sigmoid
    twice = compute("mlcore.learn.comparison:compare", once, row[1]).sigmoid
    st.markdown(
        _(
            "A probability is never below 0, and the sigmoid of any number from 0 up is at least "
            "one half: **every** label is predicted. In the row above, {once} of {k} labels reach "
            "0.5 after one sigmoid and {twice} after two. A cut at probability 0.5 is a cut at "
            "logit 0."
        ).format(once=int((once >= 0.5).sum()), twice=int((twice >= 0.5).sum()), k=len(logits))
    )


def code(logits: np.ndarray, labels: np.ndarray) -> str:
    """Code that prints what is on screen, with PyTorch's own functions."""

    def table(values: np.ndarray) -> str:
        rows = ("[" + ", ".join(map(exact, row)) + "]," for row in values)
        return "\n".join(
            textwrap.fill(row, 88, initial_indent="    ", subsequent_indent="     ") for row in rows
        )

    return f"""import torch
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy

logits = torch.tensor([
{table(logits)}
], dtype=torch.float64, requires_grad=True)
labels = torch.tensor([
{table(labels)}
], dtype=torch.float64)

print(torch.softmax(logits, dim=1))  # each row sums to 1
print(torch.sigmoid(logits))  # each label for itself

bce = binary_cross_entropy_with_logits(logits, labels, reduction="none")
print(bce)
print(bce.mean(), bce.sum(dim=1).mean())  # mean over all labels; sum over labels, mean over rows
shares = labels / labels.sum(dim=1, keepdim=True).clamp(min=1e-12)
print(cross_entropy(logits, shares))
print(torch.autograd.grad(bce.sum(), logits)[0])  # sigmoid - label
"""
