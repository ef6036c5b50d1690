"""Below the table of the Metrics page: what its figures teach, and code that reproduces them."""

import numpy as np
import streamlit as st

from mlcore.averages import average, counts, f1_of_means
from mlcore.checks import check_choice
from pages.ui import link
from pages.ui.cell_table import plain_table
from pages.ui.metrics_table import (
    MOST_LABELS,
    PRESET_TITLES,
    label_name,
    number,
    read_table,
    shown_ratio,
)

SOURCES = """
- [Precision, recall and F-measures](https://scikit-learn.org/stable/modules/model_evaluation.html#precision-recall-f-measure-metrics)
  and [ranking metrics](https://scikit-learn.org/stable/modules/model_evaluation.html#multilabel-ranking-metrics)
  in the scikit-learn user guide
- Opitz and Burst 2019, [Macro F1 and Macro F1](https://arxiv.org/abs/1911.03347)
- Tsoumakas and Katakis 2007, *Multi-Label Classification: An Overview*, for the Jaccard reading of
  accuracy
"""
# What somebody may expect of the accuracy of all zeros, in percent.
GUESSES = {"about 1 %": 1, "about 50 %": 50, "about 99 %": 99}


TOPICS = {
    "readings": "Share of correct labels",
    "zeros": "Accuracy and zeros",
    "zero-division": "What 0/0 counts as",
    "macro": "Two macro F1s",
    "notice": "What to notice",
    "code": "Code",
}


def draw_notes(targets, predictions, zero_division: float) -> None:
    """What the table teaches, one topic at a time, with the figures of the table as it is."""
    topic = link.widget(
        st.segmented_control,
        "topic",
        "readings",
        _topic,
        label="What this table shows",
        options=list(TOPICS),
        format_func=TOPICS.__getitem__,
        required=True,
        help="Each takes its figures from the table as it is now.",
    )
    with st.container(border=True):
        if topic == "readings":
            _draw_readings(targets, predictions, zero_division)
        elif topic == "zeros":
            _draw_zeros()
        elif topic == "zero-division":
            _draw_zero_division(targets, predictions, zero_division)
        elif topic == "macro":
            _draw_macros(targets, predictions, zero_division)
        elif topic == "notice":
            _draw_what_to_notice()
        else:
            st.code(code(targets, predictions, zero_division), language="python")


def _topic(text: str) -> str:
    check_choice("topic", text, TOPICS)
    return text


def _draw_readings(targets, predictions, zero_division: float) -> None:
    """Jaccard, Hamming accuracy and recall of one row."""
    rows = range(1, len(targets) + 1)
    row = 1
    if len(rows) > 1:
        row = link.widget(
            _keep_in(len(rows)),
            "share_row",
            1,
            _row_number,
            label="Row",
            options=rows,
            required=True,
            help="The row of the table whose labels are judged in three ways.",
        )
    found = counts(targets[row - 1 : row], predictions[row - 1 : row])[0]
    words = {
        "jaccard": ("Jaccard", "right, of all that are true or predicted (✓ of ✓ ○ ✗)"),
        "accuracy": ("Hamming accuracy", "right, of all labels (✓ and · of all)"),
        "recall": ("Recall", "right, of those that are true (✓ of ✓ ○)"),
    }
    lines = []
    for figure, (title, reading) in words.items():
        ratio = found.ratio(figure, zero_division)
        share, value = shown_ratio(ratio)
        lines.append((title, share, value, reading))
    plain_table(
        "readings_table",
        (f"row {row}", "counts", "share", "reads as"),
        lines,
        f"Three shares of correct labels of row {row}",
    )


def _keep_in(n_rows: int):
    """A row selector that comes back to row 1 where the chosen one is gone."""

    def kind(key: str, **options):
        if st.session_state.get(key) not in range(1, n_rows + 1):
            st.session_state[key] = 1
        return st.segmented_control(key=key, **options)

    return kind


def _row_number(text: str) -> int:
    check_choice("share_row", text, [str(row) for row in range(1, 9)])
    return int(text)


def _draw_zeros() -> None:
    """Why accuracy flatters a network that answers nothing."""
    targets, predictions = read_table("zeros")
    (found,) = counts(targets, predictions)
    accuracy, f1 = found.ratio("accuracy"), found.ratio("f1")

    def parse(text: str) -> str:
        check_choice("zeros_guess", text, GUESSES)
        return text

    guess = link.widget(
        st.pills,
        "zeros_guess",
        None,
        parse,
        label=f"**Predict:** {sum(found)} labels, {found.support} of them true, and a network that "
        "predicts none. Its Hamming accuracy?",
        options=GUESSES,
    )
    if not guess:
        return
    percent = 100 * accuracy.value
    right = min(GUESSES, key=lambda name: abs(GUESSES[name] - percent)) == guess
    st.markdown(
        f"{':material/check: Right' if right else ':material/close: No'}: accuracy is "
        f"{accuracy} = **{percent:.1f} %**, and F1 is {f1} = **{number(f1.value)}**. "
        f"{found.neither} cells are · (neither true nor predicted): accuracy counts every one of "
        "them as a success, F1 none."
    )
    st.button(
        "Put this row into the table",
        icon=":material/table_rows:",
        on_click=_show_zeros,
        key="show_zeros",
    )


def _show_zeros() -> None:
    st.session_state["table"] = "zeros"
    st.session_state["pick"] = "row1.accuracy"


def _draw_zero_division(targets, predictions, zero_division: float) -> None:
    """What is 0/0 in the table, and the averages under each rule."""
    undefined = _undefined(targets, predictions)
    if undefined:
        shown = "; ".join(undefined[:4]) + ("; and more" if len(undefined) > 4 else "")
        st.markdown(f"0/0 in this table, {len(undefined)} times: {shown}.")
    else:
        st.markdown(
            "No figure of this table is 0/0, so the switch changes nothing here. Try the preset "
            f"*{PRESET_TITLES['empty-row']}*."
        )
    choices = {"0": 0.0, "1": 1.0, "nan": float("nan")}
    rows = []
    for name in ("samples", "macro", "weighted", "micro"):
        values = []
        for choice, value in choices.items():
            figure = average(targets, predictions, name, zero_division=value).value
            now = choice == f"{zero_division:g}"
            values.append(number(figure) + (" ←" if now else ""))
        rows.append((f"{name} F1", *values))
    plain_table("zero_division_table", ("zero_division", *choices), rows, "F1 by zero_division")


def _undefined(targets, predictions) -> list[str]:
    """The figures of rows and labels that are 0/0, in words."""
    n_labels = targets.shape[1]
    found = []
    for axis in ("row", "label"):
        for place, group in enumerate(counts(targets, predictions, axis)):
            figures = [
                title
                for title, figure in (
                    ("precision", "precision"),
                    ("recall", "recall"),
                    ("F1", "f1"),
                )
                if group.ratio(figure).undefined
            ]
            name = place + 1 if axis == "row" else label_name(place, n_labels)
            found += [f"{figure} of {axis} {name}" for figure in figures]
    return found


def _draw_macros(targets, predictions, zero_division: float) -> None:
    """The mean of the F1s beside the F1 of the means."""
    options = {"zero_division": zero_division}
    mean = average(targets, predictions, "macro", "f1", **options)
    other = f1_of_means(targets, predictions, **options)
    gap = other.value - mean.value
    precision, recall, value = (f"{figure:.3f}" for figure in other)
    plain_table(
        "macro_table",
        ("", "value", "from"),
        [
            ("mean of the F1s", f"{mean.value:.3f}", mean.formula()),
            (
                "F1 of the means",
                value,
                f"2 × {precision} × {recall} / ({precision} + {recall}), of macro P and R",
            ),
        ],
        "The two macro F1s",
    )
    told = "They agree here." if abs(gap) < 5e-4 else f"They differ by {abs(gap):.3f}."
    st.markdown(
        ("" if np.isnan(gap) else told)
        + " Papers call both *macro F1*; scikit-learn gives the mean of the F1s."
    )


def _draw_what_to_notice() -> None:
    """What the presets show, in their own figures."""
    sample, never, empty, zeros = map(read_table, ("sample", "never", "empty-row", "zeros"))
    values = {
        name: average(*never, name).value for name in ("samples", "macro", "weighted", "micro")
    }
    spread = ", ".join(f"{name} {number(value)}" for name, value in values.items())
    (row,), (all_zeros,) = counts(*sample), counts(*zeros)
    rules = [average(*empty, "samples", zero_division=rule).value for rule in (0.0, 1.0, np.nan)]
    points = [
        f"One table, four F1s. *{PRESET_TITLES['never']}*: {spread}. None is wrong; each counts "
        "something else the same.",
        f"One row, three shares of correct labels: Jaccard {row.ratio('jaccard')}, Hamming "
        f"accuracy {row.ratio('accuracy')}, recall {row.ratio('recall')}.",
        f"One row without labels moves samples F1 from {number(rules[0])} to {number(rules[1])} "
        f"or {number(rules[2])}, by zero_division alone. Say which you used.",
    ]
    if st.session_state.get(link.KEPT, {}).get("zeros_guess"):  # else it would give the answer
        points.append(
            f"Accuracy counts the · cells: all zeros on {sum(all_zeros)} labels get "
            f"{100 * all_zeros.ratio('accuracy').value:.1f} %, and F1 "
            f"{number(all_zeros.ratio('f1').value)}."
        )
    st.markdown("\n".join(f"- {point}" for point in points))


def draw_sources() -> None:
    """Where to read on."""
    with st.expander("Sources", icon=":material/menu_book:"):
        st.markdown(SOURCES)


def code(targets, predictions, zero_division: float) -> str:
    """A script that prints the averages of the table, by scikit-learn and by their parts."""
    value = "np.nan" if np.isnan(zero_division) else f"{zero_division:g}"
    several = targets.shape[1] > 1
    return f"""import numpy as np
{SEVERAL_LABELS if several else ONE_LABEL}
from mlcore.averages import average

targets = {_array(targets)}
predictions = {_array(predictions)}
zero_division = {value}

for name in ("samples", "macro", "weighted", "micro"):
    precision, recall, f1, _ = {REPORT if several else REPORT_OF_ONE}
    parts = average(targets, predictions, name, "f1", zero_division=zero_division)
    print(f"{{name}}: P {{precision:.2f}}, R {{recall:.2f}}, F1 {{f1:.2f}} = {{parts.formula()}}")
"""


SEVERAL_LABELS = "from sklearn.metrics import precision_recall_fscore_support\n"
REPORT = """precision_recall_fscore_support(
        targets, predictions, average=name, zero_division=zero_division
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
