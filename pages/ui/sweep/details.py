"""One cell of a sweep: its curves, its figures, and the way to race it."""

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from mlcore.figures import F1S, FIGURES, RANKINGS
from mlcore.lazy import pd
from pages.ui.frame import FOLDER
from pages.ui.kit.cell_table import plain_table
from pages.ui.kit.contenders import Setup, contender_title
from pages.ui.kit.figures import figure_heading, macro_note, ranking_note
from pages.ui.kit.numbers import filled, spread
from pages.ui.kit.report import download
from pages.ui.server.jobs import Sweep
from pages.ui.sweep.code import as_code, as_command
from pages.ui.sweep.plan import Plan
from pages.ui.sweep.surface import picked_cell, surface_of
from pages.ui.words import _, language, ngettext, paragraph

if TYPE_CHECKING:  # a first page is painted before pandas is imported
    from mlcore.sweeps import RunResult

TABLE = ("macro_f1", "micro_f1", "samples_f1", "macro_precision", "macro_recall")
TABLE += ("micro_precision", "micro_recall", "subset_accuracy", "hamming_loss", *RANKINGS)
NEAR = 0.12  # thresholds whose names would touch


def draw_details(job: Sweep, figure: str) -> None:
    """The cell that was picked."""
    st.subheader(_("One cell"), anchor=False)
    place = picked_cell(job, surface_of(job, figure))
    if place is None:
        st.caption(_("Pick a cell: the best is known once a cell has run with all of its seeds."))
        return
    plan = job.about
    results = [job.results[key] for key in plan.keys[place] if key in job.results]
    config = plan.config(*place)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(
            filled(
                _("{x} **{x_value:g}**, {y} **{y_value:g}** ({loss})"),
                **plan.fields(*place),
                loss=contender_title(config),
            )
        )
        _draw_race(plan, place)
    results = [result for result in results if not result.error]
    whole = [result for result in results if not result.diverged]
    if diverged := len(results) - len(whole):
        st.warning(
            ngettext(
                "{n} run of this cell diverged: its loss is no longer a finite number, and it has "
                "no figures.",
                "{n} runs of this cell diverged: their losses are no longer finite numbers, and "
                "they have no figures.",
                diverged,
            ).format(n=diverged),
            icon=":material/trending_up:",
        )
    if whole:
        _draw_curves(whole, figure)
        _draw_table(whole, figure)
    elif not diverged:
        st.caption(_("No run of this cell has finished yet."))


def _draw_curves(results: "list[RunResult]", figure: str) -> None:
    """Losses and F1 over the epochs, and the figure over the threshold if it depends on one."""
    epochs = results[0].config.epochs
    last = [result.epochs.iloc[-1] for result in results]
    losses = [np.mean([row[name] for row in last]) for name in ("train_loss", "validation_loss")]
    f1s = {name: _(FIGURES[name].average) for name in F1S}
    with_f1 = _(", ").join(
        f"{words} {np.mean([row[name] for row in last]):.3f}" for name, words in f1s.items()
    )
    charts = (
        (
            "loss",
            _curves(results, {"train_loss": _("training"), "validation_loss": _("validation")}),
            ("epochs", _("Mean loss"), True),
            _(
                "Loss after epoch {epochs}: training {train:.4g}, validation {validation:.4g}."
            ).format(epochs=epochs, train=losses[0], validation=losses[1]),
        ),
        (
            "f1",
            _curves(results, f1s),
            ("epochs", _("F1 at 0.5, validation rows"), False),
            _("F1 of validation rows at threshold 0.5 after epoch {epochs}: {figures}.").format(
                epochs=epochs, figures=with_f1
            ),
        ),
        _over_thresholds_or_epochs(results, figure),
    )
    for column, (key, table, spec, alt) in zip(st.columns(3), charts, strict=True):
        with column:
            chart = _spec(*spec, _ends(table, "epoch"), _ends(table, "value"), language())
            st.vega_lite_chart(table, chart, key=f"cell {key}", alt=alt)
            st.caption(alt)


def _over_thresholds_or_epochs(results: "list[RunResult]", figure: str) -> tuple:
    """The chart of the figure: key, table, specification, and what it says."""
    title = figure_heading(figure)
    test = np.mean([result.at_half(figure) for result in results])
    if not FIGURES[figure].is_cut:
        told = _("{figure} of validation rows, which needs no threshold. Test rows: {test:.3f}.")
        curves = _curves(results, {figure: _("validation")})
        return "ranking", curves, ("epochs", title, False), told.format(figure=title, test=test)
    tuned = np.mean([result.tuned(figure)[1] for result in results])
    told = _(
        "{figure} over the threshold. Test rows at 0.5: {half:.3f}; at the tuned "
        "threshold: {tuned:.3f}."
    ).format(figure=title, half=test, tuned=tuned)
    return "threshold", _over_thresholds(results, figure), ("thresholds", title, False), told


def _curves(results: "list[RunResult]", names: dict[str, str]):
    """Columns of the epochs as a tidy table: epoch, seed, curve, value."""
    parts = (
        result.epochs[["epoch"]].assign(
            seed=result.config.seed, curve=name, value=result.epochs[column]
        )
        for result in results
        for column, name in names.items()
    )
    return pd.concat(parts, ignore_index=True)


def _over_thresholds(results: "list[RunResult]", figure: str):
    """A figure over the threshold: threshold, seed, curve, value, and what is marked there."""
    parts = [
        pd.DataFrame(
            {
                "threshold": result.thresholds,
                "value": values[figure],
                "seed": result.config.seed,
                "curve": name,
                "mark": np.nan,
                "marked": "",
            }
        )
        for result in results
        for name, values in (
            (_("validation rows"), result.validation),
            (_("test rows"), result.test),
        )
    ]
    table = pd.concat(parts, ignore_index=True)
    tuned = [result.tuned(figure)[0] for result in results]
    # Names that would be written over each other.
    half = "" if min(abs(threshold - 0.5) for threshold in tuned) < NEAR else "0.5"
    marks = [(0.5, half)] + [
        (threshold, _("tuned") if place == 0 else "") for place, threshold in enumerate(tuned)
    ]
    for row, (mark, name) in enumerate(marks):
        table.loc[row, "mark"], table.loc[row, "marked"] = mark, name
    return table


def _ends(table: "pd.DataFrame", column: str) -> tuple[float, float] | None:
    """The lowest and the highest finite number of a column, (0, 1) without any; None without it."""
    if column not in table:
        return None
    values = table[column][np.isfinite(table[column])]
    return (float(values.min()), float(values.max())) if len(values) else (0.0, 1.0)


@lru_cache(maxsize=64)
def _spec(kind: str, title: str, log: bool, epochs: tuple | None, ends: tuple, spoken: str) -> dict:
    """The specification of one chart, made once for each language and each pair of ends."""
    from mlcore.charts import curves_over_epochs, curves_over_thresholds, ready_spec

    columns = ["epoch", "threshold", "seed", "curve", "value", "mark", "marked"]
    empty = pd.DataFrame(columns=columns)
    if kind == "epochs":
        return ready_spec(
            curves_over_epochs(empty, title, epochs=epochs, ends=ends, log=log, say=_)
        )
    return ready_spec(
        curves_over_thresholds(empty, title, ends=(min(0.0, ends[0]), ends[1]), say=_)
    )


def _draw_table(results: "list[RunResult]", figure: str) -> None:
    names = dict.fromkeys((figure, *TABLE))
    rows = []
    for name in names:
        tuned = [result.tuned(name) for result in results]
        rows.append(
            (
                figure_heading(name),
                spread([result.at_half(name) for result in results]),
                spread([threshold for threshold, _value in tuned], digits=2)
                if FIGURES[name].is_cut
                else "–",
                spread([value for _threshold, value in tuned]),
            )
        )
    head = (_("Test rows"), _("at 0.5"), _("tuned threshold"), _("at the tuned threshold"))
    plain_table("cell_figures", head, rows, _("Figures of this cell"))
    seeds = (
        _("Mean over {n} seeds ± half of their range.").format(n=len(results))
        if len(results) > 1
        else _("One seed.")
    )
    st.caption(paragraph((seeds, macro_note(), ranking_note())))


def _draw_race(plan: Plan, place: tuple[int, int]) -> None:
    """The way to the Train page with the base setting against this cell."""
    if "weight_decay" in plan.grid:
        st.caption(_("The Train page has no weight decay, so this cell cannot be raced there."))
        return
    st.page_link(
        FOLDER / "train.py",
        label=f"**{_('Race this one')}**",
        icon=":material/model_training:",
        query_params=race_link(plan, place),
        help=_(
            "Opens the Train page with the base setting (A) against this cell (B). They share "
            "everything that contenders share there, including the learning rate."
        ),
    )


def race_link(plan: Plan, place: tuple[int, int]) -> dict[str, str]:
    """What the Train page's link says for a race of the base setting against a cell."""
    base, cell = plan.base.config, plan.config(*place)
    # They share what contenders share: all but the loss and the bias is the cell's.
    base = replace(
        cell, loss=base.loss, loss_params=base.loss_params, initial_bias=base.initial_bias
    )
    setup = Setup(data=plan.base.data, options=plan.base.options, configs=(base, cell))
    return {name: str(value) for name, value in setup.settings().items()}


def draw_downloads(job: Sweep, figure: str) -> None:
    """The figures as a file, and the code and the command that give them again."""
    from mlcore.sweeps import summary_frame

    download(
        _("Summary as CSV"),
        "sweep.csv",
        lambda: summary_frame(list(job.results.values()), job.about.grid).to_csv(index=False),
        key="sweep_csv",
        help=_(
            "A row for each run: its place in the grid, its seed, and every figure on validation "
            "and test rows."
        ),
    )
    with st.expander(_("The same in code"), icon=":material/code:"):
        st.caption(
            _(
                "A mean over seeds for each cell: the figure on validation rows, and on test rows "
                "at 0.5 and at the threshold that is best on validation rows."
            )
        )
        st.code(as_code(job.about, figure))
        st.caption(_("Or on the command line:"))
        st.code(as_command(job.about, figure), language="bash")
