"""The Metrics page's table at work: the question, the table, and the picked figure step by step."""

from fractions import Fraction

import numpy as np
import streamlit as st

from mlcore.figures import RATIOS
from mlcore.metrics.averages import average, counts
from pages.ui.kit.cell_table import cell_table, draw_examples, marks
from pages.ui.kit.controls import capitalised
from pages.ui.kit.numbers import two
from pages.ui.metrics import notes
from pages.ui.metrics.settings import SETTINGS
from pages.ui.metrics.table import (
    AVERAGES,
    MOST_LABELS,
    MOST_ROWS,
    PRESET_TITLES,
    Sheet,
    check_pick,
    read_table,
    split_pick,
    whose_figure,
    write_table,
)
from pages.ui.words import N_, _, paragraph

READINGS = ("jaccard", "accuracy", "recall")
SKIP = N_("Just show me")
EVERY = {
    "samples": N_("The mean over the rows: every row counts the same."),
    "macro": N_(
        "The mean over the labels that occur, those with a true row: every one of them counts the "
        "same, however rare."
    ),
    "weighted": N_("The mean over the labels, each as often as it is true (its support)."),
    "micro": N_("All counts are added up first, then divided once: every cell counts the same."),
}
DEFINITIONS = {
    "precision": N_("Precision = ✓ / predicted (✓ ✗)."),
    "recall": N_("Recall = ✓ / true (✓ ○)."),
    "f1": N_("F1 = 2 × ✓ / (true + predicted)."),
    "jaccard": N_("Jaccard = ✓ / true or predicted (✓ ○ ✗)."),
    "accuracy": N_("Hamming accuracy = right (✓ ·) / all."),
}
IN_COUNTS = {
    "precision": N_("Of {predicted} predicted (✓ ✗), {found} are true (✓)."),
    "recall": N_("Of {true} true (✓ ○), {found} are predicted (✓)."),
    "f1": N_("Twice the {found} found (✓), over {true} true and {predicted} predicted."),
    "jaccard": N_("Of {either} true or predicted (✓ ○ ✗), {found} are both (✓)."),
    "accuracy": N_("Of {all} cells, {right} are right: {found} ✓ and {neither} ·."),
}


def ask() -> str | None:
    """What share of the labels is right? The reader's answer, and what the figures say to it."""
    targets, predictions = read_table("sample")
    (row,) = counts(targets, predictions)
    shares = {name: row.ratio(name) for name in READINGS}
    fractions = {
        name: str(Fraction(share.numerator, share.denominator)) for name, share in shares.items()
    }

    guess = SETTINGS.draw(
        "share_guess",
        options=(*sorted(fractions.values(), key=Fraction), SKIP),
        title=_(
            "**Predict first.** In one sample the true labels are `{true}` and the predicted ones "
            "`{predicted}`. What share of the labels is correct?"
        ).format(true=_bits(targets[0]), predicted=_bits(predictions[0])),
    )
    if guess:
        st.markdown(_feedback(guess, shares, fractions))
    return guess


def choose() -> float:
    """The presets, and what 0/0 is worth."""
    left, right = st.columns([5, 3], gap="medium", vertical_alignment="bottom")
    with left:
        draw_examples(SETTINGS, "table", PRESET_TITLES)
    return float(SETTINGS.draw("zero_division", right))


def draw_play(answered: bool, zero_division: float) -> None:
    """The table, the picked figure beside it, and below it what the figures teach.

    Args:
        answered: Whether the reader has said what they expect; figures are hidden until then.
        zero_division: The value of 0/0.
    """
    targets, predictions = read_table(SETTINGS.draw("table"))
    pick = SETTINGS.draw("pick")
    name, row, label, _figure = split_pick(pick)
    if not name and ((row or 0) >= len(targets) or (label or 0) >= len(targets.T)):
        pick = f"{AVERAGES[0]}.f1"  # its row or label is gone
    left, right = st.columns([5, 3], gap="medium")
    with left:
        _draw_table(targets, predictions, pick, zero_division, hidden=not answered)
    with right.container(border=True):
        if answered:
            st.markdown(explain(pick, targets, predictions, zero_division))
        else:
            st.markdown(
                ":material/help: "
                + _("Every **?** becomes a figure once you have answered the question.")
            )
    if answered:
        notes.draw_notes(targets, predictions, zero_division)


def _draw_table(targets, predictions, pick: str, zero_division: float, hidden: bool) -> None:
    sheet = Sheet(targets, predictions, pick, zero_division, hidden)
    n_rows, n_labels = targets.shape
    hints = [_("Click a cell to change it, click a figure to see where it comes from.")]
    if n_labels > MOST_LABELS:
        hints.append(_("Shift and click, or T, changes what is true."))
    hints.append(_("Arrow keys move, Space presses."))
    cell_table(
        "cells",
        sheet.lines,
        label=_(
            "True and predicted labels of {rows} rows and {labels} labels, with figures"
        ).format(rows=n_rows, labels=n_labels),
        legend=[
            *marks(),
            ("\u00a0", "above", _("counts above and below the fraction line")),
            ("\u00a0", "below", _("counts below it only")),
        ],
        hint=paragraph(hints),
        on_event=_obey,
    )


def _feedback(guess: str, shares: dict, fractions: dict) -> str:
    named = {
        name: _("**{share}** ({counts} cells, {figure})").format(
            share=fractions[name], counts=shares[name], figure=_(RATIOS[name])
        )
        for name in READINGS
    }
    chosen = next((name for name in READINGS if fractions[name] == guess), None)
    if chosen is None:
        return _("Three answers are right: {jaccard}, {accuracy}, {recall}.").format(**named)
    one, other = (text for name, text in named.items() if name != chosen)
    return ":material/check: " + _(
        "Right, if you read it as {figure}: {answer}. But {one} and {other} are right as well. "
        "*Share of correct labels* is not one figure; say which."
    ).format(figure=_(RATIOS[chosen]), answer=named[chosen], one=one, other=other)


def explain(pick: str, targets, predictions, zero_division: float) -> str:
    """Where a figure comes from, with the counts that it has here."""
    name, row, _label, figure = split_pick(pick)
    title = capitalised(whose_figure(pick, targets.shape[1]))
    if name:
        return _explain_average(title, name, figure, targets, predictions, zero_division)
    axis = "label" if row is None else "row"
    found = counts(targets, predictions, axis)[int(pick.split(".")[0].removeprefix(axis)) - 1]
    ratio = found.ratio(figure, zero_division)
    reading = _(IN_COUNTS[figure]).format(
        found=found.found,
        neither=found.neither,
        true=found.support,
        predicted=found.predicted,
        either=found.found + found.missed + found.wrong,
        right=found.found + found.neither,
        all=sum(found),
    )
    if ratio.undefined:
        return f"##### {title} = {ratio}\n\n{reading}\n\n{_undefined(zero_division)}"
    return f"##### {title} = {ratio} = {two(ratio.value)}\n\n{reading}"


def _explain_average(
    title: str, name: str, figure: str, targets, predictions, zero_division: float
) -> str:
    """Its formula with the counts that it has here, and which labels or parts it leaves out."""
    found = average(targets, predictions, name, figure, zero_division=zero_division)
    absent = found.weights.count(0) if name == "macro" else 0
    left_out = len(found.parts) - absent - len(found.kept) if name != "micro" else 0
    lines = [
        f"##### {title} = {two(found.value)}",
        f"{_escaped(found.formula(_))} = **{two(found.value)}**",
        paragraph((_(EVERY[name]), _(DEFINITIONS[figure]))),
    ]
    if name == "micro" and found.pooled.undefined:
        lines.append(_undefined(zero_division))
    if absent:
        options = {"zero_division": zero_division, "macro_over": "all"}
        lines.append(
            _(
                "{n} of {total} labels have no true row: nothing of them can be found, so they "
                "are left out. scikit-learn takes all labels by default, and gives {value}."
            ).format(
                n=absent,
                total=len(found.parts),
                value=two(average(targets, predictions, name, figure, **options).value),
            )
        )
    if left_out:
        lines.append(
            _("{n} of {total} parts are nan and left out.").format(
                n=left_out, total=len(found.parts)
            )
        )
    return "\n\n".join(lines)


def _undefined(zero_division: float) -> str:
    if np.isnan(zero_division):
        return _("0/0 has no value. `zero_division` is nan, so it is left out of every mean.")
    return _("0/0 has no value. `zero_division` says to count it as {value:g}.").format(
        value=zero_division
    )


# What the reader does.


def _obey(what: str, typed: str) -> None:
    """A click in the table: on one half of a cell, on a figure, or on a button for its size."""
    half, *place = what.split(".")
    if half == "size":
        _resize(*map(int, place))
    elif half in ("true", "predicted"):
        row, label = map(int, place)
        targets, predictions = read_table(SETTINGS["table"])
        table = targets if half == "true" else predictions
        table[row, label] ^= True
        SETTINGS["table"] = write_table(targets, predictions)
    else:
        SETTINGS["pick"] = check_pick(what)


def _resize(rows: int, labels: int) -> None:
    tables = read_table(SETTINGS["table"])
    n_rows, n_labels = np.add(tables[0].shape, (rows, labels))
    if not (1 <= n_rows <= MOST_ROWS and 1 <= n_labels <= MOST_LABELS):
        return  # two quick clicks on a button that the first should have switched off
    larger = (np.pad(table, ((0, max(rows, 0)), (0, max(labels, 0)))) for table in tables)
    SETTINGS["table"] = write_table(*(table[:n_rows, :n_labels] for table in larger))


def _bits(row) -> str:
    return f"[{', '.join(str(int(mark)) for mark in row)}]"


def _escaped(formula: str) -> str:
    return formula.replace("[", "\\[").replace("]", "\\]")
