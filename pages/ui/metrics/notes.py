"""Below the table of the Metrics page: what its figures teach, and code that reproduces them."""

import numpy as np
import streamlit as st

from mlcore.metrics.averages import average, counts, f1_of_means
from pages.ui.kit.attempts import is_answered
from pages.ui.kit.cell_table import plain_table
from pages.ui.kit.figures import macro_note
from pages.ui.kit.notes import draw_points, draw_topics
from pages.ui.kit.numbers import two
from pages.ui.metrics.exercises import EMPTY_ROW, NEVER_NAMED
from pages.ui.metrics.settings import GUESSES, SETTINGS
from pages.ui.metrics.table import (
    AVERAGED,
    AVERAGES,
    MOST_LABELS,
    PRESET_TITLES,
    read_table,
    row_name,
    shown_ratio,
    whose_figure,
)
from pages.ui.words import N_, _, paragraph

SOURCES = N_("""
- [Precision, recall and F-measures](https://scikit-learn.org/stable/modules/model_evaluation.html#precision-recall-f-measure-metrics)
  and [ranking metrics](https://scikit-learn.org/stable/modules/model_evaluation.html#multilabel-ranking-metrics)
  in the scikit-learn user guide
- Opitz and Burst 2019, [Macro F1 and Macro F1](https://arxiv.org/abs/1911.03347)
- Tsoumakas and Katakis 2007, *Multi-Label Classification: An Overview*, for the Jaccard reading of
  accuracy
""")
READINGS = {
    "jaccard": (N_("Jaccard"), N_("right, of all that are true or predicted (✓ of ✓ ○ ✗)")),
    "accuracy": (N_("Hamming accuracy"), N_("right, of all labels (✓ and · of all)")),
    "recall": (N_("Recall"), N_("right, of those that are true (✓ of ✓ ○)")),
}


def draw_notes(targets, predictions, zero_division: float) -> None:
    """What the table teaches, one topic at a time, with the figures of the table as it is."""
    table = targets, predictions, zero_division
    draw_topics(
        SETTINGS,
        "topic",
        {
            "readings": lambda: _draw_readings(*table),
            "zeros": _draw_zeros,
            "zero-division": lambda: _draw_zero_division(*table),
            "macro": lambda: _draw_macros(*table),
            "notice": _draw_what_to_notice,
            "code": lambda: st.code(code(*table)),
        },
    )


def _draw_readings(targets, predictions, zero_division: float) -> None:
    """Jaccard, Hamming accuracy and recall of one row."""
    rows = range(1, len(targets) + 1)
    row = 1
    if len(rows) > 1:
        row = SETTINGS.draw("share_row", options=rows)
    found = counts(targets[row - 1 : row], predictions[row - 1 : row])[0]
    plain_table(
        "readings_table",
        (row_name(row - 1), _("counts"), _("share"), _("reads as")),
        [
            (_(title), *shown_ratio(found.ratio(figure, zero_division)), _(reading))
            for figure, (title, reading) in READINGS.items()
        ],
        _("Three shares of correct labels of row {row}").format(row=row),
    )


def _draw_zeros() -> None:
    """Why accuracy flatters a network that answers nothing."""
    targets, predictions = read_table("zeros")
    (found,) = counts(targets, predictions)
    accuracy, f1 = found.ratio("accuracy"), found.ratio("f1")

    guess = SETTINGS.draw(
        "zeros_guess",
        title=_(
            "**Predict:** {labels} labels, {true} of them true, and a network that predicts none. "
            "Its Hamming accuracy?"
        ).format(labels=sum(found), true=found.support),
    )
    if not guess:
        return
    percent = 100 * accuracy.value
    right = min(GUESSES, key=lambda name: abs(GUESSES[name] - percent)) == guess
    verdict = f":material/check: {_('Right')}" if right else f":material/close: {_('No')}"
    st.markdown(
        _(
            "{verdict}: accuracy is {accuracy} = **{percent:.1f} %**, and F1 is {f1} = "
            "**{value}**. {neither} cells are · (neither true nor predicted): accuracy counts "
            "every one of them as a success, F1 none."
        ).format(
            verdict=verdict,
            accuracy=accuracy,
            percent=percent,
            f1=f1,
            value=two(f1.value),
            neither=found.neither,
        )
    )
    st.button(
        _("Put this row into the table"),
        icon=":material/table_rows:",
        on_click=SETTINGS.put,
        kwargs={"table": "zeros", "pick": "row1.accuracy"},
        key="show_zeros",
    )


def _draw_zero_division(targets, predictions, zero_division: float) -> None:
    """What is 0/0 in the table, and the averages under each rule."""
    undefined = _undefined(targets, predictions)
    if undefined:
        words = (
            _("0/0 in this table, {n} times: {figures}; and more.")
            if len(undefined) > 4
            else _("0/0 in this table, {n} times: {figures}.")
        )
        st.markdown(words.format(n=len(undefined), figures=_("; ").join(undefined[:4])))
    else:
        st.markdown(
            _(
                "No figure of this table is 0/0, so the switch changes nothing here. Try the "
                "preset *{preset}*."
            ).format(preset=_(PRESET_TITLES["empty-row"]))
        )
    choices = {"0": 0.0, "1": 1.0, "nan": float("nan")}
    figures = [
        (name, whose_figure(f"{name}.f1", targets.shape[1]), "occurring") for name in AVERAGES
    ]
    figures.append(("macro", _("macro F1 over all labels"), "all"))
    rows = []
    for name, title, macro_over in figures:
        values = []
        for choice, value in choices.items():
            options = {"zero_division": value, "macro_over": macro_over}
            figure = average(targets, predictions, name, **options).value
            now = choice == f"{zero_division:g}"
            values.append(two(figure) + (" ←" if now else ""))
        rows.append((title, *values))
    plain_table("zero_division_table", ("zero_division", *choices), rows, _("F1 by zero_division"))


def _undefined(targets, predictions) -> list[str]:
    """The figures of rows and labels that are 0/0, in words."""
    return [
        whose_figure(f"{axis}{place}.{figure}", targets.shape[1])
        for axis in ("row", "label")
        for place, group in enumerate(counts(targets, predictions, axis), start=1)
        for figure in AVERAGED
        if group.ratio(figure).undefined
    ]


def _draw_macros(targets, predictions, zero_division: float) -> None:
    """The mean of the F1s beside the F1 of the means."""
    options = {"zero_division": zero_division}
    mean = average(targets, predictions, "macro", "f1", **options)
    of_all = average(targets, predictions, "macro", "f1", **options, macro_over="all")
    other = f1_of_means(targets, predictions, **options)
    gap = other.value - mean.value
    precision, recall, value = (f"{figure:.3f}" for figure in other)
    plain_table(
        "macro_table",
        ("", _("value"), _("from")),
        [
            (_("mean of the F1s"), f"{mean.value:.3f}", mean.formula(_)),
            (_("mean of the F1s of all labels"), f"{of_all.value:.3f}", of_all.formula(_)),
            (
                _("F1 of the means"),
                value,
                _("2 × {precision} × {recall} / ({precision} + {recall}), of macro P and R").format(
                    precision=precision, recall=recall
                ),
            ),
        ],
        _("The two macro F1s"),
    )
    told = [_("Papers call both *macro F1*; scikit-learn gives the mean of the F1s.")]
    if abs(gap) < 5e-4:
        told.insert(0, _("They agree here."))
    elif not np.isnan(gap):
        told.insert(0, _("They differ by {gap:.3f}.").format(gap=abs(gap)))
    told += [
        macro_note(targets.any(axis=0)),
        _(
            "scikit-learn takes all labels unless it is given `labels=`; if one does not occur, "
            "even a perfect model then has a macro F1 below 1, as long as 0/0 counts as 0."
        ),
    ]
    st.markdown(paragraph(told))


def _draw_what_to_notice() -> None:
    """What the presets show, in their own figures."""
    sample, never, empty, zeros = map(read_table, ("sample", "never", "empty-row", "zeros"))
    spread = _(", ").join(f"{_(name)} {two(average(*never, name).value)}" for name in AVERAGES)
    (row,), (all_zeros,) = counts(*sample), counts(*zeros)
    rules = [average(*empty, "samples", zero_division=rule).value for rule in (0.0, 1.0, np.nan)]
    macros = [average(*sample, "macro", macro_over=over).value for over in ("occurring", "all")]
    points = [
        _(
            "One table, four F1s. *{preset}*: {values}. None is wrong; each gives equal weight to "
            "something else."
        ).format(preset=_(PRESET_TITLES["never"]), values=spread),
        _(
            "One row, three shares of correct labels: Jaccard {jaccard}, Hamming accuracy "
            "{accuracy}, recall {recall}."
        ).format(**{figure: row.ratio(figure) for figure in READINGS}),
        _(
            "One row without labels moves samples F1 from {zero} to {one} or {nan}, by "
            "zero_division alone. Say which you used."
        ).format(zero=two(rules[0]), one=two(rules[1]), nan=two(rules[2])),
        _(
            "Two labels of *{preset}* do not occur. Macro F1 is {ours} over the labels that occur, "
            "as everywhere in this lab, and {theirs} over all, as scikit-learn computes it by "
            "default: a label without a true row can only lower it."
        ).format(preset=_(PRESET_TITLES["sample"]), ours=two(macros[0]), theirs=two(macros[1])),
    ]
    told = (is_answered(NEVER_NAMED), True, is_answered(EMPTY_ROW), True)
    points = [point for point, is_told in zip(points, told, strict=True) if is_told]
    if SETTINGS["zeros_guess"]:  # else it would give the answer
        points.append(
            _(
                "Accuracy counts the · cells: all zeros on {labels} labels get {percent:.1f} %, "
                "and F1 {f1}."
            ).format(
                labels=sum(all_zeros),
                percent=100 * all_zeros.ratio("accuracy").value,
                f1=two(all_zeros.ratio("f1").value),
            )
        )
    draw_points(points)


def code(targets, predictions, zero_division: float) -> str:
    """A script that prints the averages of the table, by scikit-learn and by their parts."""
    value = "np.nan" if np.isnan(zero_division) else f"{zero_division:g}"
    several = targets.shape[1] > 1
    return f"""import numpy as np
{SEVERAL_LABELS if several else ONE_LABEL}
from mlcore.metrics.averages import average

targets = {_array(targets)}
predictions = {_array(predictions)}
zero_division = {value}
{OCCURRING if several else ""}
for name in ("samples", "macro", "weighted", "micro"):
    precision, recall, f1, _ = {REPORT if several else REPORT_OF_ONE}
    parts = average(targets, predictions, name, "f1", zero_division=zero_division)
    print(f"{{name}}: P {{precision:.2f}}, R {{recall:.2f}}, F1 {{f1:.2f}} = {{parts.formula()}}")
"""


SEVERAL_LABELS = "from sklearn.metrics import precision_recall_fscore_support\n"
OCCURRING = """occurring = np.flatnonzero(targets.any(axis=0))  # macro averages are over these
"""
REPORT = """precision_recall_fscore_support(
        targets,
        predictions,
        labels=occurring if name == "macro" and len(occurring) else None,
        average=name,
        zero_division=zero_division,
    )"""
ONE_LABEL = """
# scikit-learn reads a single column as yes or no; this report hands it on as one label.
from mlcore.metrics import classification_report"""
REPORT_OF_ONE = """classification_report(
        targets, predictions, zero_division=zero_division
    ).loc[f"{name} avg"]"""


def _array(table) -> str:
    """A 0/1 table as Python; a wide one by the places of its ones."""
    if table.shape[1] <= MOST_LABELS:
        return f"np.array({table.astype(int).tolist()})"
    ones = np.flatnonzero(table[0]).tolist()
    return f"np.isin(np.arange({table.shape[1]}), {ones})[None].astype(int)"
