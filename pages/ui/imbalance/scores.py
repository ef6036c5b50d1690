"""What each label's score became in a race: F1 over support, and means of head, middle and tail."""

from functools import partial

import numpy as np
import streamlit as st

from mlcore.imbalance import GroupScore, group_gaps, group_scores, label_f1
from mlcore.lazy import pd
from mlcore.thresholds import decide
from mlcore.training import TrainConfig
from mlcore.workers.races import Table
from pages.ui.imbalance.settings import PARTS, SETTINGS
from pages.ui.imbalance.subject import GROUP_TITLES, Subject, race_of
from pages.ui.kit import races
from pages.ui.kit.cell_table import plain_table
from pages.ui.kit.contenders import Setup, contender_names
from pages.ui.kit.controls import as_text
from pages.ui.kit.guess import committed, draw_guess, settle_guess
from pages.ui.kit.numbers import exact, filled
from pages.ui.kit.races import progress_text
from pages.ui.server.jobs import Race
from pages.ui.settings import rerun
from pages.ui.words import _, language, ngettext, paragraph

ASKED = "quick_race.asked"
# Eight epochs: enough for BCE to collapse and for both to leave the collapse again.
QUICK_RACE = (
    TrainConfig(loss="bce", epochs=8),
    TrainConfig(loss="bce_pos_weight", loss_params={"pos_weight": "sqrt"}, epochs=8),
)
WAITED_FOR = ("queued", "starting", "running")
GUESS = "imbalance.race"
NEGLIGIBLE = 0.0005  # what rounds to a difference of 0.000


def draw_scores(subject: Subject) -> None:
    """The race of these labels, one that can be started, or one on its way; a fragment."""
    st.subheader(_("What each label's score became"), anchor=False)
    run = race_of(subject)
    if run is None:
        _draw_invitation(subject)
    elif run.state in WAITED_FOR:
        st.fragment(partial(_watch, subject, run), run_every=1.0)()
    elif not run.predictions:
        races.draw_unpredicted(run)
        _draw_start(subject)
    else:
        races.draw_fate(run)
        _draw_race(subject, run)


def _draw_invitation(subject: Subject) -> None:
    races.draw_no_race(
        _(
            "No race on these labels has been run in this visit. Start a short one here, or race "
            "losses of your choice on the Train page."
        )
    )
    _draw_start(subject)


def _draw_start(subject: Subject) -> None:
    if subject.options is None:
        return
    draw_guess(
        GUESS,
        _("**Predict:** where will weights on true labels raise the mean F1 most?"),
        _groups(),
    )
    st.button(
        _("Race BCE against weighted BCE, {n} epochs").format(n=QUICK_RACE[0].epochs),
        type="primary",
        icon=":material/play_arrow:",
        key="quick_race",
        on_click=races.ask,
        args=(ASKED,),
    )
    setup = Setup(data=subject.dataset.name, options=subject.options, configs=QUICK_RACE)
    races.start_if_asked(ASKED, setup)


def _watch(subject: Subject, run: Race) -> None:
    """How far the race is, and its newest scores; draws the page anew once it is over."""
    if run.state not in WAITED_FOR:
        rerun()
    st.progress(min(run.step / run.steps, 1.0), progress_text(run))
    if predictions := run.predictions:
        targets, group = run.dataset.y[run.dataset.test], subject.groups()
        scores = [label_f1(targets, decide(ours, 0.5)) for ours in predictions["test"]]
        means = [group_scores(f1, group) for f1 in scores]
        _draw_chart(subject, contender_names(run.configs), scores, means)
        told = _("F1 of the test rows after {step:,} steps, cut at 0.5.")
        st.caption(told.format(step=predictions.step))


def _draw_race(subject: Subject, run: Race) -> None:
    names = contender_names(run.configs)
    cut = SETTINGS.draw("decide")
    with st.spinner(_("Looking at every label …")):
        predictions = run.predictions
        limits, scores = scores_of(run.work.id, predictions.step, cut, run, predictions)
    means = [group_scores(f1, subject.groups()) for f1 in scores]
    _draw_chart(subject, names, scores, means)
    st.markdown(where_it_helps(names, means))
    _settle(means)
    st.caption(_told(subject, run, predictions.step, names, limits, scores))
    _draw_means(names, means)


@st.cache_resource(max_entries=16, show_spinner=False)
def scores_of(
    work_id: int, step: int, cut: str, _run: Race, _predictions: Table
) -> tuple[list, list[np.ndarray]]:
    """Thresholds and F1 of each label for each contender; the first three arguments decide them."""
    from pages.ui.kit.evidence import of_run

    limits, scores = [], []
    for place in range(len(_run.configs)):
        evidence = of_run(work_id, place, step, _run, _predictions)
        limit = 0.5
        if cut == "tuned":
            limit = evidence.tuning_sweep.best("macro_f1")[0]
        elif cut == "own":
            limit = evidence.tuning_sweep.best_per_label()
        targets, probabilities = evidence.report
        limits.append(limit)
        scores.append(label_f1(targets, decide(probabilities, limit)))
    return limits, scores


def _told(
    subject: Subject, run: Race, step: int, names: list[str], limits: list, scores: list
) -> str:
    """What the figures are of: rows, thresholds, labels without a score."""
    unscored = int(np.isnan(scores[0]).sum())
    told = [
        _("F1 of {n:,} test rows, over how often a label is true ({rows}).").format(
            n=len(run.dataset.test), rows=_(PARTS[subject.part])
        )
    ]
    if unscored:
        told.append(
            ngettext(
                "{n:,} label has no true test row, so F1 says nothing of it: it is left out of "
                "all means.",
                "{n:,} labels have no true test row, so F1 says nothing of them: they are left "
                "out of all means.",
                unscored,
            ).format(n=unscored)
        )
    if all(np.ndim(limit) == 0 for limit in limits):
        cuts = _(", ").join(
            f"{name.partition(' ')[0]} {limit:.3g}"
            for name, limit in zip(names, limits, strict=True)
        )
        told.append(_("Thresholds: {thresholds}.").format(thresholds=cuts))
    epochs = round(step / run.steps * run.configs[0].epochs, 1)
    told.append(
        ngettext(
            "Each was trained for {epochs} epoch from one seed; another seed gives other figures.",
            "Each was trained for {epochs} epochs from one seed; another seed gives other figures.",
            1 if epochs == 1 else 2,
        ).format(epochs=exact(epochs))
    )
    return paragraph(told)


def _groups() -> dict[str, str]:
    """What can be predicted: a group, or none."""
    return {title: _(title) for title in GROUP_TITLES} | {"none": _("nowhere")}


def _settle(means: list[tuple[GroupScore, ...]]) -> None:
    """Tell whoever has predicted where it helps most whether it does."""
    guess, gaps = committed(GUESS), group_gaps(means)
    if guess is None or guess.value is None or not gaps:
        return
    best = gaps[0]
    answer = GROUP_TITLES[best.group] if best.gap >= NEGLIGIBLE else "none"
    settle_guess(GUESS, answer)
    told = _("You predicted: **{predicted}**, and it was **{happened}**.")
    st.markdown(told.format(predicted=_groups()[guess.value], happened=_groups()[answer]))


def where_it_helps(names: list[str], means: list[tuple[GroupScore, ...]]) -> str:
    """In which group which contender is furthest ahead of the first, and in which behind."""
    gaps = group_gaps(means)
    if not gaps:
        return _("There is nothing to compare: no label has a score.")
    best, worst = gaps[0], gaps[-1]
    if best.gap < NEGLIGIBLE and worst.gap > -NEGLIGIBLE:
        return _("No contender differs from **{first}** in any group.").format(
            first=as_text(names[0])
        )
    words = []
    if best.gap >= NEGLIGIBLE:
        words.append(
            _(
                "**{name}** gains most over **{first}** in the **{group}**: {gain:+.3f} mean F1 of "
                "test rows."
            )
        )
    else:
        words.append(_("Nothing gains over **{first}** in any group."))
    if worst.gap <= -NEGLIGIBLE:
        words.append(_("**{loser}** loses most in the **{where}**: {loss:+.3f}."))
    return filled(
        paragraph(words),
        first=as_text(names[0]),
        name=as_text(names[best.contender]),
        group=_(GROUP_TITLES[best.group]),
        gain=best.gap,
        loser=as_text(names[worst.contender]),
        where=_(GROUP_TITLES[worst.group]),
        loss=worst.gap,
    )


def _draw_means(names: list[str], means: list[tuple[GroupScore, ...]]) -> None:
    rows = []
    for name, ours in zip(names, means, strict=True):
        rows.append((name, *map(_cell, ours)))
    counts = tuple(
        _("{group} ({scored} of {labels})").format(
            group=_(title), scored=score.scored, labels=score.labels
        )
        for title, score in zip(GROUP_TITLES, means[0], strict=True)
    )
    plain_table("group_means", (_("mean F1, test rows"), *counts), rows, _("Mean F1 of each group"))
    st.caption(
        _("In brackets: how many labels have a score, and lower to upper quartile of their F1.")
    )


def _cell(score: GroupScore) -> str:
    if not score.scored:
        return "–"
    low, _median, high = score.quartiles
    return f"{score.mean:.3f} ({low:.2f}–{high:.2f})"


def _draw_chart(
    subject: Subject,
    names: list[str],
    scores: list[np.ndarray],
    means: list[tuple[GroupScore, ...]],
) -> None:
    """Each label's F1; what is drawn again while a race trains is the data alone."""
    table = score_table(subject, names, scores, means)
    st.vega_lite_chart(
        table,
        score_spec(subject.key, language(), tuple(names), table),
        key="score chart",
        alt=_("F1 of each label over its true rows; the table gives the means"),
    )


def score_table(
    subject: Subject,
    names: list[str],
    scores: list[np.ndarray],
    means: list[tuple[GroupScore, ...]],
) -> pd.DataFrame:
    """What `mlcore.charts.score_chart` draws: a row for each score of a label, then of a group."""
    support, group = subject.measures().support, subject.groups()
    rows = []
    for name, f1, ours in zip(names, scores, means, strict=True):
        for label in np.flatnonzero(~np.isnan(f1) & (support > 0)):
            row = {"label": subject.names[label], "support": support[label], "f1": f1[label]}
            rows.append({"contender": name, **row})
        for place, (title, score) in enumerate(zip(GROUP_TITLES, ours, strict=True)):
            if score.scored:
                inside = support[group == place]
                line = {"low": inside.min(), "high": inside.max(), "mean": score.mean}
                rows.append({"contender": name, "group": _(title), **line})
    columns = ["contender", "label", "support", "f1", "group", "low", "high", "mean"]
    return pd.DataFrame(rows, columns=columns)


@st.cache_data(max_entries=16, show_spinner=False)
def score_spec(key: str, language: str, names: tuple[str, ...], _table: pd.DataFrame) -> dict:
    """The chart in the language, without its data; the first three arguments decide it."""
    from mlcore.charts import ready_spec, score_chart

    return ready_spec(score_chart(_table, names=names, say=_))
