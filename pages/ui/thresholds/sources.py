"""Where the scored rows come from: a race, a generator that knows the truth, a file."""

import json
from functools import partial

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from mlcore.datasets import DATASETS
from mlcore.files import MAX_BYTES, example_csv, read_scores
from pages.ui.kit import races
from pages.ui.kit.contenders import COLOURS, MARKS, contender_names
from pages.ui.kit.data_set import load_chosen
from pages.ui.kit.evidence import Evidence, of_dataset, of_run
from pages.ui.kit.report import download
from pages.ui.server.jobs import RACE, Race, listed
from pages.ui.settings import rerun
from pages.ui.thresholds.settings import SETTINGS
from pages.ui.words import _

KEPT = "scores from a file"  # the last file that could be read


def choose_source(missing: DeltaGenerator) -> tuple[Evidence | None, dict[str, Evidence]]:
    """Draw the choice.

    Args:
        missing: Where it is said what is missing.

    Returns:
        What was chosen, or None; and, by their names, all contenders of its race.
    """
    run = races.choose_run(list_races=False)
    source = SETTINGS.draw("source", default="race" if listed(RACE) else "truth")
    if source == "truth":
        return from_truth(), {}
    return (from_file(missing), {}) if source == "file" else from_race(run, missing)


def from_race(
    run: Race | None, missing: DeltaGenerator
) -> tuple[Evidence | None, dict[str, Evidence]]:
    """Validation and test rows of one contender of a race, and of all."""
    if run is None:
        run = races.choose_run()
    if run is None:
        with missing:
            races.draw_no_race(
                _(
                    "No race has been run in this visit. Race losses on the Train page first, or "
                    "look at the known truth."
                )
            )
        return None, {}
    names = contender_names(run.configs)
    place = SETTINGS.draw(
        "of",
        options=range(len(names)),
        titles=lambda k: f":{COLOURS[k]}[{MARKS[k]}] {names[k]}",
        title=_("Contender of the race on {data}").format(data=races.data_title(run)),
    )
    predictions = run.predictions
    if not predictions:
        with missing:
            st.fragment(partial(_wait_for_predictions, run), run_every=1.0)()
        return None, {}
    if run.active:
        st.button(
            _("Take its newest predictions"),
            key="newest_predictions",
            icon=":material/refresh:",
            help=_("The race goes on; here its predictions stay until you ask for new ones."),
        )
        st.caption(_("Predicted at step {step:,}").format(step=predictions.step))
    contenders = {
        name: of_run(run.work.id, k, predictions.step, run, predictions)
        for k, name in enumerate(names)
    }
    return contenders[names[place]], contenders


def _wait_for_predictions(run: Race) -> None:
    """Say that they are on their way, and draw the page when they are there."""
    if run.predictions:
        rerun()
    races.draw_unpredicted(run)


def from_truth() -> Evidence | None:
    """Rows whose true probabilities are known."""
    with st.expander(_("The generator's settings"), icon=":material/tune:"):
        options = SETTINGS.draw_parameters("truth.", DATASETS["synthetic"].parameters)
    dataset = load_chosen("synthetic", options)
    return dataset and of_truth(repr(sorted(options.items())), dataset)


@st.cache_resource(max_entries=4, show_spinner=False)
def of_truth(key: str, _dataset) -> Evidence:
    """The true probabilities as scores; the key decides it."""
    return of_dataset(
        _dataset,
        *(_dataset.probabilities[rows] for rows in (_dataset.validation, _dataset.test)),
        key=f"truth {key}",
        origin="truth",
        title=lambda: _("The true probabilities of synthetic rows"),
    )


def from_file(missing: DeltaGenerator) -> Evidence | None:
    """Targets and scores that the user brings; a file that cannot be read changes nothing."""
    st.html(f"<style>{upload_words()}</style>")
    file = st.file_uploader(
        _("Targets and scores: .npz, .csv or .parquet, at most {megabytes:g} MB").format(
            megabytes=MAX_BYTES / 1e6
        ),
        type=["npz", "csv", "parquet"],
        key="scores_file",
        help=_(
            "npz: arrays targets and scores (rows × labels), label_names if you like. csv and "
            "parquet: for each label a column true:NAME and a column score:NAME."
        ),
    )
    kind = SETTINGS.draw("scores_kind")
    download(_("A small example file"), "example-scores.csv", example_file, key="scores_example")
    if file is not None and kind is None:
        missing.warning(
            _("Say what the scores are: logits or probabilities."), icon=":material/help:"
        )
    elif file is not None:
        take_file(file, kind)
    evidence = st.session_state.get(KEPT)
    if evidence is None and file is None:
        missing.info(
            _(
                "Upload a file in the sidebar: the true labels and the scores of rows that the "
                "model was not trained on. A random half of the rows is for tuning; results are "
                "reported on the other half."
            ),
            icon=":material/upload_file:",
        )
    return evidence


def upload_words() -> str:
    """The style that puts words of the language in place of those that Streamlit has in English."""
    zone = "[data-testid=stFileUploaderDropzone]"
    places = {
        f"{zone} button [data-testid=stMarkdownContainer]": _("Upload"),
        f"{zone} > input + div > *": _("Drop the file here"),
    }
    # What it says of size and kinds, the label says already.
    return f"{zone} [data-testid=stFileUploaderDropzoneInstructions] {{display: none}}" + "".join(
        f"{place} {{font-size: 0}} {place} * {{display: none}}"
        f"{place}::after {{content: {json.dumps(words, ensure_ascii=False)}; font-size: 1rem}}"
        for place, words in places.items()
    )


def take_file(file, kind: str) -> None:
    """Read an upload once; what was read before stays where this one is refused."""
    asked = (file.file_id, kind)
    if st.session_state.get("scores asked") != asked:
        st.session_state["scores asked"], st.session_state["scores problem"] = asked, None
        try:
            with st.spinner(_("Reading the file …")):
                scored = read_scores(file.getvalue(), file.name, kind)
            st.session_state[KEPT] = of_scored(f"file {file.file_id} {kind}", file.name, scored)
        except ValueError as error:
            st.session_state["scores problem"] = str(error)
    if problem := st.session_state.get("scores problem"):
        st.error(
            _("This file was not read. What was read before is still below.")
            if KEPT in st.session_state
            else _("This file was not read."),
            icon=":material/error:",
        )
        st.text(problem)  # it repeats words of the file, which are text and not Markdown


def of_scored(key: str, name: str, scored) -> Evidence:
    """Half of the rows to tune on, half to report on, drawn with a fixed seed."""
    n = len(scored.targets)
    probabilities = scored.probabilities()
    if n > 1:
        order = np.random.default_rng(0).permutation(n)
        halves = np.sort(order[: n // 2]), np.sort(order[n // 2 :])
    else:
        halves = (np.array([0]), np.array([0]))

    def split() -> str:
        if n == 1:
            return _("one row alone: it is tuned and reported on, which proves nothing")
        return _("{tuning:,} rows drawn at random to tune on, {report:,} to report on").format(
            tuning=len(halves[0]), report=len(halves[1])
        )

    tuning, report = ((scored.targets[rows], probabilities[rows]) for rows in halves)
    return Evidence(
        key=key,
        origin=f"file {name}",
        title=lambda: _("The file {name}").format(name=name),
        label_names=scored.label_names,
        tuning=tuning,
        report=report,
        cardinality=float(tuning[0].sum(axis=1).mean()),
        split=split,
        row_name=lambda row: _("row {n}").format(n=halves[1][row] + 1),
    )


def example_file() -> str:
    """A file in the form that is asked for, to look at or to fill."""
    dataset = races.load_cached("synthetic", labels=4, rows=100, cardinality=1.0)
    rows = dataset.test
    return example_csv(dataset.y[rows], dataset.probabilities[rows], dataset.label_names)
