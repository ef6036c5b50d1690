"""The end of a race: what was predicted, what happened, what it says, and where to go next."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import streamlit as st

from mlcore.training import TrainConfig
from pages.ui.frame import FOLDER
from pages.ui.kit.cell_table import plain_table
from pages.ui.kit.contenders import Setup, contender_names
from pages.ui.kit.figures import figure_title
from pages.ui.kit.numbers import told as as_told
from pages.ui.kit.races import ask
from pages.ui.kit.training import rates_around
from pages.ui.server import jobs
from pages.ui.server.compute import compute_while_there
from pages.ui.server.jobs import SWEEP, Race, Sweep
from pages.ui.server.visitors import me, session
from pages.ui.settings import rerun_page
from pages.ui.train import verdict_words as words
from pages.ui.train.settings import SETTINGS
from pages.ui.train.view import ASKED
from pages.ui.words import _, paragraph

MORE_SEEDS = 2
REFRESH_SECONDS = 1.0


def draw_verdict(run: Race, prediction: tuple[str, str] | None = None) -> None:
    """The verdict on a race, once that has ended and its last predictions are there.

    Args:
        run: The race.
        prediction: What the reader predicted, and what it was, in their language; or None.
    """
    is_over = run.state in ("finished", "stopped")
    if not (is_over and run.records and run.predictions.step >= run.records[-1][0].step):
        return
    st.subheader(_("Verdict"), anchor=False)
    if prediction:
        predicted, happened = prediction
        told = _("You predicted: **{predicted}**, and it was **{happened}**.")
        st.markdown(told.format(predicted=predicted, happened=happened))
    figure = SETTINGS.draw("judge")
    seeds = _seeds_of(run)
    busy = seeds is not None and seeds.active

    def draw() -> None:
        _draw_figures(run, figure, _seeds_of(run))
        if _seeds_of(run) is not seeds or (busy and not seeds.active):
            rerun_page()  # now, or no longer, this is to be drawn again by itself

    st.fragment(draw, run_every=REFRESH_SECONDS if busy else None)()


def _draw_figures(run: Race, figure: str, seeds: Sweep | None) -> None:
    from mlcore.training.verdict import judge, with_seeds

    names = contender_names(run.configs)
    with st.spinner(_("Judging …")):
        results = _results(run.work.id, run.step, figure, run)
    if seeds is not None and not seeds.active:
        results = [
            with_seeds(result, _runs(seeds, config), figure)
            for result, config in zip(results, run.configs, strict=True)
        ]
    verdict = judge(results, figure)
    st.markdown(paragraph(words.sentences(verdict, results, names)))
    plain_table("verdict", *words.table(results, names), _("Figures of the test rows"))
    _draw_note(run, figure, max(result.seeds for result in results))
    with st.container(horizontal=True, vertical_alignment="center"):
        _draw_advice(run, verdict, results[verdict.of])
        _draw_seeds(run, seeds)


def _draw_note(run: Race, figure: str, seeds: int) -> None:
    told = _(
        "{n:,} test rows. Each own threshold is the one with the best {figure} on the "
        "validation rows; mAP is the same at any threshold."
    )
    notes = [told.format(n=len(run.dataset.test), figure=figure_title(figure))]
    if seeds > 1:
        notes.append(_("Mean over {n} seeds ± half of their range.").format(n=seeds))
    st.caption(paragraph(notes))


@st.cache_data(max_entries=32, show_spinner=False)
def _results(work_id: int, step: int, figure: str, _run: Race) -> list:
    """What each contender came to; the first three arguments decide it."""
    from mlcore.training.verdict import result_of

    dataset, predictions = _run.dataset, _run.predictions
    band = partial(compute_while_there, "mlcore.thresholds.bootstrap:band_in_turns")
    return [
        result_of(
            [at_step[place] for at_step in _run.records],
            (dataset.y[dataset.validation], predictions["validation"][place]),
            (dataset.y[dataset.test], predictions["test"][place]),
            figure,
            band,
        )
        for place in range(len(_run.configs))
    ]


def _draw_advice(run: Race, verdict, result) -> None:
    """The one best next click."""
    name, setup, config = contender_names(run.configs)[verdict.of], run.about, run.configs[0]
    st.markdown(f"**{_('Next:')}**", width="content")
    if verdict.advice == "cut":
        link = {"source": "race", "of": verdict.of, "t": result.threshold, "run": run.id}
        label = _("Open {name} in Thresholds, at {threshold:.2f}")
        label = label.format(name=name, threshold=result.threshold)
        _draw_link("thresholds.py", label, ":material/content_cut:", link)
    elif verdict.advice == "rate":
        lowest, _highest = SETTINGS.by_name["rate"].ends
        rate = max(lowest, float(f"{config.learning_rate / 10:.3g}"))
        label = _("Race again with learning rate {rate}").format(rate=as_told(rate))
        _draw_again(label, setup, rate=rate)
    elif verdict.advice == "epochs":
        _lowest, most = SETTINGS.by_name["epochs"].ends
        epochs = int(min(most, 2 * config.epochs))
        label = _("{name} still improved at the end: race again for {epochs} epochs")
        _draw_again(label.format(name=name, epochs=epochs), setup, epochs=epochs)
    elif verdict.advice == "sweep":
        label = _("Sweep the settings of {name}, three seeds each").format(name=name)
        _draw_link("sweep.py", label, ":material/grid_on:", sweep_link(setup, verdict.of))
    else:
        label = _("See in Imbalance which labels the lead of {name} comes from").format(name=name)
        _draw_link("imbalance.py", label, ":material/balance:", {"run": run.id})


def _draw_link(page: str, label: str, icon: str, link: dict[str, object]) -> None:
    said = {name: str(value) for name, value in link.items()}
    st.page_link(FOLDER / page, label=f"**{label}**", icon=icon, query_params=said)


def _draw_again(label: str, setup: Setup, **changes: object) -> None:
    st.button(
        label,
        icon=":material/replay:",
        type="primary",
        key="verdict_again",
        on_click=_race_again,
        args=(setup.settings() | changes,),
    )


def _race_again(settings: dict[str, object]) -> None:
    SETTINGS.reset(settings)
    ask(ASKED)


def sweep_link(setup: Setup, place: int) -> dict[str, str]:
    """What the Sweep page's link says for the settings of one contender."""
    alone = replace(setup, configs=(setup.configs[place],)).settings()
    del alone["contenders"]
    said = {f"s.{name.removeprefix('A.')}": value for name, value in alone.items()}
    rates = rates_around(setup.configs[place].learning_rate)
    return said | {"s.seeds": MORE_SEEDS + 1, "s.learning_rate.range": rates}


@dataclass(frozen=True, kw_only=True)
class Seeds:
    """The contenders of a race with further seeds, as a sweep trains them.

    Attributes:
        source: Name and options of the data set.
        configs: Each contender with each further seed.
    """

    source: tuple
    configs: tuple[TrainConfig, ...]


def further_seeds(config: TrainConfig) -> list[TrainConfig]:
    """A configuration with the seeds that come after its own."""
    return [replace(config, seed=config.seed + more) for more in range(1, MORE_SEEDS + 1)]


def _key(run: Race) -> str:
    return f"seeds.{run.work.id}"


def _seeds_of(run: Race) -> Sweep | None:
    """The further seeds that this visit asked for, if it did."""
    return jobs.jobs().get(SWEEP, st.session_state.get(_key(run)))


def _draw_seeds(run: Race, seeds: Sweep | None) -> None:
    if seeds is None:
        st.button(
            _("Train three seeds to see the spread"),
            icon=":material/casino:",
            key="verdict_seeds",
            help=_("Trains the same contenders with two more seeds, in the background."),
            on_click=_train_seeds,
            args=(run,),
        )
    elif seeds.active:
        told = _("{done} of {total} further runs")
        st.caption(told.format(done=seeds.done, total=len(seeds.configs)), width="content")


def _train_seeds(run: Race) -> None:
    configs = tuple(each for config in run.configs for each in further_seeds(config))
    source = run.about.data, dict(run.about.options)
    sweep = jobs.jobs().start_sweep(Seeds(source=source, configs=configs), owner=me())
    sweep.sessions.add(session())  # it is watched here, but it is none of the Sweep page's
    st.session_state[_key(run)] = sweep.id


def _runs(seeds: Sweep, config: TrainConfig) -> Sequence:
    """What those seeds of a contender gave that are there."""
    from mlcore.sweeps import config_key

    keys = map(config_key, further_seeds(config))
    return [seeds.results[key] for key in keys if key in seeds.results]
